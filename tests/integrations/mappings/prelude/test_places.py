"""Countries, states and phone numbers, as mapping code in the sandbox sees them."""

import pytest


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("country_code('Germany')", "DE"),
        ("country_code('deutschland')", "DE"),
        ("country_code(' de ')", "DE"),
        ("country_code('USA')", "US"),
        ("country_code('United States of America')", "US"),
        ("country_code('UK')", "GB"),
        ("country_code('Atlantis')", None),
        ("country_code('')", None),
        ("country_code(None)", None),
        ("country_name('AT')", "Austria"),
        ("country_name('Österreich')", "Austria"),
        ("country_name('CI')", "Côte d'Ivoire"),
        ("country_name('xx')", None),
        ("state_code('New York')", "NY"),
        ("state_code('ny')", "NY"),
        ("state_code('British Columbia', 'Canada')", "BC"),
        ("state_code('NSW', 'AU')", "NSW"),
        ("state_code('Bavaria', 'DE')", None),
        ("state_code(None)", None),
        ("clean_phone('+1 (415) 555-0132')", "+14155550132"),
        ("clean_phone('0049 30 5550 1234')", "+493055501234"),
        ("clean_phone('+44 (0)20 7946 0958')", "+442079460958"),
        ("clean_phone('(415) 555-0132', 'US')", "+14155550132"),
        ("clean_phone('1 415 555 0132', 'US')", "+14155550132"),
        ("clean_phone('555-0132', 'US')", None),
        ("clean_phone('030 5550 1234', 'Germany')", "+493055501234"),
        ("clean_phone('06 1234 5678', 'IT')", "+390612345678"),
        ("clean_phone('030 5550 1234')", None),
        ("clean_phone('030 5550 1234', 'Atlantis')", None),
        ("clean_phone('+1 415 555 0132 ext. 4711')", None),
        ("clean_phone('+49 30 55501234; +49 30 55501235')", None),
        ("clean_phone('+49 30 5550 1234 +49 30 5550 1235')", None),
        ("clean_phone('call me')", None),
        ("clean_phone('123')", None),
        ("clean_phone('+1234567890123456')", None),
        ("clean_phone('')", None),
        ("clean_phone(None)", None),
        ("clean_phone(14155550132, 'US')", "+14155550132"),
    ],
)
def test_places_and_numbers_come_out_as_documented(ask, call, expected):
    assert ask(call) == expected


def test_every_country_has_a_code_a_name_and_a_calling_code(ask):
    names, calling = ask("[country_code('DE'), [_NAME_OF, _CALLING]][1]")
    assert len(names) == 250 and names.keys() == calling.keys()
    assert all(len(code) == 2 and code.isupper() for code in names)
    assert all(number.isdigit() and len(number) <= 3 for number in calling.values())
    assert ask(f"[country_code(name) for name in {list(names.values())!r}]") == list(names)
