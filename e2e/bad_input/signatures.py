"""Signatures with every part of them broken, each beside a request that would be good with the right one."""

import hashlib

import signing
from bad_input import Case, shown

DATES = ["", "x", "0" * 16, "20260101", "20260101T000000", "20260101T000000z", "20260101t000000Z", "2026-01-01T00:00:00Z"]
DATES += ["20261301T000000Z", "20260132T000000Z", "20260101T240000Z", "20260101T006000Z", "20260101T000061Z", "9" * 16]
DATES += ["20260101 000000Z", " ", "-0260101T000000Z", "+0260101T000000Z", "0x260101T000000Z", "99991231T235959Z"]
DATES += ["00000101T000000Z", "1767225600", "Thu, 01 Jan 2026 00:00:00 GMT", "20260101T000000Z,20260101T000000Z"]
SCHEMES = ["SDK-HMAC-SM3", "SDK-HMAC-SHA512", "SDK-HMAC-SHA1", "V11-HMAC-SHA256", "SDK-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256"]
SCHEMES += ["Bearer", "Basic", "sdk-hmac-sha256", "SDK-HMAC-SHA256,", "SDK-HMAC-SHA256\t", "", "SDK-HMAC-SHA256SDK-HMAC-SHA256"]


def cases(world):
    target = world.at("/phones/batch-restart")
    body = b'{"phones":[{"phone_id":"' + world.phone.encode() + b'"}]}'

    def signed(ak=world.ak, sk=world.sk, at=target, more=None, data=body, method="POST", **how):
        """Headers of a request signed as told."""
        headers = {"Host": world.host, "X-Sdk-Date": signing.now(), **(more or {})}
        return signing.sign(ak, sk, method, at, headers, data, **how)

    def refused(name, headers, data=body, at=target, method="POST"):
        headers = {name: value for name, value in headers.items() if name != "Host"}
        return Case(name, method, at, 401, "APIGW.0301", body=data, headers=headers, credentials="none")

    for date in DATES:
        yield refused(f"date {shown(date)}", signed(more={"X-Sdk-Date": date}))
    for skew in (-901, 901, -3600, 3600, -86400, 86400, -10**9):
        yield refused(f"clock {skew}", signed(more={"X-Sdk-Date": signing.now(skew + (-5 if skew < 0 else 5))}))
    for ak in ("", "x", world.ak[:-1], world.ak + "0", world.ak.lower() if world.ak != world.ak.lower() else "a", "*", "a" * 9999):
        yield refused(f"AK {shown(ak)}", signed(ak=ak))
    for sk in ("", "x", world.sk[:-1], world.sk + "0", world.sk.upper(), " " + world.sk):
        yield refused(f"SK {len(sk)} {sk[:1]!r}", signed(sk=sk))
    good = signed()["Authorization"]
    rest = good.removeprefix("SDK-HMAC-SHA256")
    for scheme in SCHEMES:
        yield refused(f"scheme {scheme!r}", {**signed(), "Authorization": scheme + rest})
    yield from parts(signed, refused, good)
    yield from altered(world, signed, refused, target, body)


