"""Lists and details: fields, filters, paging (contract/operations.md, README.md)."""

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcph.v1 import (
    ListCloudPhoneImagesRequest,
    ListCloudPhoneModelsRequest,
    ListCloudPhoneServerModelsRequest,
    ListCloudPhoneServersRequest,
    ShowCloudPhoneServerDetailRequest,
)

from clients import HEX32, MISSING, TIME, error


def test_phones_are_listed_with_their_fields(sdk):
    answer = sdk.phones(limit=200)
    assert answer.count == 30 == len(answer.phones)
    created = [phone.create_time for phone in answer.phones]
    assert created == sorted(created, reverse=True)
    for phone in answer.phones:
        assert HEX32.fullmatch(phone.phone_id) and HEX32.fullmatch(phone.server_id)
        assert HEX32.fullmatch(phone.image_id) and phone.image_version
        assert TIME.fullmatch(phone.create_time) and TIME.fullmatch(phone.update_time)
        assert phone.phone_name and phone.phone_model_name
        assert phone.type in (0, 1)
        assert phone.vnc_enable in ("true", "false")


def test_numbers_are_numbers(demo):
    """T7: Terraform panics on a status that is text; P12: the SDK on "" in a number."""
    phone = demo.get("/phones", limit=1).json()["phones"][0]
    detail = demo.phone(phone["phone_id"])
    server = demo.get("/servers").json()["servers"][0]
    for answer in (phone, detail):
        for field in ("status", "type", "volume_mode"):
            assert type(answer[field]) is int, field
    assert type(server["status"]) is int
    for answer in (phone, detail, server):
        assert "" not in [answer.get(field) for field in ("status", "type", "volume_mode", "count")]


def test_a_detail_says_what_the_list_says(sdk):
    for phone in sdk.phones(limit=3).phones:
        detail = sdk.phone(phone.phone_id)
        for field in ("phone_id", "phone_name", "server_id", "image_id", "image_version", "phone_model_name", "type"):
            assert getattr(detail, field) == getattr(phone, field), field
        assert HEX32.fullmatch(detail.request_id)
        assert detail._property.startswith("{")


@pytest.mark.parametrize(
    "phone_id, status, code", [(MISSING, 404, "CPS.0005"), ("nonsense", 400, "CPS.0004"), ("a" * 33, 400, "CPS.0004")]
)
def test_a_phone_that_is_not_there(sdk, phone_id, status, code):
    with pytest.raises(ClientRequestException) as raised:
        sdk.phone(phone_id)
    assert (raised.value.status_code, raised.value.error_code) == (status, code)


def test_terraforms_paging_ends_with_an_empty_page(demo):
    """T20: limit=200, then pages until one is empty."""
    assert len({phone["phone_id"] for phone in demo.all_phones()}) == 30
    for offset in (30, 31, 200, 1_000_000_000):
        page = demo.get("/phones", limit=200, offset=offset).json()
        assert (page["phones"], page["count"]) == ([], 30)


def test_pages_add_up(demo):
    pages = [demo.get("/phones", limit=7, offset=offset).json() for offset in range(0, 35, 7)]
    assert [len(page["phones"]) for page in pages] == [7, 7, 7, 7, 2]
    assert {page["count"] for page in pages} == {30}
    ids = [phone["phone_id"] for page in pages for phone in page["phones"]]
    assert len(set(ids)) == 30
    assert ids == [phone["phone_id"] for phone in demo.get("/phones").json()["phones"]]


@pytest.mark.parametrize("path, limit", [("/phones", 201), ("/servers", 101), ("/phone-models", 101)])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "99999999999999999999", None])
def test_a_bad_limit_or_offset_is_CPS_0002(demo, path, limit, value):
    wanted = (400, "CPS.0002", "Parameter: offset or limit is invalid.")
    assert error(demo.get(path, limit=value or limit)) == wanted
    if value not in ("0", None):
        assert error(demo.get(path, offset=value)) == wanted


def test_phones_are_filtered(demo):
    phones = demo.all_phones()
    first = phones[0]
    assert len(demo.all_phones(server_id=first["server_id"])) == 30
    assert demo.all_phones(server_id=MISSING) == []
    named = demo.all_phones(phone_name=first["phone_name"])
    assert first["phone_id"] in {phone["phone_id"] for phone in named}
    part = first["phone_name"][1:]
    expected = {phone["phone_id"] for phone in phones if part in phone["phone_name"]}
    assert {phone["phone_id"] for phone in demo.all_phones(phone_name=part)} == expected
    assert demo.all_phones(phone_name="%") == []
    assert {phone["status"] for phone in demo.all_phones(status=2)} == {2}
    assert demo.all_phones(status=-8) == []
    assert len(demo.all_phones(type=first["type"])) >= 1


def test_an_empty_filter_is_no_filter(sdk, demo):
    """P5."""
    assert sdk.phones(phone_name="", server_id="").count == 30
    assert demo.request("GET", "/phones?phone_name=&server_id&status=&limit=&offset=").json()["count"] == 30


