"""Tokens that are none, are another's or are of another scope."""

from bad_input import Case, shown

JUNK = ["x", "-", "null", "undefined", "Bearer x", "0" * 64, "a" * 10_000, "%00", "' or 1=1 --", "..", "{}", "x;y", "x,y"]
OPEN = ["/phones", "/servers", "/phone-images", "/phone-models", "/server-models", "/jobs?request_id=a", "/jobs/a"]


def cases(world):
    whole = world.tokens["token"]
    junk = [*JUNK, whole[:-1], whole + "0", whole.upper(), whole[::-1], f"Bearer {whole}", f"{whole}, {whole}", f'"{whole}"']
    for text in junk:
        for path in ("/phones", "/phones/batch-restart"):
            method = "POST" if "batch" in path else "GET"
            headers = {"X-Auth-Token": text}
            yield Case(f"{path} {shown(text)}", method, world.at(path), 401, "APIGW.0301", headers=headers, credentials="none")
        headers = {"X-Auth-Token": text}
        yield Case(f"iam {shown(text)}", "GET", "/v3/projects", 401, headers=headers, credentials="none", iam=True)
        headers = {"X-Subject-Token": text}
        yield Case(f"subject {shown(text)}", "GET", "/v3/auth/tokens", 401, headers=headers, iam=True)
    for raw in (b"\xff", b"\xc3\xa9", b"a\xffb"):
        headers = {"X-Auth-Token": raw.decode("latin-1")}
        yield Case(f"bytes {raw!r}", "GET", world.at("/phones"), 401, "APIGW.0301", headers=headers, credentials="none")
    for path in OPEN:
        yield Case(f"nothing shown {path}", "GET", world.at(path), 401, "APIGW.0301", credentials="none")
        yield Case(f"another's {path}", "GET", world.at(path), 403, "CPS.0001", credentials="other")
        for scope in ("domain", "unscoped"):
            yield Case(f"{scope} {path}", "GET", world.at(path), 403, "CPS.0001", credentials=scope)
    for path in ("restart", "reset", "stop", "update-property"):
        target = world.at(f"/phones/batch-{path}")
        body = b'{"phones":[{"phone_id":"' + world.phone.encode() + b'","property":"{}"}]}'
        yield Case(f"nothing shown {path}", "POST", target, 401, "APIGW.0301", body=body, credentials="none")
        for who in ("other", "domain", "unscoped"):
            yield Case(f"{who} {path}", "POST", target, 403, "CPS.0001", body=body, credentials=who)
        # Who may not is told so before what is wrong with the body.
        yield Case(f"other {path} junk", "POST", target, 403, "CPS.0001", body=b"junk", credentials="other")
        yield Case(f"nothing shown {path} junk", "POST", target, 401, "APIGW.0301", body=b"junk", credentials="none")
    for path in ("/v3/projects", "/v3/auth/domains", "/v3/auth/catalog", "/v3/auth/tokens"):
        yield Case(f"nothing shown {path}", "GET", path, 401, credentials="none", iam=True)
    yield Case("no subject", "GET", "/v3/auth/tokens", 400, iam=True)
    yield Case("an empty subject", "GET", "/v3/auth/tokens", 400, headers={"X-Subject-Token": " "}, iam=True)
    headers = {"X-Subject-Token": world.tokens["other"]}
    yield Case("another's subject", "GET", "/v3/auth/tokens", 403, headers=headers, iam=True)
    for text in ("", " ", "\t"):
        headers = {"X-Auth-Token": text}
        yield Case(f"empty {text!r}", "GET", world.at("/phones"), 401, "APIGW.0301", headers=headers, credentials="none")
    yield from projects()


def projects():
    yield Case("per_page=5000", "GET", "/v3/projects?per_page=5000", 200, iam=True)
    for query in ("page=0", "page=-1", "page=x", "per_page=0", "per_page=5001", "per_page=x", "page=9223372036854775807"):
        yield Case(query, "GET", f"/v3/projects?{query}", 400, iam=True)
    for query in ("enabled=x", "enabled=1", "name=%00", "name=a%0A", "domain_id=%00", "page=%2B1", "per_page=1.0"):
        yield Case(query, "GET", f"/v3/projects?{query}", 400, iam=True)
    for query in ("name=%FF", "%FF"):
        yield Case(query, "GET", f"/v3/projects?{query}", 400, iam=True)
