"""Two ADB libraries of other authors: adb-shell in Python, and Tango in TypeScript."""

import base64
import contextlib
import json
import queue
import subprocess
import threading
from pathlib import Path

from adb_shell import exceptions
from adb_shell.adb_device import AdbDeviceTcp
from adb_shell.auth.sign_pythonrsa import PythonRSASigner

from adb_session import Ran, Refused, Session, reconnected

TANGO = Path(__file__).resolve().parent / "tango" / "client.mjs"
LIBRARY_ERRORS = (
    OSError,
    exceptions.AdbCommandFailureException,
    exceptions.AdbConnectionError,
    exceptions.AdbTimeoutError,
    exceptions.DeviceAuthError,
    exceptions.InvalidCommandError,
    exceptions.InvalidResponseError,
    exceptions.PushFailedError,
    exceptions.TcpTimeoutException,
)


class AdbShell:
    """The Python library: protocol 0x01000000 with checksums, shell v1."""

    name = "adb-shell"
    v2 = False

    def __init__(self, key):
        self.signer = PythonRSASigner.FromRSAKeyPath(str(key))

    def connect(self, address, seconds=30):
        host, port = address.split(":")
        phone = AdbDeviceTcp(host, int(port), default_transport_timeout_s=seconds)
        try:
            phone.connect(rsa_keys=[self.signer], auth_timeout_s=seconds)
        except LIBRARY_ERRORS as error:
            phone.close()
            raise Refused(repr(error)) from error
        return AdbShellSession(self, address, phone)

    def close(self):
        pass


class AdbShellSession(Session):
    v2 = False

    def __init__(self, client, address, phone):
        self.client = client
        self.address = address
        self.phone = phone

    def call(self, name, *arguments, **how):
        try:
            return getattr(self.phone, name)(*arguments, read_timeout_s=60, **how)
        except LIBRARY_ERRORS as error:
            raise Refused(repr(error)) from error

    def shell(self, command, stdin=b""):
        assert not stdin, "adb-shell cannot send standard input"
        return Ran(self.call("shell", command, decode=False))

    def raw(self, command):
        return self.call("exec_out", command, decode=False)

    def push(self, local, remote):
        self.call("push", str(local), remote)

    def pull(self, remote, local):
        self.call("pull", remote, str(local))

    def install(self, apk, *options):
        """As adb did before it could stream: push, install, remove."""
        there = f"/data/local/tmp/{Path(apk).name}"
        self.push(apk, there)
        said = self.shell(f"pm install {' '.join(options)} {there}; rm {there}").text
        if "Success" not in said:
            raise Refused(said)
        return said

    def uninstall(self, package):
        said = self.shell(f"pm uninstall {package}").text
        if "Success" not in said:
            raise Refused(said)
        return said

    def service(self, name):
        kind, _, rest = name.partition(":")
        said = self.phone._service(kind.encode(), rest.encode(), read_timeout_s=60)
        return said

    def reboot(self):
        self.call("reboot")

    def comes_back(self, seconds=60):
        return reconnected(self, seconds)

    def close(self):
        self.phone.close()


class Tango:
    """The TypeScript library that runs in browsers, here in Node; one process for each session."""

    name = "tango"
    v2 = True

    def __init__(self, key):
        self.key = key

    def connect(self, address, seconds=30):
        session = TangoSession(self, address)
        try:
            session.call("connect", seconds=seconds)
        except Refused:
            session.close()
            raise
        return session

    def close(self):
        pass


class TangoSession(Session):
    v2 = True

    def __init__(self, client, address):
        self.client = client
        self.address = address
        self.node = subprocess.Popen(
            ["node", TANGO, *address.split(":"), str(client.key)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.said = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.node.stdout:
            self.said.put(json.loads(line))
        self.said.put({"error": "the connection is gone"})

    def call(self, verb, seconds=60, **arguments):
        try:
            self.node.stdin.write(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
            self.node.stdin.flush()
            answer = self.said.get(timeout=seconds)
        except (queue.Empty, OSError) as error:
            # A late answer would pass for the next one's.
            self.node.kill()
            raise Refused(f"tango: no answer to {verb}: {error!r}") from error
        if "error" in answer:
            raise Refused(f"tango: {verb}: {answer['error']}")
        return answer

    def shell(self, command, stdin=b""):
        answer = self.call("shell", command=command, stdin=base64.b64encode(stdin).decode())
        return Ran(base64.b64decode(answer["out"]), base64.b64decode(answer["err"]), answer["code"])

    def raw(self, command):
        return base64.b64decode(self.call("raw", command=command)["out"])

    def push(self, local, remote):
        self.call("push", local=str(local), remote=remote)

    def pull(self, remote, local):
        self.call("pull", remote=remote, local=str(local))

    def install(self, apk, *options):
        said = self.call("install", local=str(apk), options=options)["text"]
        if "Success" not in said:
            raise Refused(said)
        return said

    def uninstall(self, package):
        ran = self.shell(f"cmd package uninstall {package}")
        if ran.code != 0 or "Success" not in ran.text:
            raise Refused(ran.all)
        return ran.text

    def service(self, name):
        return self.call("service", name=name)["text"]

    def reboot(self):
        with contextlib.suppress(Refused):  # the phone may be gone before there is an answer
            self.call("reboot")

    def comes_back(self, seconds=60):
        return reconnected(self, seconds)

    def close(self):
        self.node.kill()
        self.node.wait()
        self.node.stdin.close()
