"""A database of the first schema under today's binary, on SQLite and PostgreSQL; and one of a later binary.

`fixtures/v0-1.sql` holds what a service of that schema leaves behind when it is killed with work under way.
"""

import hashlib
import re
import socket
import sqlite3
import subprocess
import time

import pytest

import adb_stock
import postgres
from adb_yard import address
from clients import Account, properties
from yard import BINARY, ROOT, Operator, Service, free_port_range

DUMP = (ROOT / "e2e" / "fixtures" / "v0-1.sql").read_text()
MIGRATIONS = sorted((ROOT / "crates" / "store" / "migrations").glob("*.sql"))
PROJECT = "0503dda878000fed2f78c00909158a4d"
PASSWORD = "correct horse battery"
DATABASES = ("sqlite", "postgres")

# The phones and jobs of the dump that the tests speak of.
PHONES = 7
NEW_IMAGE = "01a210911b81751a8538895014b40c08"
FAILED_PHONE, STOPPED_PHONE = "01a210911b8f77e2a141f45e706f77a1", "01a210911b8f77e2a141f45ff8fad557"
RESTARTED_PHONE = "01a210911b9f7294adff3ed0c5ec7edf"
OVERDUE = "01a2106c0a0175d0b0c0ffee00000002"
UNFINISHED = {
    "running restart": "01a210911d947119995fe6b3f28cfacf",
    "running reset": "01a210911d9973908daec70d829c612e",
    "waiting restart": "01a210911d9b735ab611baafb90f659f",
}
ENDED = {
    "01a210911c057465a7381d340b73b0a9": 2,
    "01a210911c057465a7381d35c24584bc": 2,
    "01a210911d1971cbaf6c484aede083f3": -1,
    "01a210911d67747da20d8584b3ecde55": 2,
}

# As sqlx writes down what it has applied.
APPLIED = """
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on {time} NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL, checksum {bytes} NOT NULL, execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
    VALUES (1, 'initial', TRUE, {checksum}, 1000000);
"""
LATER = """INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
    VALUES (9000, 'from a later version', TRUE, {checksum}, 1000000);"""
# The service was killed just now.
SHIFT = """UPDATE job SET begin_ms = begin_ms + {0}, deadline_ms = deadline_ms + {0}, end_ms = end_ms + {0},
    lease_until_ms = CASE WHEN lease_until_ms = 0 THEN 0 ELSE lease_until_ms + {0} END;"""


def noted(name):
    """What the dump's head says of itself."""
    return re.search(rf"^-- {name} (.+)$", DUMP, re.MULTILINE)[1]


class Sqlite:
    """The file that a service of the first schema left behind."""

    url = None
    types = {"time": "TIMESTAMP", "bytes": "BLOB"}

    def __init__(self, data_dir):
        self.file = data_dir / "phoneyard.db"

    def run(self, text):
        with sqlite3.connect(self.file) as database:
            database.executescript(text)
        database.close()

    def column(self, text):
        database = sqlite3.connect(self.file)
        try:
            return [str(row[0]) for row in database.execute(text)]
        finally:
            database.close()

    @staticmethod
    def bytes(hexadecimal):
        return f"X'{hexadecimal}'"


class Postgresql:
    """The same in a database of a server."""

    types = {"time": "TIMESTAMPTZ", "bytes": "BYTEA"}

    def __init__(self, server):
        self.server = server
        self.url = server.database()
        self.name = re.search(r"///(\w+)", self.url)[1]

    def psql(self, *arguments, stdin=None):
        command = [*self.server.user, str(self.server.programs / "psql"), "-X", "-q", "-h", str(self.server.folder)]
        command += ["-U", "postgres", "-d", self.name, "-v", "ON_ERROR_STOP=1", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, cwd="/", timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, text):
        self.psql("-1", "-f", "-", stdin=text)

    def column(self, text):
        return self.psql("-A", "-t", "-c", text).split("\n")[:-1]

    @staticmethod
    def bytes(hexadecimal):
        return f"'\\x{hexadecimal}'"


@pytest.fixture(scope="module")
def postgres_server():
    server = postgres.start()
    yield server
    server.stop()


def old_store(kind, folder, server):
    """A data directory and a database as the first schema's service left them."""
    data_dir = folder / "data"
    data_dir.mkdir(parents=True)
    (data_dir / "secret.key").write_text(noted("secret_key") + "\n")
    store = Sqlite(data_dir) if kind == "sqlite" else Postgresql(server)
    store.run(DUMP)
    store.run(APPLIED.format(**store.types, checksum=store.bytes(noted("checksum"))))
    store.run(SHIFT.format(round(time.time() * 1000) - int(noted("dumped_at_ms"))))
    return Operator(data_dir, store.url), store


class Upgraded(Account):
    """Today's service on the old store."""

    def __init__(self, kind, folder, server):
        self.operator, self.store = old_store(kind, folder, server)
        port = free_port_range(PHONES)
        self.service = Service(
            self.operator, boot_time="150ms", emulated=[f'adb_ports = "{port}-{port + PHONES - 1}"']
        )
        super().__init__(self.service.endpoint, PROJECT, *noted("access_key").split())
        self.service.start()

    def log_in(self):
        self.token = self.login("alice", PASSWORD).headers["X-Subject-Token"]


