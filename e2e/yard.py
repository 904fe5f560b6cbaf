"""Starts the real binary and knows what a client has to know of it: endpoint, keys, tokens, phones."""

import contextlib
import json
import os
import random
import re
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = Path(os.environ.get("PHONEYARD_BIN", TARGET / "debug" / "phoneyard")).resolve()


def until(look, what, seconds=20.0):
    """Asks `look` again and again until it answers something true, and returns that."""
    end = time.monotonic() + seconds
    pause = 0.005
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def caught(attempt, what, tries=10):
    """Repeats `attempt` until it says that it was quick enough to see what passes by."""
    assert any(attempt() for _ in range(tries)), f"{tries} times too late to see {what}"


def shell_assignments(text):
    """What a POSIX shell would have after reading `text`: NAME=value lines, with or without export."""
    words = (word for line in text.splitlines() for word in shlex.split(line, comments=True))
    return dict(word.split("=", 1) for word in words if "=" in word)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_port_range(count):
    """The first of `count` neighbouring ports of loopback that nobody uses, below those that the system hands
    out by itself."""
    for _ in range(1000):
        first = random.randrange(10000, 32000 - count)
        with contextlib.ExitStack() as probes:
            try:
                for port in range(first, first + count):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
        return first
    raise AssertionError(f"no {count} free ports in a row")


class Process:
    """One `phoneyard` that runs until it is stopped; its output goes to a file. `program` starts it, if that is not
    the binary under test itself but a wrapper around a packaged one."""

    def __init__(self, arguments, log, environment=None, program=(BINARY,)):
        self.log = Path(log)
        self.arguments = [str(part) for part in (*program, *arguments)]
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
            )

    def rss_bytes(self):
        """What it holds in memory now."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return 1024 * int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[1])

    def alive(self):
        """True, or an error with what it said last."""
        if self.child.poll() is not None:
            said = self.log.read_text(errors="replace")[-4000:]
            raise AssertionError(f"{self.arguments} ended with {self.child.returncode}:\n{said}")
        return True

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self, seconds=30):
        """Asks it to stop, as an operator does, and returns its exit code."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(seconds)


def answers(endpoint):
    """Whether something listens there."""
    host, port = endpoint.split("//", 1)[1].split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


class Operator:
    """The operator verbs on one store: a data directory, or a PostgreSQL URL beside it."""

    def __init__(self, data_dir, database_url=None):
        self.data_dir = Path(data_dir)
        self.store = ["--data-dir", str(data_dir)]
        if database_url:
            self.store += ["--database-url", database_url]

    def run(self, *arguments, stdin=None):
        done = subprocess.run(
            [str(BINARY), *map(str, arguments), *self.store],
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode != 0:
            raise AssertionError(f"phoneyard {arguments} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def json(self, *arguments, stdin=None):
        return json.loads(self.run(*arguments, "--json", stdin=stdin))

    def project(self, name, project_id):
        self.json("project", "create", name, "--id", project_id)

    def user(self, name, password, project):
        """Makes a user with an access key and returns the key as (AK, SK)."""
        self.json("user", "create", name, "--password-stdin", "--project", project, stdin=password + "\n")
        key = shell_assignments(self.run("access-key", "create", "--user", name))
        return key["HUAWEICLOUD_SDK_AK"], key["HUAWEICLOUD_SDK_SK"]

    def image(self, name, android, *more):
        return self.json("image", "create", name, "--android-version", android, *more)["image_id"]

    def server(self, name, project, phones, image):
        arguments = ["--project", project, "--phones", phones, "--image", image]
        return self.json("server", "create", name, *arguments)["server_id"]

    def adb_key(self, file, project):
        """Registers a public key for the phones of a project; returns its fingerprint."""
        return self.json("adb-key", "add", file, "--project", project)["fingerprint"]

    def fault(self, phone_id, fault):
        self.run("phone", "fault", phone_id, fault)


class Service:
    """`phoneyard serve` on what an operator prepared. It may be killed and started again."""

    def __init__(self, operator, boot_time="100ms", emulated=(), limits=()):
        """`emulated` and `limits` are more lines of those sections of the settings."""
        self.operator = operator
        self.endpoint = f"http://127.0.0.1:{free_port()}"
        self.process = None
        lines = [f'data_dir = "{operator.data_dir}"', f'listen = "{self.endpoint[7:]}"']
        if "--database-url" in operator.store:
            lines.append(f'database_url = "{operator.store[-1]}"')
        lines += ["[limits]", *limits, "[emulated]", f'boot_time = "{boot_time}"', *emulated, ""]
        self.config = operator.data_dir.parent / f"phoneyard-{self.endpoint.rsplit(':')[-1]}.toml"
        self.config.write_text("\n".join(lines))
        self.log = self.config.with_suffix(".log")

    def start(self, environment=None):
        self.process = Process(["serve", "--config", self.config], self.log, environment)
        until(lambda: self.process.alive() and answers(self.endpoint), "the service listens", 60)
        return self

    def stop(self):
        return self.process.stop()
