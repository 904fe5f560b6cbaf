"""The client verbs against a real service: every verb, its output for people and programs, its exit codes."""

import json
import re
import shutil
import subprocess

import pytest

from cli import PASSWORD, PROJECT, on_terminal
from clients import HEX32, MISSING, properties
from yard import BINARY

VERBS = [
    "phones list", "phones show", "phones rename", "restart", "stop", "reset", "property set", "jobs list", "jobs show",
    "jobs wait", "servers list", "servers show", "servers restart", "images list", "token", "adb", "completions", "man",
]
OPERATOR_VERBS = ["serve", "demo", "project", "user", "access-key", "image", "server", "phone", "adb-key"]


# Help.


def test_the_help_groups_verbs_of_clients_and_operators(cli_yard):
    done = cli_yard.good("--help", env=cli_yard.bare)
    clients, operators = done.out.split("Operator verbs")
    for verb in VERBS:
        assert re.search(rf"^  {verb.split()[0]} +\w", done.out, re.MULTILINE), verb
    for verb in OPERATOR_VERBS:
        assert re.search(rf"^  {verb} +\w", operators, re.MULTILINE), verb
        assert not re.search(rf"^  {verb} +\w", clients, re.MULTILINE), verb


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_tells_about_itself(cli_yard, verb):
    shown = cli_yard.good(*verb.split(), "--help", env=cli_yard.env).out
    assert "Usage: phoneyard " + verb in shown
    assert cli_yard.sk not in shown


def test_completions_and_manual_pages_are_written(cli_yard):
    for shell in ("bash", "zsh", "fish"):
        assert "restart" in cli_yard.good("completions", shell, env=cli_yard.bare).out
    assert ".TH phoneyard 1" in cli_yard.good("man", env=cli_yard.bare).out
    page = cli_yard.good("man", "phones", "list", env=cli_yard.bare).out
    assert "HUAWEICLOUD_SDK_AK" in page, "the page tells what the short help leaves out"
    assert cli_yard.run("man", "nothing", env=cli_yard.bare).code == 2


# Lists and shows.


def test_phones_are_listed_over_all_pages(cli_yard):
    known = [phone["phone_id"] for phone in cli_yard.all_phones()]
    assert len(known) == 2515
    assert cli_yard.good("phones", "list", "--quiet").lines == known
    table = cli_yard.good("phones", "list").lines
    assert len(table) == len(known) + 1 and table[0].split()[:3] == ["PHONE", "ID", "NAME"]


def test_json_lines_are_the_wires(cli_yard):
    wire = {phone["phone_id"]: phone for phone in cli_yard.all_phones(server_id=cli_yard.servers["my rack"])}
    found = cli_yard.good("phones", "list", "--server", "my rack", "--json").json_lines
    assert {phone["phone_id"]: phone for phone in found} == wire


def test_phones_are_filtered_by_server_status_and_name(cli_yard):
    ids = cli_yard.ids("rack")
    by_id = ["phones", "list", "--quiet", "--server", cli_yard.servers["rack"]]
    assert sorted(cli_yard.good(*by_id).lines) == sorted(ids)
    assert len(cli_yard.good(*by_id, "--status", "running").lines) == len(ids)
    assert cli_yard.good(*by_id, "--status", "-6").lines == []
    assert len(cli_yard.good(*by_id, "--name", "0001").lines) == 4
    wrong = cli_yard.run("phones", "list", "--status", "up")
    assert wrong.code == 2 and "restart-failed" in wrong.err


def test_a_phone_is_shown_by_id_and_by_name_with_spaces(cli_yard):
    phone_id = cli_yard.ids("my rack")[0]
    wire = cli_yard.phone(phone_id)
    for text in (phone_id, "my rack-00001"):
        shown = cli_yard.good("phones", "show", text, "--json").json
        assert {**shown, "request_id": ""} == {**wire, "request_id": ""}
    assert "my rack-00001" in cli_yard.good("phones", "show", phone_id).out
    missing = cli_yard.run("phones", "show", MISSING)
    assert missing.code == 1 and "CPS.0005" in missing.err


