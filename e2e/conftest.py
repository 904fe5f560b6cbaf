"""What the tests share: the demo service with thirty phones, and a service of two projects."""

import stat

import pytest

import adb
import adb_stock
from adb_yard import AdbYard, Keys
from apk import Apks
from cli import CliYard
from clients import Account
from yard import Operator, Process, Service, shell_assignments, until


class Demo(Account):
    """The service that `phoneyard demo` leaves running, and its phones, handed out one test at a time."""

    def __init__(self, process, data_dir, values):
        super().__init__(
            values["PHONEYARD_ENDPOINT"],
            values["HUAWEICLOUD_SDK_PROJECT_ID"],
            values["HUAWEICLOUD_SDK_AK"],
            values["HUAWEICLOUD_SDK_SK"],
            values["PHONEYARD_TOKEN"],
        )
        self.process = process
        self.values = values
        self.operator = Operator(data_dir)
        self.pool = [phone["phone_id"] for phone in self.all_phones()]
        self.images = [image["image_id"] for image in self.get("/phone-images").json()["phone_images"]]
        self.faulty = set()

    def fault(self, phone_id, fault):
        self.operator.fault(phone_id, fault)
        self.faulty.add(phone_id)

    def mend(self, phone_ids):
        """Leaves the phones as the next test wants them: running, without faults."""
        for phone_id in self.faulty.intersection(phone_ids):
            self.operator.fault(phone_id, "none")
        self.faulty.difference_update(phone_ids)
        jobs = []
        for phone_id in phone_ids:
            status = self.settled(phone_id)["status"]
            call = "batch-restart" if status == 8 else "batch-reset"
            if status != 2:
                entry = self.post(f"/phones/{call}", {"phones": [{"phone_id": phone_id}]}).json()["jobs"][0]
                jobs.append(entry["job_id"])
        assert all(self.ended(job_id)["status"] == 2 for job_id in jobs)

    def other_image(self, phone_id):
        """An image the phone does not run."""
        current = self.phone(phone_id)["image_id"]
        return next(image for image in self.images if image != current)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("demo") / "data"
    arguments = ["--phones", 30, "--boot-time", "300ms", "--data-dir", data_dir, "--listen", "127.0.0.1:0"]
    process = Process(["demo", *arguments], data_dir.parent / "demo.log")
    env = data_dir / "demo.env"
    try:
        until(lambda: process.alive() and env.exists(), "demo.env is written", 180)
        assert stat.S_IMODE(env.stat().st_mode) == 0o600
        yield Demo(process, data_dir, shell_assignments(env.read_text()))
    finally:
        process.stop()


@pytest.fixture
def phones(demo):
    """A function that hands out running phones; afterwards they are put right again."""
    taken = []

    def take(count=1):
        assert len(demo.pool) >= count, "the demo has too few phones for this test"
        ids = [demo.pool.pop(0) for _ in range(count)]
        taken.extend(ids)
        return ids if count > 1 else ids[0]

    yield take
    demo.mend(taken)
    demo.pool.extend(taken)


@pytest.fixture(params=["signature", "token"])
def sdk(request, demo):
    """The unchanged SDK with either credential; its tests run twice."""
    return demo.sdk(request.param)


NORTH = "0503dda878000fed2f78c00909158a4d"
SOUTH = "1613eeb989111fed3f89d11a1a269b5e"


