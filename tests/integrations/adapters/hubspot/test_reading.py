"""HubSpot's pages when they are not as they should be, and the queries that are sent."""

from datetime import UTC, datetime

import httpx
import orjson
import pytest

from integrations.exceptions import TransientError
from integrations.types import Window

EVERYTHING = Window(None, datetime(2026, 11, 22, tzinfo=UTC))
CHANGED = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))


def row(number, **properties):
    return {"id": str(number), "properties": {"email": f"p{number}@example.org", **properties}, "archived": False}


def page(rows, after=None, **more):
    paging = {"paging": {"next": {"after": after, "link": "x"}}} if after else {}
    return {"results": rows, **paging, **more}


def fetch(adapter, cursor=None, window=EVERYTHING):
    return adapter.fetch_records("contacts", cursor or {}, window, ["email"])


def test_a_cursor_that_does_not_move_is_an_error_and_not_a_loop(hubspot):
    adapter = hubspot(page([row(1)], after="7"))
    first = fetch(adapter)
    with pytest.raises(TransientError) as caught:
        fetch(adapter, first.next_cursor)
    assert caught.value.code == "cursor_stuck"


def test_a_record_that_is_nested_too_deeply_is_held_beside_the_others(hubspot):
    text = orjson.dumps("x" * 1_100_000)
    body = b'{"results":[%s,{"id":"2","properties":{"email":%s},"x":%s}]}'
    answer = body % (orjson.dumps(row(1)), b"[" * 400 + b"]" * 400, text)
    found = fetch(hubspot(lambda _: httpx.Response(200, content=answer)))
    assert [record["id"] for record in found.records] == ["1"]
    assert [(bad.id, "lists inside lists" in bad.message) for bad in found.malformed] == [("2", True)]


def test_pages_that_repeat_under_new_cursors_are_an_error(hubspot):
    calls = iter(range(100))
    adapter = hubspot(lambda _: page([row(1), row(2)], after=f"c{next(calls)}"))
    first = fetch(adapter)
    with pytest.raises(TransientError) as caught:
        fetch(adapter, first.next_cursor)
    assert caught.value.code == "page_repeated"


def test_a_search_that_ignores_where_we_are_is_an_error(hubspot):
    adapter = hubspot(page([row(n) for n in range(1, 201)], after="200", total=500))
    first = fetch(adapter, window=CHANGED)
    with pytest.raises(TransientError):
        fetch(adapter, first.next_cursor, CHANGED)


@pytest.mark.parametrize(
    ("odd", "told", "record_id"),
    [
        ("not an object", "not a record", ""),
        (None, "not a record", ""),
        ([1, 2], "not a record", ""),
        ({"properties": {}}, "without an id", ""),
        ({"id": "", "properties": {}}, "without an id", ""),
        ({"id": "5"}, "without properties", "5"),
        ({"id": "5", "properties": [1]}, "without properties", "5"),
    ],
)
@pytest.mark.parametrize("window", [EVERYTHING, CHANGED], ids=["list", "search"])
def test_what_is_not_a_record_is_held_and_the_rest_is_read(hubspot, odd, told, record_id, window):
    found = fetch(hubspot(page([row(1), odd, row(2)])), window=window)
    assert [record["id"] for record in found.records] == ["1", "2"]
    assert [(bad.id, bad.code, told in bad.message) for bad in found.malformed] == [
        (record_id, "malformed_record", True)
    ]


def test_a_record_of_five_megabytes_is_held_with_its_beginning(hubspot):
    found = fetch(hubspot(page([row(1), row(2, message="x" * 5_000_000)])))
    assert [record["id"] for record in found.records] == ["1"]
    assert found.malformed[0].id == "2" and len(found.malformed[0].text) == 20_000


def test_a_page_of_many_small_records_may_be_large(hubspot):
    found = fetch(hubspot(page([row(n, message="x" * 20_000) for n in range(100)])))
    assert len(found.records) == 100 and not found.malformed


def test_a_number_as_id_becomes_text(hubspot):
    assert fetch(hubspot(page([{"id": 7, "properties": {"email": "a"}}]))).records == [{"id": "7", "email": "a"}]


def test_a_property_that_is_left_out_is_none(hubspot):
    assert fetch(hubspot(page([{"id": "7", "properties": {}}]))).records == [{"id": "7", "email": None}]


def test_an_empty_portal_is_one_empty_page(hubspot):
    found = fetch(hubspot(page([])))
    assert (list(found.records), found.next_cursor) == ([], None)


def test_the_search_asks_for_the_window_and_goes_on_by_id(hubspot):
    asked = []

    def respond(request: httpx.Request):
        asked.append(orjson.loads(request.content))
        return page([row(n) for n in range(1, 201)], total=400) if len(asked) == 1 else page([row(201)], total=1)

    adapter = hubspot(respond)
    first = fetch(adapter, window=CHANGED)
    second = fetch(adapter, first.next_cursor, CHANGED)
    filters = [{f["propertyName"] + f["operator"]: f["value"] for f in q["filterGroups"][0]["filters"]} for q in asked]
    since, until = "1767225600000", str(int(CHANGED.until.timestamp() * 1000))
    stamps = {"lastmodifieddateGTE": since, "lastmodifieddateLTE": until}
    assert filters == [{**stamps, "hs_object_idGT": "0"}, {**stamps, "hs_object_idGT": "200"}]
    assert all("after" not in query and query["limit"] == 200 for query in asked)
    assert first.total == 400 and second.total is None and second.next_cursor is None


def test_other_objects_have_another_name_for_the_time_of_change(hubspot):
    asked = []
    adapter = hubspot(lambda request: asked.append(request.content) or page([]))
    adapter.fetch_records("companies", {}, CHANGED, ["name"])
    assert b"hs_lastmodifieddate" in asked[0]
