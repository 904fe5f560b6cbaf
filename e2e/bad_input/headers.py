"""Headers with values no client should send."""

from bad_input import Case, shown


def cases(world):
    restart = world.at("/phones/batch-restart")
    body = b'{"phones":[{"phone_id":"00000000000000000000000000000000"}]}'
    for text in ("", "a" * 65, "a" * 5000, "\xe9", "a\tb", "\xff\xfe"):
        headers = {"X-Client-Token": text}
        yield Case(f"client token {shown(text)}", "POST", restart, 400, "APIGW.0201", headers=headers, body=body)
    headers = {"X-Client-Token": "a" * 64}
    yield Case("client token of 64 bytes", "POST", restart, 200, entry="CPS.0005", headers=headers, body=body)
    # Whatever stands in these changes nothing: the body is read as JSON, and the phone is missing.
    for name, values in {
        "Content-Type": ("", "text/plain", "application/xml", "application/json; charset=utf-16", ";", "\xff", "a" * 5000),
        "Content-Encoding": ("gzip", "br", "x"),
        "Accept": ("", "text/html", "*", "\xff"),
        "Accept-Encoding": ("", "x", "gzip;q=x"),
        "X-Language": ("", "xx", "\xff", "a" * 5000),
        "X-Project-Id": ("", world.other_project, "\xff", "a" * 5000),
        "X-Sdk-Date": ("", "x", "\xff"),
        "X-Security-Token": ("", "x", "\xff"),
        "Cookie": ("", "a=b; c", "\xff", "a" * 5000),
        "Range": ("bytes=0-0", "bytes=9-1", "x"),
        "If-Match": ("*", "x"),
        "If-Modified-Since": ("x", "Thu, 01 Jan 1970 00:00:00 GMT"),
        "Upgrade": ("h2c", "websocket", "x"),
        "Forwarded": ("for=_x", "\xff"),
        "X-Forwarded-For": ("127.0.0.1", "x" * 5000),
        "X-Http-Method-Override": ("DELETE", "GET"),
        "X-Request-Id": ("mine", "\xff"),
        "Referer": ("\xff", "x" * 5000),
        "User-Agent": ("", "\xff", "() { :; }; echo", "x" * 5000),
        "Date": ("x",),
        "Te": ("trailers", "x"),
    }.items():
        for value in values:
            headers = {name: value}
            yield Case(f"{name}: {shown(value)}", "POST", restart, 200, entry="CPS.0005", headers=headers, body=body)
    many = {f"X-A{number}": "a" for number in range(80)}
    yield Case("80 headers", "POST", restart, 200, entry="CPS.0005", headers=many, body=body)
