"""What an operator sees of a running service: health, metrics, status, audit, logs."""

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest

import postgres
from clients import Account
from yard import BINARY, Operator, Service, free_port, until

PROJECT = "0503dda878000fed2f78c00909158a4d"
PASSWORD = "correct horse battery staple"
PHONES = 6


def get(url):
    """Status, content type and text; an error's too."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


class Metrics:
    """The text format, taken apart: name and labels to value."""

    LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")

    def __init__(self, text):
        self.samples, self.types = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.types[name] = kind
            elif not line.startswith("#"):
                name, labels, value = self.LINE.match(line).groups()
                pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")
                self.samples[name, tuple(sorted(pairs))] = float(value)

    def value(self, name, **labels):
        return self.samples.get((name, tuple(sorted(labels.items()))), 0)

    def sum(self, name, **labels):
        """Of every sample that has these labels, whatever others it has."""
        wanted = set(labels.items())
        return sum(v for (n, pairs), v in self.samples.items() if n == name and wanted <= set(pairs))


class Watched:
    """A service with an operator's listener, one project and six phones, and all that is secret in it."""

    def __init__(self, data_dir, database_url=None, environment=None):
        data_dir.mkdir(parents=True)
        self.operator = operator = Operator(data_dir, database_url)
        operator.project("cn-north-4", PROJECT)
        self.ak, self.sk = operator.user("alice", PASSWORD, "cn-north-4")
        self.image = operator.image("plain", 11)
        self.newer = operator.image("newer", 14)
        self.server = operator.server("north", "cn-north-4", PHONES, self.image)
        self.service = Service(operator, boot_time="150ms")
        self.view = f"http://127.0.0.1:{free_port()}"
        config = self.service.config
        config.write_text(f'operator_listen = "{self.view[7:]}"\n' + config.read_text())
        self.service.start(environment)
        self.account = Account(self.service.endpoint, PROJECT, self.ak, self.sk)
        self.account.token = self.account.login("alice", PASSWORD).headers["X-Subject-Token"]
        self.phones = [phone["phone_id"] for phone in self.account.all_phones()]

    def metrics(self):
        status, kind, text = get(self.view + "/metrics")
        assert status == 200 and kind.startswith("text/plain; version=0.0.4")
        return Metrics(text)

    def ready(self):
        status, kind, text = get(self.view + "/readyz")
        assert kind == "application/json"
        return status, json.loads(text)

    def restart(self, phone_ids, **body):
        """Restarts phones and waits until all jobs have ended; the request's id and its jobs."""
        entries = [{"phone_id": phone_id} for phone_id in phone_ids]
        answer = self.account.post("/phones/batch-restart", {"phones": entries, **body}).json()
        jobs = [entry["job_id"] for entry in answer["jobs"] if "job_id" in entry]
        return answer["request_id"], [self.account.ended(job_id) for job_id in jobs]


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    watched = Watched(tmp_path_factory.mktemp("watched") / "data")
    yield watched
    watched.service.stop()


def test_the_listener_answers_three_paths_and_nothing_else(watched):
    assert get(watched.view + "/healthz")[0] == 200
    assert watched.ready() == (200, {"status": "ready"})
    for path in ("/", "/metrics/", "/v3/auth/tokens", "/debug"):
        assert get(watched.view + path)[0] == 404, path
    with pytest.raises(urllib.error.HTTPError, match="405"):
        urllib.request.urlopen(watched.view + "/metrics", data=b"x", timeout=10)
    # And the API knows nothing of them.
    assert get(watched.service.endpoint + "/metrics")[0] == 404


def test_a_restart_shows_in_the_metrics_with_known_numbers(watched):
    before = watched.metrics()
    # Three good, one unknown, and one that dies.
    good, broken = watched.phones[:3], watched.phones[3]
    watched.operator.fault(broken, "dies-while-booting")
    _, jobs = watched.restart([*good, broken, "0" * 32], image_id=watched.newer)
    assert [job["status"] for job in jobs] == [2, 2, 2, -1]
    after = watched.metrics()

    def grew(name, **labels):
        return after.sum(name, **labels) - before.sum(name, **labels)

    assert grew("phoneyard_requests_total", operation="RestartCloudPhone", code="ok") == 1
    assert grew("phoneyard_request_duration_seconds_count", operation="RestartCloudPhone") == 1
    assert grew("phoneyard_entries_refused_total", operation="RestartCloudPhone", code="CPS.0005") == 1
    assert grew("phoneyard_jobs_accepted_total", kind="phone_restart") == 4
    assert grew("phoneyard_jobs_ended_total", kind="phone_restart", outcome="succeeded") == 3
    assert grew("phoneyard_jobs_ended_total", kind="phone_restart", outcome="CPS.0003") == 1
    assert grew("phoneyard_job_work_seconds_count", kind="phone_restart") == 4
    assert grew("phoneyard_boot_failures_total", reason="died", stage="boot") == 1
    ours = {"image": watched.newer, "server": watched.server}
    for name in ("phoneyard_boot_seconds", "phoneyard_downtime_seconds"):
        assert grew(name + "_count", **ours) == 3
        assert 0.3 <= grew(name + "_sum", **ours) < 60
    assert grew("phoneyard_downtime_seconds_sum", **ours) >= grew("phoneyard_boot_seconds_sum", **ours)
    assert grew("phoneyard_commit_jobs_sum", step="accept") == 4
    assert grew("phoneyard_commit_jobs_sum", step="end") == 4
    assert grew("phoneyard_statement_seconds_count", statement="accept::JOBS_INSERT") >= 1
    assert grew("phoneyard_pool_wait_seconds_count", pool="writers") >= 3
    assert after.value("phoneyard_jobs_running") == 0 and after.value("phoneyard_jobs_queued") == 0
    assert after.value("phoneyard_oldest_job_age_seconds") == 0
    assert after.value("phoneyard_limit_max", limit="running_jobs") == 4000
    assert after.value("phoneyard_limit_max", limit="connections") == 10000
    assert after.value("process_resident_memory_bytes") > 1 << 20
    assert after.value("process_open_fds") > 5
    assert after.sum("phoneyard_build_info") == 1
    assert {"counter", "gauge", "histogram"} == set(after.types.values())


def test_a_refused_request_is_counted_by_its_code(watched):
    before = watched.metrics()
    assert watched.account.post("/phones/batch-restart", {"phones": []}).status_code == 400
    after = watched.metrics()
    refused = {pairs: v for (name, pairs), v in after.samples.items() if name == "phoneyard_requests_total"}
    grown = {p: v - before.samples.get(("phoneyard_requests_total", p), 0) for p, v in refused.items()}
    [(pairs, count)] = [(dict(p), v) for p, v in grown.items() if v]
    assert count == 1 and pairs["operation"] == "RestartCloudPhone" and pairs["code"] != "ok"


def test_no_metric_names_a_tenant_or_a_phone(watched):
    text = get(watched.view + "/metrics")[2]
    for hidden in (PROJECT, "alice", PASSWORD, watched.ak, watched.sk, watched.account.token, *watched.phones):
        assert hidden not in text
