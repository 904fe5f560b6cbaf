"""The stock adb, as Debian and as Google build it; each with a server of its own."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from adb_session import Ran, Refused, Session
from yard import answers, free_port, until

DEBIAN = shutil.which("adb") or "adb is missing; scripts/setup.sh test installs it"
GOOGLE = str(Path(importlib.util.find_spec("adbutils").origin).parent / "binaries" / "adb")
BINARIES = {"debian-adb": DEBIAN, "google-adb": GOOGLE}


def environment(home):
    """An environment in which adb knows nothing of this machine's user, keys, emulators and neighbours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ADB_", "ANDROID_"))}
    return kept | {"HOME": str(home), "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553", "ADB_MDNS": "0", "ADB_USB": "0"}


def keygen(path):
    """Makes a private key at `path`, and the public key beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [DEBIAN, "keygen", str(path)]
    subprocess.run(command, env=environment(path.parent), check=True, capture_output=True, timeout=60)
    return path


class Stock:
    """A stock adb with a server of its own, which knows one key."""

    v2 = True

    def __init__(self, name, home, key):
        self.name = name
        self.binary = BINARIES[name]
        (home / ".android").mkdir(parents=True)
        for suffix in ("", ".pub"):
            shutil.copy(f"{key}{suffix}", f"{home}/.android/adbkey{suffix}")
        self.port = free_port()
        self.env = environment(home) | {"ANDROID_ADB_SERVER_PORT": str(self.port)}
        with (home / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                [self.binary, "server", "nodaemon"], env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(lambda: answers(f"tcp://127.0.0.1:{self.port}"), f"{name}'s server listens")

    def command(self, *arguments):
        return [self.binary, *map(str, arguments)]

    def run(self, *arguments, stdin=b"", seconds=60):
        """Runs adb itself. It hangs up on a closed standard input, so it gets an empty one."""
        done = subprocess.run(
            self.command(*arguments), env=self.env, input=stdin, capture_output=True, timeout=seconds, check=False
        )
        return Ran(done.stdout, done.stderr, done.returncode)

    def devices(self):
        """What `adb devices` says, by serial."""
        lines = self.run("devices").text.splitlines()[1:]
        return dict(line.split("\t", 1) for line in lines if "\t" in line)

    def connect(self, address, seconds=30):
        said = self.run("connect", address, seconds=seconds)
        if f"connected to {address}" not in said.text:
            # Otherwise the server would go on dialling.
            self.run("disconnect", address)
            raise Refused(said.all.strip())
        until(lambda: self.devices().get(address) == "device", f"{self.name} has {address} as a device", seconds)
        return StockSession(self, address)

    def close(self):
        self.run("kill-server")
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


class StockSession(Session):
    def __init__(self, client, address):
        self.client = client
        self.address = address
        self.v2 = True

    def command(self, *arguments):
        return self.client.command("-s", self.address, *arguments)

    def adb(self, *arguments, **how):
        return self.client.run("-s", self.address, *arguments, **how)

    def must(self, *arguments, **how):
        """adb itself, which must not fail; returns what it prints, on either output."""
        ran = self.adb(*arguments, **how)
        if ran.code != 0:
            raise Refused(ran.all.strip())
        return ran.all

    def shell(self, command, stdin=b""):
        return self.adb("shell", command, stdin=stdin)

    def raw(self, command):
        return self.adb("exec-out", command).out

    def push(self, local, remote):
        self.must("push", local, remote)

    def pull(self, remote, local):
        self.must("pull", remote, local)

    def push_tree(self, local, remote):
        self.must("push", f"{local}/.", remote)

    def pull_tree(self, remote, local, names):
        self.must("pull", f"{remote}/.", local)

    def install(self, apk, *options):
        return self.must("install", *options, apk)

    def uninstall(self, package):
        return self.must("uninstall", package)

    def service(self, name):
        """root:, unroot: and the like have a verb of the same name."""
        return self.must(*name.rstrip(":").split(":"))

    def reboot(self):
        self.must("reboot")

    def comes_back(self, seconds=60):
        """The server dials again by itself."""
        until(self.booted, f"{self.client.name} sees {self.address} booted", seconds)
        return self

    def close(self):
        self.client.run("disconnect", self.address)
