"""The Debian package, from the binary under test: what is in it, and that what is in it works."""

import configparser
import gzip
import hashlib
import os
import re
import shutil
import stat
import subprocess

import pytest

from packages import made, run, serves
from yard import BINARY

SCRIPTS = ("postinst", "prerm", "postrm")
# What every one of our manual pages has.
HEAD = re.compile(r'^\.TH phoneyard(?:-[a-z-]+)? 1 ', re.MULTILINE)
HARDENING = {
    "Type": "simple",
    "User": "phoneyard",
    "StateDirectory": "phoneyard",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "SystemCallFilter": "@system-service",
    "MemoryDenyWriteExecute": "yes",
    "CapabilityBoundingSet": "",
    "LimitNOFILE": "65536",
    "Restart": "on-failure",
}


class Package:
    """The package, unpacked beside itself."""

    def __init__(self, folder):
        self.file = made("deb.sh", folder / "out", COMPRESSION="none")
        self.root = folder / "root"
        self.control = folder / "control"
        run("dpkg-deb", "--extract", self.file, self.root)
        run("dpkg-deb", "--control", self.file, self.control)
        self.program = self.root / "usr/bin/phoneyard"
        self.unit = self.root / "usr/lib/systemd/system/phoneyard.service"
        self.config = self.root / "etc/phoneyard/phoneyard.toml"
        self.pages = sorted((self.root / "usr/share/man/man1").iterdir())

    def files(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())

    def field(self, name):
        return run("dpkg-deb", "--field", self.file, name).strip()


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return Package(tmp_path_factory.mktemp("package"))


def test_the_package_is_named_and_dated_by_its_binary(package):
    version = run(BINARY, "--version").split()[1]
    assert (package.field("Package"), package.field("Version")) == ("phoneyard", version)
    assert os.path.basename(package.file) == f"phoneyard_{version}_{package.field('Architecture')}.deb"
    assert run(package.program, "--version") == run(BINARY, "--version")


def test_it_depends_on_the_libraries_of_the_binary(package):
    assert re.search(r"\blibc6 \(>= 2\.\d+\)", package.field("Depends"))


def test_everything_belongs_to_root_and_nobody_else_may_write_it(package):
    for line in run("dpkg-deb", "--contents", package.file).splitlines():
        mode, owner, *_ = line.split()
        assert owner == "root/root" and mode[5] == "-" and mode[8] == "-" and "s" not in mode, line


def test_every_file_is_where_debian_looks_for_it(package):
    files = package.files()
    for expected in (
        "usr/bin/phoneyard",
        "usr/lib/systemd/system/phoneyard.service",
        "etc/phoneyard/phoneyard.toml",
        "usr/share/bash-completion/completions/phoneyard",
        "usr/share/zsh/vendor-completions/_phoneyard",
        "usr/share/fish/vendor_completions.d/phoneyard.fish",
        "usr/share/doc/phoneyard/copyright",
        "usr/share/doc/phoneyard/changelog.gz",
        "usr/share/man/man1/phoneyard.1.gz",
        "usr/share/man/man1/phoneyard-access-key-create.1.gz",
    ):
        assert expected in files
    assert all(file.startswith(("usr/", "etc/phoneyard/")) for file in files)
    assert (package.control / "conffiles").read_text() == "/etc/phoneyard/phoneyard.toml\n"


def test_the_checksums_are_those_of_the_files(package):
    listed = dict(reversed(line.split("  ", 1)) for line in (package.control / "md5sums").read_text().splitlines())
    assert sorted(listed) == package.files()
    for file, checksum in listed.items():
        assert hashlib.md5((package.root / file).read_bytes()).hexdigest() == checksum, file


