"""Two hundred phones with five connections each at once, while all of them are restarted."""

import asyncio
import contextlib
import random
import resource

import pytest

from adb_raw import Closed, Raw, Signer
from adb_yard import AdbYard
from yard import until

PHONES = 200
EACH = 5
STOCK = 12


@pytest.fixture(scope="module")
def yard(tmp_path_factory, adb_keys):
    yard = AdbYard(tmp_path_factory.mktemp("adb-scale") / "yard", adb_keys, phones=PHONES)
    # Only now, so that the service has to see to its own limit.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    yield yard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    yard.service.stop()


@pytest.fixture(scope="module")
def addresses(yard):
    return {phone_id: yard.address(phone_id) for phone_id in yard.pool}


async def answers(raw):
    """Whether the phone runs two commands right."""
    number = str(random.randrange(10**9))
    assert await raw.shell("getprop sys.boot_completed") == "1\n"
    assert await raw.shell(f"echo {number} | cat; false; echo $?") == f"{number}\n1\n"


async def everybody(addresses, signer, meet):
    """A thousand connections; `meet` runs when all of them are open and answer, and goes on beside them."""
    raws = []
    try:
        opened = [Raw.connect(address, signer, seconds=60) for address in addresses for _ in range(EACH)]
        raws = await asyncio.gather(*opened)
        await asyncio.gather(*map(answers, raws))
        await asyncio.gather(*map(answers, raws))
        await meet(raws)
    finally:
        for raw in raws:
            raw.close()


def test_a_thousand_connections_answer_at_once(addresses, adb_keys, yard):
    before = yard.rss_bytes()

    async def meet(raws):
        assert len(raws) == PHONES * EACH
        held = yard.rss_bytes() - before
        assert held / len(raws) < 256 * 1024, f"{held} bytes for {len(raws)} connections"

    asyncio.run(everybody(addresses.values(), Signer(adb_keys.mine), meet))


def test_a_restart_of_all_succeeds_under_a_thousand_connections(addresses, adb_keys, yard):
    async def busy(raw):
        """Asks until the phone hangs up on it."""
        with contextlib.suppress(Closed):
            while True:
                await answers(raw)

    async def meet(raws):
        busies = asyncio.gather(*map(busy, raws))
        answer = await asyncio.to_thread(yard.restart, *addresses)
        async with asyncio.timeout(60):
            await busies
        await asyncio.to_thread(ended_well, yard, answer)

    asyncio.run(everybody(addresses.values(), Signer(adb_keys.mine), meet))
    asyncio.run(everybody(addresses.values(), Signer(adb_keys.mine), nothing_more))


async def nothing_more(_raws):
    pass


def ended_well(yard, answer):
    def look():
        jobs = yard.jobs(answer["request_id"])
        return jobs if all(job["status"] != 1 for job in jobs) else None

    jobs = until(look, "all jobs end", 90)
    assert len(jobs) == PHONES
    assert {job["status"] for job in jobs} == {2}, [job for job in jobs if job["status"] != 2][:3]


@pytest.mark.parametrize("name", ["debian-adb", "google-adb"])
def test_one_adb_server_holds_a_dozen_phones_beside_the_crowd(addresses, adb_keys, adb_clients, yard, name):
    client = adb_clients.get(name, adb_keys.mine)
    dozen = random.sample(sorted(addresses.values()), STOCK)

    def look():
        for address in dozen:
            session = client.connect(address)
            assert session.booted()
            assert session.ok("echo here") == "here\n"
        devices = client.devices()
        assert {devices[address] for address in dozen} == {"device"}

    async def meet(_raws):
        await asyncio.to_thread(look)

    try:
        asyncio.run(everybody(addresses.values(), Signer(adb_keys.mine), meet))
    finally:
        client.run("disconnect")
