"""Who is included, condition by condition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.enums import Operator as O
from integrations.exceptions import ConfigurationError
from integrations.mappings.conditions import compile_conditions, read_conditions
from integrations.types import Condition

ROWS = [
    (O.IS, "Germany", "germany ", True),
    (O.IS, "true", True, True),
    (O.IS, "5", 5, True),
    (O.IS, "", None, True),
    (O.IS_NOT, "Germany", "France", True),
    (O.IS_NOT, "Germany", None, True),
    (O.CONTAINS, "acme", "ACME Ltd", True),
    (O.CONTAINS, "acme", None, False),
    (O.CONTAINS_NOT, "test", "a@test.org", False),
    (O.CONTAINS_NOT, "test", None, True),
    (O.STARTS_WITH, "+49", "+49 30 1", True),
    (O.IS_EMPTY, "", "  ", True),
    (O.IS_EMPTY, "", 0, False),
    (O.IS_FILLED, "", "x", True),
    (O.IS_FILLED, "", None, False),
    (O.ABOVE, "100", "100.5", True),
    (O.ABOVE, "100", 100, False),
    (O.ABOVE, "100", "many", False),
    (O.ABOVE, "0", True, False),
    (O.BELOW, "100", None, False),
    (O.BELOW, "100", -3, True),
    (O.AFTER, "2026-01-31", "2026-02-01", True),
    (O.AFTER, "2026-01-31", "2026-01-31T00:00:01Z", True),
    (O.AFTER, "2026-01-31", "1769904000000", True),
    (O.AFTER, "2026-01-31", "soon", False),
    (O.BEFORE, "2026-01-31", "2026-01-30T23:00:00+02:00", True),
    (O.BEFORE, "2026-01-31", None, False),
    (O.BEFORE, "2026-01-31", "9" * 30, False),
    (O.AFTER, "2026-01-31", "²" * 13, False),
    (O.AFTER, "2026-01-31", "--1769904000000", False),
]


@pytest.mark.parametrize(("operator", "wanted", "value", "included"), ROWS)
def test_a_condition_holds_or_does_not(operator, wanted, value, included) -> None:
    test = compile_conditions([Condition("field", operator, wanted)])
    assert test is not None and test({"id": "1", "field": value}) is included


def test_all_conditions_must_hold() -> None:
    test = compile_conditions([Condition("a", O.IS_FILLED), Condition("b", O.IS, "x")])
    assert test is not None
    assert [test({"a": a, "b": b}) for a, b in (("1", "x"), ("", "x"), ("1", "y"))] == [True, False, False]


def test_without_conditions_everybody_is_included() -> None:
    assert compile_conditions(()) is None


@pytest.mark.parametrize(("operator", "value"), [(O.ABOVE, "many"), (O.BEFORE, "31.01.2026"), (O.AFTER, "")])
def test_a_condition_that_cannot_be_compared_is_a_matter_of_configuration(operator, value) -> None:
    with pytest.raises(ConfigurationError, match="who is included"):
        compile_conditions([Condition("field", operator, value)])


def test_the_column_of_a_sync_becomes_conditions() -> None:
    plain = [{"field": "country", "operator": "is", "value": "Spain"}, {"field": "phone", "operator": "is_filled"}]
    assert read_conditions(plain) == (Condition("country", O.IS, "Spain"), Condition("phone", O.IS_FILLED))


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers())


@given(st.sampled_from(sorted(set(O) - {O.ABOVE, O.BELOW, O.BEFORE, O.AFTER})), st.text(), VALUES)
def test_any_value_is_answered_with_yes_or_no(operator, wanted, value) -> None:
    test = compile_conditions([Condition("f", operator, wanted)])
    assert test is not None and test({"f": value}) in (True, False)


@given(st.sampled_from([O.ABOVE, O.BELOW]), st.integers(), VALUES)
def test_a_number_is_never_above_and_below_another(operator, wanted, value) -> None:
    above, below = (compile_conditions([Condition("f", one, str(wanted))]) for one in (O.ABOVE, O.BELOW))
    assert above is not None and below is not None
    assert not (above({"f": value}) and below({"f": value}))
