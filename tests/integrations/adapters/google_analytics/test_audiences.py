"""Reading audiences: a list that Google makes is ordered once, nobody blocks while it is made, and its people are people."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from integrations.adapters.pagination import forget_pages
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.exceptions import ConfigurationError, PlatformError, RateLimitedError, TransientError
from integrations.types import Token, Window
from tests.integrations.adapters.google_analytics.conftest import BOTH, EVENTS_ONLY, NOW

PURCHASERS = "audience:77"
WINDOW = Window(None, NOW)


class Google:
    """A property with lists of audiences, and a time of its own."""

    def __init__(self, people: int = 3) -> None:
        self.now = NOW
        self.people = people
        self.exports: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []
        self.pages: list[dict[str, Any]] = []
        self.is_named = True
        self.forbidden = False

    def add(
        self, state: str, *, ago: timedelta = timedelta(), audience: str = "77", dimensions: Any = ("userId",)
    ) -> None:
        number = len(self.exports) + 1
        self.exports.append(
            {
                "name": f"properties/1234/audienceExports/{number}",
                "audience": f"properties/1234/audiences/{audience}",
                "audienceDisplayName": "Purchasers",
                "dimensions": [{"dimensionName": name} for name in dimensions],
                "state": state,
                "beginCreatingTime": (self.now - ago).strftime("%Y-%m-%dT%H:%M:%S.123456789Z"),
                "errorMessage": "Exhausted property tokens per day." if state == "FAILED" else "",
            }
        )

    def __call__(self, request: httpx.Request) -> Any:
        path = request.url.path
        if path.startswith("/v1alpha/"):
            return self.list_audiences(request)
        if path.endswith(":query"):
            return self.query(path, orjson.loads(request.content))
        if request.method == "POST":
            order = orjson.loads(request.content)
            self.orders.append(order)
            self.add("CREATING", dimensions=[one["dimensionName"] for one in order["dimensions"]])
            return {"name": "operations/whatever", "done": False}
        start = int(request.url.params.get("pageToken", 0))
        shown = self.exports if self.is_named else []
        body: dict[str, Any] = {"audienceExports": shown[start : start + 2]}
        return {**body, "nextPageToken": str(start + 2)} if start + 2 < len(shown) else body

    def list_audiences(self, request: httpx.Request) -> Any:
        assert request.url.host == "analyticsadmin.googleapis.com"
        if self.forbidden:
            return httpx.Response(403, json={"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}})
        return {"audiences": [{"name": "properties/1234/audiences/77", "displayName": "Purchasers"}]}

    def query(self, path: str, asked: dict[str, Any]) -> Any:
        self.pages.append(asked)
        found = [one for one in self.exports if path.endswith(f"{one['name']}:query")]
        if not found:
            return httpx.Response(404, json={"error": {"code": 404, "message": "gone", "status": "NOT_FOUND"}})
        end = min(asked["offset"] + asked["limit"], self.people)
        names = [one["dimensionName"] for one in found[0]["dimensions"]]
        rows = [[f"crm-{i}" if name == "userId" else "true" for name in names] for i in range(asked["offset"], end)]
        return {
            "audienceExport": found[0],
            "audienceRows": [{"dimensionValues": [{"value": value} for value in row]} for row in rows],
            "rowCount": self.people,
        }


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def fetch(google):
    """A page after a cursor, by a new worker each time, at the time it is over there."""
    from integrations.adapters.google_analytics import ADAPTER

    def ask(cursor: Any = None, fields: Any = ()) -> Any:
        def respond(request: httpx.Request) -> httpx.Response:
            found = google(request)
            return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

        transport = httpx.MockTransport(respond)
        adapter = ADAPTER(BOTH, MemoryTokens(Token("t")), Unlimited(), transport=transport, now=lambda: google.now)
        return adapter.fetch_records(PURCHASERS, orjson.loads(orjson.dumps(cursor or {})), WINDOW, fields)

    return ask


class TestBeingMade:
    def test_a_list_is_ordered_and_the_job_told_to_come_back_until_it_is_there(self, google, fetch):
        page = fetch()
        assert (list(page.records), len(google.orders)) == ([], 1)
        assert google.orders[0] == {
            "audience": "properties/1234/audiences/77",
            "dimensions": [{"dimensionName": "userId"}],
        }
        for minute in range(1, 15):
            google.now = NOW + timedelta(minutes=minute)
            google.exports[0]["percentageCompleted"] = minute * 6.5
            with pytest.raises(RateLimitedError, match=f"{minute * 6.5:.0f} % of it is done") as caught:
                fetch(page.next_cursor)
            assert caught.value.is_long and caught.value.code == "being_made"
            assert caught.value.retry_at == google.now + timedelta(seconds=60)
        google.exports[0]["state"] = "ACTIVE"
        assert [record["id"] for record in fetch(page.next_cursor).records] == ["crm-0", "crm-1", "crm-2"]
        assert len(google.orders) == 1

    def test_a_crash_before_the_cursor_was_kept_orders_no_second_one(self, google, fetch):
        fetch()
        with pytest.raises(RateLimitedError):
            fetch()
        assert len(google.orders) == 1

    def test_an_order_that_is_not_named_yet_is_waited_for_and_one_never_named_is_made_again(self, google, fetch):
        page = fetch()
        google.is_named = False
        google.now = NOW + timedelta(minutes=9)
        with pytest.raises(RateLimitedError):
            fetch(page.next_cursor)
        google.now = NOW + timedelta(minutes=11)
        assert fetch(page.next_cursor).next_cursor["watch"] == {"orders": 2}
        assert len(google.orders) == 2

    def test_a_fresh_list_of_somebody_else_will_do(self, google, fetch):
        google.add("ACTIVE", ago=timedelta(hours=5))
        assert len(fetch().records) == 3 and not google.orders

    @pytest.mark.parametrize(
        "other",
        [
            {"ago": timedelta(hours=7)},
            {"audience": "78"},
            {"dimensions": ("userId", "deviceId")},
            {"dimensions": ()},
        ],
        ids=["too old", "of another audience", "with more columns", "without columns"],
    )
    def test_another_list_will_not(self, google, fetch, other):
        google.add("ACTIVE", **other)
        fetch()
        assert len(google.orders) == 1

    def test_the_newest_of_several_on_several_pages_is_taken(self, google, fetch):
        for hours in (5, 1, 3, 4):
            google.add("ACTIVE", ago=timedelta(hours=hours))
        page = fetch()
        assert len(page.records) == 3 and not google.orders
        google.people = 30_000
        assert fetch().next_cursor["export"].endswith("/2")

    def test_a_list_that_failed_is_ordered_again_three_times_at_most_until_a_person_says_go_on(self, google, fetch):
        cursor: Any = {}
        for orders in (1, 2, 3):
            cursor = fetch(cursor).next_cursor
            google.exports[-1] |= {"state": "FAILED", "errorMessage": "Exhausted property tokens per day."}
            assert len(google.orders) == orders
        with pytest.raises(PlatformError, match="3 times") as caught:
            fetch(cursor)
        assert not isinstance(caught.value, TransientError) and "Exhausted" in caught.value.technical
        fetch(forget_pages(cursor))
        assert len(google.orders) == 4

    @pytest.mark.parametrize("told", ["", "soon", "2026-11-22", None])
    def test_a_list_that_does_not_say_when_it_was_begun_is_old(self, google, fetch, told):
        google.add("ACTIVE")
        google.exports[0]["beginCreatingTime"] = told
        fetch()
        assert len(google.orders) == 1


class TestPeople:
    def test_pages_go_on_until_all_are_read(self, google, fetch):
        google.people = 12_000
        google.add("ACTIVE")
        cursor, ids = {}, []
        while cursor is not None:
            page = fetch(cursor)
            ids += [record["id"] for record in page.records]
            cursor = page.next_cursor
        assert len(ids) == len(set(ids)) == 12_000 == page.total
        assert [asked["offset"] for asked in google.pages] == [0, 10_000]

    def test_a_list_that_ran_out_in_the_middle_is_ordered_anew_and_read_from_the_start(self, google, fetch):
        google.people = 12_000
        google.add("ACTIVE")
        cursor = fetch().next_cursor
        google.exports.clear()
        page = fetch(cursor)
        assert (list(page.records), len(google.orders)) == ([], 1)
        google.exports[0]["state"] = "ACTIVE"
        assert fetch(page.next_cursor).records[0]["id"] == "crm-0"

    def test_people_have_the_number_the_website_gives_them_and_the_name_of_their_audience(self, google, fetch):
        google.add("ACTIVE")
        assert fetch().records[0] == {
            "id": "crm-0",
            "userId": "crm-0",
            "audienceId": "77",
            "audienceName": "Purchasers",
        }

    def test_only_columns_that_are_read_are_ordered(self, google, fetch):
        fetch(fields=["audienceName", "isLimitedAdTracking"])
        assert google.orders[0]["dimensions"] == [{"dimensionName": "userId"}, {"dimensionName": "isLimitedAdTracking"}]
        google.exports[0]["state"] = "ACTIVE"
        page = fetch(fields=["audienceName", "isLimitedAdTracking"])
        assert page.records[0] == {"id": "crm-0", "audienceName": "Purchasers", "isLimitedAdTracking": True}

    def test_browsers_of_nobody_we_could_know_are_left_out_and_nonsense_is_held(self, analytics):
        rows = [{"dimensionValues": [{"value": value}]} for value in ("crm-1", "(not set)", "", "crm-2")]
        body = {
            "audienceExport": {"name": "x/y", "dimensions": [{"dimensionName": "userId"}]},
            "audienceRows": [*rows, "odd", {"dimensionValues": []}],
            "rowCount": 6,
        }
        page = analytics(body).fetch_records(PURCHASERS, {"export": "x/y"}, WINDOW, ["userId"])
        assert [record["id"] for record in page.records] == ["crm-1", "crm-2"] and len(page.malformed) == 2

    @pytest.mark.parametrize("body", [{}, {"audienceExport": {}, "rowCount": "x"}, {"audienceRows": []}, []])
    def test_an_answer_of_another_shape_is_trouble_of_the_platform(self, analytics, body):
        with pytest.raises(TransientError):
            analytics(body).fetch_records(PURCHASERS, {"export": "x/y"}, WINDOW, ["userId"])

    @pytest.mark.parametrize("name", ["audience:", "audience:x", "audience:7 7", "audience:²", "audience"])
    def test_an_audience_without_a_number_is_a_matter_of_configuration(self, analytics, google, name):
        adapter = analytics(google)
        for ask in (
            lambda: adapter.describe(name),
            lambda: adapter.fetch_records(name, {}, WINDOW, []),
            lambda: adapter.read_records(name, ["x"], []),
        ):
            with pytest.raises(ConfigurationError):
                ask()

    def test_members_are_read_by_id_from_the_newest_list(self, analytics, google):
        google.people = 12_000
        google.add("ACTIVE", ago=timedelta(hours=60))
        found = analytics(google).read_records(PURCHASERS, ["crm-11999", "crm-1", "nobody"], ["userId"])
        assert sorted(record["id"] for record in found) == ["crm-1", "crm-11999"]

    def test_without_a_list_nobody_can_be_read_and_none_is_ordered(self, analytics, google):
        with pytest.raises(RateLimitedError, match="making the list"):
            analytics(google).read_records(PURCHASERS, ["crm-1"], [])
        assert not google.orders


class TestObjects:
    def test_reports_and_audiences_are_listed_each_by_its_name(self, analytics, google):
        objects = {one.name: one for one in analytics(google).list_objects()}
        assert {"events", "report:traffic", "report:conversions", "audience:77"} <= set(objects)
        assert objects["audience:77"].label == "Audience: Purchasers" and not objects["audience:77"].can_write
        assert not objects["events"].can_read and not objects["events"].confirms_writes

    def test_audiences_that_may_not_be_listed_are_known_from_lists_of_them(self, analytics, google):
        google.forbidden = True
        google.add("ACTIVE", audience="99")
        names = [one.name for one in analytics(google).list_objects()]
        assert [name for name in names if name.startswith("audience")] == ["audience:99"]

    def test_a_connection_that_only_sends_has_events_and_nothing_else(self, analytics, google):
        assert [one.name for one in analytics(google, credentials=EVENTS_ONLY).list_objects()] == ["events"]

    def test_everything_that_is_listed_can_be_described_and_found_among_the_declared(self, analytics):
        adapter = analytics(lambda request: Google()(request) if "v1alpha" in request.url.path else {})
        for one in adapter.list_objects():
            assert adapter.describe(one.name).name == one.name
            assert adapter.capabilities.object(one.name).name == one.name.partition(":")[0]


def test_waits_are_counted_from_the_clock_that_was_given(analytics, google):
    google.add("CREATING")
    later = datetime.fromisoformat("2026-11-22T15:00:00+00:00")
    with pytest.raises(RateLimitedError) as caught:
        analytics(google, now=later).fetch_records(PURCHASERS, {}, WINDOW, [])
    assert caught.value.retry_at == later + timedelta(seconds=60)
