"""What no decent client sends: the phone answers or hangs up, the service stays small, its neighbours go on."""

import asyncio
import contextlib
import os
import struct

import pytest

from adb_raw import AUTH, BANNER, CLSE, CNXN, HEADER, OKAY, OPEN, VERSION, WRTE, Closed, Raw, Signer, packet
from adb_yard import AdbYard

# What the service may grow by while it is molested, over all tests of this file.
GROWTH_BYTES = 96 << 20
CHUNK = bytes(64 << 10)


@pytest.fixture(scope="module")
def yard(tmp_path_factory, adb_keys):
    yard = AdbYard(tmp_path_factory.mktemp("adb-hostile") / "yard", adb_keys, phones=2)
    yield yard
    yard.service.stop()


@pytest.fixture(scope="module")
def addresses(yard):
    """The phone that is molested, and its neighbour."""
    return [yard.address(phone_id) for phone_id in yard.pool]


@pytest.fixture(scope="module")
def at_rest(yard, addresses, adb_keys):
    """What the service holds before."""
    asyncio.run(answers(addresses, Signer(adb_keys.mine)))
    return yard.rss_bytes()


async def answers(addresses, signer):
    """Both phones answer, on new connections."""
    for address in addresses:
        raw = await Raw.connect(address, signer, seconds=10)
        async with asyncio.timeout(10):
            assert await raw.shell("echo here") == "here\n"
        raw.close()


@pytest.fixture
def molest(yard, addresses, adb_keys, at_rest):
    """Runs a story against the first phone, given its address and a signer; then, while what it returns is still
    open, the service must be small and both phones answer."""
    signer = Signer(adb_keys.mine)

    async def run(story):
        opened = []
        try:
            async with asyncio.timeout(60):
                await story(opened, addresses[0], signer)
            await answers(addresses, signer)
            grown = yard.rss_bytes() - at_rest
            assert grown < GROWTH_BYTES, f"the service grew by {grown >> 20} MiB"
        finally:
            for raw in opened:
                raw.close()
        assert yard.service.process.alive()
        await answers(addresses, signer)

    return lambda story: asyncio.run(run(story))


BAD_STARTS = {
    "noise": os.urandom(4096),
    "http": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 10,
    "zeros": bytes(4096),
    "a wrong magic": HEADER.pack(CNXN, VERSION, 1 << 20, 0, 0, 1),
    "a length without end": HEADER.pack(CNXN, VERSION, 1 << 20, 0xFFFFFFFF, 0, CNXN ^ 0xFFFFFFFF),
    "a long banner": HEADER.pack(CNXN, VERSION, 1 << 20, 1 << 20, 0, CNXN ^ 0xFFFFFFFF),
    "a long signature": packet(CNXN, VERSION, 1 << 20, BANNER) + HEADER.pack(AUTH, 2, 0, 1 << 20, 0, AUTH ^ 0xFFFFFFFF),
}


@pytest.mark.parametrize("start", BAD_STARTS)
def test_a_bad_start_is_hung_up_on(molest, start):
    async def story(opened, address, _signer):
        raw = await Raw.dial(address)
        opened.append(raw)
        raw.writer.write(BAD_STARTS[start])
        assert await raw.is_closed()

    molest(story)