def test_images_are_listed(sdk):
    answer = sdk.client.list_cloud_phone_images(ListCloudPhoneImagesRequest())
    assert len(answer.phone_images) >= 2
    for image in answer.phone_images:
        assert HEX32.fullmatch(image.image_id) and image.image_name
        assert image.is_public in (1, 2)
        assert image.os_type and image.os_name and image.image_label
    assert not (answer.page_info and answer.page_info.next_marker)


def test_images_are_paged_by_marker(demo):
    everything = [image["image_id"] for image in demo.get("/phone-images").json()["phone_images"]]
    found, marker = [], ""
    for _ in range(len(everything) + 1):
        page = demo.get("/phone-images", limit=1, marker=marker).json()
        found += [image["image_id"] for image in page["phone_images"]]
        marker = (page.get("page_info") or {}).get("next_marker") or ""
        if not marker:
            break
    assert found == everything
    for limit in (0, 501, "x"):
        assert error(demo.get("/phone-images", limit=limit))[:2] == (400, "CPS.0002")


def test_images_are_filtered_by_kind(town):
    def ids(kind):
        images = town.alice.get("/phone-images", **({"image_type": kind} if kind else {})).json()["phone_images"]
        return {image["image_id"]: image["is_public"] for image in images}

    assert ids("public")[town.image] == 1
    assert ids("private") == {town.alices_image: 2}
    assert ids("share") == {}
    for kind in (None, "all"):
        assert ids(kind).keys() >= {town.image, town.alices_image}
        assert town.bobs_image not in ids(kind)


def test_phone_models_and_server_models_are_listed(sdk):
    models = sdk.client.list_cloud_phone_models(ListCloudPhoneModelsRequest()).phone_models
    assert models and all(model.phone_model_name and model.server_model_name for model in models)
    for model in models:
        assert model.status in (0, 1) and model.cpu and model.memory and model.resolution and model.image_label
        assert model.phone_capacity > 0
    on_sale = sdk.client.list_cloud_phone_models(ListCloudPhoneModelsRequest(status=1)).phone_models
    assert len(on_sale) == len([model for model in models if model.status == 1])
    servers = sdk.client.list_cloud_phone_server_models(ListCloudPhoneServerModelsRequest()).server_models
    assert {model.server_model_name for model in models} <= {model.server_model_name for model in servers}
    games = sdk.client.list_cloud_phone_server_models(ListCloudPhoneServerModelsRequest(product_type=7))
    assert all(model.product_type == 1 for model in games.server_models)


def test_what_a_phone_and_a_server_run_is_in_the_models(demo):
    names = {model["phone_model_name"] for model in demo.get("/phone-models").json()["phone_models"]}
    assert {phone["phone_model_name"] for phone in demo.all_phones()} <= names
    servers = {model["server_model_name"] for model in demo.get("/server-models").json()["server_models"]}
    assert {server["server_model_name"] for server in demo.get("/servers").json()["servers"]} <= servers


def test_servers_are_listed_and_shown(sdk):
    answer = sdk.client.list_cloud_phone_servers(ListCloudPhoneServersRequest())
    assert answer.count == len(answer.servers) >= 1
    for server in answer.servers:
        detail = sdk.client.show_cloud_phone_server_detail(
            ShowCloudPhoneServerDetailRequest(server_id=server.server_id)
        )
        fields = ("server_name", "server_id", "server_model_name", "phone_model_name", "status", "create_time")
        for field in fields:
            assert getattr(detail, field) == getattr(server, field), field
        assert server.status == 5
        assert TIME.fullmatch(server.create_time) and TIME.fullmatch(server.update_time)


def test_servers_are_filtered(town):
    def names(**filters):
        return {server["server_name"] for server in town.alice.get("/servers", **filters).json()["servers"]}

    assert names() == {"north", "spare"}
    assert names(server_name="nor") == {"north"}
    assert names(server_id=town.spare_server) == {"spare"}
    assert names(status=5) == {"north", "spare"} and names(status=2) == set()
    assert names(create_since=4_000_000_000) == set() == names(create_until=1)
    assert names(server_id="", server_name="", status="") == {"north", "spare"}
    assert names(offset=2) == set()


@pytest.mark.parametrize("server_id, status, code", [(MISSING, 404, "CPS.0015"), ("nonsense", 400, "CPS.0016")])
def test_a_server_that_is_not_there(sdk, server_id, status, code):
    """T15: Terraform knows a deleted server by 404 alone."""
    with pytest.raises(ClientRequestException) as raised:
        sdk.client.show_cloud_phone_server_detail(ShowCloudPhoneServerDetailRequest(server_id=server_id))
    assert (raised.value.status_code, raised.value.error_code) == (status, code)


def test_lists_are_never_null(demo):
    """P13."""
    empty = {
        "phones": demo.get("/phones", status=-8),
        "servers": demo.get("/servers", server_name="no such name"),
        "phone_images": demo.get("/phone-images", image_type="share"),
        "server_models": demo.get("/server-models", product_type=7),
    }
    for name, response in empty.items():
        assert response.json()[name] == [], name
