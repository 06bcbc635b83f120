"""Countries and states, as mapping code in the sandbox sees them."""

import pytest


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("country_code('Germany')", "DE"),
        ("country_code('deutschland')", "DE"),
        ("country_code(' de ')", "DE"),
        ("country_code('DEU')", "DE"),
        ("country_code('USA')", "US"),
        ("country_code('U.S.A.')", "US"),
        ("country_code('United States of America')", "US"),
        ("country_code('The Netherlands')", "NL"),
        ("country_code('the gambia')", "GM"),
        ("country_code('UK')", "GB"),
        ("country_code('Türkiye')", "TR"),
        ("country_code('turkiye')", "TR"),
        ("country_code('Côte d’Ivoire')", "CI"),
        ("country_code('Cote d\\'Ivoire')", "CI"),
        ("country_code('ÖSTERREICH')", "AT"),
        ("country_code('Atlantis')", None),
        ("country_code('')", None),
        ("country_code(None)", None),
        ("country_code('Kosovo', letters=3)", "XKX"),
        ("country_code('Atlantis', letters=3)", None),
        ("country_name('AT')", "Austria"),
        ("country_name('aut')", "Austria"),
        ("country_name('Österreich')", "Austria"),
        ("country_name('CI')", "Côte d'Ivoire"),
        ("country_name('xx')", None),
        ("state_code('New York')", "NY"),
        ("state_code('ny')", "NY"),
        ("state_code('Washington, D.C.')", "DC"),
        ("state_code('British Columbia', 'Canada')", "BC"),
        ("state_code('Québec', 'CA')", "QC"),
        ("state_code('NSW', 'AU')", "NSW"),
        ("state_code('Bavaria', 'DE')", "BY"),
        ("state_code('thuringen', 'Germany')", "TH"),
        ("state_code('Sao Paulo', 'Brasil')", "SP"),
        ("state_code('CDMX', 'MX')", "CMX"),
        ("state_code('Orissa', 'India')", "OD"),
        ("state_code('Loire', 'FR')", None),
        ("state_code('Loire', 'Atlantis')", None),
        ("state_code(None)", None),
        ("state_name('by', 'DE')", "Bayern"),
        ("state_name('British Columbia', 'Canada')", "British Columbia"),
        ("state_name('XX')", None),
    ],
)
def test_places_come_out_as_documented(ask, call, expected):
    assert ask(call) == expected


def test_every_country_has_both_codes_a_name_and_a_calling_code(ask):
    countries = ask("[country_code('DE'), _COUNTRY_OF][1]")
    assert len(countries) == 250
    for code, (name, letters, calling, fewest, most) in countries.items():
        assert len(code) == 2 and len(letters) == 3 and (code + letters).isupper() and name
        assert calling.isdigit() and len(calling) <= 3 and 4 <= fewest <= most <= 15
    for part in (0, 1):
        words = [country[part] for country in countries.values()]
        assert len(set(words)) == 250
        assert ask(f"[country_code(word) for word in {words!r}]") == list(countries)


def test_every_state_is_found_by_its_code_and_by_its_name(ask):
    counts = {"US": 59, "CA": 13, "AU": 8, "BR": 27, "DE": 16, "IN": 36, "MX": 32}
    for country, count in counts.items():
        names = ask(f"[state_code('x', '{country}'), _STATE_NAME_OF['{country}']][1]")
        assert len(names) == len(set(names.values())) == count
        for words in (list(names), list(names.values())):
            assert ask(f"[state_code(word, '{country}') for word in {words!r}]") == list(names)