def test_a_renamed_phone_may_be_ambiguous(cli_yard):
    first, second = cli_yard.ids("my rack")[1:3]
    for phone_id in (first, second):
        cli_yard.good("phones", "rename", phone_id, "twin")
    done = cli_yard.run("restart", "twin", "my rack-00001", "nobody")
    assert done.code == 2
    assert "2 phones are called 'twin'" in done.err and first in done.err and second in done.err
    assert "no phone is called 'nobody'; nothing was sent" in done.err
    assert cli_yard.phone(cli_yard.ids("my rack")[0])["status"] == 2
    refused = cli_yard.run("phones", "rename", first, "no/name")
    assert refused.code == 1 and "CPS.0025" in refused.err


def test_servers_and_images_are_listed_and_shown(cli_yard):
    assert set(cli_yard.good("servers", "list", "--quiet").lines) == set(cli_yard.servers.values())
    assert "5 normal" in cli_yard.good("servers", "list").out
    assert cli_yard.good("servers", "show", "my rack", "--json").json["server_id"] == cli_yard.servers["my rack"]
    assert set(cli_yard.images.values()) <= set(cli_yard.good("images", "list", "-q").lines)
    assert {"eleven", "fourteen"} <= {i["image_name"] for i in cli_yard.good("images", "list", "--json").json_lines}


# Power.


@pytest.mark.parametrize("credential", ["keys", "token", "password"])
def test_a_restart_is_waited_for_with_every_credential(cli_yard, credential):
    done = cli_yard.good("restart", "rack-00001", "--wait", "--json", env=cli_yard.env_of(credential)).json
    assert done["summary"] == {
        "accepted": 1, "refused": 0, "unsent": 0, "running": 0, "succeeded": 1, "failed": 0,
    }
    assert done["jobs"][0]["status"] == 2 and done["error"] is None
    assert done["jobs"][0]["job_id"] == done["requests"][0]["jobs"][0]["job_id"]


def test_many_phones_are_split_into_requests(cli_yard):
    done = cli_yard.good("restart", "--server", "crowd", "--wait", "--json").json
    assert [len(request["jobs"]) for request in done["requests"]] == [1000, 1000, 500]
    assert len({job["phone_id"] for job in done["jobs"]}) == 2500
    assert done["summary"]["succeeded"] == 2500
    assert all(HEX32.fullmatch(request["request_id"]) for request in done["requests"])


def test_image_and_properties_reach_the_phone(cli_yard, tmp_path):
    phone_id = cli_yard.ids("rack")[1]
    file = tmp_path / "props.json"
    file.write_text(json.dumps({"com.cph.mainkeys": "0", "sys.prop.writephonenum": "13666666666"}))
    cli_yard.good(
        "restart", phone_id, "--image", "fourteen", "--props-file", file, "--prop", "com.cph.mainkeys=1", "--wait"
    )
    phone = cli_yard.phone(phone_id)
    assert phone["image_id"] == cli_yard.images["fourteen"]
    assert properties(phone) == {"com.cph.mainkeys": "1", "sys.prop.writephonenum": "13666666666"}
    assert cli_yard.run("restart", phone_id, "--image", "nothing").code == 2
    for text in ("", "[]", '{"a": {}}'):
        file.write_text(text)
        assert cli_yard.run("restart", phone_id, "--props-file", file).code == 2, text


def test_properties_are_set_without_a_restart(cli_yard):
    phone_id = cli_yard.ids("rack")[2]
    cli_yard.good("property", "set", "rack-00003", "--prop", "sys.prop.writephonenum=1", "--wait")
    assert properties(cli_yard.phone(phone_id))["sys.prop.writephonenum"] == "1"
    assert cli_yard.run("property", "set", phone_id).code == 2
    refused = cli_yard.run("property", "set", phone_id, "--prop", "no.such.key=1", "--wait")
    assert refused.code == 1 and "no.such.key" in refused.out, refused


