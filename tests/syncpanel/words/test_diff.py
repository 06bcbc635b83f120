"""Two texts of code compared, as HTML."""

from hypothesis import given
from hypothesis import strategies as st

from syncpanel.words.diff import compare, tokens_by_line

OLD = 'def f(x):\n    return x["a"]\n'


def test_the_same_text_has_no_differences() -> None:
    assert compare(OLD, OLD).is_empty


def test_a_changed_word_is_marked_in_both_lines() -> None:
    diff = compare(OLD, OLD.replace('"a"', '"b"'))
    assert (diff.added, diff.removed) == (1, 1)
    assert diff.html.count("<mark>") == 2


def test_lines_that_are_not_alike_have_no_marks() -> None:
    assert "<mark>" not in compare("alpha = 1", "return {'x': record.get('y')}").html


def test_what_is_left_out_is_counted() -> None:
    long = "\n".join(f"a{n} = {n}" for n in range(40))
    assert "37 lines the same" in compare(long, long.replace("a0 = 0", "a0 = 1")).html


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_becomes_markup(old: str, new: str) -> None:
    diff = compare(f"<b>{old}", f"<i>{new}")
    assert "<b>" not in diff.html
    assert "<i>" not in diff.html


@given(st.text(max_size=200))
def test_no_character_is_lost(code: str) -> None:
    joined = "\n".join("".join(text for _, text in line) for line in tokens_by_line(code))
    assert joined == code.replace("\r\n", "\n").replace("\r", "\n")
