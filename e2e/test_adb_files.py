"""Files between a phone and stock ADB clients."""

import hashlib
import os

import pytest

from adb_session import Refused

BIG_BYTES = 50_000_000
# That many of them do not fit a phone.
FILLS_MAX = 10
THERE = "/data/local/tmp"
TREE = ["a", "empty", "one/b", "one/two/with a space", "one/two/grüße.txt", "one/.hidden"]


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    path = tmp_path_factory.mktemp("big") / "big"
    path.write_bytes(os.urandom(BIG_BYTES))
    return path


@pytest.fixture
def tree(tmp_path):
    for name in TREE:
        file = tmp_path / "tree" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"" if name == "empty" else os.urandom(100_001))
    return tmp_path / "tree"


def test_fifty_megabytes_come_back_intact(phone, big, tmp_path):
    phone.push(big, f"{THERE}/big")
    assert phone.ok(f"ls -l {THERE}/big").split()[4] == str(BIG_BYTES)
    phone.pull(f"{THERE}/big", tmp_path / "back")
    assert digest(tmp_path / "back") == digest(big)
    phone.ok(f"rm {THERE}/big")


def test_a_tree_comes_back_as_it_was(phone, tree, tmp_path):
    phone.push_tree(tree, f"{THERE}/tree")
    back = tmp_path / "back"
    back.mkdir()
    phone.pull_tree(f"{THERE}/tree", back, TREE)
    for name in TREE:
        assert (back / name).read_bytes() == (tree / name).read_bytes(), name
    assert phone.ok(f"ls {THERE}/tree/one").split() == ["b", "two"]
    phone.ok(f"rm -r {THERE}/tree")
    assert phone.code(f"ls {THERE}/tree") == 1


def test_a_folder_is_pushed_under_its_own_name(stock, tree):
    stock.must("push", tree, THERE)
    assert stock.ok(f"ls {THERE}/tree").split() == ["a", "empty", "one"]
    stock.ok(f"rm -r {THERE}/tree")


def test_a_file_is_replaced_whole(phone, tmp_path):
    file = tmp_path / "file"
    for content in (b"long " * 10_000, b"short"):
        file.write_bytes(content)
        phone.push(file, f"{THERE}/file")
        assert phone.raw(f"cat {THERE}/file") == content


def test_mode_and_time_are_kept(stock, tmp_path):
    file = tmp_path / "script"
    file.write_text("echo hi\n")
    file.chmod(0o755)
    os.utime(file, (1_600_000_000, 1_600_000_000))
    stock.push(file, f"{THERE}/script")
    assert stock.ok(f"ls -l {THERE}/script").startswith("-rwx")
    stock.must("pull", "-a", f"{THERE}/script", tmp_path / "back")
    assert (tmp_path / "back").stat().st_mtime == 1_600_000_000


def test_ls_of_a_folder(stock):
    names = {line.split()[-1] for line in stock.must("ls", "/").splitlines()}
    assert {"data", "system", "sdcard"} <= names


def test_a_missing_file_is_said_to_be_missing(phone, tmp_path):
    with pytest.raises(Refused, match="(?i)no such file"):
        phone.pull("/data/local/tmp/nosuch", tmp_path / "x")
    assert phone.booted()


@pytest.mark.parametrize("target", ["/system/e2e", "/data/local/tmp/plain/below", "/"])
def test_where_nothing_can_be_written_a_push_fails_cleanly(phone, tmp_path, target):
    phone.ok(f"echo x > {THERE}/plain")
    file = tmp_path / "file"
    file.write_bytes(os.urandom(300_000))
    with pytest.raises(Refused):
        phone.push(file, target)
    assert phone.booted()


def test_a_full_phone_says_so_and_keeps_what_it_has(stock, big):
    stock.push(big, f"{THERE}/full/first")
    with pytest.raises(Refused, match="No space left on device"):
        for number in range(FILLS_MAX):
            stock.push(big, f"{THERE}/full/{number}")
    assert stock.ok(f"ls -l {THERE}/full/first").split()[4] == str(BIG_BYTES)
    assert stock.booted()
    stock.ok(f"rm -r {THERE}/full")
    stock.ok(f"echo room > {THERE}/room")


def test_the_sdcard_is_one_place_under_two_names(phone, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"picture")
    phone.push(file, "/sdcard/Pictures/file")
    assert phone.raw("cat /storage/emulated/0/Pictures/file") == b"picture"