class Town:
    """A service with two projects, named after regions, whose passwords we know."""

    passwords = {"alice": "correct horse battery", "bob": "staple: \"quoted\" päss"}

    def __init__(self, data_dir):
        data_dir.mkdir()
        operator = self.operator = Operator(data_dir)
        operator.project("cn-north-4", NORTH)
        operator.project("cn-south-1", SOUTH)
        alice = operator.user("alice", self.passwords["alice"], "cn-north-4")
        bob = operator.user("bob", self.passwords["bob"], "cn-south-1")
        self.image = operator.image("plain", 11)
        self.alices_image = operator.image("hers", 12, "--private", "--project", "cn-north-4")
        self.bobs_image = operator.image("his", 12, "--private", "--project", "cn-south-1")
        self.server = operator.server("north", "cn-north-4", 4, self.image)
        self.spare_server = operator.server("spare", "cn-north-4", 3, self.image)
        self.bobs_server = operator.server("south", "cn-south-1", 2, self.image)
        self.service = Service(operator, boot_time="150ms").start()
        try:
            self.move_in(alice, bob)
        except BaseException:
            self.service.stop()
            raise

    def move_in(self, alice, bob):
        """Accounts with tokens for both, and all phones running."""
        self.alice = Account(self.service.endpoint, NORTH, *alice)
        self.bob = Account(self.service.endpoint, SOUTH, *bob)
        for name, account in (("alice", self.alice), ("bob", self.bob)):
            account.token = account.login(name, self.passwords[name]).headers["X-Subject-Token"]
            self.run_all(account)

    def login(self, name, scope, password=None, query=""):
        return self.alice.login(name, password or self.passwords[name], scope, query)

    def domain(self):
        return self.alice.domain()

    @staticmethod
    def run_all(account):
        """Fresh phones may be off: starts those."""
        for phone in account.all_phones():
            if account.settled(phone["phone_id"])["status"] == 8:
                job = account.restart(phone["phone_id"])["jobs"][0]
                assert account.ended(job["job_id"])["status"] == 2


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    town = None
    try:
        town = Town(tmp_path_factory.mktemp("town") / "data")
        yield town
    finally:
        if town:
            town.service.stop()


@pytest.fixture(scope="session")
def adb_keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("adb-keys"))


@pytest.fixture(scope="session")
def adb_yard(tmp_path_factory, adb_keys):
    """A service with phones that speak ADB, for tests that leave it running; each takes phones of its own."""
    yield from opened(AdbYard(tmp_path_factory.mktemp("adb") / "yard", adb_keys, phones=32))


def opened(yard):
    try:
        yield yard
    finally:
        yard.service.stop()


class Clients:
    """ADB clients by name and key, started when they are first wanted."""

    def __init__(self, folder):
        self.folder = folder
        self.started = {}

    def get(self, name, key):
        if (name, key) not in self.started:
            home = self.folder / f"{name}-{key.name}"
            self.started[name, key] = adb.client(name, home, key)
        return self.started[name, key]

    def close(self):
        for client in self.started.values():
            client.close()


@pytest.fixture(scope="session")
def adb_clients(tmp_path_factory):
    clients = Clients(tmp_path_factory.mktemp("adb-clients"))
    yield clients
    clients.close()


@pytest.fixture(scope="session")
def apks(tmp_path_factory):
    return Apks(tmp_path_factory.mktemp("apks"))


def connected(request, yard, clients, keys):
    client = clients.get(request.param, keys.mine)
    with client.connect(yard.address(yard.take())) as session:
        yield session


@pytest.fixture(scope="module", params=adb.CLIENTS)
def phone(request, adb_yard, adb_clients, adb_keys):
    """A session of each of the four clients with a phone of its own."""
    yield from connected(request, adb_yard, adb_clients, adb_keys)


@pytest.fixture(scope="module", params=[name for name in adb.CLIENTS if name != "adb-shell"])
def phone_v2(request, adb_yard, adb_clients, adb_keys):
    """The same of the clients of shell v2: exit codes, and standard error apart."""
    yield from connected(request, adb_yard, adb_clients, adb_keys)


@pytest.fixture(scope="module", params=list(adb_stock.BINARIES))
def stock(request, adb_yard, adb_clients, adb_keys):
    """The same of the two stock binaries."""
    yield from connected(request, adb_yard, adb_clients, adb_keys)


@pytest.fixture(scope="session")
def cli_yard(tmp_path_factory):
    """A service with many phones for the client verbs; each test leaves its phones running."""
    servers = {"crowd": 2500, "rack": 12, "my rack": 3}
    yield from opened(CliYard(tmp_path_factory.mktemp("cli") / "yard", servers, emulated=['boot_deadline = "4s"']))
