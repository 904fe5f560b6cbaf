"""Settings of the client verbs: flags, variables, profiles; and who is let in."""

import os
import subprocess

import pytest

from cli import PASSWORD, PROJECT, run
from yard import Operator, Process, answers, free_port, until


@pytest.fixture
def home(tmp_path, cli_yard):
    """An environment with a home of its own, and a function that writes profiles there."""
    file = tmp_path / ".config" / "phoneyard" / "profiles.toml"
    file.parent.mkdir(parents=True)

    def write(text, mode=0o600):
        file.write_text(text)
        file.chmod(mode)
        return cli_yard.bare | {"HOME": str(tmp_path)}

    return write


def profile(yard, name="default"):
    return f'[{name}]\nendpoint = "{yard.endpoint}"\nak = "{yard.ak}"\nsk = "{yard.sk}"\n'


@pytest.mark.parametrize(
    "left_out, words",
    [
        ("PHONEYARD_ENDPOINT", ["--endpoint", "PHONEYARD_ENDPOINT", "`endpoint`", "profiles.toml"]),
        ("HUAWEICLOUD_SDK_SK", ["--sk", "HUAWEICLOUD_SDK_SK", "`sk`"]),
        ("HUAWEICLOUD_SDK_AK", ["--ak", "HUAWEICLOUD_SDK_AK", "`ak`"]),
        ("HUAWEICLOUD_SDK_", ["no credential", "--ak", "--token", "PHONEYARD_TOKEN", "--user", "`user`"]),
    ],
)
def test_a_missing_setting_is_named_with_all_its_places(cli_yard, left_out, words):
    env = {name: value for name, value in cli_yard.env.items() if not name.startswith(left_out)}
    done = cli_yard.run("phones", "list", env=env)
    assert done.code == 2
    for word in words:
        assert word in done.err, done


def test_flags_are_enough(cli_yard):
    flags = ["--endpoint", cli_yard.endpoint, "--ak", cli_yard.ak, "--sk", cli_yard.sk]
    assert len(cli_yard.good("servers", "list", "-q", *flags, env=cli_yard.bare).lines) == 3


@pytest.mark.parametrize("credential", ["keys", "token", "password"])
def test_the_project_is_looked_up(cli_yard, credential):
    env = cli_yard.env_of(credential)
    assert len(cli_yard.good("servers", "list", "-q", env=env).lines) == 3
    assert len(cli_yard.good("servers", "list", "-q", "--region", "cn-north-4", env=env).lines) == 3
    wrong = cli_yard.run("servers", "list", "--region", "nowhere", env=env)
    assert wrong.code in (2, 3), wrong


def test_flags_go_before_variables_and_variables_before_a_profile(cli_yard, home):
    env = home(f'[default]\nendpoint = "http://127.0.0.1:1"\nak = "{cli_yard.ak}"\nsk = "{cli_yard.sk}"\n')
    assert cli_yard.run("servers", "list", env=env).code == 3
    by_variable = env | {"PHONEYARD_ENDPOINT": cli_yard.endpoint}
    assert cli_yard.run("servers", "list", env=by_variable).code == 0
    assert cli_yard.run("servers", "list", "--endpoint", "http://127.0.0.1:1", env=by_variable).code == 3


def test_profiles_are_chosen_by_name(cli_yard, home):
    env = home('[default]\nendpoint = "http://127.0.0.1:1"\nak = "a"\nsk = "s"\n' + profile(cli_yard, "there"))
    assert cli_yard.run("servers", "list", env=env).code == 3
    assert cli_yard.good("servers", "list", "-q", "--profile", "there", env=env).lines
    assert cli_yard.good("servers", "list", "-q", env=env | {"PHONEYARD_PROFILE": "there"}).lines
    wrong = cli_yard.run("servers", "list", "--profile", "nowhere", env=env)
    assert wrong.code == 2 and "there are: default, there" in wrong.err


