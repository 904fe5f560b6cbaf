"""What an operator sees of a running service: health, metrics, status, audit, logs."""

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

import postgres
import signing
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

    def signed_restart(self, phone_ids):
        """The same with a signature in place of the token; the request's id and what was sent as Authorization."""
        target = f"{self.account.base}/phones/batch-restart"
        body = {"phones": [{"phone_id": phone_id} for phone_id in phone_ids]}
        headers, data = signing.go_style(self.ak, self.sk, PROJECT, "POST", target, body)
        answer = self.account.request("POST", "/" + target, token=False, headers=headers, data=data).json()
        assert all(self.account.ended(entry["job_id"])["status"] == 2 for entry in answer["jobs"])
        return answer["request_id"], headers["Authorization"]


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


def test_status_shows_the_service_on_one_screen(watched):
    _, jobs = watched.restart([watched.phones[0]])
    assert jobs[0]["status"] == 2
    status = watched.operator.json("status")
    said = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    version, commit = re.fullmatch(r"phoneyard (\d+\.\d+\.\d+) \(([0-9a-f]{12}|unknown)\)\n", said).groups()
    assert watched.metrics().value("phoneyard_build_info", version=version, commit=commit) == 1
    assert (status["version"], status["commit"]) == (version, commit)
    assert status["uptime_s"] >= 0 and status["not_ready"] == []
    assert status["database"]["kind"] == "SQLite" and 0 < status["database"]["answer_ms"] < 2000
    [server] = status["servers"]
    assert server["server_id"] == watched.server and server["name"] == "north"
    assert sum(server["phones"].values()) == PHONES
    jobs = status["jobs"]
    assert (jobs["queued"], jobs["running"], jobs["oldest_age_ms"]) == (0, 0, 0)
    assert jobs["since_start"]["succeeded"] >= jobs["last_minute"]["succeeded"] >= 1
    assert 100 < status["boots"]["p50_ms"] <= status["boots"]["p95_ms"] < 60000
    assert status["limits"]["running_jobs"] == {"used": 0, "max": 4000}
    text = watched.operator.run("status")
    for line in (f"phoneyard  {version} ({commit}), up ", "ready      yes", "server     north, status 5", "jobs       0 queued"):
        assert line in text


def test_a_watched_status_is_shown_again_and_again_until_it_is_ended(watched, tmp_path):
    with (tmp_path / "screens").open("wb") as output:
        command = [str(BINARY), "status", "--watch", "--json", *watched.operator.store]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output)
    try:
        until(lambda: (tmp_path / "screens").read_text().count("\n") >= 2, "two screens", 30)
        child.send_signal(signal.SIGINT)
        assert child.wait(10) == 0
    finally:
        child.kill()
    uptimes = [json.loads(line)["uptime_s"] for line in (tmp_path / "screens").read_text().splitlines()]
    assert uptimes[0] < uptimes[1]


