"""The few people a mapping is tried on show what occurs."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.mappings.variety import choose_different

ORDINARY = [{"id": str(n), "name": f"Jane Doe{n}", "phone": "+44 20 7946", "country": "GB"} for n in range(50)]


def test_the_odd_ones_are_among_few() -> None:
    odd = [
        {"id": "empty", "name": "", "phone": "", "country": "GB"},
        {"id": "accent", "name": "Łukasz Gómez", "phone": "+44 20 7946", "country": "GB"},
        {"id": "apostrophe", "name": "Kate O'Brien", "phone": "+44 20 7946", "country": "GB"},
        {"id": "country", "name": "Ann Smith", "phone": "+44 20 7946", "country": "ZA"},
    ]
    chosen = {record["id"] for record in choose_different([*ORDINARY, *odd], 6)}
    assert {"empty", "accent", "apostrophe", "country"} <= chosen


def test_fewer_records_than_asked_for_are_all_chosen() -> None:
    assert len(choose_different(ORDINARY[:3], 20)) == 3
    assert choose_different([], 20) == []


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "Ännchen", "O'Brien", "12", None])),
        max_size=20,
    ),
    st.integers(1, 9),
)
def test_the_choice_is_always_the_same_and_never_twice_the_same_record(rows: list[dict], count: int) -> None:
    records = [{**row, "id": str(n)} for n, row in enumerate(rows)]
    chosen = choose_different(records, count)
    assert chosen == choose_different(records, count)
    assert len({record["id"] for record in chosen}) == len(chosen) == min(count, len(records))
