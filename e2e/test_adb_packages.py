"""A real APK on a phone: installed, launched, seen, removed."""

import io
import re

import pytest
from PIL import Image

from adb_session import Refused
from apk import PACKAGE

ACTIVITY = f"{PACKAGE}/.MainActivity"


def packages(phone, options=""):
    return {line.removeprefix("package:") for line in phone.ok(f"pm list packages {options}").splitlines()}


def dump(phone):
    return phone.ok(f"dumpsys package {PACKAGE}")


def in_front(phone):
    lines = phone.ok("dumpsys activity activities").splitlines()
    return next(line for line in lines if "ResumedActivity" in line)


@pytest.fixture
def app(phone, apks):
    """A client's session with the app installed; afterwards it is gone."""
    assert "Success" in phone.install(apks.one, "-r")
    yield phone
    phone.shell(f"pm uninstall {PACKAGE}")


def test_the_app_is_listed_until_it_is_uninstalled(phone, apks):
    assert PACKAGE not in packages(phone)
    assert "Success" in phone.install(apks.one)
    assert PACKAGE in packages(phone)
    assert PACKAGE in packages(phone, "-3")
    assert PACKAGE not in packages(phone, "-s")
    assert re.fullmatch(r"package:/data/app/\S+\.apk\n", phone.ok(f"pm path {PACKAGE}"))
    assert "Success" in phone.uninstall(PACKAGE)
    assert PACKAGE not in packages(phone)
    with pytest.raises(Refused, match="Failure"):
        phone.uninstall(PACKAGE)


def test_version_and_label_come_from_the_manifest(app, apks):
    assert re.search(r"versionCode=1\b", dump(app)) and "versionName=1.0" in dump(app)
    assert "Success" in app.install(apks.two, "-r")
    assert re.search(r"versionCode=2\b", dump(app)) and "versionName=2.0" in dump(app)
    with pytest.raises(Refused, match="INSTALL_FAILED_VERSION_DOWNGRADE"):
        app.install(apks.one, "-r")
    assert "versionName=2.0" in dump(app)


def test_the_app_starts_and_is_in_front(app):
    app.ok("logcat -c")
    before = app.raw("screencap -p")
    assert "Starting: Intent" in app.ok(f"am start -n {ACTIVITY}")
    assert ACTIVITY in in_front(app)
    assert app.raw("screencap -p") != before
    log = app.ok("logcat -d")
    assert re.search(rf"START u0 .*cmp={re.escape(ACTIVITY)}", log)
    assert re.search(rf"Displayed {re.escape(ACTIVITY)}", log)
    assert PACKAGE in app.ok("ps -A")
    app.ok(f"am force-stop {PACKAGE}")
    assert PACKAGE not in app.ok("ps -A")
    assert ACTIVITY not in in_front(app)


def test_monkey_launches_it(app):
    said = app.shell(f"monkey -p {PACKAGE} -c android.intent.category.LAUNCHER 1").all
    assert "Events injected: 1" in said
    assert ACTIVITY in in_front(app)
    app.ok("input keyevent KEYCODE_HOME")
    assert ACTIVITY not in in_front(app)


def test_what_is_not_there_does_not_start(phone):
    said = phone.shell("am start -n com.example.nosuch/.MainActivity").all
    assert "Error type 3" in said and "does not exist" in said
    assert "No activities found to run" in phone.shell("monkey -p com.example.nosuch 1").all


def test_a_file_that_is_no_apk_is_refused(phone, apks):
    with pytest.raises(Refused, match=r"INSTALL_(PARSE_)?FAILED"):
        phone.install(apks.broken)
    assert PACKAGE not in packages(phone)
    assert phone.booted()


def test_a_split_is_installed_with_its_base(stock, apks):
    assert "Success" in stock.must("install-multiple", apks.one, apks.split)
    paths = stock.ok(f"pm path {PACKAGE}").splitlines()
    assert len(paths) == 2 and any("split" in path for path in paths), paths
    assert "Success" in stock.uninstall(PACKAGE)


def test_a_split_alone_is_refused(stock, apks):
    with pytest.raises(Refused, match="INSTALL_FAILED|Failure"):
        stock.must("install-multiple", apks.split)
    assert PACKAGE not in packages(stock)


def picture_of(phone):
    """The app in front, without the status bar and its clock."""
    phone.ok(f"am start -n {ACTIVITY}")
    picture = Image.open(io.BytesIO(phone.raw("screencap -p")))
    return picture.crop((0, picture.height // 20, *picture.size)).tobytes()


def test_the_label_is_on_the_screen(app, apks):
    before = picture_of(app)
    assert "Success" in app.install(apks.renamed, "-r")
    assert picture_of(app) != before
