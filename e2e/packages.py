"""What `make deb` and `make image-rootfs` make, from the binary under test."""

import json
import os
import subprocess

from clients import Account
from yard import BINARY, ROOT, Process, answers, free_port, shell_assignments, until

PROJECT = "0503dda878000fed2f78c00909158a4d"
PASSWORD = "correct horse battery"


def run(*command, **how):
    """A program that must not fail; returns what it prints."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, **how)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def made(script, out, **more):
    """Runs a packaging script for the binary under test; returns the path that it prints."""
    env = {**os.environ, "BINARY": str(BINARY), "OUT": str(out), **more}
    return run(ROOT / "scripts" / script, env=env, cwd="/").strip()


def serves(command, log, environment=None):
    """Starts `command` as a service, has it make a project, a user and phones, asks it as a client, and stops it.

    `command` is the program with all that comes before its verb. `environment` names the data directory.
    """
    environment = {**(environment or {}), "PHONEYARD_LISTEN": f"127.0.0.1:{free_port()}"}
    endpoint = f"http://{environment['PHONEYARD_LISTEN']}"
    service = Process(["serve"], log, environment, program=command)

    def verb(*arguments, stdin=None):
        return run(*command, *arguments, input=stdin, env={**os.environ, **environment})

    try:
        until(lambda: service.alive() and answers(endpoint), "the service listens", 60)
        verb("project", "create", "cn-north-4", "--id", PROJECT)
        verb("user", "create", "alice", "--password-stdin", "--project", "cn-north-4", stdin=PASSWORD + "\n")
        key = shell_assignments(verb("access-key", "create", "--user", "alice"))
        image = json.loads(verb("image", "create", "plain", "--android-version", "11", "--json"))["image_id"]
        verb("server", "create", "rack", "--project", "cn-north-4", "--phones", "2", "--image", image)
        account = Account(endpoint, PROJECT, key["HUAWEICLOUD_SDK_AK"], key["HUAWEICLOUD_SDK_SK"])
        account.token = account.login("alice", PASSWORD).headers["X-Subject-Token"]
        assert len(account.all_phones()) == 2
        assert "ready      yes" in verb("status")
    finally:
        code = service.stop()
    assert code == 0