def test_a_variable_that_goes_before_a_named_profile_is_told(cli_yard, home):
    env = home(profile(cli_yard, "there")) | {"PHONEYARD_ENDPOINT": "http://127.0.0.1:1"}
    done = cli_yard.run("servers", "list", "--profile", "there", env=env)
    assert done.code == 3 and "PHONEYARD_ENDPOINT of the environment goes before profile there" in done.err


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o622])
def test_a_profile_that_others_can_read_is_refused(cli_yard, home, mode):
    env = home(profile(cli_yard), mode)
    done = cli_yard.run("servers", "list", env=env)
    file = f"{env['HOME']}/.config/phoneyard/profiles.toml"
    assert done.code == 2 and f"chmod 600 '{file}'" in done.err
    subprocess.run(["sh", "-c", done.err.split("run: ")[1]], check=True)
    assert cli_yard.run("servers", "list", env=env).code == 0


@pytest.mark.parametrize("text", ["[default]\nsk = hush", "[default]\nsk = 'hush", '[default]\nsecret = "hush"', "sk = ["])
def test_a_broken_profile_is_told_without_its_secrets(cli_yard, home, text):
    done = cli_yard.run("servers", "list", env=home(text))
    assert done.code == 2 and "profiles.toml" in done.err and "hush" not in done.err


@pytest.mark.parametrize(
    "wrong",
    [
        {"HUAWEICLOUD_SDK_SK": "hush"},
        {"HUAWEICLOUD_SDK_AK": "nobody"},
        {"HUAWEICLOUD_SDK_PROJECT_ID": "1613eeb989111fed3f89d11a1a269b5e"},
    ],
)
def test_who_is_not_let_in_is_told_so(cli_yard, wrong):
    done = cli_yard.run("restart", "--all", env=cli_yard.env | wrong)
    assert done.code == 3 and "hush" not in done.err
    assert any(code in done.err for code in ("APIGW.0301", "CPS.0001")), done


def test_a_service_that_is_not_there_is_told_soon(cli_yard):
    env = cli_yard.env | {"PHONEYARD_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    done = cli_yard.run("phones", "list", env=env, seconds=20)
    assert done.code == 3 and "cannot reach http://127.0.0.1:" in done.err and "refused" in done.err


@pytest.mark.parametrize("endpoint", ["127.0.0.1:8080", "ftp://a", "http://a/v1"])
def test_an_endpoint_must_be_a_url(cli_yard, endpoint):
    done = cli_yard.run("phones", "list", "--endpoint", endpoint)
    assert done.code == 2 and "is no URL" in done.err


def test_a_log_in_elsewhere_is_used(cli_yard):
    env = cli_yard.env_of("password") | {"HUAWEICLOUD_SDK_IAM_ENDPOINT": cli_yard.endpoint}
    env["PHONEYARD_ENDPOINT"] = f"http://127.0.0.1:{free_port()}"
    assert cli_yard.good("token", env=env).out
    assert cli_yard.run("phones", "list", env=env).code == 3


def test_certificates_of_a_file_are_trusted(tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=phoneyard-test",
         "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    operator = Operator(tmp_path / "data")
    operator.project("cn-north-4", PROJECT)
    ak, sk = operator.user("alice", PASSWORD, "cn-north-4")
    address = f"127.0.0.1:{free_port()}"
    process = Process(
        ["serve", "--data-dir", tmp_path / "data", "--listen", address,
         "--tls-certificate", certificate, "--tls-key", key], tmp_path / "log")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PHONEYARD_ENDPOINT": f"https://{address}",
           "HUAWEICLOUD_SDK_AK": ak, "HUAWEICLOUD_SDK_SK": sk}
    try:
        until(lambda: process.alive() and answers(f"http://{address}"), "the service listens", 60)
        strange = run("phones", "list", env=env)
        assert strange.code == 3 and "named with --ca" in strange.err
        done = run("phones", "list", "--ca", certificate, env=env)
        assert done.code == 0, done
        assert run("phones", "list", "--ca", tmp_path / "nothing", env=env).code == 2
    finally:
        process.stop()
