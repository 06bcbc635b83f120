"""Phone numbers, as mapping code in the sandbox sees them."""

import pytest


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("clean_phone('+1 (415) 555-0132')", "+14155550132"),
        ("clean_phone('0049 30 5550 1234')", "+493055501234"),
        ("clean_phone('+44 (0)20 7946 0958')", "+442079460958"),
        ("clean_phone('(415) 555-0132', 'US')", "+14155550132"),
        ("clean_phone('1 415 555 0132', 'US')", "+14155550132"),
        ("clean_phone('555-0132', 'US')", None),
        ("clean_phone('030 5550 1234', 'Germany')", "+493055501234"),
        ("clean_phone('06 1234 5678', 'IT')", "+390612345678"),
        ("clean_phone('06 1 234 5678', 'HU')", "+3612345678"),
        ("clean_phone('8 495 123 45 67', 'RU')", "+74951234567"),
        ("clean_phone('800 123 45 67', 'RU')", "+78001234567"),
        ("clean_phone('612 345 678', 'ES')", "+34612345678"),
        ("clean_phone('34 612 345 678', 'ES')", "+34612345678"),
        ("clean_phone('07 12 34 56 78', 'CI')", "+2250712345678"),
        ("clean_phone('020 7946 0958', 'UK')", "+442079460958"),
        ("clean_phone('030 5550 1234')", None),
        ("clean_phone('030 5550 1234', 'Atlantis')", None),
        ("clean_phone('030 5550 1234', None)", None),
        ("clean_phone('+1 415 555 0132 ext. 4711')", None),
        ("clean_phone('+49 30 55501234; +49 30 55501235')", None),
        ("clean_phone('+49 30 5550 1234 +49 30 5550 1235')", None),
        ("clean_phone('+1 415 555 013')", None),
        ("clean_phone('+999 415 555 0132')", None),
        ("clean_phone('call me')", None),
        ("clean_phone('123')", None),
        ("clean_phone('+1234567890123456')", None),
        ("clean_phone('+')", None),
        ("clean_phone('00')", None),
        ("clean_phone('')", None),
        ("clean_phone(None)", None),
        ("clean_phone(14155550132, 'US')", "+14155550132"),
        ("phone_country('+49 30 5550 1234')", "DE"),
        ("phone_country('+1 415 555 0132')", "US"),
        ("phone_country('+1 604 555 0132')", "CA"),
        ("phone_country('+1 876 555 0132')", "JM"),
        ("phone_country('+7 495 123 45 67')", "RU"),
        ("phone_country('+7 701 123 45 67')", "KZ"),
        ("phone_country('+44 20 7946 0958')", "GB"),
        ("phone_country('+599 9 123 4567')", "CW"),
        ("phone_country('(415) 555-0132', 'US')", "US"),
        ("phone_country('call me')", None),
        ("phone_country(None)", None),
    ],
)
def test_numbers_come_out_as_documented(ask, call, expected):
    assert ask(call) == expected


def test_every_country_s_own_code_is_a_country_of_a_number(ask):
    known = ask("[phone_country('+1'), _COUNTRY_BEHIND][1]")
    countries = ask("[country_code('DE'), _COUNTRY_OF][1]")
    assert {country[2] for country in countries.values()} == {calling for calling in known if len(calling) < 4}
    assert set(known.values()) <= set(countries)
    shared = {calling: code for calling, code in known.items() if len(calling) < 4}
    assert all(countries[code][2] == calling for calling, code in shared.items())