def test_refused_phones_are_named_and_the_others_restart(cli_yard):
    done = cli_yard.run("restart", "rack-00004", MISSING, "--wait")
    assert done.code == 1
    assert f"refused  {MISSING}  CPS.0005 Phone is not found." in done.out
    assert "restart: 1 succeeded, 1 refused in " in done.out


def test_failing_phones_are_named_with_their_reasons(cli_yard):
    phone_id = cli_yard.ids("rack")[4]
    cli_yard.operator.fault(phone_id, "dies-while-booting")
    done = cli_yard.run("restart", "rack-00005", "rack-00006", "--wait")
    assert done.code == 1
    assert re.search(rf"^failed   rack-00005 \({phone_id}\)  CPS\.\d+ .*died", done.out, re.MULTILINE), done
    assert "restart: 1 succeeded, 1 failed in " in done.out
    cli_yard.operator.fault(phone_id, "none")
    fixed = cli_yard.good("reset", "--server", "rack", "--status", "restart-failed", "--yes", "--wait", "--json").json
    assert [job["phone_id"] for job in fixed["jobs"]] == [phone_id]


def test_phones_come_from_a_file_or_standard_input(cli_yard, tmp_path):
    ids = cli_yard.ids("rack")[6:8]
    file = tmp_path / "phones"
    file.write_text(f"# mine\n{ids[0]}\n\n  rack-00008  \n{ids[0]}\n")
    done = cli_yard.good("restart", "--from", file, "--wait", "--json").json
    assert [job["phone_id"] for job in done["requests"][0]["jobs"]] == ids
    done = cli_yard.good("restart", "--from", "-", "--wait", "--json", stdin="\n".join(ids)).json
    assert done["summary"]["succeeded"] == 2
    assert cli_yard.run("restart", "--from", "-", stdin="\n").code == 2
    assert cli_yard.run("restart", "--from", tmp_path / "nothing").code == 2


def test_many_names_are_found(cli_yard):
    names = [f"rack-{number:05}" for number in range(1, 9)]
    done = cli_yard.good("restart", *names, "--wait", "--json").json
    assert [job["phone_id"] for job in done["requests"][0]["jobs"]] == cli_yard.ids("rack")[:8]


def test_stopped_phones_are_found_and_started(cli_yard):
    phone_id = cli_yard.ids("rack")[8]
    cli_yard.good("stop", phone_id, "--wait")
    stopped = cli_yard.good("phones", "list", "--server", "rack", "--status", "stopped", "--quiet")
    assert stopped.lines == [phone_id]
    done = cli_yard.good("restart", "--from", "-", "--wait", "--quiet", stdin=stopped.out)
    assert (done.out, done.err) == ("", "")
    assert cli_yard.phone(phone_id)["status"] == 2


def test_a_selection_must_be_one(cli_yard):
    assert "which phones?" in cli_yard.run("restart").err
    assert cli_yard.run("restart").code == 2
    assert cli_yard.run("restart", "rack-00001", "--all").code == 2
    nothing = cli_yard.good("restart", "--status", "frozen", "--wait")
    assert "nothing to do" in nothing.err


def test_a_reset_asks_first(cli_yard):
    phone_id = cli_yard.ids("rack")[9]
    blind = cli_yard.run("reset", phone_id)
    assert blind.code == 2 and "--yes" in blind.err
    arguments = ["reset", phone_id, "--wait"]
    code, shown = on_terminal(*arguments, env=cli_yard.env, types=b"n\n")
    assert code == 1 and "Wipe the user data of 1 phone?" in shown and "nothing was reset" in shown
    code, shown = on_terminal(*arguments, env=cli_yard.env, types=b"y\n")
    assert code == 0 and "reset: 1 succeeded" in shown


# Jobs and servers.