def test_every_verb_has_a_manual_page_that_renders(package):
    assert len(package.pages) > 40
    for page in package.pages:
        text = gzip.decompress(page.read_bytes()).decode()
        assert HEAD.search(text) and ".SH SYNOPSIS" in text, page
        assert str(BINARY.parent) not in text
        if shutil.which("groff"):
            done = subprocess.run(
                ["groff", "-man", "-Tascii", "-ww", "-P-cbou"], input=text, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0 and "NAME" in done.stdout, (page, done.stderr)


def test_the_completions_of_bash_complete(package):
    script = package.root / "usr/share/bash-completion/completions/phoneyard"
    ask = f'. {script}; COMP_WORDS=(phoneyard acc); COMP_CWORD=1; _phoneyard phoneyard acc phoneyard; echo "${{COMPREPLY[*]}}"'
    assert run("bash", "-c", ask).split() == ["access-key"]


def test_the_unit_gives_the_service_nothing_it_does_not_need(package):
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str
    unit.read_string(package.unit.read_text())
    service = unit["Service"]
    assert {key: service.get(key) for key in HARDENING} == HARDENING
    assert service["ExecStart"] == "/usr/bin/phoneyard serve --config /etc/phoneyard/phoneyard.toml"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_systemd_understands_the_unit(package, tmp_path):
    """Where there is a systemd to ask; every line has the form of a setting anyway."""
    lines = [line for line in package.unit.read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"\[\w+\]|[A-Z]\w+=.*", line) for line in lines)
    if shutil.which("systemd-analyze"):
        unit = tmp_path / "phoneyard.service"
        text = package.unit.read_text().replace("/usr/bin/phoneyard", str(package.program))
        unit.write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE))
        done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
        said = [line for line in done.stderr.splitlines() if line.startswith(str(unit)) or "phoneyard.service" in line]
        assert said == []


def test_the_packaged_service_serves_with_the_packaged_settings(package, tmp_path):
    assert 'data_dir = "/var/lib/phoneyard"\n' in package.config.read_text()
    environment = {"PHONEYARD_CONFIG": str(package.config), "PHONEYARD_DATA_DIR": str(tmp_path / "state")}
    serves([package.program], tmp_path / "log", environment)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


class Stage:
    """Runs a maintainer's script with every program in its reach replaced by one that only writes down its call."""

    PROGRAMS = (
        "chmod chown deb-systemd-helper deb-systemd-invoke getent groupadd install rm rmdir systemctl useradd userdel"
    ).split()

    def __init__(self, package, folder, missing=()):
        self.package, self.calls, self.programs = package, folder / "calls", folder / "programs"
        self.programs.mkdir()
        for name in self.PROGRAMS:
            program = self.programs / name
            code = 1 if name in missing else 0
            program.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.calls}\nexit {code}\n')
            program.chmod(0o755)

    def play(self, script, *arguments):
        """What it called, and what it said."""
        self.calls.write_text("")
        said = run("/bin/sh", self.package.control / script, *arguments, env={"PATH": str(self.programs)})
        return self.calls.read_text(), said


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_maintainers_scripts_are_good_shell(package, script):
    path = package.control / script
    assert path.stat().st_mode & 0o111 and path.read_text().startswith("#!/bin/sh\n")
    assert "\nset -e\n" in path.read_text()
    run("/bin/sh", "-n", path)


def test_installing_makes_the_user_and_enables_the_service(package, tmp_path):
    calls, _ = Stage(package, tmp_path, missing=("getent",)).play("postinst", "configure", "")
    assert re.search(r"^useradd --system .* phoneyard$", calls, re.MULTILINE)
    assert "deb-systemd-helper enable phoneyard.service" in calls


def test_upgrading_makes_no_second_user_and_leaves_the_rights_of_the_settings(package, tmp_path):
    calls, _ = Stage(package, tmp_path).play("postinst", "configure", "0.0.9")
    assert "useradd" not in calls and "chmod" not in calls and "chown" not in calls
    assert Stage(package, fresh(tmp_path)).play("prerm", "upgrade", "0.2.0")[0] == ""


@pytest.mark.parametrize("action", ["remove", "purge"])
def test_removing_deletes_neither_data_nor_user(package, tmp_path, action):
    stage = Stage(package, tmp_path)
    calls = stage.play("prerm", "remove")[0] + stage.play("postrm", action)[0]
    assert not re.search(r"^(rm|rmdir|userdel)\b", calls, re.MULTILINE)
    assert f"deb-systemd-helper {'mask' if action == 'remove' else 'purge'} phoneyard.service" in calls


def fresh(folder):
    """An empty folder in it."""
    (folder / "fresh").mkdir()
    return folder / "fresh"
