"""What every adapter promises of reading, run against every platform over real HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.types import Window
from tests.integrations.adapters.contract import everything, fill, read_all, since_long_ago, upload


@pytest.mark.needs("reads")
class TestReading:
    def test_a_full_reading_sees_every_record_once(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 250)
        records, _ = read_all(adapter, case, everything())
        assert (
            len(records) == len({record["id"] for record in records}) == adapter.count(case.object_name, everything())
        )
        assert {f"person{i}@example.org" for i in range(250)} <= {record[case.key] for record in records}

    def test_records_are_flat_with_the_id_first_and_only_the_fields_asked_for(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 1)
        records, _ = read_all(adapter, case, everything())
        assert {tuple(record) for record in records} == {("id", *case.fields)}
        assert all(isinstance(record["id"], str) for record in records)

    def test_without_a_list_of_fields_all_of_them_are_read(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 1)
        page = adapter.fetch_records(case.object_name, {}, everything(), [])
        assert set(case.fields) < set(page.records[0]) and len(page.records[0]) > 20

    def test_ten_thousand_records_with_one_timestamp_are_each_seen_once(self, connect, case, sandbox):
        sandbox.ask("POST", "/reset", {"contacts": 10_500})
        adapter = connect(case)
        case.give_one_time(sandbox, adapter, 10_500)
        records, pages = read_all(adapter, case, since_long_ago())
        assert len(records) == len({record["id"] for record in records}) == 10_500
        assert pages <= 10_500 // 200 + 2

    def test_an_incremental_reading_leaves_out_what_did_not_change(self, connect, case, sandbox):
        adapter = connect(case)
        sandbox.ask("POST", "/clock", {"advance_seconds": 3600})
        fill(adapter, case, 3)
        soon = datetime.now(UTC) + timedelta(minutes=50)
        records, _ = read_all(adapter, case, Window(soon, soon + timedelta(days=1)))
        assert sorted(record[case.key] for record in records) == [f"person{i}@example.org" for i in range(3)]

    def test_records_are_read_by_id_and_unknown_ids_are_left_out(self, connect, case):
        adapter = connect(case)
        ids = [result.id for result in upload(adapter, case, [case.make_record(i) for i in range(3)]).results]
        found = adapter.read_records(case.object_name, [*ids, ids[0], ids[0][:-3] + "zzz"], case.fields)
        assert sorted(record["id"] for record in found) == sorted(ids)

    def test_a_reading_goes_on_from_its_cursor_in_another_worker(self, connect, case, sandbox):
        first, second = connect(case), connect(case)
        fill(first, case, case.fill_first)
        page = first.fetch_records(case.object_name, {}, everything(), case.fields)
        rest = second.fetch_records(case.object_name, page.next_cursor, everything(), case.fields)
        assert not {r["id"] for r in page.records} & {r["id"] for r in rest.records} and rest.records
