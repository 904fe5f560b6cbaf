"""Every query parameter of every list with values it does not take."""

from bad_input import Case, shown

NO_NUMBER = ["a", "1a", "%2B1", "1.0", "1e2", "0x10", "%201", "1%20", "1%0A", "%00", "--1", "9" * 30, "%EF%BC%91", "true", "[1]"]

# List, largest limit.
OFFSETS = [("/phones", 200), ("/servers", 100), ("/jobs?request_id=a", 100)]
# Integers and texts: list, parameter, code.
INTEGERS = [
    ("/phones", "status", "CPS.0010"),
    ("/phones", "type", "CPS.0116"),
    ("/servers", "status", "CPS.0010"),
    ("/servers", "create_since", "CPS.0174"),
    ("/servers", "create_until", "CPS.0174"),
]
TEXTS = [
    ("/phones", "phone_name", "CPS.0025"),
    ("/phones", "server_id", "CPS.0016"),
    ("/servers", "server_name", "CPS.0087"),
    ("/servers", "server_id", "CPS.0016"),
    ("/servers", "phone_model_name", "CPS.0028"),
    ("/phone-images", "marker", "CPS.0002"),
]


def cases(world):
    def case(name, path, query, status, code):
        joined = f"{path}{'&' if '?' in path else '?'}{query}"
        return Case(f"{name} {shown(joined)}", "GET", world.at(joined), status, code)

    for path, limit in OFFSETS:
        for value in [*NO_NUMBER, "-1", "-9223372036854775808", "9223372036854775808"]:
            yield case("offset", path, f"offset={value}", 400, "CPS.0002")
        for value in [*NO_NUMBER, "0", "-1", str(limit + 1), "9223372036854775807"]:
            yield case("limit", path, f"limit={value}", 400, "CPS.0002")
        yield case("the last counts", path, "limit=1&limit=x", 400, "CPS.0002")
    for value in [*NO_NUMBER, "0", "-1", "501"]:
        yield case("limit", "/phone-images", f"limit={value}", 400, "CPS.0002")
    for path, name, code in INTEGERS:
        for value in NO_NUMBER:
            yield case(name, path, f"{name}={value}", 400, code)
    for path, name, code in TEXTS:
        for value in ("%00", "a%0Ab", "%7F", "%C2%85", "%0D%0A"):
            yield case(name, path, f"{name}={value}", 400, code)
    for path in ("/phones", "/servers", "/phone-images", "/phone-models", "/server-models"):
        for query in ("a=%FF", "%FF=a", "phone_name=%C3", "a=%ED%A0%80", "a&b=%80"):
            yield case("not UTF-8", path, query, 400, "APIGW.0201")
    for value in ("v3", "1", "v", "v1%20", "%00", "v1,v2"):
        yield case("network_version", "/servers", f"network_version={value}", 400, "CPS.0240")
    for value in ("mine", "PUBLIC", "1", "%00", "public,private"):
        yield case("image_type", "/phone-images", f"image_type={value}", 400, "CPS.0116")
    yield from at_the_limit(case)
    yield from jobs(case)
    yield from odd_but_read(case)


def at_the_limit(case):
    """The largest page of each list; one more is above."""
    for path, limit in [*OFFSETS, ("/phone-images", 500)]:
        # Of the jobs only the request is unknown.
        refused = path.startswith("/jobs")
        yield case("at the limit", path, f"limit={limit}", 400 if refused else 200, "CPS.0050" if refused else None)
        yield case("beyond the limit", path, f"limit={limit + 1}&offset=0", 400, "CPS.0002")


def jobs(case):
    for query in ("", "request_id=", "request_id", "request_ids=", "request_ids=,,,", "request_ids=%20", "job_id=a"):
        yield case("jobs", "/jobs", query, 400, "CPS.0049")
    for value in ("x", "G", "a%20b", "%00", "*", "a" * 33, "%27%20or%201", "A"):
        yield case("jobs", "/jobs", f"request_id={value}", 400, "CPS.0050")
        yield case("jobs", "/jobs", f"request_ids={value},{value}", 400, "CPS.0050")
    many = ",".join(f"{number:x}" for number in range(21))
    yield case("jobs", "/jobs", f"request_ids={many}", 400, "CPS.0161")
    yield case("jobs", "/jobs", "&".join("request_ids=a" for _ in range(21)), 400, "CPS.0161")
    yield case("jobs", "/jobs", f"request_ids={'a,' * 5000}", 400, "CPS.0161")


def odd_but_read(case):
    """Nothing here is malformed enough to be refused; nothing of it may break anything either."""
    for path in ("/phones", "/servers", "/phone-images", "/phone-models", "/server-models"):
        for query in ("&", "=", "==&==", "&&&&", "unknown=1", "a" * 8000, "%25=%25", "a=1;b=2", "?a=?", "a[]=1", "%00=%00"):
            yield case("read", path, query, 200, None)
    for value in ("%27", "%25", "_", "\\", "a%27%20OR%201=1--", "%E6%89%8B", "(((", "*", "$1"):
        yield case("read", "/phones", f"phone_name={value}", 200, None)
        yield case("read", "/servers", f"server_name={value}", 200, None)
    for value in ("-9223372036854775808", "9223372036854775807", "-0", "999"):
        yield case("read", "/phones", f"status={value}", 200, None)
        yield case("read", "/servers", f"create_since={value}", 200, None)
    yield case("read", "/phones", "offset=9223372036854775807", 200, None)
