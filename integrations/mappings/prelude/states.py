"""States of Australia, Brazil, Canada, Germany, India, Mexico and the United States.

Runs in the sandbox.
"""

from typing import Any

from integrations.mappings.prelude.places import _plain, country_code

# ISO 3166-2 codes without the country, then the names
_STATES = {
    "AU": """
ACT Australian Capital Territory; NSW New South Wales; NT Northern Territory; QLD Queensland; SA South Australia;
TAS Tasmania; VIC Victoria; WA Western Australia
""",
    "BR": """
AC Acre; AL Alagoas; AM Amazonas; AP Amapá; BA Bahia; CE Ceará; DF Distrito Federal; ES Espírito Santo; GO Goiás; MA
Maranhão; MG Minas Gerais; MS Mato Grosso do Sul; MT Mato Grosso; PA Pará; PB Paraíba; PE Pernambuco; PI Piauí; PR
Paraná; RJ Rio de Janeiro; RN Rio Grande do Norte; RO Rondônia; RR Roraima; RS Rio Grande do Sul; SC Santa Catarina;
SE Sergipe; SP São Paulo; TO Tocantins
""",
    "CA": """
AB Alberta; BC British Columbia; MB Manitoba; NB New Brunswick; NL Newfoundland and Labrador/Newfoundland; NS Nova
Scotia; NT Northwest Territories; NU Nunavut; ON Ontario; PE Prince Edward Island; QC Quebec/Québec; SK
Saskatchewan; YT Yukon
""",
    "DE": """
BB Brandenburg; BE Berlin; BW Baden-Württemberg; BY Bayern/Bavaria; HB Bremen; HE Hessen/Hesse; HH Hamburg; MV
Mecklenburg-Vorpommern/Mecklenburg-Western Pomerania; NI Niedersachsen/Lower Saxony; NW Nordrhein-Westfalen/North
Rhine-Westphalia; RP Rheinland-Pfalz/Rhineland-Palatinate; SH Schleswig-Holstein; SL Saarland; SN Sachsen/Saxony; ST
Sachsen-Anhalt/Saxony-Anhalt; TH Thüringen/Thuringia
""",
    "IN": """
AN Andaman and Nicobar Islands; AP Andhra Pradesh; AR Arunachal Pradesh; AS Assam; BR Bihar; CG Chhattisgarh/CT; CH
Chandigarh; DH Dadra and Nagar Haveli and Daman and Diu; DL Delhi/New Delhi; GA Goa; GJ Gujarat; HP Himachal
Pradesh; HR Haryana; JH Jharkhand; JK Jammu and Kashmir; KA Karnataka; KL Kerala; LA Ladakh; LD Lakshadweep; MH
Maharashtra; ML Meghalaya; MN Manipur; MP Madhya Pradesh; MZ Mizoram; NL Nagaland; OD Odisha/Orissa/OR; PB Punjab;
PY Puducherry/Pondicherry; RJ Rajasthan; SK Sikkim; TN Tamil Nadu; TR Tripura; TS Telangana/TG; UK Uttarakhand/UT;
UP Uttar Pradesh; WB West Bengal
""",
    "MX": """
AGU Aguascalientes; BCN Baja California; BCS Baja California Sur; CAM Campeche; CHH Chihuahua; CHP Chiapas; CMX
Ciudad de México/Mexico City/CDMX/Distrito Federal; COA Coahuila/Coahuila de Zaragoza; COL Colima; DUR Durango; GRO
Guerrero; GUA Guanajuato; HID Hidalgo; JAL Jalisco; MEX México/Estado de México/State of Mexico; MIC
Michoacán/Michoacán de Ocampo; MOR Morelos; NAY Nayarit; NLE Nuevo León; OAX Oaxaca; PUE Puebla; QUE Querétaro; ROO
Quintana Roo; SIN Sinaloa; SLP San Luis Potosí; SON Sonora; TAB Tabasco; TAM Tamaulipas; TLA Tlaxcala; VER
Veracruz/Veracruz de Ignacio de la Llave; YUC Yucatán; ZAC Zacatecas
""",
    "US": """
AK Alaska; AL Alabama; AR Arkansas; AS American Samoa; AZ Arizona; CA California; CO Colorado; CT Connecticut; DC
District of Columbia/Washington DC/Washington, D.C.; DE Delaware; FL Florida; GA Georgia; GU Guam; HI Hawaii; IA
Iowa; ID Idaho; IL Illinois; IN Indiana; KS Kansas; KY Kentucky; LA Louisiana; MA Massachusetts; MD Maryland; ME
Maine; MI Michigan; MN Minnesota; MO Missouri; MP Northern Mariana Islands; MS Mississippi; MT Montana; NC North
Carolina; ND North Dakota; NE Nebraska; NH New Hampshire; NJ New Jersey; NM New Mexico; NV Nevada; NY New York; OH
Ohio; OK Oklahoma; OR Oregon; PA Pennsylvania; PR Puerto Rico; RI Rhode Island; SC South Carolina; SD South Dakota;
TN Tennessee; TX Texas; UT Utah; VA Virginia; VI US Virgin Islands/Virgin Islands; VT Vermont; WA Washington; WI
Wisconsin; WV West Virginia; WY Wyoming; AA Armed Forces Americas; AE Armed Forces Europe; AP Armed Forces Pacific
""",
}
_STATE_OF: dict[str, dict[str, str]] = {}
_STATE_NAME_OF: dict[str, dict[str, str]] = {}


def _read_states(country: str) -> None:
    codes: dict[str, str] = {}
    names_of: dict[str, str] = {}
    for row in _STATES[country].strip().replace("\n", " ").split("; "):
        code, rest = row.split(" ", 1)
        names = rest.split("/")
        names_of[code] = names[0]
        for name in [code, *names]:
            codes[_plain(name)] = code
    _STATE_OF[country] = codes
    _STATE_NAME_OF[country] = names_of


def state_code(value: Any, country: Any = "US") -> str | None:
    """The code of a state in the US, Canada, Australia, Brazil, Germany, India or Mexico; None when unknown.

    In words: as a state code
    >>> state_code("New York")
    'NY'
    >>> state_code("quebec", "Canada")
    'QC'
    >>> state_code("Bavaria", "DE")
    'BY'
    """
    code = country_code(country)
    if not value or code not in _STATES:
        return None
    if code not in _STATE_OF:
        _read_states(code)
    return _STATE_OF[code].get(_plain(str(value)))


def state_name(value: Any, country: Any = "US") -> str | None:
    """The name of a state, from its code or name, in one of these countries; None when unknown.

    In words: as a state's name
    >>> state_name("ny")
    'New York'
    >>> state_name("SP", "Brazil")
    'São Paulo'
    """
    found, code = state_code(value, country), country_code(country)
    return None if found is None or code is None else _STATE_NAME_OF[code][found]
