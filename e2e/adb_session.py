"""What the sessions of all ADB clients have in common."""

from typing import NamedTuple

from yard import until


class Refused(Exception):
    """The phone, or the way to it, said no."""


class Ran(NamedTuple):
    """What a shell command gave; clients of shell v1 have standard error inside `out`, and no exit code."""

    out: bytes
    err: bytes | None = None
    code: int | None = None

    @property
    def text(self):
        return self.out.decode()

    @property
    def all(self):
        """Both outputs as text."""
        return (self.out + (self.err or b"")).decode()


class Session:
    """What all sessions can do with `shell`, `push` and `pull` alone."""

    def prop(self, name):
        return self.shell(f"getprop {name}").text.strip()

    def booted(self):
        return self.prop("sys.boot_completed") == "1"

    def code(self, command):
        """The exit code, also of a client whose protocol has none."""
        ran = self.shell(command)
        if ran.code is not None:
            return ran.code
        return int(self.shell(f"{command}; echo :$?").text.rsplit(":", 1)[1])

    def ok(self, command):
        """What a command prints that must not fail."""
        ran = self.shell(command)
        assert ran.code in (0, None), (command, ran)
        return ran.text

    def push_tree(self, local, remote):
        """Every file on its own: the phone makes the folders."""
        for file in sorted(local.rglob("*")):
            if file.is_file():
                self.push(file, f"{remote}/{file.relative_to(local)}")

    def pull_tree(self, remote, local, names):
        for name in names:
            (local / name).parent.mkdir(parents=True, exist_ok=True)
            self.pull(f"{remote}/{name}", local / name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def reconnected(session, seconds):
    """A new session to the same address, once the phone behind it has booted."""
    session.close()

    def look():
        try:
            fresh = session.client.connect(session.address, seconds)
        except Refused:
            return None
        try:
            if fresh.booted():
                return fresh
        except Refused:
            pass
        fresh.close()
        return None

    return until(look, f"{session.client.name} sees {session.address} booted", seconds)
