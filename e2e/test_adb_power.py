"""Power and ADB: reboot by adb, restarts by the API, restarts of the service, and what survives them."""

import asyncio
import json
import os

import pytest

import adb
from adb import closed_by_peer, dial
from adb_raw import Raw, Signer
from adb_session import Refused
from adb_yard import AdbYard
from apk import PACKAGE
from clients import properties
from yard import until

BOOT_ID = "ro.runtime.boot_id"
THERE = "/data/local/tmp"


@pytest.fixture(scope="module")
def yard(tmp_path_factory, adb_keys):
    """Phones that take long enough to boot to be seen booting."""
    yard = AdbYard(tmp_path_factory.mktemp("adb-power") / "yard", adb_keys, phones=8, boot_time="1500ms")
    yield yard
    yard.service.stop()


@pytest.fixture(params=adb.CLIENTS)
def client(request, adb_clients, adb_keys):
    return adb_clients.get(request.param, adb_keys.mine)


@pytest.fixture
def google(adb_clients, adb_keys):
    return adb_clients.get("google-adb", adb_keys.mine)


@pytest.fixture
def phone_id(yard):
    """A running phone; afterwards it runs again."""
    phone_id = yard.take()
    yield phone_id
    if yard.settled(phone_id)["status"] != 2:
        yard.succeeds(yard.restart(phone_id))
    yard.pool.append(phone_id)


def test_a_reboot_by_adb_shows_as_a_restart_and_ends_at_the_same_address(yard, client, phone_id):
    session = client.connect(yard.address(phone_id))
    boot_id = session.prop(BOOT_ID)
    session.reboot()
    until(lambda: yard.phone(phone_id)["status"] == 4, "the API shows the restart")
    with session.comes_back() as session:
        assert session.prop(BOOT_ID) not in ("", boot_id)
        assert yard.settled(phone_id)["status"] == 2
        assert yard.address(phone_id) == session.address


def test_reboot_in_the_shell_is_the_same(yard, google, phone_id):
    with google.connect(yard.address(phone_id)) as session:
        boot_id = session.prop(BOOT_ID)
        session.shell("reboot")
        until(lambda: yard.phone(phone_id)["status"] == 4, "the API shows the restart")
        session.comes_back()
        assert session.prop(BOOT_ID) not in ("", boot_id)
        assert yard.settled(phone_id)["status"] == 2


def furnish(session, apks, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"kept")
    session.push(file, f"{THERE}/kept")
    session.push(file, "/sdcard/kept")
    session.install(apks.one)
    session.ok("settings put secure e2e_kept 7; setprop persist.e2e.kept yes; setprop e2e.lost yes")


def furniture(session):
    """What `furnish` put there and is still there."""
    return {
        "file": session.shell(f"cat {THERE}/kept 2>/dev/null").text == "kept",
        "sdcard": session.shell("cat /sdcard/kept 2>/dev/null").text == "kept",
        "app": f"package:{PACKAGE}" in session.ok("pm list packages").splitlines(),
        "setting": session.ok("settings get secure e2e_kept").strip() == "7",
        "persist": session.prop("persist.e2e.kept") == "yes",
        "volatile": session.prop("e2e.lost") == "yes",
    }


KEPT = {"file": True, "sdcard": True, "app": True, "setting": True, "persist": True, "volatile": False}


def test_a_restart_keeps_and_a_reset_wipes(yard, google, apks, phone_id, tmp_path):
    with google.connect(yard.address(phone_id)) as session:
        furnish(session, apks, tmp_path)
        assert furniture(session) == dict.fromkeys(KEPT, True)
        yard.succeeds(yard.restart(phone_id))
        assert furniture(session.comes_back()) == KEPT
        yard.reset(phone_id)
        assert furniture(session.comes_back()) == dict.fromkeys(KEPT, False)


