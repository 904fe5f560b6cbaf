"""Waiting on the command line: bars, Ctrl-C, timeouts, services that die, are busy or whose answers are lost."""

import re
import shlex
import signal
from pathlib import Path

import pytest

from cli import CliYard, Lossy, finish, on_terminal, start
from yard import until


@pytest.fixture
def slow(cli_yard):
    """A phone that does not boot until its deadline has passed; afterwards it runs again."""
    phone_id = cli_yard.ids("rack")[0]
    cli_yard.operator.fault(phone_id, "never-boots")
    yield phone_id
    cli_yard.settled(phone_id)
    cli_yard.operator.fault(phone_id, "none")
    cli_yard.good("reset", phone_id, "--yes", "--wait")


def yard_of(tmp_path, phones, **more):
    return CliYard(tmp_path / "yard", {"rack": phones}, **more)


def test_a_bar_is_drawn_on_a_terminal(cli_yard):
    code, shown = on_terminal("restart", "--server", "crowd", "--wait", env=cli_yard.env, columns=100)
    assert code == 0
    drawn = [line.split("\r")[0] for line in shown.split("\r\x1b[K")[1:]]
    plain = [re.sub(r"\x1b\[\d*m", "", line) for line in drawn]
    bars = [line for line in plain if line.startswith("[")]
    assert len(bars) > 1, shown
    assert all(re.fullmatch(r"\[[#.!]+\] \d+/\d+  \d+ queued or running, \d+ succeeded, .*", bar) for bar in bars)
    assert max(map(len, bars)) < 100
    assert {bar.split("/")[1].split()[0] for bar in bars} == {"2500"}, "the whole is known from the start"
    assert bars[-1].startswith("[####") and " 2500/2500  0 queued or running, 2500 succeeded, 0 failed" in bars[-1]
    assert "restart: 2500 succeeded in " in shown


def test_a_narrow_terminal_gets_a_cut_line(cli_yard):
    env = cli_yard.env | {"NO_COLOR": "1"}
    code, shown = on_terminal("restart", "rack-00002", "--wait", env=env, columns=30)
    assert code == 0
    drawn = [piece.split("\r")[0] for piece in shown.split("\r\x1b[K")[1:]]
    assert all(len(line) < 30 for line in drawn if "/1  " in line)
    assert any(line.endswith("…") for line in drawn)


def test_without_a_terminal_lines_tell_and_quiet_does_not(cli_yard):
    done = cli_yard.good("restart", "rack-00002", "--wait")
    assert "0 queued or running, 1 succeeded, 0 failed" in done.err and "\r" not in done.err
    assert cli_yard.good("restart", "rack-00002", "--wait", "--quiet").err == ""


def test_ctrl_c_leaves_the_jobs_running_and_tells_how_to_follow(cli_yard, slow):
    child = start("restart", slow, "--wait", env=cli_yard.env)
    until(lambda: cli_yard.phone(slow)["status"] == 4, "the phone restarts")
    said = child.stderr.readline()
    assert "1 queued or running" in said
    child.send_signal(signal.SIGINT)
    done = finish(child)
    assert done.code == 130
    command = shlex.split(done.err.split("follow them with: ")[1])
    assert command[:3] == ["phoneyard", "jobs", "wait"]
    assert cli_yard.phone(slow)["status"] == 4
    done = cli_yard.run(*command[1:])
    assert done.code == 1 and re.search(rf"^failed   {slow}  CPS\.", done.out, re.MULTILINE), done


def test_ctrl_c_on_a_terminal_takes_the_bar_away(cli_yard, slow):
    code, shown = on_terminal("restart", slow, "--wait", env=cli_yard.env, columns=100, interrupt_at="1 queued")
    assert code == 130
    assert "\r\x1b[Kphoneyard: the jobs run on; follow them with: phoneyard jobs wait --request " in shown


def test_time_runs_out_with_4_and_the_jobs_run_on(cli_yard, slow):
    done = cli_yard.run("restart", slow, "rack-00002", "--wait", "--timeout", "1s", "--json")
    assert done.code == 4
    assert done.json["summary"]["running"] == 1 and done.json["summary"]["succeeded"] == 1
    assert "time is up" in done.json["error"] and "time is up" in done.err
    job_id = next(job["job_id"] for job in done.json["jobs"] if job["status"] == 1)
    assert cli_yard.run("jobs", "wait", job_id, "--timeout", "0s").code == 4
    assert cli_yard.run("jobs", "wait", job_id).code == 1