@pytest.fixture(scope="module", params=DATABASES)
def upgraded(request, tmp_path_factory):
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    upgraded = Upgraded(request.param, tmp_path_factory.mktemp("upgrade"), server)
    try:
        upgraded.log_in()
        yield upgraded
    finally:
        upgraded.service.stop()


def everything(account):
    """All phones and all known jobs, as a client sees them."""
    phones = sorted((account.phone(phone["phone_id"]) for phone in account.all_phones()), key=lambda p: p["phone_id"])
    jobs = [account.job(job_id) for job_id in (*ENDED, *UNFINISHED.values(), OVERDUE)]
    for answer in (*phones, *jobs):
        answer.pop("request_id", None)
    return phones, jobs


def test_the_first_migration_is_still_the_one_that_was_applied():
    assert hashlib.sha384(MIGRATIONS[0].read_bytes()).hexdigest() == noted("checksum")
    assert MIGRATIONS[0].read_text() in DUMP


def test_passwords_and_access_keys_from_before_are_good(upgraded):
    assert len(upgraded.sdk("signature").phones(limit=100).phones) == PHONES
    assert len(upgraded.all_phones()) == PHONES


def test_what_had_ended_before_is_as_it_was(upgraded):
    assert {job_id: upgraded.job(job_id)["status"] for job_id in ENDED} == ENDED
    failed = next(job_id for job_id, status in ENDED.items() if status == -1)
    assert upgraded.job(failed)["error_code"] == "CPS.0003"
    assert upgraded.phone(STOPPED_PHONE)["status"] == 8 and upgraded.phone(FAILED_PHONE)["status"] == -6


@pytest.mark.parametrize("which", UNFINISHED)
def test_a_job_under_way_during_the_upgrade_is_carried_out(upgraded, which):
    assert upgraded.ended(UNFINISHED[which])["status"] == 2


def test_the_restart_under_way_has_set_its_image_and_properties(upgraded):
    assert upgraded.ended(UNFINISHED["running restart"])["status"] == 2
    phone = upgraded.phone(RESTARTED_PHONE)
    assert (phone["status"], phone["image_id"]) == (2, NEW_IMAGE)
    assert properties(phone) == {"com.cph.mainkeys": "0"}


def test_a_job_that_became_overdue_during_the_upgrade_is_ended(upgraded):
    assert upgraded.ended(OVERDUE)["status"] == -1


def test_phones_from_before_have_addresses_and_ports_of_their_own(upgraded):
    addresses = {}
    for listed in upgraded.all_phones():
        phone = upgraded.phone(listed["phone_id"])
        [info] = phone["access_infos"]
        addresses.setdefault(phone["server_id"], set()).add(info["phone_ip"])
        socket.create_connection((info["server_ip"], info["access_port"]), 5).close()
    assert sorted(map(len, addresses.values())) == [3, 4]


def test_a_key_registered_after_the_upgrade_opens_a_phone_from_before(upgraded, tmp_path):
    upgraded.ended(UNFINISHED["running restart"])
    key = adb_stock.keygen(tmp_path / "key")
    upgraded.operator.adb_key(f"{key}.pub", "cn-north-4")
    client = adb_stock.Stock("debian-adb", tmp_path / "home", key)
    try:
        with client.connect(address(upgraded.phone(RESTARTED_PHONE))) as session:
            assert session.prop("sys.boot_completed") == "1"
    finally:
        client.close()


def test_a_restart_after_the_upgrade_succeeds_and_is_in_the_audit_log(upgraded):
    upgraded.ended(UNFINISHED["running restart"])
    answer = upgraded.restart(RESTARTED_PHONE)
    assert upgraded.ended(answer["jobs"][0]["job_id"])["status"] == 2
    assert answer["request_id"] in upgraded.operator.run("audit", "--json")


def test_a_second_start_changes_nothing(upgraded):
    for job_id in (*UNFINISHED.values(), OVERDUE):
        upgraded.ended(job_id)
    before = everything(upgraded)
    assert upgraded.service.stop() == 0
    versions = upgraded.store.column("SELECT version FROM _sqlx_migrations ORDER BY version")
    assert versions == [str(int(file.name.split("_")[0])) for file in MIGRATIONS]
    upgraded.service.start()
    assert everything(upgraded) == before
    log = upgraded.service.log.read_text()
    assert "panicked" not in log and " ERROR " not in log, log


def refused(operator):
    """What a service says that must not start on a store."""
    command = [str(BINARY), "serve", "--listen", "127.0.0.1:0", *operator.store]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "listens on" not in done.stdout
    return done.stderr


def test_a_second_service_over_the_same_database_says_so_and_ends(upgraded):
    said = refused(upgraded.operator)
    assert "another phoneyard uses" in said and "stop it first" in said, said
    assert len(upgraded.all_phones()) == PHONES


@pytest.mark.parametrize("kind", DATABASES)
def test_a_database_of_a_later_version_is_refused_and_left_alone(kind, tmp_path, request):
    server = request.getfixturevalue("postgres_server") if kind == "postgres" else None
    operator, store = old_store(kind, tmp_path / kind, server)
    store.run(LATER.format(checksum=store.bytes("00" * 48)))
    said = refused(operator)
    assert "a newer phoneyard has used this database" in said and "9000" in said, said
    assert store.column("SELECT version FROM _sqlx_migrations ORDER BY version") == ["1", "9000"]
