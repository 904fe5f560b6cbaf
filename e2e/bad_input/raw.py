"""Bytes that are no HTTP/1.1 request, or one of the kind that proxies and servers read differently.

Each case is sent on a connection of its own, which the client then closes for writing. `statuses` are those of all
answers, in order; an empty list means that the connection ends without any. Only answers of operations carry an id:
what is no HTTP is refused by the parser.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Raw:
    """Bytes and the statuses of the answers."""

    name: str
    data: bytes
    statuses: list


def cases(world):
    phones = world.at("/phones?limit=1").encode()
    restart = world.at("/phones/batch-restart").encode()
    token = b"X-Auth-Token: " + world.tokens["token"].encode() + b"\r\n"
    missing = b'{"phones":[{"phone_id":"00000000000000000000000000000000"}]}'
    get = b"GET " + phones + b" HTTP/1.1\r\nHost: a\r\n" + token + b"\r\n"

    def post(headers, body=b"", line=b"POST " + restart + b" HTTP/1.1\r\n"):
        return line + b"Host: a\r\n" + token + headers + b"\r\n" + body

    def length(text):
        return b"Content-Length: " + text + b"\r\n"

    yield Raw("the good one", get, [200])
    yield from lines(phones, token)
    yield from fields(phones, token)
    yield from bodies(post, length, missing)
    yield from pipelines(get, post, length, missing)


def lines(phones, token):
    rest = b"Host: a\r\n" + token + b"\r\n"
    bad = {
        "no version": b"GET " + phones + b"\r\n",
        "HTTP/0.9": b"GET " + phones + b" HTTP/0.9\r\n",
        "HTTP/1.2": b"GET " + phones + b" HTTP/1.2\r\n",
        "HTTP/2.0": b"GET " + phones + b" HTTP/2.0\r\n",
        "HTTP/1": b"GET " + phones + b" HTTP/1\r\n",
        "http/1.1": b"GET " + phones + b" http/1.1\r\n",
        "HTTP/1.1x": b"GET " + phones + b" HTTP/1.1x\r\n",
        "HTTP/11": b"GET " + phones + b" HTTP/11\r\n",
        "two spaces": b"GET  " + phones + b" HTTP/1.1\r\n",
        "a tab": b"GET\t" + phones + b"\tHTTP/1.1\r\n",
        "no method": b" " + phones + b" HTTP/1.1\r\n",
        "no target": b"GET HTTP/1.1\r\n",
        "a space in the target": b"GET /a b HTTP/1.1\r\n",
        "a NUL in the method": b"G\x00T " + phones + b" HTTP/1.1\r\n",
        "a NUL in the target": b"GET /\x00 HTTP/1.1\r\n",
        "a control letter in the target": b"GET /\x01\x7f HTTP/1.1\r\n",
        "a method in braces": b"{GET} " + phones + b" HTTP/1.1\r\n",
        "a method with a colon": b"GET: " + phones + b" HTTP/1.1\r\n",
        "a target without slash": b"GET a/b HTTP/1.1\r\n",
        "a fragment only": b"GET # HTTP/1.1\r\n",
        "an empty authority": b"GET http:// HTTP/1.1\r\n",
        "a fold before any header": b"GET / HTTP/1.1\r\n a\r\n",
    }
    for name, line in bad.items():
        yield Raw(f"request line: {name}", line + rest, [400])
    yield Raw("HTTP/1.0 is read", b"GET " + phones + b" HTTP/1.0\r\n" + token + b"\r\n", [200])
    yield Raw("lines of LF alone are read", b"GET " + phones + b" HTTP/1.1\nHost: a\n" + token[:-2] + b"\n\n", [200])
    yield Raw("empty lines before the request", b"\r\n\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", [300])
    yield Raw("an absolute target", b"GET http://a" + phones + b" HTTP/1.1\r\n" + rest, [200])
    yield Raw("an asterisk", b"OPTIONS * HTTP/1.1\r\n" + rest, [404])
    yield Raw("an absolute target with a port that is none", b"GET http://a:x/ HTTP/1.1\r\n" + rest, [300])
    yield Raw("CONNECT", b"CONNECT a:443 HTTP/1.1\r\n" + rest, [404])
    yield Raw("no Host", b"GET " + phones + b" HTTP/1.1\r\n" + token + b"\r\n", [200])
    for size, status in ((60_000, 404), (70_000, 414), (1_000_000, 431)):
        yield Raw(f"a target of {size} bytes", b"GET /" + b"a" * size + b" HTTP/1.1\r\n" + rest, [status])
    yield Raw("a method of 70000 letters", b"A" * 300_000, [431])
    for name, data in {
        "nothing": b"",
        "an empty line": b"\r\n",
        "a beginning": b"GE",
        "a line": b"GET / HTTP/1.1\r\n",
        "half a header": b"GET / HTTP/1.1\r\nHost: ",
        "headers without an end": b"GET / HTTP/1.1\r\nHost: a\r\n",
    }.items():
        yield Raw(f"ends after {name}", data, [])
    for name, data in {
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
        "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
        "ADB": b"CNXN\x01\x00\x00\x01\x00\x00\x04\x00\x07\x00\x00\x00\x00\x00\x00\x00\xbc\xb1\xa7\xb1host::\x00",
        "NULs": bytes(1000),
        "all bytes": bytes(range(256)) * 4,
        "SMTP": b"EHLO a\r\n",
        "a proxy's greeting": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + b"GET / HTTP/1.1\r\n\r\n",
    }.items():
        yield Raw(f"another protocol: {name}", data, [400])
    yield Raw("another protocol: HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), [])


def fields(phones, token):
    line = b"GET " + phones + b" HTTP/1.1\r\nHost: a\r\n" + token
    bad = {
        "no colon": b"Name\r\n",
        "no name": b": a\r\n",
        "a space in the name": b"A B: a\r\n",
        "a space before the colon": b"Name : a\r\n",
        "a tab before the colon": b"Name\t: a\r\n",
        "a fold": b"Name: a\r\n b\r\n",
        "a fold with a tab": b"Name: a\r\n\tb\r\n",
        "a NUL in the name": b"N\x00: a\r\n",
        "a NUL in the value": b"Name: a\x00b\r\n",
        "a CR in the value": b"Name: a\rb\r\n",
        "a control letter in the value": b"Name: a\x01b\r\n",
        "DEL in the value": b"Name: a\x7fb\r\n",
        "letters beyond ASCII in the name": b"N\xc3\xa4me: a\r\n",
        "a bracket in the name": b"Na(me: a\r\n",
        "an at sign in the name": b"N@me: a\r\n",
        "a quote in the name": b'"Name": a\r\n',
    }
    for name, header in bad.items():
        yield Raw(f"header: {name}", line + header + b"\r\n", [400])
    fine = {
        "an empty value": b"Name:\r\n",
        "a tab in the value": b"Name: a\tb\r\n",
        "letters beyond ASCII in the value": b"Name: \xff\xfe\r\n",
        "many spaces": b"Name:" + b" " * 1000 + b"a" + b" " * 1000 + b"\r\n",
        "two hosts": b"Host: b\r\n",
        "a host of junk": b"Host: \xff/?#\r\n",
        "LF alone": b"Name: a\n",
        "85 headers": b"A: a\r\n" * 85,
    }
    for name, header in fine.items():
        yield Raw(f"header is read: {name}", line + header + b"\r\n", [200])
    yield Raw("98 headers and two", line + b"A: a\r\n" * 98 + b"\r\n", [200])
    yield Raw("99 headers and two", line + b"A: a\r\n" * 99 + b"\r\n", [431])
    yield Raw("a thousand headers", line + b"A: a\r\n" * 1000 + b"\r\n", [431])
    yield Raw("60 KB of headers", line + b"A: " + b"a" * 60_000 + b"\r\n\r\n", [200])
    # Up to twice the limit the whole request is read, and refused as an operation refuses: with its id.
    yield Raw("66 KB of headers", line + b"A: " + b"a" * 66_000 + b"\r\n\r\n", [494])
    yield Raw("300 KB of headers", line + b"A: " + b"a" * 300_000 + b"\r\n\r\n", [431])
    yield Raw("a megabyte without an end", line + b"A: " + b"a" * 1_000_000, [431])


def bodies(post, length, missing):
    size = str(len(missing)).encode()
    for text in (b"-1", b"+1", b"a", b"", b"1a", b"0x10", b"1.0", b"1e2", b"1 1", b"\xff", b"9" * 30, b"18446744073709551616", b"1,2"):
        yield Raw(f"Content-Length: {text!r}", post(length(text), missing), [400])
    yield Raw("two lengths", post(length(size) + length(b"1"), missing), [400])
    yield Raw("two lengths, one short", post(length(b"1") + length(size), missing), [400])
    yield Raw("twice the same length", post(length(size) * 2, missing), [200])
    yield Raw("a length of all there is", post(length(b"18446744073709551614"), missing), [431])
    yield Raw("a length over 12 MiB", post(length(b"12582913"), missing), [413])
    yield Raw("a body that breaks off", post(length(b"1000"), missing), [400])
    yield Raw("no length", post(b"", b""), [400])
    chunked = b"Transfer-Encoding: chunked\r\n"
    good = b"%x\r\n%s\r\n0\r\n\r\n" % (len(missing), missing)
    yield Raw("chunks", post(chunked, good), [200])
    yield Raw("chunks of a byte", post(chunked, b"".join(b"1\r\n%c\r\n" % byte for byte in missing) + b"0\r\n\r\n"), [200])
    yield Raw("chunks with an extension", post(chunked, good.replace(b"\r\n", b";a=b\r\n", 1)), [200])
    yield Raw("chunks with a trailer", post(chunked, good[:-2] + b"A: b\r\n\r\n"), [200])
    yield Raw("no chunks", post(chunked, b"0\r\n\r\n"), [400])
    for name, data in {
        "no number": b"x\r\n{}\r\n0\r\n\r\n",
        "negative": b"-1\r\n{}\r\n0\r\n\r\n",
        "too large a number": b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "no line end after the data": b"2\r\n{}0\r\n\r\n",
        "more data than said": b"1\r\n{}\r\n0\r\n\r\n",
        "LF alone": b"2\n{}\n0\n\n",
        "an empty size": b"\r\n{}\r\n0\r\n\r\n",
        "an endless extension": b"2;" + b"a" * 100_000 + b"\r\n{}\r\n0\r\n\r\n",
    }.items():
        yield Raw(f"chunks: {name}", post(chunked, data), [400])
    for name, data in {"half a size": b"1", "half a chunk": b"5\r\nab", "no last chunk": b"2\r\n{}\r\n"}.items():
        yield Raw(f"chunks break off: {name}", post(chunked, data), [400])
    for name, header in {
        "another coding": b"Transfer-Encoding: gzip\r\n",
        "chunked is not the last": b"Transfer-Encoding: chunked, identity\r\n",
        "a coding of junk": b"Transfer-Encoding: \xff\r\n",
        "an empty coding": b"Transfer-Encoding:\r\n",
        "nearly chunked": b"Transfer-Encoding: xchunked\r\n",
    }.items():
        yield Raw(f"coding: {name}", post(header, good), [400])
    # RFC 9112, 6.3: the coding counts, and what follows on the connection is nobody's request.
    for name, header in {"length, then": length(b"5") + chunked, "length after": chunked + length(b"5")}.items():
        yield Raw(f"coding: {name} chunks", post(header, good + post(length(size), missing)), [200])
    old = b"POST /v3/auth/tokens HTTP/1.0\r\n"
    yield Raw("chunks under HTTP/1.0", post(chunked, good, old), [400])
    expect = b"Expect: 100-continue\r\n"
    yield Raw("Expect: 100-continue", post(length(size) + expect, missing), [100, 200])
    yield Raw("Expect of a body too large", post(length(b"99999999") + expect), [413])
    yield Raw("another expectation", post(length(size) + b"Expect: a-wonder\r\n", missing), [200])


def pipelines(get, post, length, missing):
    size = str(len(missing)).encode()
    good = post(length(size), missing)
    yield Raw("three at once", get * 3, [200, 200, 200])
    yield Raw("fifty at once", get * 50, [200] * 50)
    yield Raw("bodies at once", good * 5, [200] * 5)
    yield Raw("a good one, then junk", get + b"junk\r\n\r\n", [200, 400])
    yield Raw("a good one, then a half one", get + get[:40], [200])
    yield Raw("more body than said", post(length(size), missing + b"junk\r\n\r\n"), [200, 400])
    yield Raw("a request hidden in a body", post(length(str(len(get)).encode()), get), [400])
    yield Raw("a body where none is read", get[:-2] + length(b"2") + b"\r\n{}" + get, [200, 200])
    yield Raw("the client wants no more", get[:-2] + b"Connection: close\r\n\r\n" + get, [200])
    unauthorised = b"POST /v1/a/cloud-phone/phones/batch-restart HTTP/1.1\r\nHost: a\r\n" + length(size) + b"\r\n" + missing
    yield Raw("refused before its body, then a good one", unauthorised + get, [401, 200])
