"""Paths and methods that are nobody's."""

from bad_input import Case, shown

KNOWN = ["/phones", "/jobs", "/servers", "/phone-images", "/phone-models", "/server-models"]
BATCHES = ["/phones/batch-restart", "/phones/batch-reset", "/phones/batch-stop", "/phones/batch-update-property"]
BATCHES += ["/servers/batch-restart"]
NOT_ALLOWED = ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X", "get", "CONNECTED"]


def cases(world):
    def nobodys(target, method="GET", **more):
        return Case(f"{method} {shown(target)}", method, target, 404, "APIGW.0101", **more)

    strange = ["/.", "/..", "//", "/v1", "/v1/", "/v2", "/v3/", "/v3/x", "/V1", "/admin", "/metrics.php", "/%00", "/%2e%2e"]
    strange += [f"/v1/{world.project}", f"/v1/{world.project}/", f"/v1/{world.project}/phones"]
    strange += [f"/v2/{world.project}/cloud-phone/phones", f"/v1/{world.project}/CLOUD-PHONE/phones", "/*", "/?x", "/;"]
    strange += [f"//v1/{world.project}/cloud-phone/phones", f"/v1/x/../{world.project}/cloud-phone/phones"]
    strange += ["/v3/auth", "/v3/auth/Tokens", "/v3/auth/tokens/x", "/v3//auth/tokens", "/v3/projects/x", "/.git/config"]
    strange += ["/v1/" + "a/" * 500, "/" + "a" * 8000, "/" + "%2F" * 1000, "/v1%2F" + world.project + "/cloud-phone/phones"]
    for target in strange:
        if target not in ("/?x", "/v3/"):
            yield nobodys(target)
    for path in KNOWN:
        bare = world.at(path)
        for target in (bare + "//", bare + "/x/y", bare + "/../phones", bare.replace("/v1", "/v1/."), bare + ".json"):
            yield nobodys(target)
        yield nobodys(world.base.replace("cloud-phone", "cloud-phone/") + path)
        yield nobodys(world.at(path.upper()))
        yield nobodys(world.at(path.replace("/", "/%2F", 1)))
        for method in NOT_ALLOWED:
            yield nobodys(bare, method)
    for path in BATCHES:
        for target in (path + "//", path + "/x", path.replace("/batch", "//batch"), path.upper(), path.replace("/batch", "%2Fbatch")):
            yield nobodys(world.at(target), "POST", body=b"{}")
        for method in ("DELETE", "PATCH", "OPTIONS", "TRACE", "post", "POSTS"):
            yield nobodys(world.at(path), method)
    for path in ("/v3/auth/tokens", "/v3/projects", "/v3/auth/domains", "/v3/auth/catalog", "/v3", "/"):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "X"):
            yield nobodys(path, method, credentials="none")
    # Whoever shows nothing learns that there is no such path, and of the others that a credential is missing.
    yield nobodys("/nothing", credentials="none")
    for path in KNOWN:
        yield Case(f"nobody asks {path}", "GET", world.at(path), 401, "APIGW.0301", credentials="none")
        yield Case(f"a slash more {path}", "GET", world.at(path) + "/", 200 if path != "/jobs" else 400, "CPS.0049" if path == "/jobs" else None)
