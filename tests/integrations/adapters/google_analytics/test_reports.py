"""Reading reports: days that are read again, pages that fit together, numbers that are numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.google_analytics.presets import PRESETS
from integrations.adapters.google_analytics.rows import day_of, make_id
from integrations.adapters.testing import Unlimited
from integrations.enums import FieldType, Operator
from integrations.exceptions import ConfigurationError, SchemaChangedError, TransientError, UnknownOutcomeError
from integrations.types import Condition, Credentials, Window
from tests.integrations.adapters.google_analytics.case import sign_in
from tests.integrations.adapters.google_analytics.conftest import NOW, SECRETS, SETTINGS

TRAFFIC = "report:traffic"
DIMENSIONS = ["date", "sessionSource", "sessionMedium", "sessionDefaultChannelGroup"]
EVERYTHING = Window(None, NOW)


class Google:
    """A property whose report has `rows` rows of one day each hundred; keeps what it was asked."""

    def __init__(self, rows: int = 0, **more: Any) -> None:
        self.rows, self.more = rows, more
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> Any:
        asked = orjson.loads(request.content)
        self.asked.append(asked)
        if request.url.path.endswith(":checkCompatibility"):
            metrics = [
                {"metricMetadata": {"apiName": name, "type": "TYPE_INTEGER"}} for name in ("sessions", "newUsers")
            ]
            return {"dimensionCompatibilities": [], "metricCompatibilities": metrics}
        start = asked.get("offset", 0)
        end = min(start + asked["limit"], self.rows)
        names = [one["name"] for one in asked["metrics"]]
        return {
            "dimensionHeaders": [{"name": one["name"]} for one in asked["dimensions"]],
            "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in names],
            "rows": [make_row(i, len(names)) for i in range(start, end)],
            "rowCount": self.rows,
            "metadata": {"timeZone": "America/New_York", **self.more},
        }


def make_row(number: int, metrics: int) -> dict[str, Any]:
    day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number // 100)
    values = [f"{day:%Y%m%d}", f"source {number % 100:02}", "cpc", "Paid Search"]
    return {
        "dimensionValues": [{"value": value} for value in values],
        "metricValues": [{"value": str(number)} for _ in range(metrics)],
    }


class TestWindow:
    @pytest.mark.parametrize(
        ("back", "start"), [("90", "2026-08-24"), ("400", "2025-10-18"), ("all", "2015-08-14"), ("", "2025-10-18")]
    )
    def test_everything_is_as_far_as_the_connection_says(self, analytics, back, start):
        google = Google()
        credentials = Credentials("service_account", {**SETTINGS, "reports_back": back}, SECRETS)
        analytics(google, credentials=credentials).fetch_records(TRAFFIC, {}, EVERYTHING, ["sessions"])
        assert google.asked[0]["dateRanges"] == [{"startDate": start, "endDate": "today"}]

    def test_what_changed_is_the_days_since_then_and_three_more(self, analytics):
        """And one for those places where it was yesterday still."""
        google = Google()
        window = Window(datetime(2026, 11, 20, 3, tzinfo=UTC), NOW)
        analytics(google).fetch_records(TRAFFIC, {}, window, ["sessions"])
        assert google.asked[0]["dateRanges"][0]["startDate"] == "2026-11-16"

    def test_no_day_is_asked_for_that_google_refuses(self, analytics):
        google = Google()
        analytics(google).fetch_records(TRAFFIC, {}, Window(datetime(2001, 1, 1, tzinfo=UTC), NOW), ["sessions"])
        assert google.asked[0]["dateRanges"][0]["startDate"] == "2015-08-14"


class TestPages:
    def test_all_pages_end_on_the_same_day_where_the_property_is(self, analytics):
        google = Google(12_000)
        adapter, cursor, ids = analytics(google), {}, []
        window = Window(None, datetime(2026, 11, 22, 3, tzinfo=UTC))
        while cursor is not None:
            page = adapter.fetch_records(TRAFFIC, orjson.loads(orjson.dumps(cursor)), window, ["sessions"])
            ids += [record["id"] for record in page.records]
            cursor = page.next_cursor
        assert len(ids) == len(set(ids)) == 12_000 == page.total
        assert [asked["offset"] for asked in google.asked] == [0, 10_000]
        assert [asked["dateRanges"][0]["endDate"] for asked in google.asked] == ["today", "2026-11-21"]
        assert [one["dimension"]["dimensionName"] for one in google.asked[0]["orderBys"]] == DIMENSIONS

    def test_a_report_that_does_not_get_on_is_noticed(self, analytics):
        class Stuck(Google):
            def __call__(self, request: httpx.Request) -> Any:
                return {**super().__call__(request), "rows": [make_row(i, 1) for i in range(10_000)]}

        adapter = analytics(Stuck(50_000))
        first = adapter.fetch_records(TRAFFIC, {}, EVERYTHING, ["sessions"])
        with pytest.raises(TransientError, match="same page twice"):
            adapter.fetch_records(TRAFFIC, first.next_cursor, EVERYTHING, ["sessions"])

    @pytest.mark.parametrize(
        "body",
        [
            {},
            [],
            {"rows": 7},
            {"dimensionHeaders": [{"name": "date"}], "rowCount": "x"},
            {"dimensionHeaders": [{"name": "other"}], "rows": [], "metricHeaders": []},
        ],
    )
    def test_an_answer_of_another_shape_is_trouble_of_the_platform(self, analytics, body):
        with pytest.raises(TransientError) as caught:
            analytics(body).fetch_records(TRAFFIC, {}, EVERYTHING, ["sessions"])
        assert caught.value.code == "unexpected_answer"

    def test_an_empty_report_is_an_empty_page(self, analytics):
        empty = {
            "dimensionHeaders": [{"name": name} for name in DIMENSIONS],
            "metricHeaders": [{"name": "sessions", "type": "TYPE_INTEGER"}],
        }
        page = analytics(empty).fetch_records(TRAFFIC, {}, EVERYTHING, ["sessions"])
        assert (list(page.records), page.next_cursor, page.total) == ([], None, 0)


class TestRows:
    def answer(self, rows: list[Any], **metadata: Any) -> dict[str, Any]:
        kinds = ["TYPE_INTEGER", "TYPE_FLOAT", "TYPE_CURRENCY"]
        return {
            "dimensionHeaders": [{"name": name} for name in DIMENSIONS],
            "metricHeaders": [{"name": f"m{i}", "type": kind} for i, kind in enumerate(kinds)],
            "rows": rows,
            "rowCount": len(rows),
            "metadata": metadata,
        }

    def row(self, *values: str) -> dict[str, Any]:
        numbers = [{"value": value} for value in ("42", "0.5", "12.30")]
        return {"dimensionValues": [{"value": value} for value in values], "metricValues": numbers}

    def fetch(self, analytics: Any, body: Any, *fields: str) -> Any:
        return analytics(body).fetch_records(
            TRAFFIC, {}, EVERYTHING, fields or ["date", "sessionSource", "m0", "m1", "m2"]
        )

    def test_days_are_days_and_numbers_are_numbers(self, analytics):
        page = self.fetch(analytics, self.answer([self.row("20260131", "google", "cpc", "Paid Search")]))
        assert page.records == [
            {
                "id": "2026-01-31|google|cpc|Paid Search",
                "date": "2026-01-31",
                "sessionSource": "google",
                "m0": 42,
                "m1": 0.5,
                "m2": 12.3,
            }
        ]

    def test_only_the_fields_asked_for_come_but_the_id_has_the_whole_grain(self, analytics):
        page = self.fetch(analytics, self.answer([self.row("20260131", "google", "cpc", "Paid")]), "m0")
        assert page.records == [{"id": "2026-01-31|google|cpc|Paid", "m0": 42}]

    def test_the_remarks_of_google_are_a_field(self, analytics):
        told = {"subjectToThresholding": True, "dataLossFromOtherRow": True, "samplingMetadatas": [{}]}
        page = self.fetch(analytics, self.answer([self.row("20260131", "a", "b", "c")], **told), "note")
        note = page.records[0]["note"]
        assert "sample" in note and "withheld" in note and "(other)" in note
        page = self.fetch(analytics, self.answer([self.row("20260131", "a", "b", "c")]), "note")
        assert page.records[0]["note"] == ""

    @pytest.mark.parametrize(
        "bad",
        [
            None,
            "x",
            [],
            {},
            {"dimensionValues": [{"value": "20260131"}]},
            {
                "dimensionValues": [{"value": "2026"}, {"value": "a"}, {"value": "b"}, {"value": "c"}],
                "metricValues": [],
            },
            {
                "dimensionValues": [{"value": "20260131"}, {"value": "a"}, {"value": "b"}, {"value": "c"}],
                "metricValues": [{"value": "x"}] * 3,
            },
        ],
    )
    def test_what_is_not_a_row_is_held_and_the_others_go_on(self, analytics, bad):
        page = self.fetch(analytics, self.answer([bad, self.row("20260131", "a", "b", "c")]))
        assert len(page.records) == len(page.malformed) == 1 and page.malformed[0].code == "malformed_record"


class TestIds:
    @given(
        st.lists(st.text(max_size=60), min_size=1, max_size=5), st.lists(st.text(max_size=60), min_size=1, max_size=5)
    )
    def test_different_rows_have_different_ids_that_fit(self, one, other):
        assert len(make_id(one)) <= 100
        assert (make_id(one) == make_id(other)) is (one == other)

    def test_a_line_inside_a_value_is_no_border(self):
        assert make_id(["a|b", "c"]) != make_id(["a", "b|c"]) and make_id(["a%7C"]) != make_id(["a|"])

    @pytest.mark.parametrize("text", ["", "x", "2026-13-01|a", "20260101|a", "2026-1-1"])
    def test_an_id_without_a_day_is_nobodys(self, text):
        assert day_of(text) is None

    def test_rows_are_read_by_id_from_their_days(self, analytics):
        google = Google(500)
        wanted = ["2026-01-02|source 05|cpc|Paid Search", "2026-01-04|source 99|cpc|Paid Search", "nonsense"]
        found = analytics(google).read_records(TRAFFIC, wanted, ["sessions"])
        assert [record["id"] for record in found] == wanted[:2]
        assert google.asked[0]["dateRanges"] == [{"startDate": "2026-01-02", "endDate": "2026-01-04"}]
        assert google.asked[0]["dimensionFilter"]["filter"]["inListFilter"]["values"] == ["20260102", "20260104"]

    def test_ids_that_are_none_make_no_call(self, analytics):
        google = Google()
        assert analytics(google).read_records(TRAFFIC, ["x"], []) == [] and not google.asked


class TestFields:
    def test_without_a_list_of_fields_all_that_the_property_has_are_read(self, analytics):
        google = Google(3)
        adapter = analytics(google)
        page = adapter.fetch_records(TRAFFIC, {}, EVERYTHING, [])
        adapter.fetch_records(TRAFFIC, {}, EVERYTHING, [])
        assert set(page.records[0]) == {"id", *DIMENSIONS, "sessions", "newUsers", "note"}
        assert [len(asked.get("metrics", ())) for asked in google.asked] == [0, 2, 2]

    def test_a_mapping_that_reads_no_number_still_gets_its_rows(self, analytics):
        google = Google(3)
        analytics(google).fetch_records(TRAFFIC, {}, EVERYTHING, ["sessionSource"])
        assert google.asked[0]["metrics"] == [{"name": "sessions"}]

    def test_what_the_property_does_not_have_is_not_offered(self, analytics):
        schema = analytics(Google()).describe(TRAFFIC)
        assert [field.name for field in schema.fields] == [*DIMENSIONS, "sessions", "newUsers", "note"]
        assert schema.field("date").type == FieldType.DATE and schema.field("sessions").type == FieldType.INTEGER
        assert not any(field.writable for field in schema.fields)

    @pytest.mark.parametrize("name", ["report:nonsense", "report:", "report", "nonsense", "", "events"])
    def test_an_object_that_is_not_there_is_a_matter_of_configuration(self, analytics, name):
        adapter = analytics(Google())
        with pytest.raises(ConfigurationError):
            adapter.fetch_records(name, {}, EVERYTHING, [])
        if name != "events":
            with pytest.raises(ConfigurationError):
                adapter.describe(name)

    def test_a_metric_that_is_gone_stops_the_sync_and_is_named(self, analytics):
        error = {
            "error": {"code": 400, "message": "Field sessions is not a valid metric.  For a list of", "status": "X"}
        }
        with pytest.raises(SchemaChangedError, match="sessions does not exist"):
            analytics(error, 400).fetch_records(TRAFFIC, {}, EVERYTHING, ["sessions"])


class TestCounting:
    def test_a_count_costs_one_row(self, analytics):
        google = Google(1234)
        assert analytics(google).count(TRAFFIC, EVERYTHING) == 1234
        assert google.asked[0]["limit"] == 1

    def test_with_conditions_nothing_is_counted_and_nothing_asked(self, analytics):
        google = Google(7)
        window = Window(None, NOW, (Condition("sessionSource", Operator.IS, "google"),))
        assert analytics(google).count(TRAFFIC, window) is None and not google.asked

    @pytest.mark.parametrize("name", ["events", "audience:77"])
    def test_what_cannot_be_counted_cheaply_is_not(self, analytics, name):
        assert analytics(Google(7)).count(name, EVERYTHING) is None


READ_FAULTS = [
    ({"kind": "status", "status": 500}, TransientError, "platform_trouble"),
    ({"kind": "status", "status": 503}, TransientError, "platform_trouble"),
    ({"kind": "status", "status": 404}, ConfigurationError, "not_there"),
    ({"kind": "reset"}, TransientError, "connection_lost"),
    ({"kind": "hang"}, TransientError, "timeout"),
    ({"kind": "html", "status": 200}, TransientError, "html_answer"),
    ({"kind": "empty_2xx"}, TransientError, "empty_answer"),
    ({"kind": "half_json"}, TransientError, "half_answer"),
    ({"kind": "status", "status": 200, "body": {"odd": 1}}, TransientError, "unexpected_answer"),
]


class TestAgainstTheSandbox:
    """The contract suite's promises about reading, for objects that nobody can write."""

    @pytest.fixture
    def case_of(self, connect):
        from tests.integrations.adapters.google_analytics.case import CASE

        return lambda **how: connect(CASE, **how)

    @pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
    def test_every_report_reads_as_it_was_described_and_counted(self, case_of, preset):
        adapter = case_of()
        window = Window(None, datetime.now(UTC))
        schema = adapter.describe(preset.object_name)
        assert {*preset.dimensions, *preset.metrics} <= {field.name for field in schema.fields}
        page = adapter.fetch_records(preset.object_name, {}, window, [])
        ids = [record["id"] for record in page.records]
        assert len(ids) == len(set(ids)) == page.total > 100 and not page.malformed
        assert 0.8 < adapter.count(preset.object_name, window) / page.total <= 1
        assert set(page.records[0]) == {"id", *(field.name for field in schema.fields)}
        again = adapter.read_records(preset.object_name, ids[5:8], [])
        assert [record["id"] for record in again] == ids[5:8] and list(again) == list(page.records[5:8])

    @pytest.mark.parametrize(("fault", "family", "code"), READ_FAULTS, ids=lambda value: str(value)[:40])
    def test_a_fault_while_reading_has_its_family(self, case_of, sandbox, fault, family, code):
        adapter = case_of(timeout=0.4)
        adapter.fetch_records("report:ads", {}, Window(NOW, NOW), ["advertiserAdCost"])
        sandbox.fault(platform="google_analytics", route="runReport", **fault)
        with pytest.raises(family) as caught:
            adapter.fetch_records("report:ads", {}, Window(NOW, NOW), ["advertiserAdCost"])
        assert not isinstance(caught.value, UnknownOutcomeError)
        assert caught.value.code == code and caught.value.message.endswith(".")

    def test_another_property_may_not_be_read(self, sandbox):
        from integrations.adapters.google_analytics import ADAPTER
        from integrations.adapters.testing import MemoryTokens

        credentials = sign_in({**sandbox.server.credentials()["google_analytics"], "property_id": "999"})
        adapter = ADAPTER(credentials, MemoryTokens(), Unlimited(), timeout=30)
        with pytest.raises(ConfigurationError, match="Viewer"):
            adapter.describe(TRAFFIC)
        adapter.close()
