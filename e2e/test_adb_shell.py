"""What stock ADB clients see of a phone's shell: output, exit codes, quoting, input, properties, log, screen."""

import io
import os
import re
import subprocess

import pytest
from PIL import Image

from adb import closed_by_peer, dial
from adb_session import Refused
from yard import until

GO_HOME = "am start -a android.intent.action.MAIN -c android.intent.category.HOME"

# Command, standard output, exit code; nothing on standard error.
COMMANDS = [
    ("echo hello", "hello\n", 0),
    ("echo -n hello", "hello", 0),
    ("true", "", 0),
    ("false", "", 1),
    ("echo 'a  b' \"c  d\" e\\ f", "a  b c  d e f\n", 0),
    ("echo 'it'\\''s' \"a;b|c&&d\" '$HOME'", "it's a;b|c&&d $HOME\n", 0),
    ("echo one; echo two", "one\ntwo\n", 0),
    ("true && echo yes", "yes\n", 0),
    ("false && echo no", "", 1),
    ("false || echo other", "other\n", 0),
    ("false; echo $?", "1\n", 0),
    ("X=5; echo \"<$X>\"", "<5>\n", 0),
    ("echo $((6 * 7)) $(echo in)", "42 in\n", 0),
    ("for i in 1 2 3; do echo $i; done", "1\n2\n3\n", 0),
    ("if [ -d /data ]; then echo yes; else echo no; fi", "yes\n", 0),
    ("echo hello | cat", "hello\n", 0),
    ("echo hello | cat | cat", "hello\n", 0),
    ("echo away > /dev/null", "", 0),
    ("ls /nosuch 2>/dev/null", "", 1),
    ("ls /nosuch 2>&1", "ls: /nosuch: No such file or directory\n", 1),
    ("echo grüße 电话", "grüße 电话\n", 0),
    ("cd /data/local/tmp && pwd", "/data/local/tmp\n", 0),
    ("mkdir -p /data/local/tmp/d/e && ls /data/local/tmp/d", "e\n", 0),
    ("cd /data/local/tmp; echo 1 > f; echo 2 >> f; cat < f; rm f; ls f 2>/dev/null", "1\n2\n", 1),
    ("cd /data/local/tmp; echo x > g; cp g h; mv h i; cat i; rm g i", "x\n", 0),
    ("getprop sys.boot_completed", "1\n", 0),
    ("getprop no.such.property", "\n", 0),
    ("setprop e2e.value 'a b'; getprop e2e.value", "a b\n", 0),
    ("getprop | grep -F sys.boot_completed", "[sys.boot_completed]: [1]\n", 0),
    ("settings put global e2e_setting 7; settings get global e2e_setting", "7\n", 0),
    ("settings get global no_such_setting", "null\n", 0),
    ("uname", "Linux\n", 0),
]


@pytest.mark.parametrize(("command", "output", "code"), COMMANDS, ids=[command for command, *_ in COMMANDS])
def test_a_command_prints_and_ends_as_on_android(phone, command, output, code):
    ran = phone.shell(command)
    assert (ran.text, ran.err or b"") == (output, b"")
    assert ran.code in (code, None)


@pytest.mark.parametrize(("command", "code"), [("true", 0), ("false", 1), ("ls /nosuch", 1), ("nosuchcommand", 127)])
def test_every_client_learns_how_a_command_ended(phone, command, code):
    assert phone.code(command) == code


def test_standard_error_is_apart(phone_v2):
    ran = phone_v2.shell("echo out; echo err >&2; exit 7")
    assert (ran.out, ran.err, ran.code) == (b"out\n", b"err\n", 7)


def test_an_unknown_command_is_answered_as_by_androids_shell(phone_v2):
    ran = phone_v2.shell("nosuchcommand --now")
    assert ran.out == b""
    assert re.fullmatch(r"/system/bin/sh: nosuchcommand: (inaccessible or )?not found\r?\n", ran.err.decode())
    assert ran.code == 127


def test_nothing_runs_on_the_machine_itself(phone, tmp_path):
    trap = tmp_path / "trap"
    phone.shell(f"echo x > {trap}; touch {trap}; /bin/sh -c 'echo x > {trap}'; cp /dev/null {trap}")
    assert not trap.exists()
    assert os.uname().nodename not in phone.shell("cat /etc/hostname; uname -n").all


def test_a_program_reads_what_is_sent(phone_v2):
    sent = os.urandom(1_000_000).hex().encode()
    assert phone_v2.shell("cat", stdin=sent).out == sent
    assert phone_v2.shell("cat > /data/local/tmp/sent && ls /data/local/tmp/sent", stdin=sent).code == 0
    assert phone_v2.shell("cat /data/local/tmp/sent").out == sent
    assert phone_v2.shell("cat | cat", stdin=b"").out == b""


def test_a_script_comes_by_standard_input(stock):
    ran = stock.adb("shell", stdin=b"echo hi\nfalse\necho $?\nexit 5\n")
    assert (ran.text, ran.code) == ("hi\n1\n", 5)


def test_a_terminal_shows_a_prompt_and_ends_with_exit(stock):
    ran = stock.adb("shell", "-tt", stdin=b"echo h''i\nexit\n")
    lines = ran.text.replace("\r", "").split("\n")
    assert "hi" in lines
    assert any(re.search(r"[$#] ", line) for line in lines), lines
    assert ran.code == 0


