"""A PostgreSQL server of the tests' own, on a unix socket, gone with them."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from yard import until


def binaries():
    """Where the server programs are; Debian keeps them out of PATH."""
    found = list(Path("/usr/lib/postgresql").glob("*/bin"))
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        found.insert(0, Path(said.stdout.strip()))
    return next((path for path in found if (path / "initdb").exists() and (path / "postgres").exists()), None)


class Postgres:
    """Made by `start`; every `database` is new and empty."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="phoneyard-pg-"))
        self.count = 0
        # PostgreSQL does not run as root; Debian's package brings a user for it.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder / "data"
        self.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.resume()
        until(lambda: self.sql("SELECT 1"), "PostgreSQL answers", 30)

    def resume(self):
        settings = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=200"
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", settings, "start")

    def pause(self):
        """As if its machine were away; what is committed stays."""
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "fast", "-w", "stop")

    def run(self, program, *arguments):
        command = [*self.user, str(self.programs / program), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert done.returncode == 0, f"{command}: {done.stdout.decode(errors='replace')}"

    def sql(self, text):
        self.run("psql", "-X", "-q", "-h", self.folder, "-U", "postgres", "-c", text)
        return True

    def database(self):
        self.count += 1
        self.sql(f"CREATE DATABASE t{self.count}")
        return f"postgres:///t{self.count}?host={self.folder}&user=postgres"

    def stop(self):
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def start():
    """A server; without PostgreSQL the test is skipped, or fails where it is required."""
    programs = binaries()
    if programs is None:
        required = os.environ.get("PHONEYARD_REQUIRE_POSTGRES") == "1"
        (pytest.fail if required else pytest.skip)("PostgreSQL's server programs were not found")
    return Postgres(programs)
