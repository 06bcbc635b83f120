"""Runs in the sandbox: countries, states and phone numbers."""

import re
from typing import Any

# ISO 3166-1 code, English name, calling code (ITU E.164)
_COUNTRIES = """
AD Andorra 376; AE United Arab Emirates 971; AF Afghanistan 93; AG Antigua and Barbuda 1; AI Anguilla 1;
AL Albania 355; AM Armenia 374; AO Angola 244; AQ Antarctica 672; AR Argentina 54; AS American Samoa 1;
AT Austria 43; AU Australia 61; AW Aruba 297; AX Åland Islands 358; AZ Azerbaijan 994;
BA Bosnia and Herzegovina 387; BB Barbados 1; BD Bangladesh 880; BE Belgium 32; BF Burkina Faso 226;
BG Bulgaria 359; BH Bahrain 973; BI Burundi 257; BJ Benin 229; BL Saint Barthélemy 590; BM Bermuda 1;
BN Brunei 673; BO Bolivia 591; BQ Caribbean Netherlands 599; BR Brazil 55; BS Bahamas 1; BT Bhutan 975;
BV Bouvet Island 47; BW Botswana 267; BY Belarus 375; BZ Belize 501; CA Canada 1; CC Cocos Islands 61;
CD Democratic Republic of the Congo 243; CF Central African Republic 236; CG Republic of the Congo 242;
CH Switzerland 41; CI Côte d'Ivoire 225; CK Cook Islands 682; CL Chile 56; CM Cameroon 237; CN China 86;
CO Colombia 57; CR Costa Rica 506; CU Cuba 53; CV Cape Verde 238; CW Curaçao 599; CX Christmas Island 61;
CY Cyprus 357; CZ Czechia 420; DE Germany 49; DJ Djibouti 253; DK Denmark 45; DM Dominica 1;
DO Dominican Republic 1; DZ Algeria 213; EC Ecuador 593; EE Estonia 372; EG Egypt 20; EH Western Sahara 212;
ER Eritrea 291; ES Spain 34; ET Ethiopia 251; FI Finland 358; FJ Fiji 679; FK Falkland Islands 500;
FM Micronesia 691; FO Faroe Islands 298; FR France 33; GA Gabon 241; GB United Kingdom 44; GD Grenada 1;
GE Georgia 995; GF French Guiana 594; GG Guernsey 44; GH Ghana 233; GI Gibraltar 350; GL Greenland 299;
GM Gambia 220; GN Guinea 224; GP Guadeloupe 590; GQ Equatorial Guinea 240; GR Greece 30;
GS South Georgia and the South Sandwich Islands 500; GT Guatemala 502; GU Guam 1; GW Guinea-Bissau 245;
GY Guyana 592; HK Hong Kong 852; HM Heard Island and McDonald Islands 672; HN Honduras 504; HR Croatia 385;
HT Haiti 509; HU Hungary 36; ID Indonesia 62; IE Ireland 353; IL Israel 972; IM Isle of Man 44; IN India 91;
IO British Indian Ocean Territory 246; IQ Iraq 964; IR Iran 98; IS Iceland 354; IT Italy 39; JE Jersey 44;
JM Jamaica 1; JO Jordan 962; JP Japan 81; KE Kenya 254; KG Kyrgyzstan 996; KH Cambodia 855; KI Kiribati 686;
KM Comoros 269; KN Saint Kitts and Nevis 1; KP North Korea 850; KR South Korea 82; KW Kuwait 965;
KY Cayman Islands 1; KZ Kazakhstan 7; LA Laos 856; LB Lebanon 961; LC Saint Lucia 1; LI Liechtenstein 423;
LK Sri Lanka 94; LR Liberia 231; LS Lesotho 266; LT Lithuania 370; LU Luxembourg 352; LV Latvia 371;
LY Libya 218; MA Morocco 212; MC Monaco 377; MD Moldova 373; ME Montenegro 382; MF Saint Martin 590;
MG Madagascar 261; MH Marshall Islands 692; MK North Macedonia 389; ML Mali 223; MM Myanmar 95;
MN Mongolia 976; MO Macao 853; MP Northern Mariana Islands 1; MQ Martinique 596; MR Mauritania 222;
MS Montserrat 1; MT Malta 356; MU Mauritius 230; MV Maldives 960; MW Malawi 265; MX Mexico 52; MY Malaysia 60;
MZ Mozambique 258; NA Namibia 264; NC New Caledonia 687; NE Niger 227; NF Norfolk Island 672; NG Nigeria 234;
NI Nicaragua 505; NL Netherlands 31; NO Norway 47; NP Nepal 977; NR Nauru 674; NU Niue 683; NZ New Zealand 64;
OM Oman 968; PA Panama 507; PE Peru 51; PF French Polynesia 689; PG Papua New Guinea 675; PH Philippines 63;
PK Pakistan 92; PL Poland 48; PM Saint Pierre and Miquelon 508; PN Pitcairn 64; PR Puerto Rico 1;
PS Palestine 970; PT Portugal 351; PW Palau 680; PY Paraguay 595; QA Qatar 974; RE Réunion 262; RO Romania 40;
RS Serbia 381; RU Russia 7; RW Rwanda 250; SA Saudi Arabia 966; SB Solomon Islands 677; SC Seychelles 248;
SD Sudan 249; SE Sweden 46; SG Singapore 65; SH Saint Helena 290; SI Slovenia 386;
SJ Svalbard and Jan Mayen 47; SK Slovakia 421; SL Sierra Leone 232; SM San Marino 378; SN Senegal 221;
SO Somalia 252; SR Suriname 597; SS South Sudan 211; ST São Tomé and Príncipe 239; SV El Salvador 503;
SX Sint Maarten 1; SY Syria 963; SZ Eswatini 268; TC Turks and Caicos Islands 1; TD Chad 235;
TF French Southern Territories 262; TG Togo 228; TH Thailand 66; TJ Tajikistan 992; TK Tokelau 690;
TL Timor-Leste 670; TM Turkmenistan 993; TN Tunisia 216; TO Tonga 676; TR Türkiye 90; TT Trinidad and Tobago 1;
TV Tuvalu 688; TW Taiwan 886; TZ Tanzania 255; UA Ukraine 380; UG Uganda 256;
UM United States Minor Outlying Islands 1; US United States 1; UY Uruguay 598; UZ Uzbekistan 998;
VA Vatican City 39; VC Saint Vincent and the Grenadines 1; VE Venezuela 58; VG British Virgin Islands 1;
VI US Virgin Islands 1; VN Vietnam 84; VU Vanuatu 678; WF Wallis and Futuna 681; WS Samoa 685; XK Kosovo 383;
YE Yemen 967; YT Mayotte 262; ZA South Africa 27; ZM Zambia 260; ZW Zimbabwe 263
"""
_OTHER_NAMES = """
AT aut, österreich, oesterreich, autriche; AU aus; BE bel, belgië, belgique, belgien;
BR bra, brasil, brasilien; CA can, kanada, canadá; CH che, schweiz, suisse, svizzera;
CN chn, prc, people's republic of china; CZ cze, czech republic, česko, tschechien;
DE deu, deutschland, allemagne, alemania, germania; DK dnk, danmark, dänemark;
ES esp, españa, espana, espagne, spanien; FI fin, suomi, finnland;
FR fra, frankreich, francia, république française;
GB gbr, uk, u.k., great britain, england, scotland, wales, northern ireland, grossbritannien, reino unido, royaume-uni;
GR grc, ellada, hellas; HK hkg, hong kong sar; HU hun; IN ind, bharat, indien;
IE irl, éire, eire, republic of ireland, irland; IL isr; IT ita, italia, italien, italie; JP jpn, nippon;
KR kor, korea, republic of korea; LU lux; MX mex, méxico, mexique, mexiko;
NL nld, holland, the netherlands, nederland, niederlande, pays-bas; NO nor, norge, norwegen; NZ nzl;
PL pol, polska, polen; PT prt; RO rou; RU rus, russian federation; SG sgp; SE swe, sverige, schweden;
TR tur, turkey, türkei; UA ukr;
US usa, u.s.a., u.s., united states of america, vereinigte staaten, estados unidos, etats-unis, america;
ZA zaf, rsa, südafrika; AE are, uae, u.a.e., emirates; CI ivory coast; CV cabo verde; MK macedonia;
SZ swaziland; MM burma; VN viet nam; IR islamic republic of iran; SY syrian arab republic; LA lao;
TZ united republic of tanzania; VE bolivarian republic of venezuela; BO plurinational state of bolivia;
MD republic of moldova; CD dr congo, drc; CG congo; VA holy see; PS palestinian territories;
BN brunei darussalam; TL east timor; KP dprk
"""
_STATES = {
    "US": """
AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, DE Delaware, DC
District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas,
KY Kentucky, LA Louisiana, ME Maine, MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi,
MO Missouri, MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York, NC
North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, PR Puerto Rico, RI Rhode
Island, SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia, WA
Washington, WV West Virginia, WI Wisconsin, WY Wyoming
""",
    "CA": """
AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, NL Newfoundland and Labrador, NS Nova Scotia, NT
Northwest Territories, NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, YT Yukon
""",
    "AU": """
ACT Australian Capital Territory, NSW New South Wales, NT Northern Territory, QLD Queensland, SA South
Australia, TAS Tasmania, VIC Victoria, WA Western Australia
""",
}
_ODD_IN_PHONE = re.compile(r"[^0-9+()\s./\-–‑]")
_NOT_DIGIT = re.compile("[^0-9]+")
_NO_TRUNK_ZERO = {"IT", "SM", "VA"}
_NAME_OF: dict[str, str] = {}
_CALLING: dict[str, str] = {}
_CODE_OF: dict[str, str] = {}
_STATE_OF: dict[str, dict[str, str]] = {}