def test_id_and_the_small_programs_answer(phone):
    assert re.match(r"uid=(0\(root\)|2000\(shell\)) ", phone.ok("id"))
    assert re.search(r"^\w+\s+\d+\s+\d+.*\binit$", phone.ok("ps -A"), re.MULTILINE)
    assert "/data" in phone.ok("df")
    assert re.search(r"\b20\d\d\b", phone.ok("date"))
    assert "up" in phone.ok("uptime")
    assert re.search(r"PID\s+USER", phone.ok("top -n 1 -b"))
    made = "cd /data/local/tmp; echo x > l; chmod 640 l; ls -l l"
    assert phone.ok(made).startswith("-rw-r----- 1 ")


def test_dumpsys_answers_its_basics(phone):
    assert re.search(r"level: \d+", phone.ok("dumpsys battery"))
    assert "ResumedActivity" in phone.ok("dumpsys activity activities")
    assert "Can't find service: nosuch" in phone.shell("dumpsys nosuch 2>&1").text


THREADTIME = re.compile(r"\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\s+\d+\s+\d+ [VDIWEF] [^:]+: .*")


def log(phone, options=""):
    """The log's lines, without the dividers between its buffers."""
    return [line for line in phone.ok(f"logcat -d {options}").splitlines() if not line.startswith("---------")]


def test_logcat_dumps_and_forgets(phone):
    phone.ok(GO_HOME)
    lines = log(phone)
    assert lines and all(THREADTIME.fullmatch(line) for line in lines), lines[:5]
    assert any("START u0" in line for line in lines)
    assert len(log(phone, "-t 1")) == 1
    phone.ok("logcat -c")
    assert not any("START u0" in line for line in log(phone))


def test_logcat_follows(stock):
    stock.ok("logcat -c")
    with subprocess.Popen(
        stock.command("logcat"), env=stock.client.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as following:
        try:
            os.set_blocking(following.stdout.fileno(), False)
            stock.ok(GO_HOME)
            seen = bytearray()

            def look():
                seen.extend(following.stdout.read() or b"")
                return b"START u0" in seen

            until(look, "the start is in the log")
        finally:
            following.kill()
    assert "START u0" in stock.adb("logcat", "-d").text


def shot(phone):
    return Image.open(io.BytesIO(phone.raw("screencap -p")))


def test_a_screenshot_is_a_png_of_the_phones_size(phone):
    png = phone.raw("screencap -p")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    picture = Image.open(io.BytesIO(png))
    picture.load()
    width, height = map(int, re.search(r"Physical size: (\d+)x(\d+)", phone.ok("wm size")).groups())
    assert picture.size == (width, height)
    assert len(picture.convert("RGB").getcolors(1 << 24)) > 1, "it is not one plain colour"


def test_a_screenshot_goes_to_a_file_too(stock, tmp_path):
    stock.ok("screencap -p /sdcard/shot.png")
    stock.pull("/sdcard/shot.png", tmp_path / "shot.png")
    assert Image.open(tmp_path / "shot.png").size == shot(stock).size


@pytest.mark.parametrize(
    "command", ["input tap 200 300", "input swipe 100 200 300 900", "input text hello", "input keyevent KEYCODE_MENU"]
)
def test_input_changes_the_picture(phone, command):
    before = shot(phone).tobytes()
    phone.ok(command)
    assert shot(phone).tobytes() != before


def test_root_and_the_way_back(stock):
    assert "adbd" in stock.service("root:")
    until(lambda: "uid=0(root)" in stock.shell("id").text, "the shell is root's")
    assert "already running as root" in stock.service("root:")
    assert "remount" in stock.service("remount:")
    assert "adbd" in stock.service("unroot:")
    until(lambda: "uid=2000(shell)" in stock.shell("id").text, "the shell is its own again")


def test_tcpip_answers_and_the_phone_stays_where_it_is(stock):
    assert "restarting in TCP mode port: 5555" in stock.service("tcpip:5555")
    until(stock.booted, "the phone answers again")


def test_a_forward_to_a_port_nobody_listens_on_closes(stock):
    port = stock.must("forward", "tcp:0", "tcp:5999").strip()
    assert port in stock.adb("forward", "--list").text
    assert closed_by_peer(dial(f"127.0.0.1:{port}"))
    assert stock.booted()
    stock.must("forward", "--remove", f"tcp:{port}")


@pytest.mark.parametrize("arguments", [("reverse", "tcp:7000", "tcp:7001"), ("jdwp",)], ids=" ".join)
def test_what_is_not_there_is_refused_and_the_phone_goes_on(stock, arguments):
    try:
        assert stock.must(*arguments, seconds=20).strip() == ""
        assert arguments == ("jdwp",)
    except Refused:
        pass
    assert stock.booted()


def test_devices_names_the_phone(stock):
    line = next(line for line in stock.client.run("devices", "-l").text.splitlines() if line.startswith(stock.address))
    assert re.search(r"device product:\S+ model:\S+ device:\S+", line)
    model = re.search(r"model:(\S+)", line)[1]
    assert model == re.sub(r"\W", "_", stock.prop("ro.product.model"))
    assert stock.must("get-state").strip() == "device"
