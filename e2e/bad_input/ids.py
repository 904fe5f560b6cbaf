"""Ids that are none: in paths, in queries and in bodies."""

import json

from bad_input import Case, shown

# As they stand in a path: text, and whether it is the form that is wrong.
IN_PATH = ["A" * 32, "a" * 33, "g" * 32, "-", "a-b", "a.b", "a_b", "%00", "%20", "%0A", "a%2Fb", "..%2Fphones", "a%3Fb"]
IN_PATH += ["%E6%89%8B", "%25", "0x1", "a" * 4000, "$", "a;b", "a,b", "*", "{phone_id}", "null", "a%27--", "%2e%2e", ".", ".."]
NOT_UTF8 = ["%FF", "a%C0%AF", "%ED%A0%80"]


def cases(world):
    missing = "0" * 32
    for text in IN_PATH:
        yield Case(f"phone {shown(text)}", "GET", world.at(f"/phones/{text}"), 400, "CPS.0004")
        yield Case(f"rename {shown(text)}", "PUT", world.at(f"/phones/{text}"), 400, "CPS.0004", body=b'{"phone_name":"a"}')
        yield Case(f"job {shown(text)}", "GET", world.at(f"/jobs/{text}"), 404, "CPS.0011")
        if text != "a-b":
            yield Case(f"server {shown(text)}", "GET", world.at(f"/servers/{text}"), 400, "CPS.0016")
        yield Case(f"jobs of {shown(text)}", "GET", world.at(f"/jobs?request_id={text}"), 400, "CPS.0050")
    for text in NOT_UTF8:
        for kind in ("phones", "jobs", "servers"):
            yield Case(f"{kind} {text}", "GET", world.at(f"/{kind}/{text}"), 400, "APIGW.0201")
        yield Case(f"jobs of {text}", "GET", world.at(f"/jobs?request_id={text}"), 400, "APIGW.0201")
        yield Case(f"project {text}", "GET", f"/v1/{text}/cloud-phone/phones", 400, "APIGW.0201")
    for text in (missing, "a", world.server, world.foreign_phone, world.image):
        yield Case(f"no phone {shown(text)}", "GET", world.at(f"/phones/{text}"), 404, "CPS.0005")
        yield Case(f"no phone to name {shown(text)}", "PUT", world.at(f"/phones/{text}"), 404, "CPS.0005", body=b'{"phone_name":"a"}')
        yield Case(f"no job {shown(text)}", "GET", world.at(f"/jobs/{text}"), 404, "CPS.0011")
    for text in (missing, "a", "a-b", world.phone, world.image):
        yield Case(f"no server {shown(text)}", "GET", world.at(f"/servers/{text}"), 404, "CPS.0015")
    yield from at_the_limit(world)
    yield from projects(world)
    yield from in_bodies(world)


def at_the_limit(world):
    """32 bytes, and 36 with dashes for a server; one more is above."""
    dashed = "01234567-89ab-cdef-0123-456789abcdef"
    yield Case("32 bytes", "GET", world.at("/phones/" + "f" * 32), 404, "CPS.0005")
    yield Case("33 bytes", "GET", world.at("/phones/" + "f" * 33), 400, "CPS.0004")
    yield Case("36 bytes with dashes", "GET", world.at(f"/servers/{dashed}"), 404, "CPS.0015")
    yield Case("37 bytes with dashes", "GET", world.at(f"/servers/{dashed}-"), 400, "CPS.0016")


def projects(world):
    for text in ("", "%00", "%20", "a%2Fb", "..%2f", "%E6%89%8B", "a" * 65, "a.b", "*", "a%3B"):
        yield Case(f"project {shown(text)}", "GET", f"/v1/{text}/cloud-phone/phones", 400, "CPS.0046")
        yield Case(f"project {shown(text)} restarts", "POST", f"/v1/{text}/cloud-phone/phones/batch-restart", 400, "CPS.0046")
    for text in (world.other_project, "0" * 32, "a", world.project.upper(), world.project[:-1], "a" * 64, "a-b_c"):
        yield Case(f"not this project: {shown(text)}", "GET", f"/v1/{text}/cloud-phone/phones", 403, "CPS.0001")
        yield Case(f"not this project's jobs: {shown(text)}", "GET", f"/v1/{text}/cloud-phone/jobs", 403, "CPS.0001")


def in_bodies(world):
    """A product: each bad text as the only entry of each batch operation on phones."""
    bad = ["", " ", "g" * 32, "a" * 33, "A" * 32, world.phone.upper() + " ", "päss", "a\n", "\0", "../x", "a" * 5000]
    unknown = ["0" * 32, "a", world.foreign_phone, world.server, world.image]
    for path in ("restart", "reset", "stop", "update-property"):
        target = world.at(f"/phones/batch-{path}")
        for code, texts in (("CPS.0004", bad), ("CPS.0005", unknown)):
            for text in texts:
                body = json.dumps({"phones": [{"phone_id": text, "property": "{}"}]}).encode()
                yield Case(f"{path} {shown(text)}", "POST", target, 200, entry=code, body=body)
