"""Who may connect: registered keys of the phone's own project; everybody where authentication is off."""

import asyncio

import pytest

import adb
import adb_stock
from adb_libraries import Tango
from adb_raw import AUTH, CNXN, OKAY, OPEN, PUBLIC_KEY, SIGNATURE, TOKEN, Closed, Raw, Signer
from adb_session import Refused
from adb_yard import AdbYard
from adb_yard import address as address_of


@pytest.fixture(scope="module")
def phone_id(adb_yard):
    return adb_yard.take()


@pytest.fixture(scope="module")
def address(adb_yard, phone_id):
    return adb_yard.address(phone_id)


@pytest.fixture(scope="module")
def neighbour(adb_yard):
    """The address of the phone of the other project."""
    return address_of(adb_yard.other.phone(adb_yard.neighbour))


@pytest.mark.parametrize("name", adb_stock.BINARIES)
def test_adb_connect_says_connected_and_devices_says_device(adb_clients, adb_keys, address, name):
    client = adb_clients.get(name, adb_keys.mine)
    assert client.run("connect", address).text.strip() == f"connected to {address}"
    assert client.devices()[address] == "device"
    assert client.run("connect", address).text.strip() == f"already connected to {address}"
    client.run("disconnect", address)
    assert address not in client.devices()


@pytest.mark.parametrize("key", ["strange", "other"])
@pytest.mark.parametrize("name", adb_stock.BINARIES)
def test_a_foreign_key_is_unauthorized_and_nothing_works(adb_clients, adb_keys, address, name, key, tmp_path):
    client = adb_clients.get(name, getattr(adb_keys, key))
    said = client.run("connect", address).all
    assert f"failed to authenticate to {address}" in said
    assert client.devices()[address] == "unauthorized"
    on_it = ["-s", address]
    for arguments in (["shell", "id"], ["push", __file__, "/sdcard/x"], ["pull", "/system/build.prop", tmp_path / "x"]):
        ran = client.run(*on_it, *arguments)
        assert ran.code != 0 and "unauthorized" in ran.all, ran
        assert "uid=" not in ran.all
    client.run("disconnect", address)


@pytest.mark.parametrize("key", ["strange", "other"])
@pytest.mark.parametrize("name", ["adb-shell", "tango"])
def test_a_foreign_key_does_not_get_a_library_in(adb_clients, adb_keys, address, name, key):
    with pytest.raises(Refused):
        adb_clients.get(name, getattr(adb_keys, key)).connect(address, seconds=2)


@pytest.mark.parametrize("name", adb.CLIENTS)
def test_the_other_projects_key_opens_the_other_projects_phone(adb_clients, adb_keys, neighbour, name):
    with adb_clients.get(name, adb_keys.other).connect(neighbour) as session:
        assert session.booted()
    with pytest.raises(Refused):
        adb_clients.get(name, adb_keys.mine).connect(neighbour, seconds=2)


def test_a_key_works_from_when_it_is_added_until_it_is_removed(adb_yard, address, tmp_path):
    key = adb_stock.keygen(tmp_path / "new")
    client = Tango(key)
    with pytest.raises(Refused):
        client.connect(address, seconds=2)
    fingerprint = adb_yard.operator.adb_key(f"{key}.pub", "mine")
    assert fingerprint in adb_yard.operator.run("adb-key", "list", "--project", "mine")
    assert fingerprint not in adb_yard.operator.run("adb-key", "list", "--project", "other")
    with client.connect(address) as session:
        assert session.booted()
    adb_yard.operator.run("adb-key", "remove", fingerprint, "--project", "mine")
    assert fingerprint not in adb_yard.operator.run("adb-key", "list", "--project", "mine")
    with pytest.raises(Refused):
        client.connect(address, seconds=2)