def parts(signed, refused, good):
    """The header taken apart and put together wrongly."""
    scheme, fields = good.split(" ", 1)
    access, headers, signature = fields.split(", ")
    digits = signature.split("=")[1]
    texts = [scheme, f"{scheme} ", f"{scheme} ,", f"{scheme} ,,,", f"{scheme} =", f"{scheme} a=b", f"{scheme} x", " ", "x"]
    texts += [f"{scheme} {access}", f"{scheme} {headers}", f"{scheme} {signature}", f"{scheme} {access}, {headers}"]
    texts += [f"{scheme} {access}, {signature}", f"{scheme} {headers}, {signature}", f"{scheme} {access} {headers} {signature}"]
    texts += [f"{scheme} {access}; {headers}; {signature}", f"{scheme} {access}, {headers}, Signature", fields]
    texts += [f"{scheme} {access}, {headers}, Signature=", f"{scheme} {access}, {headers}, Signature={digits[:-1]}"]
    texts += [f"{scheme} {access}, {headers}, Signature={digits}0", f"{scheme} {access}, {headers}, Signature={digits.upper()}x"]
    texts += [f"{scheme} {access}, {headers}, Signature={'0' * 64}", f"{scheme} {access}, {headers}, Signature={digits[::-1]}"]
    texts += [f"{scheme} {access}, {headers}, signature={digits}", f'{scheme} {access}, {headers}, Signature="{digits}"']
    texts += [f"{scheme} Credential={access[7:]}, {headers}, {signature}", f"{scheme} {access}, SignedHeaders=, {signature}"]
    for names in ("x-sdk-date", "host", "host;x-sdk-date;", ";host;x-sdk-date", "host,x-sdk-date", "x-sdk-date;host", "*", "host;nothing"):
        texts.append(f"{scheme} {access}, SignedHeaders={names}, {signature}")
    texts.append(f"{scheme} {access}, SignedHeaders={'host;' * 2000}x-sdk-date, {signature}")
    for text in texts:
        yield refused(f"header {shown(text.replace(digits, 'D').replace(access, 'A'))} {len(text)}", {**signed(), "Authorization": text})
    yield refused("no date", {"Authorization": good})
    yield refused("date unsigned", signed(signed=["host"]))
    yield refused("nothing signed but a stranger", {**signed(signed=["host", "x-sdk-date"], more={"X-A": "1"}), "X-Sdk-Date": signing.now(-60)})


def altered(world, signed, refused, target, body):
    """A good signature on a request that is another."""
    yield refused("another body", signed(), body + b" ")
    yield refused("no body", signed(), b"")
    yield refused("another path", signed(), at=world.at("/phones/batch-reset"))
    yield refused("a query", signed(), at=target + "?a=1")
    yield refused("another method", signed(at=world.at("/phones"), method="POST"), at=world.at("/phones"), method="GET")
    for name, value in {"Content-Type": "text/plain", "X-Project-Id": world.other_project, "User-Agent": "x"}.items():
        yield refused(f"another {name}", {**signed(more={name: "a"}), name: value})
        headers = {key: text for key, text in signed(more={name: "a"}).items() if key != name}
        yield refused(f"without {name}", headers)
    listing = world.at("/phones")
    for sent, signed_for in (("a=1&b=2", "a=1"), ("a=1", ""), ("a=1&a=2", "a=2&a=3"), ("a", "b"), ("a=A", "a=a")):
        headers = signed(at=f"{listing}?{signed_for}", data=b"", method="GET")
        yield refused(f"query {sent} signed as {signed_for}", headers, b"", f"{listing}?{sent}", "GET")
    for text in ("", "x", "0" * 64, signing.EMPTY, "unsigned-payload", hashlib.sha256(body).hexdigest().upper()):
        headers = signed(more={"X-Sdk-Content-Sha256": text}, payload_hash=text or None)
        yield refused(f"payload hash {shown(text)}", headers)
    headers = signed(more={"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"}, signed=["host", "x-sdk-date"], payload_hash="UNSIGNED-PAYLOAD")
    yield refused("an unsigned UNSIGNED-PAYLOAD", headers)
    # The signature wins: a good token beside a bad one helps nobody.
    yield refused("a good token beside it", {**signed(sk="x"), "X-Auth-Token": world.tokens["token"]})
    for path in ("/phones/%FF", "/phones/a%C3", "/phones?a=%FF"):
        yield refused_early(world, path)


def refused_early(world, path):
    """What cannot be decoded cannot be signed: answered as malformed or as a signature that fails."""
    status, code = (401, "APIGW.0301") if "?" in path else (400, "APIGW.0201")
    headers = signing.sign(world.ak, world.sk, "GET", world.at("/phones"), {"X-Sdk-Date": signing.now()})
    return Case(f"not UTF-8 {path}", "GET", world.at(path), status, code, headers=headers, credentials="none")
