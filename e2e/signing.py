"""SDK-HMAC-SHA256 written once more from contract/README.md, to sign what no SDK would sign."""

import hashlib
import hmac
import json
import time
from urllib.parse import quote, unquote, urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()


def now(skew=0):
    """The time as X-Sdk-Date wants it, `skew` seconds off."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + skew))


def _encode(text):
    return quote(text, safe="~")


def canonical_request(method, target, headers, signed, body, payload_hash=None):
    """The six parts; `signed` names the headers in small letters and in their order."""
    parts = urlsplit("//host" + target) if target.startswith("/") else urlsplit(target)
    path = "/".join(_encode(segment) for segment in unquote(parts.path).split("/"))
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    pairs = sorted((unquote(name.replace("+", " ")), unquote(value.replace("+", " "))) for name, _, value in pairs)
    values = {name.lower(): value.strip() for name, value in headers.items()}
    return "\n".join(
        [
            method.upper(),
            path if path.endswith("/") else path + "/",
            "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs),
            "".join(f"{name}:{values[name]}\n" for name in signed),
            ";".join(signed),
            payload_hash or hashlib.sha256(body).hexdigest(),
        ]
    )


def sign(ak, sk, method, target, headers, body=b"", signed=None, payload_hash=None):
    """Returns `headers` with Authorization; without `signed`, all of them are signed, sorted."""
    if signed is None:
        signed = sorted(name.lower() for name in headers)
    date = next(value for name, value in headers.items() if name.lower() == "x-sdk-date")
    canonical = canonical_request(method, target, headers, signed, body, payload_hash)
    text = "\n".join(["SDK-HMAC-SHA256", date, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(sk.encode(), text.encode(), hashlib.sha256).hexdigest()
    value = f"SDK-HMAC-SHA256 Access={ak}, SignedHeaders={';'.join(signed)}, Signature={signature}"
    return {**headers, "Authorization": value}


def go_style(ak, sk, project_id, method, target, body=None):
    """A request as Terraform's Go library makes it: no host signed, X-Project-Id added after signing, a
    line feed at the end of the body. Returns headers and body."""
    data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode() + b"\n"
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "golangsdk/2.0.0",
        "X-Sdk-Date": now(),
    }
    return {**sign(ak, sk, method, target, headers, data), "X-Project-Id": project_id}, data