@pytest.mark.parametrize("length", [(1 << 20) + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_packet_too_long_is_hung_up_on(molest, length):
    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        raw.writer.write(HEADER.pack(WRTE, 1, 1, length, 0, WRTE ^ 0xFFFFFFFF))
        assert await raw.is_closed()

    molest(story)


@pytest.mark.parametrize("sent", [0, 1, 23, 24, 40])
def test_half_a_packet_and_silence_cost_nobody_anything(molest, sent):
    async def story(opened, address, _signer):
        for _ in range(50):
            raw = await Raw.dial(address)
            opened.append(raw)
            raw.writer.write(packet(CNXN, VERSION, 1 << 20, BANNER)[:sent])

    molest(story)


def test_silence_after_the_handshake_costs_nobody_anything(molest):
    async def story(opened, address, signer):
        for _ in range(20):
            opened.append(await Raw.connect(address, signer))
            opened[-1].writer.write(HEADER.pack(WRTE, 1, 1, 1 << 20, 0, WRTE ^ 0xFFFFFFFF) + b"x")

    molest(story)


def test_a_thousand_streams_are_opened_or_refused_one_by_one(molest):
    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        sending = asyncio.create_task(send_all(raw, (packet(OPEN, n, 0, b"shell:cat\0") for n in range(1, 1001))))
        answered = set()
        with contextlib.suppress(Closed):
            while len(answered) < 1000:
                command, _, ours, _ = await raw.receive()
                assert command in (OKAY, CLSE)
                answered.add(ours)
        await sending
        assert answered

    molest(story)


async def send_all(raw, packets):
    with contextlib.suppress(OSError):
        for one in packets:
            raw.writer.write(one)
            await raw.writer.drain()


def test_writes_that_are_not_waited_for_are_not_hoarded(molest):
    """256 MiB into a program that echoes them to a reader that never acknowledges."""

    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        ours, theirs = await raw.open("shell:cat")
        await until_stuck(raw, packet(WRTE, ours, theirs, CHUNK), 4096)

    molest(story)


async def until_stuck(raw, data, times):
    """Sends until nobody takes it any more, or the connection is closed."""
    try:
        for _ in range(times):
            raw.writer.write(data)
            async with asyncio.timeout(2):
                await raw.writer.drain()
    except (TimeoutError, OSError):
        pass


@pytest.mark.parametrize("service", ["shell:yes", "shell,v2,raw:yes", "exec:cat /dev/zero", "shell:yes | cat"])
def test_endless_output_that_nobody_reads_waits(molest, service):
    async def story(opened, address, signer):
        for _ in range(4):
            raw = await Raw.connect(address, signer)
            opened.append(raw)
            await raw.open(service)

    molest(story)


def test_acknowledgements_that_are_not_owed_do_not_open_the_tap(molest):
    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        ours, theirs = await raw.open("shell:yes")
        await until_stuck(raw, packet(OKAY, ours, theirs) * 100, 1000)

    molest(story)


def test_endless_output_ends_when_its_reader_goes(molest):
    async def story(_opened, address, signer):
        for _ in range(20):
            raw = await Raw.connect(address, signer)
            ours, theirs = await raw.open("shell:yes")
            for _ in range(3):
                assert (await raw.receive())[0] == WRTE
                await raw.send(OKAY, ours, theirs)
            raw.close()

    molest(story)


UNKNOWN = ["", "nonsense", "nonsense:", "x" * 4000, "spin", "usb:", "host:version", "jdwp", "jdwp:1", "track-jdwp"]
UNKNOWN += ["framebuffer:", "abb:package\0list", "abb_exec:package\0list", "sink:1000", "source:99999999"]
UNKNOWN += ["tcp:1", "tcp:22", "tcp:5555:127.0.0.1", "tcp:99999999999", "vsock:1:1", "localabstract:scrcpy"]
UNKNOWN += ["localfilesystem:/etc/passwd", "dev:/dev/mem", "dev-raw:/dev/mem", "reverse:forward:tcp:7000;tcp:7001"]


def test_unknown_services_are_refused_and_the_connection_goes_on(molest):
    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        for service in UNKNOWN:
            with contextlib.suppress(Closed):
                stream = await raw.open(service)
                said = await raw.read_all(*stream)
                assert service.startswith("reverse:"), (service, said)
                assert said.startswith(b"FAIL"), (service, said)
            assert await raw.shell("echo on") == "on\n", service

    molest(story)


def test_packets_for_streams_that_are_not_there_are_let_be(molest):
    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        for command in (WRTE, CLSE, OKAY):
            raw.writer.write(packet(command, 77, 88, b"x" if command == WRTE else b""))
        ours = 500
        await raw.send(OPEN, ours, 0, b"shell:echo on\0")
        found = b""
        while True:
            command, theirs, to, data = await raw.receive()
            if to != ours:
                assert command == CLSE
            elif command == WRTE:
                found += data
                await raw.send(OKAY, ours, theirs)
            elif command == CLSE:
                break
        assert found == b"on\n"

    molest(story)


def sync(kind, length, data=b""):
    return kind + struct.pack("<I", length) + data


OUTSIDE = b"/data/../../../../../../../etc/passwd"
BAD_SYNC = {
    "an unknown word": sync(b"WHAT", 0),
    "a path without end": sync(b"STAT", 0xFFFFFFFF),
    "a long path": sync(b"STA2", 5000, b"/" * 5000),
    "a path that is no text": sync(b"RECV", 4, b"/\xff\xfe\x00"),
    "data without end": sync(b"SEND", 9, b"/sdcard/x") + sync(b"DATA", 0xFFFFFFFF, bytes(1000)),
    "data before a file": sync(b"DATA", 10, bytes(10)),
    "a way out": sync(b"RECV", len(OUTSIDE), OUTSIDE),
    "a mode that is none": sync(b"SEND", 13, b"/sdcard/x,-_-") + sync(b"DATA", 1, b"x") + sync(b"DONE", 0),
}


@pytest.mark.parametrize("what", BAD_SYNC)
def test_a_bad_file_transfer_fails_alone(molest, what):
    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        ours, theirs = await raw.open("sync:")
        await raw.send(WRTE, ours, theirs, BAD_SYNC[what])
        said = b""
        with contextlib.suppress(TimeoutError, Closed):
            async with asyncio.timeout(1):
                while b"FAIL" not in said:
                    command, _, _, data = await raw.receive()
                    if command == CLSE:
                        break
                    if command == WRTE:
                        said += data
                        await raw.send(OKAY, ours, theirs)
        assert b"root:" not in said and not said.startswith(b"DATA"), said
        with contextlib.suppress(Closed):
            await raw.send(CLSE, ours, theirs)

    molest(story)


# None of these would harm the machine either, if a shell of its own were to run them by mistake.
BAD_COMMANDS = {
    "a megabyte of one word": "echo " + "x" * 1_000_000,
    "brackets without end": "(" * 100_000,
    "substitutions without end": "$(" * 100_000,
    "quotes without end": "'\"" * 100_001,
    "a pipe of thousands": "|".join(["cat"] * 20_000),
    "a function that calls itself": "f() { f; f; }; f",
    "thousands in the background": "echo x & " * 5000,
    "a loop without end": "while true; do true; done",
    "arithmetic without end": "echo $((" + "(" * 100_000,
    "no text": "\x01\x02\x7f" * 1000,
}


@pytest.mark.parametrize("what", BAD_COMMANDS)
def test_a_monstrous_command_ends_or_is_left_alone(molest, what):
    async def story(opened, address, signer):
        raw = await Raw.connect(address, signer)
        opened.append(raw)
        with contextlib.suppress(TimeoutError, Closed):
            async with asyncio.timeout(2):
                await raw.shell(BAD_COMMANDS[what])

    molest(story)
