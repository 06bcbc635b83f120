"""Plain values, choices and lists, as mapping code in the sandbox sees them."""

import pytest

SOURCES = "{'ORGANIC_SEARCH': 'Organic Search', 'OFFLINE': 'Other'}"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("first_of(None, '', [], 'a', 'b')", "a"),
        ("first_of(0, 1)", 0),
        ("first_of(False, True)", False),
        ("first_of()", None),
        ("to_bool('Yes')", True),
        ("to_bool(' TRUE ')", True),
        ("to_bool(1)", True),
        ("to_bool('off')", False),
        ("to_bool('nein')", False),
        ("to_bool(False)", False),
        ("to_bool('maybe')", None),
        ("to_bool(None)", None),
        ("to_number('1,234.50')", 1234.5),
        ("to_number('1.234,50', decimal=',')", 1234.5),
        ('to_number("1\'234")', 1234.0),
        ("to_number('1e3')", 1000.0),
        ("to_number('-.5')", -0.5),
        ("to_number(7)", 7.0),
        ("to_number('12 apples')", None),
        ("to_number('')", None),
        ("to_number('nan')", None),
        ("to_number(float('inf'))", None),
        ("to_number('1e999')", None),
        ("to_number([1])", None),
        ("to_int('42')", 42),
        ("to_int('42.0')", 42),
        ("to_int('1,200')", 1200),
        ("to_int('9007199254740993')", 9007199254740993),
        ("to_int('42.5')", None),
        ("to_int(None)", None),
        ("to_int('²')", None),
        ("pick('organic_search', ['ORGANIC_SEARCH', 'OFFLINE'])", "ORGANIC_SEARCH"),
        (f"pick('ORGANIC_SEARCH', {SOURCES}, 'Marketing Site')", "Organic Search"),
        (f"pick(' offline ', {SOURCES}, 'Marketing Site')", "Other"),
        (f"pick('', {SOURCES}, 'Marketing Site')", "Marketing Site"),
        (f"pick(None, {SOURCES}, 'Marketing Site')", "Marketing Site"),
        (f"pick('NEW', {SOURCES})", None),
        ("pick(3, ['1', '2', '3'])", "3"),
        ("split_multi('a; b;;a ;c')", ["a", "b", "c"]),
        ("split_multi('a, b; c', ';,')", ["a", "b", "c"]),
        ("split_multi(['a', ' b '])", ["a", "b"]),
        ("split_multi(None)", []),
        ("join_multi(['a', None, ' ', 'b'])", "a;b"),
        ("join_multi(['a', 'b'], ', ')", "a, b"),
        ("join_multi([])", None),
        ("join_multi(None)", None),
        ("print('hello')", None),
    ],
)
def test_values_come_out_as_documented(ask, call, expected):
    answer = ask(call)
    assert answer == expected and type(answer) is type(expected)