def test_jobs_are_listed_shown_and_waited_for(cli_yard):
    request_id = cli_yard.good("restart", "rack-00011", "rack-00012", "--quiet").out.strip()
    assert HEX32.fullmatch(request_id)
    waited = cli_yard.good("jobs", "wait", "--request", request_id, "--json").json
    assert waited["summary"]["succeeded"] == 2
    jobs = cli_yard.good("jobs", "list", "--request", request_id, "--json").json_lines
    assert {job["job_id"] for job in jobs} == {job["job_id"] for job in waited["jobs"]}
    job_id = jobs[0]["job_id"]
    assert cli_yard.good("jobs", "show", job_id, "--json").json["request_id"] == request_id
    assert "2 succeeded" in cli_yard.good("jobs", "list", "--request", request_id).out
    assert "1 succeeded" in cli_yard.good("jobs", "wait", job_id).out
    assert cli_yard.run("jobs", "wait").code == 2
    unknown = cli_yard.run("jobs", "wait", "--request", MISSING)
    assert unknown.code == 1 and "CPS.0050" in unknown.err


def test_a_server_restarts_with_its_phones(cli_yard):
    done = cli_yard.run("servers", "restart", "my rack", MISSING, "--wait", "--json")
    assert done.code == 1
    assert done.json["requests"][0]["jobs"][0]["server_id"] == cli_yard.servers["my rack"]
    assert done.json["summary"]["succeeded"] == 1 and done.json["summary"]["refused"] == 1


# Tokens and adb.


def test_a_token_is_printed_and_works(cli_yard):
    arguments = ["token", "--user", "alice", "--password-stdin", "--region", "cn-north-4"]
    done = cli_yard.good(*arguments, stdin=PASSWORD + "\n")
    assert re.search(r"expires at \d{4}-", done.err)
    by_token = cli_yard.bare | {"PHONEYARD_ENDPOINT": cli_yard.endpoint, "PHONEYARD_TOKEN": done.out.strip()}
    assert len(cli_yard.good("servers", "list", "-q", env=by_token).lines) == 3
    assert cli_yard.good("token", "--json", env=cli_yard.env_of("password")).json["project"]["id"] == PROJECT
    keys = cli_yard.run("token")
    assert keys.code == 2 and "gets no token" in keys.err
    wrong = cli_yard.run(*arguments, stdin="hush\n")
    assert wrong.code == 3 and "401" in wrong.err and "hush" not in wrong.err


def test_adb_runs_with_a_phone(adb_yard, adb_clients, adb_keys):
    env = adb_clients.get("debian-adb", adb_keys.mine).env | {
        "PHONEYARD_ENDPOINT": adb_yard.endpoint,
        "HUAWEICLOUD_SDK_AK": adb_yard.ak,
        "HUAWEICLOUD_SDK_SK": adb_yard.sk,
    }
    phone_id = adb_yard.take()

    def adb(*arguments, typed="", **more):
        done = subprocess.run(
            [BINARY, "adb", phone_id, *arguments], env=env | more, capture_output=True, text=True, timeout=60, input=typed
        )
        return done.returncode, done.stdout, done.stderr

    assert adb("--", "shell", "getprop sys.boot_completed; exit 7")[:2] == (7, "1\n")
    assert adb(typed="getprop ro.build.version.release; exit 3\n")[:2] == (3, "11\n")
    code, _, err = adb(PATH="/nowhere")
    assert code == 2 and "no adb on PATH" in err


def test_adb_without_a_port_is_told(cli_yard):
    assert shutil.which("adb")
    done = cli_yard.run("adb", "rack-00001")
    assert done.code == 1 and "no ADB port" in done.err and "adb_ports" in done.err


# Terminals.


def test_a_table_fits_the_terminal_and_has_colour_only_there(cli_yard):
    arguments = ["phones", "list", "--server", "rack"]
    for columns in (40, 80, 200):
        _, shown = on_terminal(*arguments, env=cli_yard.env | {"NO_COLOR": "1"}, columns=columns)
        assert "\x1b" not in shown
        assert max(len(line) for line in shown.splitlines()) <= columns
        assert ("…" in shown) == (columns < 200)
    _, shown = on_terminal(*arguments, env=cli_yard.env)
    assert "\x1b[1m" in shown
    assert "\x1b" not in cli_yard.good(*arguments).out


def test_a_reader_that_has_enough_is_no_error(cli_yard):
    piped = f"'{BINARY}' phones list --json | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", piped], env=cli_yard.env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