def test_a_key_comes_by_standard_input_and_twice_is_once(adb_yard, tmp_path):
    key = adb_stock.keygen(tmp_path / "new")
    public = key.with_suffix(".pub")
    arguments = ["adb-key", "add", "-", "--project", "mine"]
    fingerprint = adb_yard.operator.json(*arguments, stdin=public.read_text())["fingerprint"]
    assert adb_yard.operator.adb_key(public, "mine") == fingerprint
    assert adb_yard.operator.run("adb-key", "list", "--project", "mine").count(fingerprint) == 1
    adb_yard.operator.run("adb-key", "remove", fingerprint, "--project", "mine")


@pytest.mark.parametrize("what", ["the private key", "nothing", "noise", "no project"])
def test_what_is_no_public_key_is_refused_with_a_word(adb_yard, adb_keys, tmp_path, what):
    file = tmp_path / "file"
    content = {"the private key": adb_keys.strange.read_bytes(), "nothing": b"", "noise": bytes(range(256))}
    file.write_bytes(content.get(what, adb_keys.strange.with_suffix(".pub").read_bytes()))
    with pytest.raises(AssertionError, match="ended with [12]") as raised:
        adb_yard.operator.run("adb-key", "add", file, "--project", "nosuch" if what == "no project" else "mine")
    assert "panicked" not in str(raised.value)


def test_each_token_is_new_and_a_signature_is_good_for_one(address, adb_keys):
    async def story():
        mine, strange = Signer(adb_keys.mine), Signer(adb_keys.strange)
        first, second = await Raw.dial(address), await Raw.dial(address)
        tokens = []
        for raw in (first, second):
            await raw.send(CNXN, 0x01000001, 1 << 20, b"host::\0")
            command, kind, _, token = await raw.receive()
            assert (command, kind, len(token)) == (AUTH, TOKEN, 20)
            tokens.append(token)
        assert tokens[0] != tokens[1]
        await second.send(AUTH, SIGNATURE, 0, mine.sign(tokens[0]))
        command, kind, _, token = await second.receive()
        assert (command, kind) == (AUTH, TOKEN) and token not in tokens
        await second.send(AUTH, SIGNATURE, 0, strange.sign(token))
        command, kind, _, third = await second.receive()
        assert (command, kind) == (AUTH, TOKEN) and third not in (*tokens, token)
        await second.send(AUTH, SIGNATURE, 0, mine.sign(third))
        assert (await second.receive())[0] == CNXN
        for raw in (first, second):
            raw.close()

    asyncio.run(story())


@pytest.mark.parametrize("before", ["nothing", "a connect", "a public key"])
def test_a_stream_is_not_opened_before_the_key_is_known(address, adb_keys, before):
    async def story():
        raw = await Raw.dial(address)
        if before != "nothing":
            await raw.send(CNXN, 0x01000001, 1 << 20, b"host::\0")
            await raw.receive()
        if before == "a public key":
            await raw.send(AUTH, PUBLIC_KEY, 0, Signer(adb_keys.strange).public() + b"\0")
        try:
            await raw.send(OPEN, 1, 0, b"shell:id\0")
            async with asyncio.timeout(1):
                while True:
                    assert (await raw.receive())[0] not in (OKAY, CNXN)
        except (Closed, TimeoutError):
            pass
        raw.close()

    asyncio.run(story())


@pytest.fixture(scope="module")
def open_yard(tmp_path_factory, adb_keys):
    yard = AdbYard(tmp_path_factory.mktemp("adb-open") / "yard", adb_keys, phones=1, authentication=False)
    yield yard
    yard.service.stop()


@pytest.mark.parametrize("name", adb.CLIENTS)
def test_without_authentication_every_key_works(open_yard, adb_clients, adb_keys, name):
    address = open_yard.address(open_yard.pool[0])
    with adb_clients.get(name, adb_keys.strange).connect(address) as session:
        assert session.booted()


def test_without_authentication_no_key_works_too(open_yard):
    async def story():
        raw = await Raw.connect(open_yard.address(open_yard.pool[0]))
        assert raw.banner.startswith(b"device::")
        assert await raw.shell("echo hello") == "hello\n"
        raw.close()

    asyncio.run(story())


def test_without_ports_there_is_no_adb(town):
    phone_id = town.alice.all_phones()[0]["phone_id"]
    assert town.alice.phone(phone_id)["access_infos"] == []