def test_a_service_that_hangs_does_not_outlast_the_timeout(tmp_path):
    yard = yard_of(tmp_path, 2, boot_time="2s")
    child = start("restart", "--all", "--wait", "--timeout", "3s", env=yard.env)
    try:
        assert "2 queued or running" in child.stderr.readline()
        yard.service.process.child.send_signal(signal.SIGSTOP)
        done = finish(child, 20)
        assert done.code == 4 and "time is up" in done.err
    finally:
        yard.service.process.child.send_signal(signal.SIGCONT)
        yard.service.stop()


@pytest.mark.parametrize("credential", ["keys", "token", "password"])
def test_a_service_that_dies_during_the_wait_comes_back(tmp_path, credential):
    yard = yard_of(tmp_path, 20, boot_time="1s")
    try:
        child = start("restart", "--all", "--wait", "--json", env=yard.env_of(credential))
        assert "20 queued or running" in child.stderr.readline()
        yard.service.process.kill()
        told = until(child.stderr.readline, "the client tells")
        assert "cannot reach" in told and "trying again" in told
        yard.service.start()
        done = finish(child)
        assert done.code == 0, done
        assert done.json["summary"]["succeeded"] == 20
    finally:
        yard.service.stop()


def test_a_service_that_stays_away_ends_the_wait_with_4(tmp_path):
    yard = yard_of(tmp_path, 2, boot_time="1s")
    child = start("restart", "--all", "--wait", "--timeout", "4s", env=yard.env)
    assert "2 queued or running" in child.stderr.readline()
    yard.service.process.kill()
    done = finish(child)
    assert done.code == 4 and "jobs wait --request" in done.err


def test_lost_answers_do_not_restart_twice(tmp_path):
    yard = yard_of(tmp_path, 3)
    way = Lossy(yard.endpoint, lose=2)
    try:
        env = yard.env_of("token") | {"PHONEYARD_ENDPOINT": way.endpoint}
        done = yard.good("restart", "--all", "--wait", "--json", env=env)
        assert done.json["summary"] == {
            "accepted": 3, "refused": 0, "unsent": 0, "running": 0, "succeeded": 3, "failed": 0,
        }
        assert len(way.restarts) == 3 and len(set(way.restarts)) == 1 and way.restarts[0]
        assert "trying again" in done.err
    finally:
        way.shutdown()
        yard.service.stop()


LIMITS = ["phones_per_request = 10", "jobs_per_project = 10"]


def test_small_limits_are_met_by_halving_and_waiting(tmp_path):
    """CPS.0190 halves the requests; 429 waits as long as Retry-After says."""
    yard = yard_of(tmp_path, 13, boot_time="300ms", limits=LIMITS, running=False)
    try:
        done = yard.good("restart", "--all", "--wait", "--json")
        assert [len(request["jobs"]) for request in done.json["requests"]] == [6, 6, 1]
        assert done.json["summary"]["succeeded"] == 13
        assert "CPS.0042" in done.err and "trying again" in done.err
    finally:
        yard.service.stop()


def test_a_service_that_stays_busy_ends_with_4_and_what_was_accepted_is_told(tmp_path):
    yard = yard_of(tmp_path, 13, boot_time="3s", limits=LIMITS, running=False)
    try:
        done = yard.run("restart", "--all", "--timeout", "1s", "--json")
        assert done.code == 4
        assert (done.json["summary"]["accepted"], done.json["summary"]["unsent"]) == (6, 7)
        assert "CPS.0042" in done.json["error"] and "jobs wait --request" in done.err
    finally:
        yard.service.stop()


def test_a_token_that_expires_during_the_wait_is_got_anew(cli_yard):
    way = Lossy(cli_yard.endpoint, expired=1)
    try:
        for credential, code in (("password", 0), ("token", 3)):
            way.expired = 1
            env = cli_yard.env_of(credential) | {"PHONEYARD_ENDPOINT": way.endpoint}
            done = cli_yard.run("restart", "rack-00002", "--wait", env=env)
            assert done.code == code, done
            cli_yard.settled(cli_yard.ids("rack")[1])
    finally:
        way.shutdown()


def test_errors_hold_no_secrets(cli_yard):
    """The SK is in no output, whatever goes wrong."""
    for arguments in (["phones", "show", "nobody"], ["restart", "--bad"], ["jobs", "show", "x"], ["token"]):
        done = cli_yard.run(*arguments)
        assert done.code != 0 and cli_yard.sk not in done.out + done.err
    assert cli_yard.sk not in Path(cli_yard.service.log).read_text()
