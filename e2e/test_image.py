"""The root of the container image, run as one; and that Dockerfile and compose.yaml say what is true."""

import os
import re
import tarfile

import pytest
import yaml

from packages import made, run, serves
from yard import ROOT

CRATE = ROOT / "crates" / "phoneyard" / "src"
OWNER = 10001


class Image:
    """What the image's build gets, and its root as a container has it."""

    def __init__(self, folder):
        made("rootfs.sh", folder / "image")
        self.context = folder / "image"
        self.root = folder / "root"
        self.root.mkdir(mode=0o755)
        run("tar", "-xpf", self.context / "rootfs.tar", "-C", self.root)

    def program(self):
        """The image's binary with nothing else of this machine within its reach, as the image's user; who is not
        root cannot change the user, only the root."""
        if os.geteuid() == 0:
            inside = ["chroot", f"--userspec={OWNER}:{OWNER}", self.root]
        else:
            inside = ["unshare", "--user", "--map-root-user", f"--root={self.root}"]
        return [*inside, "/usr/bin/phoneyard"]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return Image(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def settings():
    """The names of the environment that the service reads."""
    files = "\n".join((CRATE / name).read_text() for name in ("config.rs", "logging.rs"))
    return set(re.findall(r'"(PHONEYARD_[A-Z_]+)"', files))


def test_the_service_runs_with_nothing_but_the_image(image, tmp_path):
    serves(image.program(), tmp_path / "log", {"PHONEYARD_DATA_DIR": "/var/lib/phoneyard"})
    assert (image.root / "var/lib/phoneyard/phoneyard.db").stat().st_size > 0


def test_the_image_holds_no_shell_and_only_its_data_can_be_written_by_its_user(image):
    with tarfile.open(image.context / "rootfs.tar") as tar:
        members = {member.name: member for member in tar}
    assert (members["./var/lib/phoneyard"].uid, members["./var/lib/phoneyard"].mode) == (OWNER, 0o700)
    others = {name: member for name, member in members.items() if name != "./var/lib/phoneyard"}
    assert {member.uid for member in others.values()} == {0}
    assert [name for name, member in others.items() if member.mode & 0o022] == ["./tmp"]
    programs = [name for name, m in members.items() if m.isfile() and m.mode & 0o111 and "/lib" not in name]
    assert programs == ["./usr/bin/phoneyard"]


def test_the_image_trusts_the_authorities_of_the_machine_that_built_it(image):
    certificates = (image.root / "etc/ssl/certs/ca-certificates.crt").read_text()
    assert certificates.count("-----BEGIN CERTIFICATE-----") > 10


def test_the_dockerfile_asks_for_no_other_image_and_for_files_that_are_there(image):
    text = (image.context / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    assert [rest for word, rest in lines if word == "FROM"] == ["scratch"]
    added = [rest.split()[0] for word, rest in lines if word in ("ADD", "COPY")]
    assert added and all((image.context / name).is_file() for name in added)
    assert dict(map(tuple, lines))["USER"] == f"{OWNER}:{OWNER}"
    names = re.findall(r"([A-Z_]+)=", dict(map(tuple, lines))["ENV"])
    assert names and set(names) <= settings()


def test_the_composition_is_one_phoneyard_with_its_own_postgresql(compose):
    services = compose["services"]
    assert set(services) == {"postgres", "phoneyard"}
    ours = services["phoneyard"]
    assert "deploy" not in ours and "scale" not in ours
    assert ours["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert all(port.startswith("127.0.0.1:") for port in ours["ports"])
    for service in services.values():
        assert {mount.split(":")[0] for mount in service["volumes"]} <= set(compose["volumes"])


def test_the_settings_of_the_composition_are_settings(compose):
    environment = compose["services"]["phoneyard"]["environment"]
    assert environment and set(environment) <= settings()
    database = compose["services"]["postgres"]["environment"]
    url = re.fullmatch(r"postgres://(\w+):\$\{(\w+)\}@(\w+)/(\w+)", environment["PHONEYARD_DATABASE_URL"])
    user, password, host, name = url.groups()
    assert host in compose["services"]
    assert (user, name) == (database["POSTGRES_USER"], database["POSTGRES_DB"])
    assert database["POSTGRES_PASSWORD"].startswith(f"${{{password}:?")
