"""What every adapter promises of single records, run against every platform over real HTTP: finding them, addressing them by
their own id, taking them away, counting those of whom something is true; and which objects there are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import pytest

from integrations.adapters.registry import capabilities
from integrations.enums import Operator, SyncMode
from integrations.exceptions import ConfigurationError, UnknownOutcomeError
from integrations.mappings.conditions import WITHOUT_VALUE, compile_conditions
from integrations.types import Condition, Window
from tests.integrations.adapters.contract import LONG_AGO, everything, fill, read_all, upload


@pytest.mark.needs("finds", "rereads")
class TestFinding:
    def test_people_are_found_by_their_key_in_any_case(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 5)
        wanted = [str(case.make_record(i)[case.key]).upper() for i in (1, 3)]
        found = adapter.find_records(case.object_name, case.key, [*wanted, "nobody@example.org", ""], case.fields)
        assert sorted(record[case.key].lower() for record in found) == [one.lower() for one in sorted(wanted)]
        assert {next(iter(record)) for record in found} == {"id"}

    @pytest.mark.needs("finds_by_any_field")
    def test_all_who_share_a_value_are_found(self, connect, case, sandbox):
        adapter = connect(case)
        fill(adapter, case, 250)
        name = case.fields[1]
        value = case.make_record(0)[name]
        found = adapter.find_records(case.object_name, name, [value], case.fields)
        assert len({record["id"] for record in found}) == len(found) >= 250

    @pytest.mark.needs("finds_by_any_field")
    def test_an_apostrophe_and_an_emoji_are_found(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 3)
        name = case.fields[2]
        found = adapter.find_records(case.object_name, name, [case.make_record(2)[name]], case.fields)
        assert [record[case.key] for record in found] == [case.make_record(2)[case.key]]

    def test_a_value_that_is_asked_for_twice_finds_nobody_twice(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 2)
        value = str(case.make_record(1)[case.key])
        found = adapter.find_records(case.object_name, case.key, [value, value.upper(), f" {value} "], case.fields)
        assert len(found) == 1

    def test_what_is_found_is_as_it_is_now(self, connect, case):
        adapter = connect(case)
        key, name, other = case.fields
        fill(adapter, case, 2)
        upload(adapter, case, [{**case.make_record(1), other: "Somebody Else"}])
        (found,) = adapter.find_records(case.object_name, key, [str(case.make_record(1)[key])], case.fields)
        assert (found[name], found[other]) == (case.make_record(1)[name], "Somebody Else")

    @pytest.mark.needs("finds_by_any_field")
    def test_many_are_found_at_once_and_nobody_else(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 200)
        name = case.fields[2]
        values = [str(case.make_record(i)[name]) for i in range(0, 200, 2)]
        found = adapter.find_records(case.object_name, name, values, case.fields)
        assert sorted(record[name] for record in found) == sorted(values)

    @pytest.mark.needs("archives")
    def test_who_is_gone_is_not_found(self, connect, case):
        adapter = connect(case)
        (gone,) = upload(adapter, case, [case.make_record(1)]).results
        adapter.archive_records(case.object_name, [gone.id], trace="7-1")
        asked = {case.key, case.fields[2]} if "finds_by_any_field" in case.traits else {case.key}
        for name in asked:
            assert not adapter.find_records(case.object_name, name, [str(case.make_record(1)[name])], case.fields)

    @pytest.mark.needs("schema_errors", "finds_by_any_field")
    def test_a_field_that_is_not_there_is_a_matter_of_configuration(self, connect, case):
        with pytest.raises(ConfigurationError, match="no_such_field"):
            connect(case).find_records(case.object_name, "no_such_field", ["x"], case.fields)

    def test_nobody_is_found_without_a_value(self, connect, case):
        assert not connect(case).find_records(case.object_name, case.key, ["", " "], case.fields)


@pytest.mark.needs("archives", "rereads")
class TestArchiving:
    def test_who_is_archived_is_not_read_any_more_and_twice_is_no_matter(self, connect, case):
        adapter = connect(case)
        ids = [result.id for result in upload(adapter, case, [case.make_record(i) for i in range(3)]).results]
        outcomes = [adapter.archive_records(case.object_name, ids[:2], trace="7-1") for _ in range(2)]
        assert [[result.ok for result in outcome.results] for outcome in outcomes] == [[True, True]] * 2
        assert outcomes[0].exchanges
        left = adapter.read_records(case.object_name, ids, case.fields)
        assert [record["id"] for record in left] == ids[2:]

    def test_more_than_a_batch_and_some_of_them_twice(self, connect, case):
        adapter = connect(case)
        size = capabilities(case.platform).batch_limits.records
        records = [case.make_record(i) for i in range(size)], [case.make_record(i) for i in range(size, size + 20)]
        ids = [result.id for batch in records for result in upload(adapter, case, batch).results]
        outcome = adapter.archive_records(case.object_name, [*ids, *ids[:5]], trace="7-1")
        assert [result.ok for result in outcome.results] == [True] * (size + 25)
        assert not adapter.read_records(case.object_name, ids, case.fields)

    @pytest.mark.needs("starts_over")
    def test_who_comes_back_is_somebody_new(self, connect, case):
        adapter = connect(case)
        before = upload(adapter, case, [case.make_record(1)]).results[0]
        adapter.archive_records(case.object_name, [before.id], trace="7-1")
        after = upload(adapter, case, [case.make_record(1)]).results[0]
        assert after.ok and after.created and after.id != before.id

    def test_a_fault_has_its_family(self, connect, case, sandbox):
        adapter = connect(case)
        ids = [result.id for result in upload(adapter, case, [case.make_record(1)]).results]
        sandbox.fault(platform=case.platform, route=case.archive_route, kind="status", status=500)
        with pytest.raises(UnknownOutcomeError):
            adapter.archive_records(case.object_name, ids, trace="7-1")


@pytest.mark.needs("addresses_by_id", "rereads")
class TestAddressingById:
    def update(self, adapter, case, record_id, record):
        name = capabilities(case.platform).object(case.object_name).id_field
        return upload_by(adapter, case, [{**record, name: record_id}], name)[0]

    def test_somebody_whose_key_has_changed_is_still_the_same(self, connect, case):
        adapter = connect(case)
        before = upload(adapter, case, [case.make_record(1)]).results[0]
        result = self.update(adapter, case, before.id, case.make_record(9))
        assert result.ok and not result.created
        found = adapter.find_records(case.object_name, case.key, [case.make_record(9)[case.key]], case.fields)
        assert [record["id"] for record in found] == [result.id]
        assert not adapter.find_records(case.object_name, case.key, [case.make_record(1)[case.key]], case.fields)

    def test_a_part_of_a_record_leaves_the_rest_alone(self, connect, case):
        adapter = connect(case)
        before = upload(adapter, case, [case.make_record(1)]).results[0]
        result = self.update(adapter, case, before.id, {case.fields[1]: "Zoe"})
        record = adapter.read_records(case.object_name, [result.id], case.fields)[0]
        assert (record[case.fields[1]], record[case.fields[2]]) == ("Zoe", case.make_record(1)[case.fields[2]])

    @pytest.mark.needs("archives")
    @pytest.mark.parametrize("omits", [False, True], ids=["with-trace-ids", "without-trace-ids"])
    def test_each_of_many_is_told_what_became_of_him(self, connect, case, sandbox, omits):
        sandbox.ask("POST", "/settings", {"shuffle": True, "omit_trace_ids": omits})
        adapter = connect(case)
        name = capabilities(case.platform).object(case.object_name).id_field
        ids = [result.id for result in upload(adapter, case, [case.make_record(i) for i in range(6)]).results]
        adapter.archive_records(case.object_name, ids[2:3], trace="7-1")
        records = [{**case.make_record(10 + i), name: one} for i, one in enumerate(ids)]
        results = upload_by(adapter, case, [*reversed(records), {**case.make_record(1), name: None}], name)
        assert [result.ok for result in results] == [True, True, True, False, True, True, False]
        assert [result.id for result in results if result.ok] == [one for one in reversed(ids) if one != ids[2]]
        assert results[3].code in {"not_found", "deleted"} and results[6].code == "missing_key"
        found = adapter.read_records(case.object_name, ids, case.fields)
        assert {one["id"]: one[case.key] for one in found} == {
            one: case.make_record(10 + i)[case.key] for i, one in enumerate(ids) if i != 2
        }

    def test_a_key_that_somebody_else_has_is_refused(self, connect, case):
        adapter = connect(case)
        one, _ = upload(adapter, case, [case.make_record(1), case.make_record(2)]).results
        result = self.update(adapter, case, one.id, case.make_record(2))
        assert (result.ok, result.code) == (False, "duplicate_value")

    @pytest.mark.needs("archives")
    def test_somebody_who_is_gone_is_said_to_be(self, connect, case):
        adapter = connect(case)
        before = upload(adapter, case, [case.make_record(1)]).results[0]
        adapter.archive_records(case.object_name, [before.id], trace="7-1")
        assert self.update(adapter, case, before.id, case.make_record(1)).code in {"not_found", "deleted"}


def upload_by(adapter, case, records, key):
    return adapter.upload_batch(case.object_name, records, SyncMode.UPDATE, key, trace="7-2").results


@pytest.mark.needs("reads")
class TestCountingWithConditions:
    @pytest.mark.parametrize("operator", sorted(Operator))
    def test_a_count_is_what_the_conditions_say_or_nothing(self, connect, case, operator):
        adapter = connect(case)
        fill(adapter, case, 30)
        records, _ = read_all(adapter, case, everything())
        name = case.fields[2]
        value = "" if operator in WITHOUT_VALUE else str(case.make_record(3)[name])[:6]
        if operator in {Operator.ABOVE, Operator.BELOW}:
            value = "5"
        if operator in {Operator.BEFORE, Operator.AFTER}:
            value = "2026-01-01"
        condition = Condition(name, operator, value)
        is_included = compile_conditions([condition])
        counted = adapter.count(case.object_name, Window(None, datetime.now(UTC), (condition,)))
        assert counted in (None, sum(map(is_included, records)))


def vary(case, count):
    """Records in which the varied fields have every value, in many combinations."""
    given = {name: values for name, values in case.varied.items() if values}
    return [
        case.make_record(i)
        | {name: values[(i // (at + 1)) % len(values)] for at, (name, values) in enumerate(given.items())}
        for i in range(count)
    ]


def expect(records, conditions):
    """How many records fulfil the conditions; None when they cannot be compared with."""
    try:
        return sum(map(compile_conditions(conditions), records))
    except ConfigurationError:
        return None


@pytest.mark.needs("counts_conditions", "reads", "rereads")
class TestCountingExactly:
    """Against what the conditions say of all records that are read."""

    @pytest.fixture
    def varied(self, connect, case):
        """The adapter, all records, and of each field the values to compare with."""
        adapter = connect(case)
        assert all(result.ok for result in upload(adapter, case, vary(case, 60)).results)
        records, _ = read_all(adapter, replace(case, fields=tuple(case.varied)), everything())
        values = {name: ["", "nonsense", "7", "2026-02-03"] for name in case.varied}
        for name, found in values.items():
            seen = {text: None for record in records if (text := str(record[name] or ""))}
            found += [one for text in list(seen)[:6] for one in (text.upper(), text[: len(text) // 2])]
        return adapter, records, values

    def test_a_comparison_counts_what_it_says_or_nothing(self, case, varied):
        adapter, records, values = varied
        wrong, counted = [], set()
        for name, operator in product(case.varied, Operator):
            for value in dict.fromkeys([""] if operator in WITHOUT_VALUE else values[name]):
                condition = Condition(name, operator, value)
                if (expected := expect(records, [condition])) is None:
                    continue
                found = adapter.count(case.object_name, Window(None, datetime.now(UTC), (condition,)))
                wrong += [(condition, found, expected)] if found not in (None, expected) else []
                counted |= {(name, operator)} if found else set()
        assert wrong == []
        assert case.counted and case.counted <= counted

    def test_several_comparisons_have_to_hold_at_once(self, case, varied):
        adapter, records, values = varied
        singles = [Condition(name, operator, values[name][-1]) for name, operator in sorted(case.counted)]
        counted = 0
        for pair in combinations(singles, 2):
            if (expected := expect(records, pair)) is not None:
                found = adapter.count(case.object_name, Window(None, datetime.now(UTC), pair))
                assert found in (None, expected), pair
                counted += bool(found)
        assert counted

    def test_a_window_counts_too(self, case, varied):
        adapter, records, _ = varied
        name, operator = min(one for one in case.counted if one[1] in WITHOUT_VALUE)
        conditions = (Condition(name, operator),)
        later = datetime.now(UTC) + timedelta(days=1)
        assert adapter.count(case.object_name, Window(LONG_AGO, later, conditions)) == expect(records, conditions)
        assert adapter.count(case.object_name, Window(later, later + timedelta(days=1), conditions)) == 0

    def test_of_a_field_that_is_not_there_nothing_is_said(self, connect, case):
        window = Window(None, datetime.now(UTC), (Condition("no_such_field", Operator.IS_EMPTY),))
        assert connect(case).count(case.object_name, window) is None


@pytest.mark.needs("lists_objects")
class TestObjects:
    def test_the_account_s_objects_are_named_each_once(self, connect, case):
        listed = connect(case).list_objects()
        names = [one.name for one in listed]
        assert len(names) == len(set(names)) and case.object_name in names
        assert all(one.label and all(one.noun) and not one.stands_for_many for one in listed)
        assert {declared_for(case, name) for name in names} <= {one.name for one in capabilities(case.platform).objects}

    def test_every_object_is_what_it_is_listed_as(self, connect, case):
        adapter = connect(case)
        for one in adapter.list_objects():
            schema = adapter.describe(one.name)
            assert schema.name == one.name and schema.label and schema.fields
            told = (one.default_key, one.id_field, one.modified_field, one.other_keys_field)
            assert {schema.field(name) for name in told if name}.isdisjoint({None})
            assert not one.default_key or schema.field(one.default_key).is_key

    @pytest.mark.needs("reads")
    def test_every_object_that_can_be_read_is_read_and_counted(self, connect, case):
        adapter = connect(case)
        for one in adapter.list_objects():
            if one.can_read:
                fields = [one.id_field] if one.id_field else [adapter.describe(one.name).fields[0].name]
                records, _ = read_all(adapter, replace(case, object_name=one.name, fields=tuple(fields)), everything())
                assert adapter.count(one.name, everything()) in (None, len(records))


def declared_for(case, name):
    return capabilities(case.platform).object(name).name