def _read_countries() -> None:
    for line in _COUNTRIES.strip().replace("\n", " ").split("; "):
        code, rest = line.split(" ", 1)
        name, calling = rest.rsplit(" ", 1)
        _NAME_OF[code] = name
        _CALLING[code] = calling
        _CODE_OF[name.lower()] = code
        _CODE_OF[code.lower()] = code
    for line in _OTHER_NAMES.strip().replace("\n", " ").split("; "):
        code, names = line.split(" ", 1)
        for name in names.split(", "):
            _CODE_OF[name] = code


def _read_states(country: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _STATES[country].strip().replace("\n", " ").split(", "):
        code, name = line.split(" ", 1)
        found[code.lower()] = code
        found[name.lower()] = code
    return found


def country_code(value: Any) -> str | None:
    """The two-letter code of a country, from its name ("Germany", "Deutschland"), "USA" or "de"; None when unknown."""
    if not value:
        return None
    if not _NAME_OF:
        _read_countries()
    text = str(value).strip()
    return text if text in _NAME_OF else _CODE_OF.get(text.lower())


def country_name(value: Any) -> str | None:
    """The English name of a country, from its code or any name it goes by; None when unknown."""
    code = country_code(value)
    return None if code is None else _NAME_OF[code]


def state_code(value: Any, country: Any = "US") -> str | None:
    """The code of a state in the US, Canada or Australia ("New York" is "NY"); None when unknown."""
    code = country_code(country)
    if not value or code not in _STATES:
        return None
    if code not in _STATE_OF:
        _STATE_OF[code] = _read_states(code)
    return _STATE_OF[code].get(" ".join(str(value).split()).lower())


def clean_phone(value: Any, default_country: Any = "") -> str | None:
    """A phone number as +14155550132; None when it is none or has no country (`default_country`: "US" or "Germany")."""
    if value is None:
        return None
    text = str(value).strip()
    if not text or _ODD_IN_PHONE.search(text):
        return None
    if text[0] == "+" or text.startswith("00"):
        digits = _NOT_DIGIT.sub("", text.replace("(0)", "")).lstrip("0")
    else:
        digits = _dial_abroad(_NOT_DIGIT.sub("", text), country_code(default_country))
    return "+" + digits if 7 < len(digits) < 16 and text.rfind("+") < 1 else None


def _dial_abroad(digits: str, country: str | None) -> str:
    if country is None:
        return ""
    calling = _CALLING[country]
    if calling == "1":
        return digits if len(digits) == 11 and digits[0] == "1" else ("1" + digits if len(digits) == 10 else "")
    if digits[:1] == "0" and country not in _NO_TRUNK_ZERO:
        digits = digits[1:]
    return calling + digits