def test_getprop_shows_the_new_image_and_properties(yard, client, phone_id):
    wanted = {"sys.prop.writephonenum": "13666666666", "gsm.operator.alpha": "Test,Test", "ro.horizontal.screen": "1"}
    image = next(image for image in yard.images if image != yard.phone(phone_id)["image_id"])
    yard.succeeds(yard.restart({"phone_id": phone_id, "property": json.dumps(wanted)}, image_id=image))
    with client.connect(yard.address(phone_id)) as session:
        assert {name: session.prop(name) for name in wanted} == wanted
        assert session.prop("ro.build.version.release") == ("11", "14")[yard.images.index(image)]
    assert properties(yard.phone(phone_id)).items() >= wanted.items()


def cut_off(yard, phone_id, key):
    """Restarts the phone and returns when its old boot is gone, with its connections."""

    async def story():
        raw = await Raw.connect(yard.address(phone_id), Signer(key))
        yard.restart(phone_id)
        assert await raw.is_closed()
        raw.close()

    asyncio.run(story())


def test_a_connection_to_a_booting_phone_waits_for_it(yard, client, phone_id, adb_keys):
    address = yard.address(phone_id)
    boot_id = prop(address, adb_keys.mine, BOOT_ID)
    cut_off(yard, phone_id, adb_keys.mine)
    assert yard.phone(phone_id)["status"] == 4
    with client.connect(address) as session:
        until(session.booted, "the phone has booted")
        assert session.prop(BOOT_ID) not in ("", boot_id)
    assert yard.settled(phone_id)["status"] == 2


def prop(address, key, name):
    async def story():
        raw = await Raw.connect(address, Signer(key))
        value = await raw.shell(f"getprop {name}")
        raw.close()
        return value.strip()

    return asyncio.run(story())


def test_a_stopped_phone_refuses_and_answers_again_when_it_runs(yard, client, phone_id):
    address = yard.address(phone_id)
    yard.stop(phone_id)
    with pytest.raises(Refused):
        client.connect(address, seconds=20)
    assert closed_by_peer(dial(address))
    assert yard.address(phone_id) == address
    yard.succeeds(yard.restart(phone_id))
    with client.connect(address) as session:
        assert session.booted()
        assert session.ok("echo here") == "here\n"


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_the_service_comes_back_with_the_same_ports(yard, google, phone_id, how, tmp_path):
    """Nobody asks the API for the address again, and what was written is still there."""
    address = yard.address(phone_id)
    content = os.urandom(100_000)
    (tmp_path / "file").write_bytes(content)
    with google.connect(address) as session:
        session.push(tmp_path / "file", f"{THERE}/{how}")
        if how == "stop":
            assert yard.service.stop() == 0
        else:
            yard.service.process.kill()
        yard.service.start()
        # adb dials again by itself, but only now and then.
        google.run("disconnect", address)
    with until(lambda: reached(google, address), "the phone answers", 60) as session:
        until(session.booted, "the phone has booted", 60)
        assert session.raw(f"cat {THERE}/{how}") == content
    assert yard.settled(phone_id)["status"] == 2
    assert yard.address(phone_id) == address


def reached(client, address):
    try:
        return client.connect(address, seconds=20)
    except Refused:
        return None


def test_every_phone_has_a_port_of_its_own(yard):
    addresses = [yard.address(phone_id) for phone_id in yard.pool]
    assert len(set(addresses)) == len(addresses)
    assert all(yard.port <= int(address.split(":")[1]) < yard.port + 18 for address in addresses)


def test_the_port_leads_to_that_phone(yard, adb_keys):
    async def story():
        for phone_id in yard.pool:
            yard.settled(phone_id)
            raw = await Raw.connect(yard.address(phone_id), Signer(adb_keys.mine))
            await raw.shell(f"echo {phone_id} > {THERE}/me")
            raw.close()
        for phone_id in yard.pool:
            raw = await Raw.connect(yard.address(phone_id), Signer(adb_keys.mine))
            assert await raw.shell(f"cat {THERE}/me") == f"{phone_id}\n"
            raw.close()

    asyncio.run(story())
