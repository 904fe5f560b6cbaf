"""TLS by certificate files: the service speaks it, and nothing else on that port."""

import subprocess

import pytest
import requests

from yard import BINARY, Process, free_port, until


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    address = f"127.0.0.1:{free_port()}"
    process = Process(
        ["serve", "--data-dir", folder / "data", "--listen", address,
         "--tls-certificate", certificate, "--tls-key", key], folder / "log")
    def answers():
        try:
            return requests.get(f"https://{address}/", verify=str(certificate), timeout=5)
        except requests.ConnectionError:
            return None
    until(answers, "the service listens", 60)
    yield address, str(certificate)
    process.stop()


def test_links_name_the_secure_address(secure):
    address, certificate = secure
    body = requests.get(f"https://{address}/", verify=certificate, timeout=5).json()
    assert body["versions"]["values"][0]["links"][0]["href"] == f"https://{address}/v3/"


def test_plain_http_gets_nothing_there(secure):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{secure[0]}/", timeout=5)


def test_a_key_that_is_none_is_named(tmp_path):
    bad = tmp_path / "bad.pem"
    bad.write_text("no key")
    done = subprocess.run(
        [BINARY, "serve", "--data-dir", tmp_path / "data", "--tls-certificate", bad, "--tls-key", bad],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode != 0 and "bad.pem" in done.stderr
