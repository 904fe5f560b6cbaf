"""Bodies that are no JSON, or no JSON of the right shape, for every operation that takes one."""

import json

from bad_input import Case, shown

GOOD_ENTRY = b'{"phones":[{"phone_id":"00000000000000000000000000000000"}]}'

NO_OBJECT = [
    b"{",
    b"}",
    b"{}}",
    b"{} {}",
    b"{}x",
    b"{},",
    b"[]",
    b"[{}]",
    b'"text"',
    b'"',
    b"0",
    b"-",
    b"1e5",
    b"null",
    b"true",
    b"nul",
    b"NaN",
    b"Infinity",
    b"undefined",
    b"{'a':1}",
    b"{a:1}",
    b'{"a"}',
    b'{"a":}',
    b'{"a":1,}',
    b'{,"a":1}',
    b'{"a" 1}',
    b'{"a":1 "b":2}',
    b'{"a":01}',
    b'{"a":+1}',
    b'{"a":.5}',
    b'{"a":1.}',
    b'{"a":1e}',
    b'{"a":0x10}',
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b'{"a":tru}',
    b'{"a":TRUE}',
    b'{"a":"\n"}',
    b'{"a":"\x00"}',
    b'{"a":"\\x41"}',
    b'{"a":"\\u12"}',
    b'{"a":"\\',
    b'{"a":[1,2}',
    b'{"a":[1,]}',
    b'{"a":1}\x00',
    b"\x00",
    b"\xff",
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"a":"\xff"}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xc0\xaf"}',
    b'{"\xff":1}',
    b"// nothing\n{}",
    b"/* nothing */ {}",
    b"phones=1",
    b"<phones/>",
    b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n",
    b"[" * 100_000,
    b"{" * 100_000,
    b'{"a":' * 50_000 + b"1",
]

# Operation, method, path after the project and code for a body that is no object.
OPERATIONS = [
    ("restart", "POST", "/phones/batch-restart", "CPS.0077"),
    ("reset", "POST", "/phones/batch-reset", "CPS.0077"),
    ("update", "POST", "/phones/batch-update-property", "CPS.0077"),
    ("stop", "POST", "/phones/batch-stop", "CPS.0080"),
    ("servers", "POST", "/servers/batch-restart", "CPS.0094"),
]

# Bodies that are read to the end although something in them is odd: the entry is judged, the phone is missing.
ODD_BUT_READ = [
    ("twice", b'{"phones":1,"phones":[{"phone_id":"' + b"0" * 32 + b'"}]}', "CPS.0005"),
    ("twice-in-entry", b'{"phones":[{"phone_id":1,"phone_id":"' + b"0" * 32 + b'"}]}', "CPS.0005"),
    ("escaped-key", b'{"\\u0070hones":[{"phone_id":"' + b"0" * 32 + b'"}]}', "CPS.0005"),
    ("white-space", b' \t\r\n{"phones" : [ {"phone_id":"' + b"0" * 32 + b'"} ] } \n\n', "CPS.0005"),
    ("unknown-fields", b'{"x":[{"y":null}],"phones":[{"phone_id":"' + b"0" * 32 + b'","z":1}]}', "CPS.0005"),
    ("deep-unknown-field", b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"," + GOOD_ENTRY[1:], "CPS.0005"),
    ("huge-unknown-number", b'{"x":' + b"9" * 5_000 + b"," + GOOD_ENTRY[1:], "CPS.0005"),
    ("lone-high-surrogate", b'{"phones":[{"phone_id":"\\ud800"}]}', "CPS.0004"),
    ("lone-low-surrogate", b'{"phones":[{"phone_id":"\\udc00"}]}', "CPS.0004"),
    ("surrogates-reversed", b'{"phones":[{"phone_id":"\\udc00\\ud800"}]}', "CPS.0004"),
    ("escaped-nul", b'{"phones":[{"phone_id":"\\u0000"}]}', "CPS.0004"),
    ("replacement", b'{"phones":[{"phone_id":"\xef\xbf\xbd"}]}', "CPS.0004"),
    ("astral", b'{"phones":[{"phone_id":"\xf0\x9f\x93\xb1"}]}', "CPS.0004"),
]


def cases(world):
    for name, method, path, code in OPERATIONS:
        for body in NO_OBJECT:
            yield Case(f"{name} {shown(body)}", method, world.at(path), 400, code, body=body)
    for body in NO_OBJECT[::3]:
        yield Case(f"rename {shown(body)}", "PUT", world.at(f"/phones/{world.phone}"), 400, "CPS.0025", body=body)
        yield Case(f"log-in {shown(body)}", "POST", "/v3/auth/tokens", 400, body=body, credentials="none", iam=True)
    for name, body, entry in ODD_BUT_READ:
        for path in ("restart", "reset", "update-property"):
            # An update without property is the phone's own error only after the phone was found.
            yield Case(f"{path} {name}", "POST", world.at(f"/phones/batch-{path}"), 200, entry=entry, body=body)
    yield from sizes(world)


def sizes(world):
    limit = 12 * 1024 * 1024
    restart = world.at("/phones/batch-restart")
    fitting = GOOD_ENTRY + b" " * (limit - len(GOOD_ENTRY))
    yield Case("at 12 MiB", "POST", restart, 200, entry="CPS.0005", body=fitting)
    yield Case("a byte over 12 MiB", "POST", restart, 413, "APIGW.0201", body=fitting + b" ")
    many = [{"phone_id": f"{number:032x}"} for number in range(1001)]
    at_limit = json.dumps({"phones": many[:1000]}).encode()
    yield Case("1000 phones", "POST", restart, 200, entry="CPS.0005", body=at_limit)
    beyond = json.dumps({"phones": many}).encode()
    for path in ("restart", "reset", "stop", "update-property"):
        yield Case(f"1001 phones to {path}", "POST", world.at(f"/phones/batch-{path}"), 400, "CPS.0190", body=beyond)
    absurd = b'{"phones":[' + b"{}," * 100_000 + b"{}]}"
    yield Case("100001 entries", "POST", restart, 400, "CPS.0190", body=absurd)
    servers = json.dumps({"server_ids": ["0" * 32] * 101}).encode()
    yield Case("101 servers", "POST", world.at("/servers/batch-restart"), 400, "CPS.0096", body=servers)
    servers = json.dumps({"server_ids": ["0" * 32] * 100}).encode()
    yield Case("100 servers", "POST", world.at("/servers/batch-restart"), 200, entry="CPS.0159", body=servers)
    login = b'{"auth":' + b" " * 16384 + b"1}"
    yield Case("a log-in over 16 KiB", "POST", "/v3/auth/tokens", 400, body=login, credentials="none", iam=True)