def test_status_without_a_service_says_so_and_fails(tmp_path):
    done = subprocess.run(
        [BINARY, "status", "--data-dir", tmp_path], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and "no service runs on" in done.stderr and done.stdout == ""


def audit(watched, *more):
    return watched.operator.json("audit", *more)["audit"]


def test_the_audit_log_tells_who_restarted_what_and_how_it_ended(watched):
    good, broken = watched.phones[1], watched.phones[4]
    watched.operator.fault(broken, "dies-while-booting")
    request_id, jobs = watched.restart([good, broken, "0" * 32], image_id=watched.newer)
    assert [job["status"] for job in jobs] == [2, -1]
    [row] = audit(watched, "--request", request_id)
    assert row["operation"] == "RestartCloudPhone" and row["user"] == "alice"
    assert row["project_id"] == PROJECT and row["request_id"] == request_id
    assert [row[name] for name in ("accepted", "refused", "succeeded", "failed")] == [2, 1, 1, 1]
    assert row["after"] == {"image_id": watched.newer} and row["before"] == {} and row["target"] is None
    assert row["access_key"] is None

    # Who signs is known by the access key too.
    request_id, _ = watched.signed_restart([good])
    [row] = audit(watched, "--request", request_id)
    assert (row["user"], row["access_key"], row["target"]) == ("alice", watched.ak, good)
    assert [row[name] for name in ("accepted", "refused", "succeeded", "failed")] == [1, 0, 1, 0]


def test_the_audit_log_keeps_what_was_before_and_after(watched):
    phone_id = watched.phones[2]
    name = watched.account.phone(phone_id)["phone_name"]
    answer = watched.account.request("PUT", f"/phones/{phone_id}", json={"phone_name": "renamed"})
    assert answer.status_code == 200
    [row] = audit(watched, "--request", answer.json()["request_id"])
    assert (row["operation"], row["target"]) == ("UpdatePhoneName", phone_id)
    assert row["before"] == {"phone_name": name} and row["after"] == {"phone_name": "renamed"}

    entry = {"phone_id": phone_id, "property": '{"com.cph.mainkeys":"1"}'}
    answer = watched.account.post("/phones/batch-update-property", {"phones": [entry]})
    request_id = answer.json()["request_id"]
    [row] = audit(watched, "--request", request_id)
    assert row["before"] == {"property": {}} and row["after"] == {"property": {"com.cph.mainkeys": "1"}}


def test_the_audit_log_keeps_what_operators_do_without_their_secrets(watched):
    rows = audit(watched, "--since", "1h", "--limit", "1000")
    assert rows == sorted(rows, key=lambda row: row["time"], reverse=True)
    verbs = {row["operation"]: row for row in rows if row["user"] == "operator"}
    assert {"project create", "user create", "access-key create", "image create", "server create"} <= set(verbs)
    assert verbs["access-key create"]["target"] == watched.ak
    assert verbs["server create"]["after"] == {"name": "north", "phones": PHONES}
    of_project = audit(watched, "--project", "cn-north-4", "--limit", "1000")
    assert {row["project_id"] for row in of_project} == {PROJECT}
    for hidden in (PASSWORD, watched.sk, watched.account.token):
        assert hidden not in json.dumps(rows)
    assert "alice UpdatePhoneName" in watched.operator.run("audit")


def test_readiness_goes_with_postgres_and_comes_back(tmp_path):
    server = postgres.start()
    try:
        watched = Watched(tmp_path / "data", server.database())
        try:
            assert watched.ready() == (200, {"status": "ready"})
            assert watched.operator.json("status")["database"]["kind"] == "PostgreSQL"
            server.pause()
            status, said = until(lambda: (r := watched.ready())[0] == 503 and r, "not ready", 30)
            assert said["status"] == "not ready" and said["reasons"][0].startswith("database: ")
            # It still lives and still counts.
            assert get(watched.view + "/healthz")[0] == 200
            assert watched.metrics().sum("phoneyard_build_info") == 1
            server.resume()
            until(lambda: watched.ready()[0] == 200, "ready again", 60)
            _, jobs = watched.restart(watched.phones)
            assert {job["status"] for job in jobs} == {2}
            assert len(audit(watched, "--since", "1h")) > 5
        finally:
            watched.service.stop()
    finally:
        server.stop()


def test_a_service_that_stops_is_not_ready(tmp_path):
    watched = Watched(tmp_path / "data")
    try:
        watched.operator.fault(watched.phones[0], "never-boots")
        entries = {"phones": [{"phone_id": watched.phones[0]}]}
        watched.account.post("/phones/batch-restart", entries)
        until(lambda: watched.metrics().value("phoneyard_jobs_running") == 1, "the job runs")
        watched.service.process.child.terminate()
        status, said = until(lambda: (r := watched.ready())[0] == 503 and r, "not ready", 10)
        assert "service: is stopping" in said["reasons"]
        # A second signal would break it off.
        assert watched.service.process.child.wait(30) == 0
    finally:
        watched.service.stop()


def test_the_log_names_every_request_and_job_and_no_secret(tmp_path):
    environment = {"PHONEYARD_LOG": "trace", "PHONEYARD_LOG_FORMAT": "json"}
    watched = Watched(tmp_path / "data", environment=environment)
    authorizations = []
    try:
        watched.operator.fault(watched.phones[1], "dies-while-booting")
        request_id, jobs = watched.restart(watched.phones[:2])
        assert [job["status"] for job in jobs] == [2, -1]
        watched.account.login("alice", "a wrong password")
        headers = {"Authorization": f"SDK-HMAC-SHA256 Access={watched.ak}, SignedHeaders=host, Signature=c0ffee"}
        authorizations.append("c0ffee")
        _, authorization = watched.signed_restart([watched.phones[2]])
        authorizations.append(authorization.rsplit("=", 1)[1])
        watched.account.request("GET", "/phones", token=False, headers=headers, check=False)
        watched.operator.user("bob", "bobs own password", "cn-north-4")
    finally:
        assert watched.service.stop() == 0
    text = watched.service.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line.get("message") == "request"]
    [ours] = [line for line in requests if line["request_id"] == request_id]
    assert ours["level"] == "INFO" and ours["operation"] == "RestartCloudPhone" and ours["code"] == "ok"
    assert ours["project_id"] == PROJECT and ours["user"] == "alice" and ours["duration_ms"] > 0
    reads = [line for line in requests if line["operation"] == "ListCloudPhones"]
    assert reads and all(line["level"] == "DEBUG" for line in reads)
    ended = {line["job_id"]: line for line in lines if line.get("message") == "job ended"}
    for job, level in zip(jobs, ("DEBUG", "WARN")):
        line = ended[job["job_id"]]
        assert line["level"] == level and line["request_id"] == request_id and line["epoch"] > 0
        assert line["phone_id"] == job["phone_id"]
    secrets = [watched.sk, watched.account.token, PASSWORD, "a wrong password", "bobs own password", *authorizations]
    for secret in secrets:
        assert secret not in text, f"a secret is in the log: {secret[:4]}..."


def test_a_wrong_log_format_is_named(tmp_path):
    done = subprocess.run(
        [BINARY, "status", "--data-dir", tmp_path],
        capture_output=True, text=True, timeout=60, env={"PHONEYARD_LOG_FORMAT": "xml"},
    )
    assert done.returncode == 1 and "must be text or json" in done.stderr
