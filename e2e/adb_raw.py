"""A small ADB host on asyncio: for a thousand connections at once, and for what no decent client sends."""

import asyncio
import itertools
import struct

from adb_shell.auth.sign_cryptography import CryptographySigner

HEADER = struct.Struct("<6I")
VERSION = 0x01000001
PAYLOAD_MAX = 1 << 20
TOKEN, SIGNATURE, PUBLIC_KEY = 1, 2, 3
BANNER = b"host::features=shell_v2,cmd,stat_v2,ls_v2"


def word(text):
    return int.from_bytes(text.encode(), "little")


CNXN, AUTH, OPEN, OKAY, CLSE, WRTE = map(word, ("CNXN", "AUTH", "OPEN", "OKAY", "CLSE", "WRTE"))


def packet(command, arg0, arg1, data=b""):
    return HEADER.pack(command, arg0, arg1, len(data), sum(data) & 0xFFFFFFFF, command ^ 0xFFFFFFFF) + data


class Closed(Exception):
    """The phone closed the connection, or the stream."""


class Signer:
    """A private key, read once for many connections."""

    def __init__(self, path):
        self.key = CryptographySigner(str(path))

    def sign(self, token):
        return self.key.Sign(token)

    def public(self):
        public = self.key.GetPublicKey()
        return public if isinstance(public, bytes) else public.encode()


class Raw:
    """One connection. Streams are used one at a time, unless the test keeps them apart itself."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.ids = itertools.count(1)
        self.banner = None

    @classmethod
    async def dial(cls, address):
        host, port = address.split(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    @classmethod
    async def connect(cls, address, signer=None, seconds=30):
        """Dials and shakes hands; without a signer the phone must want none."""
        raw = await cls.dial(address)
        try:
            async with asyncio.timeout(seconds):
                await raw.shake(signer)
        except BaseException:
            raw.close()
            raise
        return raw

    async def shake(self, signer):
        await self.send(CNXN, VERSION, PAYLOAD_MAX, BANNER)
        command, kind, _, data = await self.receive()
        if command == AUTH and signer:
            assert kind == TOKEN and len(data) == 20, (kind, data)
            await self.send(AUTH, SIGNATURE, 0, signer.sign(data))
            command, _, _, data = await self.receive()
        if command != CNXN:
            raise Closed("the phone does not know the key")
        self.banner = data

    async def send(self, *parts):
        try:
            self.writer.write(packet(*parts))
            await self.writer.drain()
        except OSError as error:
            raise Closed(repr(error)) from error

    async def receive(self):
        """The next packet as (command, arg0, arg1, data)."""
        try:
            command, arg0, arg1, length, _, magic = HEADER.unpack(await self.reader.readexactly(HEADER.size))
            assert magic == command ^ 0xFFFFFFFF and length <= PAYLOAD_MAX
            return command, arg0, arg1, await self.reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Closed(repr(error)) from error

    async def open(self, service):
        """Opens a stream; returns (our id, the phone's id)."""
        ours = next(self.ids)
        await self.send(OPEN, ours, 0, service.encode() + b"\0")
        command, theirs, to, _ = await self.receive()
        if command != OKAY:
            raise Closed(f"{service} is refused")
        assert to == ours
        return ours, theirs

    async def read_all(self, ours, theirs):
        """What the phone writes to a stream until it closes it."""
        found = bytearray()
        while True:
            command, _, to, data = await self.receive()
            assert to == ours, "another stream's packet"
            if command == CLSE:
                await self.send(CLSE, ours, theirs)
                return bytes(found)
            if command == WRTE:
                found += data
                await self.send(OKAY, ours, theirs)

    async def shell(self, command):
        """Runs a command by shell v1; returns its output as text."""
        return (await self.read_all(*await self.open(f"shell:{command}"))).decode()

    async def is_closed(self, seconds=20):
        """Whether the phone closes the connection, whatever it still says before."""
        try:
            async with asyncio.timeout(seconds):
                while await self.reader.read(65536):
                    pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def close(self):
        self.writer.transport.abort()
