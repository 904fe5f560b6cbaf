"""Drives the client verbs of the real binary: plainly, in the background, and on a terminal."""

import contextlib
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from adb_yard import bring_up
from clients import Account
from yard import BINARY, Operator, Service, until

PROJECT = "0503dda878000fed2f78c00909158a4d"
PASSWORD = "correct horse battery"


class Done:
    """What a command said and how it ended."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err

    def __repr__(self):
        return f"code {self.code}\n{self.out}\n{self.err}"

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json_lines(self):
        return [json.loads(line) for line in self.lines]


def command(arguments):
    return [str(BINARY), *map(str, arguments)]


def run(*arguments, env, stdin=None, seconds=120):
    """Runs a verb without a terminal."""
    done = subprocess.run(
        command(arguments),
        env=env,
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def start(*arguments, env):
    """Starts a verb in the background."""
    return subprocess.Popen(
        command(arguments), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(child, seconds=120):
    out, err = child.communicate(timeout=seconds)
    return Done(child.returncode, out, err)


def on_terminal(*arguments, env, columns=80, types=b"", interrupt_at=None, seconds=120):
    """Runs a verb on a terminal of its own, types something, interrupts it when it shows a text, and returns its
    code and all that it showed."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen(command(arguments), env=env, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    if types:
        os.write(master, types)
    shown = bytearray()

    def read():
        # A terminal whose last user has gone answers with an error.
        with contextlib.suppress(OSError):
            while piece := os.read(master, 65536):
                shown.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        if interrupt_at:
            until(lambda: interrupt_at in shown.decode(errors="replace"), f"it shows {interrupt_at}")
            child.send_signal(signal.SIGINT)
        child.wait(seconds)
    finally:
        child.kill()
        reader.join(10)
        os.close(master)
    return child.returncode, shown.decode()


class CliYard(Account):
    """A service for the client verbs, with a user who has both kinds of credential."""

    def __init__(self, folder, servers, boot_time="50ms", emulated=(), limits=(), running=True):
        """`servers`: how many phones by name; `emulated`: more lines of settings."""
        self.folder = folder
        (folder / "home").mkdir(parents=True)
        operator = self.operator = Operator(folder / "data")
        operator.data_dir.mkdir()
        operator.project("cn-north-4", PROJECT)
        key = operator.user("alice", PASSWORD, "cn-north-4")
        self.images = {name: operator.image(name, version) for name, version in (("eleven", 11), ("fourteen", 14))}
        self.servers = {
            name: operator.server(name, "cn-north-4", phones, self.images["eleven"]) for name, phones in servers.items()
        }
        self.service = Service(operator, boot_time, emulated, limits).start()
        super().__init__(self.service.endpoint, PROJECT, *key)
        try:
            self.token = self.login("alice", PASSWORD).headers["X-Subject-Token"]
            if running:
                bring_up(self)
        except BaseException:
            self.service.stop()
            raise

    @property
    def bare(self):
        """An environment without any setting."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "TERM": "xterm"}

    @property
    def env(self):
        """An environment that signs."""
        return self.bare | {
            "PHONEYARD_ENDPOINT": self.endpoint,
            "HUAWEICLOUD_SDK_AK": self.ak,
            "HUAWEICLOUD_SDK_SK": self.sk,
            "HUAWEICLOUD_SDK_PROJECT_ID": self.project_id,
        }

    def env_of(self, credential):
        """An environment that tells the endpoint and one credential, and no project."""
        known = {
            "keys": {"HUAWEICLOUD_SDK_AK": self.ak, "HUAWEICLOUD_SDK_SK": self.sk},
            "token": {"PHONEYARD_TOKEN": self.token},
            "password": {"PHONEYARD_USER": "alice", "PHONEYARD_PASSWORD": PASSWORD},
        }
        return self.bare | {"PHONEYARD_ENDPOINT": self.endpoint} | known[credential]

    def run(self, *arguments, **more):
        return run(*arguments, env=more.pop("env", self.env), **more)

    def good(self, *arguments, **more):
        """The same of a verb that has to go well."""
        done = self.run(*arguments, **more)
        assert done.code == 0, done
        return done

    def ids(self, server):
        """The phones of a server, oldest first."""
        return [phone["phone_id"] for phone in reversed(self.all_phones(server_id=self.servers[server]))]


class Lossy(ThreadingHTTPServer):
    """Passes requests on to a service, but keeps the answers of the first restarts for itself and takes the first
    tokens that ask for jobs for expired ones."""

    daemon_threads = True

    def __init__(self, endpoint, lose=0, expired=0):
        self.upstream = endpoint
        self.lose = lose
        self.expired = expired
        self.restarts = []
        super().__init__(("127.0.0.1", 0), Passing)
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Passing(BaseHTTPRequestHandler):
    """One connection of a lossy way to the service."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = requests.request(
            self.command, self.server.upstream + self.path, data=body, headers=dict(self.headers), timeout=60
        )
        if "/jobs" in self.path and self.server.expired > 0:
            self.server.expired -= 1
            answer = requests.get(self.server.upstream + self.path, headers={"X-Auth-Token": "expired"}, timeout=60)
            assert answer.status_code == 401
        if "batch-restart" in self.path:
            self.server.restarts.append(self.headers.get("X-Client-Token"))
            if len(self.server.restarts) <= self.server.lose:
                self.close_connection = True
                return
        self.send_response(answer.status_code)
        for name in ("Content-Type", "X-Request-Id", "X-Subject-Token"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PUT = pass_on
