"""Every field of every body with values of every wrong type."""

import json

from bad_input import Case, shown

NUMBER, FRACTION, FLAG, LIST, LISTED, OBJECT, FILLED = 1, -1.5, True, [], ["a"], {}, {"a": 1}
NOT_TEXT = [0, NUMBER, FRACTION, 10**30, FLAG, False, LIST, LISTED, OBJECT, FILLED]
NOT_LIST = ["", "a", 0, NUMBER, FRACTION, FLAG, False, OBJECT, FILLED]
NOT_OBJECT = [None, "", "a", 0, NUMBER, FRACTION, FLAG, LIST, LISTED]
NOT_FLAG = ["yes", "1", 0, 1, 2.5, LIST, OBJECT]


def cases(world):
    for number, (name, method, target, status, code, entry, body) in enumerate(rows(world)):
        text = json.dumps(body).encode()
        yield Case(f"{name} {shown(json.dumps(body))} #{number}", method, target, status, code, entry, text)


def rows(world):
    batch = {name: world.at(f"/phones/batch-{name}") for name in ("restart", "reset", "stop", "update-property")}
    missing = "0" * 32

    def whole(name, code, body, target=None):
        return name, "POST", target or batch[name], 400, code, None, body

    def entry(name, code, body):
        return name, "POST", batch[name], 200, None, code, body

    for name in ("restart", "reset", "update-property"):
        for value in [None, *NOT_LIST, LIST]:
            yield whole(name, "CPS.0077", {"phones": value})
        for value in NOT_OBJECT:
            yield whole(name, "CPS.0077", {"phones": [value]})
            yield whole(name, "CPS.0077", {"phones": [{"phone_id": world.phone}, value]})
        yield whole(name, "CPS.0077", {})
        yield whole(name, "CPS.0077", {"phone": [{"phone_id": world.phone}]})
        for value in [None, *NOT_TEXT]:
            yield entry(name, "CPS.0004", {"phones": [{"phone_id": value}]})
        for value in NOT_TEXT:
            yield entry(name, "CPS.0078", {"phones": [{"phone_id": world.phone, "property": value}]})
            yield entry(name, "CPS.0005", {"phones": [{"phone_id": missing, "property": value}]})
    for name in ("restart", "reset"):
        for value in [*NOT_TEXT, " ", "x", "A" * 32, "a" * 33, "g" * 32, f" {world.image}", f"{world.image} ", "\0"]:
            yield whole(name, "CPS.0030", {"phones": [{"phone_id": world.phone}], "image_id": value})
        for value in [missing, world.foreign_image, "a", world.phone]:
            yield whole(name, "CPS.0166", {"phones": [{"phone_id": world.phone}], "image_id": value})
    for value in NOT_FLAG:
        yield whole("reset", "CPS.0077", {"phones": [{"phone_id": missing, "factory_reset_enabled": value}]})
    for value in ["", "a", 1, True, LIST, LISTED, FILLED, {"a": None}, {"a": {}}, {"": "v"}, {"a": "\0"}, {"\0": "a"}]:
        update = {"phone_id": world.phone, "property": "{}", "custom_property": value}
        yield entry("update-property", "CPS.0078", {"phones": [update]})
    oversized = {"phone_id": world.phone, "property": "{}", "custom_property": {"a": "v" * 7800}}
    yield entry("update-property", "CPS.0078", {"phones": [oversized]})
    yield entry("update-property", "CPS.0078", {"phones": [{"phone_id": world.phone}]})
    yield from stops(world, whole, entry)
    yield from servers(world, whole)
    yield from names(world)


def stops(world, whole, entry):
    for value in NOT_LIST:
        yield whole("stop", "CPS.0080", {"phone_ids": value})
    for value in [None, 0, NUMBER, FRACTION, FLAG, LIST, LISTED, OBJECT, FILLED]:
        yield whole("stop", "CPS.0080", {"phone_ids": [value]})
        yield whole("stop", "CPS.0080", {"phone_ids": [world.phone, value]})
    yield whole("stop", "CPS.0009", {"phone_ids": []})
    for body in ({}, {"phone_ids": None}, {"phones": []}, {"phones": None}, {"ids": ["a"]}):
        yield whole("stop", "CPS.0081", body)
    for value in NOT_LIST:
        yield whole("stop", "CPS.0077", {"phones": value})
    for value in NOT_OBJECT:
        yield whole("stop", "CPS.0077", {"phones": [value]})
    for value in ["", " ", "x", "A" * 32, "a" * 33, f"{world.phone} ", "\0", "päss"]:
        yield entry("stop", "CPS.0004", {"phone_ids": [value]})
    for value in [None, *NOT_TEXT]:
        yield entry("stop", "CPS.0004", {"phones": [{"phone_id": value}]})
    yield entry("stop", "CPS.0005", {"phone_ids": [world.foreign_phone]})


def servers(world, whole):
    target = world.at("/servers/batch-restart")
    for value in NOT_LIST:
        yield whole("servers", "CPS.0094", {"server_ids": value}, target)
    for value in [None, 0, NUMBER, FRACTION, FLAG, LIST, LISTED, OBJECT, FILLED]:
        yield whole("servers", "CPS.0094", {"server_ids": [value]}, target)
        yield whole("servers", "CPS.0094", {"server_ids": [world.server, value]}, target)
    for body in ({}, {"server_ids": None}, {"server_ids": []}, {"servers": [world.server]}):
        yield whole("servers", "CPS.0095", body, target)
    for value in ["", " ", "x", "A" * 32, "a" * 37, f"{world.server} ", "\0", "päss", "--", "a/b"]:
        yield "servers", "POST", target, 200, None, "CPS.0097", {"server_ids": [value]}


def names(world):
    target = world.at(f"/phones/{world.phone}")
    bad = [None, *NOT_TEXT, "", " ", "a b", "a" * 61, "名" * 61, "a.b", "a/b", "a\0", "a\n", "päss", "a'b", "📱", "%41"]
    for value in bad:
        yield "rename", "PUT", target, 400, "CPS.0025", None, {"phone_name": value}
    for body in ({}, {"name": "a"}, {"phone_name": ["a"]}, {"phone_name": {"name": "a"}}):
        yield "rename", "PUT", target, 400, "CPS.0025", None, body
