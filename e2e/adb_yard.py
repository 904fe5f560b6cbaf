"""A service whose phones speak ADB, and the keys for it."""

import re

import adb_stock
from clients import Account
from yard import Operator, Service, free_port_range, until

MINE = "0503dda878000fed2f78c00909158a4d"
OTHER = "1613eeb989111fed3f89d11a1a269b5e"
PASSWORD = "correct horse battery"
ADDRESS = re.compile(r"127\.0\.0\.1:\d+")


class Keys:
    """Private keys as files: one that is registered, one that is not, and one of another project."""

    def __init__(self, folder):
        self.mine = adb_stock.keygen(folder / "mine")
        self.strange = adb_stock.keygen(folder / "strange")
        self.other = adb_stock.keygen(folder / "other")


class AdbYard(Account):
    """A service with phones in one project, all running, and one phone in another."""

    def __init__(self, folder, keys, phones, boot_time="300ms", authentication=True):
        folder.mkdir(parents=True)
        operator = self.operator = Operator(folder / "data")
        operator.data_dir.mkdir()
        operator.project("mine", MINE)
        operator.project("other", OTHER)
        alice = operator.user("alice", PASSWORD, "mine")
        bob = operator.user("bob", PASSWORD, "other")
        self.images = [operator.image("eleven", 11), operator.image("fourteen", 14)]
        operator.server("rack", "mine", phones, self.images[0])
        operator.server("annex", "other", 1, self.images[0])
        operator.adb_key(f"{keys.mine}.pub", "mine")
        operator.adb_key(f"{keys.other}.pub", "other")
        self.port = free_port_range(phones + 10)
        emulated = [f'adb_ports = "{self.port}-{self.port + phones + 9}"']
        if not authentication:
            emulated.append("adb_authentication = false")
        self.service = Service(operator, boot_time, emulated).start()
        try:
            super().__init__(self.service.endpoint, MINE, *alice)
            self.other = Account(self.service.endpoint, OTHER, *bob)
            for name, account in (("alice", self), ("bob", self.other)):
                account.token = account.login(name, PASSWORD).headers["X-Subject-Token"]
                bring_up(account)
            self.pool = [phone["phone_id"] for phone in self.all_phones()]
            self.neighbour = self.other.all_phones()[0]["phone_id"]
        except BaseException:
            self.service.stop()
            raise

    def take(self):
        """A phone that no other test has."""
        assert self.pool, "the service has too few phones for its tests"
        return self.pool.pop()

    def address(self, phone_id):
        return address(self.phone(phone_id))

    def rss_bytes(self):
        return self.service.process.rss_bytes()

    def succeeds(self, answer):
        """Waits for the job of an answer about one phone."""
        entry = answer["jobs"][0]
        assert "job_id" in entry, entry
        assert self.ended(entry["job_id"])["status"] == 2

    def reset(self, phone_id):
        self.succeeds(self.post("/phones/batch-reset", {"phones": [{"phone_id": phone_id}]}).json())

    def stop(self, phone_id):
        self.succeeds(self.post("/phones/batch-stop", {"phone_ids": [phone_id]}).json())


def address(detail):
    """Where adb connects to, from a detail answer."""
    info = next(info for info in detail["access_infos"] if info["type"] == "adb")
    assert info["listen_port"] == 5555
    found = f"{info['server_ip']}:{info['access_port']}"
    assert ADDRESS.fullmatch(found), info
    return found


def bring_up(account):
    """Fresh phones may be off."""

    def statuses():
        return {phone["phone_id"]: phone["status"] for phone in account.all_phones()}

    until(lambda: set(statuses().values()) <= {2, 8}, "fresh phones settle", 120)
    off = [phone_id for phone_id, status in statuses().items() if status == 8]
    if off:
        account.restart(*off)
        until(lambda: set(statuses().values()) == {2}, "all phones run", 120)
