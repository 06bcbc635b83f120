"""Countries and states.

Runs in the sandbox.
"""

import re
import unicodedata
from typing import Any

# ISO 3166-1 codes, English name, calling code (ITU E.164), fewest and most digits of a number behind it
_COUNTRIES = """
AD AND Andorra 376 6-9; AE ARE United Arab Emirates 971 8-9; AF AFG Afghanistan 93 9-9; AG ATG Antigua and Barbuda 1
10-10; AI AIA Anguilla 1 10-10; AL ALB Albania 355 8-9; AM ARM Armenia 374 8-8; AO AGO Angola 244 9-9; AQ ATA
Antarctica 672 6-6; AR ARG Argentina 54 10-11; AS ASM American Samoa 1 10-10; AT AUT Austria 43 4-13; AU AUS
Australia 61 9-9; AW ABW Aruba 297 7-7; AX ALA Åland Islands 358 6-10; AZ AZE Azerbaijan 994 9-9; BA BIH Bosnia and
Herzegovina 387 8-9; BB BRB Barbados 1 10-10; BD BGD Bangladesh 880 6-10; BE BEL Belgium 32 8-9; BF BFA Burkina Faso
226 8-8; BG BGR Bulgaria 359 6-9; BH BHR Bahrain 973 8-8; BI BDI Burundi 257 8-8; BJ BEN Benin 229 10-10; BL BLM Saint
Barthélemy 590 9-9; BM BMU Bermuda 1 10-10; BN BRN Brunei 673 7-7; BO BOL Bolivia 591 8-8; BQ BES Caribbean
Netherlands 599 7-7; BR BRA Brazil 55 10-11; BS BHS Bahamas 1 10-10; BT BTN Bhutan 975 7-8; BV BVT Bouvet Island 47
8-8; BW BWA Botswana 267 7-8; BY BLR Belarus 375 9-9; BZ BLZ Belize 501 7-7; CA CAN Canada 1 10-10; CC CCK Cocos
Islands 61 9-9; CD COD Democratic Republic of the Congo 243 7-10; CF CAF Central African Republic 236 8-8; CG COG
Republic of the Congo 242 9-9; CH CHE Switzerland 41 9-9; CI CIV Côte d'Ivoire 225 10-10; CK COK Cook Islands 682 5-5;
CL CHL Chile 56 9-9; CM CMR Cameroon 237 9-9; CN CHN China 86 7-11; CO COL Colombia 57 8-10; CR CRI Costa Rica 506
8-8; CU CUB Cuba 53 6-10; CV CPV Cape Verde 238 7-7; CW CUW Curaçao 599 7-8; CX CXR Christmas Island 61 9-9; CY CYP
Cyprus 357 8-8; CZ CZE Czechia 420 9-9; DE DEU Germany 49 5-15; DJ DJI Djibouti 253 8-8; DK DNK Denmark 45 8-8; DM DMA
Dominica 1 10-10; DO DOM Dominican Republic 1 10-10; DZ DZA Algeria 213 8-9; EC ECU Ecuador 593 8-9; EE EST Estonia
372 7-8; EG EGY Egypt 20 8-10; EH ESH Western Sahara 212 9-9; ER ERI Eritrea 291 7-7; ES ESP Spain 34 9-9; ET ETH
Ethiopia 251 9-9; FI FIN Finland 358 5-10; FJ FJI Fiji 679 7-7; FK FLK Falkland Islands 500 5-5; FM FSM Micronesia 691
7-7; FO FRO Faroe Islands 298 6-6; FR FRA France 33 9-9; GA GAB Gabon 241 7-8; GB GBR United Kingdom 44 9-10; GD GRD
Grenada 1 10-10; GE GEO Georgia 995 9-9; GF GUF French Guiana 594 9-9; GG GGY Guernsey 44 10-10; GH GHA Ghana 233 9-9;
GI GIB Gibraltar 350 8-8; GL GRL Greenland 299 6-6; GM GMB Gambia 220 7-9; GN GIN Guinea 224 8-9; GP GLP Guadeloupe
590 9-9; GQ GNQ Equatorial Guinea 240 9-9; GR GRC Greece 30 10-10; GS SGS South Georgia and the South Sandwich Islands
500 5-5; GT GTM Guatemala 502 8-8; GU GUM Guam 1 10-10; GW GNB Guinea-Bissau 245 9-9; GY GUY Guyana 592 7-7; HK HKG
Hong Kong 852 8-8; HM HMD Heard Island and McDonald Islands 672 6-6; HN HND Honduras 504 8-8; HR HRV Croatia 385 8-9;
HT HTI Haiti 509 8-8; HU HUN Hungary 36 8-9; ID IDN Indonesia 62 7-12; IE IRL Ireland 353 7-10; IL ISR Israel 972
8-12; IM IMN Isle of Man 44 10-10; IN IND India 91 10-10; IO IOT British Indian Ocean Territory 246 7-7; IQ IRQ Iraq
964 8-10; IR IRN Iran 98 6-10; IS ISL Iceland 354 7-9; IT ITA Italy 39 6-12; JE JEY Jersey 44 10-10; JM JAM Jamaica 1
10-10; JO JOR Jordan 962 8-9; JP JPN Japan 81 9-10; KE KEN Kenya 254 7-9; KG KGZ Kyrgyzstan 996 9-9; KH KHM Cambodia
855 8-9; KI KIR Kiribati 686 5-8; KM COM Comoros 269 7-7; KN KNA Saint Kitts and Nevis 1 10-10; KP PRK North Korea 850
8-10; KR KOR South Korea 82 5-10; KW KWT Kuwait 965 8-8; KY CYM Cayman Islands 1 10-10; KZ KAZ Kazakhstan 7 10-10; LA
LAO Laos 856 8-10; LB LBN Lebanon 961 7-8; LC LCA Saint Lucia 1 10-10; LI LIE Liechtenstein 423 7-9; LK LKA Sri Lanka
94 9-9; LR LBR Liberia 231 7-9; LS LSO Lesotho 266 8-8; LT LTU Lithuania 370 8-8; LU LUX Luxembourg 352 4-11; LV LVA
Latvia 371 8-8; LY LBY Libya 218 9-9; MA MAR Morocco 212 9-9; MC MCO Monaco 377 8-9; MD MDA Moldova 373 8-8; ME MNE
Montenegro 382 8-8; MF MAF Saint Martin 590 9-9; MG MDG Madagascar 261 9-9; MH MHL Marshall Islands 692 7-7; MK MKD
North Macedonia 389 8-8; ML MLI Mali 223 8-8; MM MMR Myanmar 95 6-10; MN MNG Mongolia 976 8-10; MO MAC Macao 853 8-8;
MP MNP Northern Mariana Islands 1 10-10; MQ MTQ Martinique 596 9-9; MR MRT Mauritania 222 8-8; MS MSR Montserrat 1
10-10; MT MLT Malta 356 8-8; MU MUS Mauritius 230 7-8; MV MDV Maldives 960 7-7; MW MWI Malawi 265 7-9; MX MEX Mexico
52 10-10; MY MYS Malaysia 60 8-10; MZ MOZ Mozambique 258 8-9; NA NAM Namibia 264 8-9; NC NCL New Caledonia 687 6-6; NE
NER Niger 227 8-8; NF NFK Norfolk Island 672 6-6; NG NGA Nigeria 234 10-10; NI NIC Nicaragua 505 8-8; NL NLD
Netherlands 31 9-11; NO NOR Norway 47 8-8; NP NPL Nepal 977 8-10; NR NRU Nauru 674 7-7; NU NIU Niue 683 4-7; NZ NZL
New Zealand 64 8-10; OM OMN Oman 968 8-8; PA PAN Panama 507 7-8; PE PER Peru 51 8-9; PF PYF French Polynesia 689 8-8;
PG PNG Papua New Guinea 675 7-8; PH PHL Philippines 63 6-10; PK PAK Pakistan 92 9-10; PL POL Poland 48 7-9; PM SPM
Saint Pierre and Miquelon 508 6-9; PN PCN Pitcairn 64 8-10; PR PRI Puerto Rico 1 10-10; PS PSE Palestine 970 8-9; PT
PRT Portugal 351 9-9; PW PLW Palau 680 7-7; PY PRY Paraguay 595 7-9; QA QAT Qatar 974 8-8; RE REU Réunion 262 9-9; RO
ROU Romania 40 6-9; RS SRB Serbia 381 7-12; RU RUS Russia 7 10-10; RW RWA Rwanda 250 8-9; SA SAU Saudi Arabia 966 9-9;
SB SLB Solomon Islands 677 5-7; SC SYC Seychelles 248 7-7; SD SDN Sudan 249 9-9; SE SWE Sweden 46 7-9; SG SGP
Singapore 65 8-8; SH SHN Saint Helena 290 4-5; SI SVN Slovenia 386 8-8; SJ SJM Svalbard and Jan Mayen 47 8-8; SK SVK
Slovakia 421 6-9; SL SLE Sierra Leone 232 8-8; SM SMR San Marino 378 8-10; SN SEN Senegal 221 9-9; SO SOM Somalia 252
6-9; SR SUR Suriname 597 6-7; SS SSD South Sudan 211 9-9; ST STP São Tomé and Príncipe 239 7-7; SV SLV El Salvador 503
8-8; SX SXM Sint Maarten 1 10-10; SY SYR Syria 963 8-9; SZ SWZ Eswatini 268 8-8; TC TCA Turks and Caicos Islands 1
10-10; TD TCD Chad 235 8-8; TF ATF French Southern Territories 262 9-9; TG TGO Togo 228 8-8; TH THA Thailand 66 8-9;
TJ TJK Tajikistan 992 9-9; TK TKL Tokelau 690 4-7; TL TLS Timor-Leste 670 7-8; TM TKM Turkmenistan 993 8-8; TN TUN
Tunisia 216 8-8; TO TON Tonga 676 5-7; TR TUR Türkiye 90 10-10; TT TTO Trinidad and Tobago 1 10-10; TV TUV Tuvalu 688
5-7; TW TWN Taiwan 886 8-9; TZ TZA Tanzania 255 9-9; UA UKR Ukraine 380 9-9; UG UGA Uganda 256 9-9; UM UMI United
States Minor Outlying Islands 1 10-10; US USA United States 1 10-10; UY URY Uruguay 598 8-8; UZ UZB Uzbekistan 998 9-9;
VA VAT Vatican City 39 6-11; VC VCT Saint Vincent and the Grenadines 1 10-10; VE VEN Venezuela 58 10-10; VG VGB
British Virgin Islands 1 10-10; VI VIR US Virgin Islands 1 10-10; VN VNM Vietnam 84 9-10; VU VUT Vanuatu 678 5-7; WF
WLF Wallis and Futuna 681 6-6; WS WSM Samoa 685 5-10; XK XKX Kosovo 383 8-12; YE YEM Yemen 967 7-9; YT MYT Mayotte 262
9-9; ZA ZAF South Africa 27 5-9; ZM ZMB Zambia 260 9-9; ZW ZWE Zimbabwe 263 9-9
"""
# What else they are called, as `_plain` writes it
_OTHER_NAMES = """
AT osterreich, oesterreich, autriche; BE belgie, belgique, belgien; BR brasil, brasilien; CA kanada, canada; CH
schweiz, suisse, svizzera; CN prc, people's republic of china; CZ czech republic, cesko, tschechien; DE deutschland,
allemagne, alemania, germania; DK danmark, danemark; ES espana, espagne, spanien; FI suomi, finnland; FR frankreich,
francia, republique francaise; GB uk, great britain, england, scotland, wales, northern ireland, grossbritannien,
reino unido, royaume-uni; GR ellada, hellas; HK hong kong sar; IN bharat, indien; IE eire, republic of ireland,
irland; IT italia, italien, italie; JP nippon; KR korea, republic of korea; MX mexico, mexique, mexiko; NL holland,
netherlands, nederland, niederlande, pays-bas; NO norge, norwegen; PL polska, polen; RU russian federation; SE
sverige, schweden; TR turkey, turkei; US usa, us, united states of america, vereinigte staaten, estados unidos,
etats-unis, america; ZA rsa, sudafrika; AE uae, emirates; CI ivory coast; CV cabo verde; MK macedonia; SZ swaziland;
MM burma; VN viet nam; IR islamic republic of iran; SY syrian arab republic; TZ united republic of tanzania; VE
bolivarian republic of venezuela; BO plurinational state of bolivia; MD republic of moldova; CD dr congo, drc; CG
congo; VA holy see; PS palestinian territories; BN brunei darussalam; TL east timor; KP dprk
"""
_COUNTRY_OF: dict[str, tuple[str, str, str, int, int]] = {}
_CODE_OF: dict[str, str] = {}
_ACCENT = re.compile("[\u0300-\u036f]")


def _read_countries() -> None:
    for row in _COUNTRIES.strip().replace("\n", " ").split("; "):
        code, letters, rest = row.split(" ", 2)
        name, calling, digits = rest.rsplit(" ", 2)
        fewest, most = digits.split("-")
        _COUNTRY_OF[code] = (name, letters, calling, int(fewest), int(most))
        _CODE_OF[name.lower()] = _CODE_OF[code.lower()] = _CODE_OF[letters.lower()] = code
        if not name.isascii():
            _CODE_OF[_plain(name)] = code
    for row in _OTHER_NAMES.strip().replace("\n", " ").split("; "):
        code, names = row.split(" ", 1)
        for name in names.split(", "):
            _CODE_OF[name] = code


def _plain(text: str) -> str:
    """Lower case, without accents, dots, "the" and double spaces."""
    text = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).lower().replace(".", "").replace("’", "'")
    return " ".join(text.split()).removeprefix("the ")


def country_code(value: Any, letters: int = 2) -> str | None:
    """The code of a country, from its name ("Germany", "Deutschland"), "USA" or "de"; None when unknown.

    In words: as a country code
    >>> country_code("Deutschland")
    'DE'
    >>> country_code("usa", letters=3)
    'USA'
    >>> country_code("Atlantis")
    """
    if not value:
        return None
    if not _COUNTRY_OF:
        _read_countries()
    text = str(value).strip()
    code = text if text in _COUNTRY_OF else _CODE_OF.get(text.lower()) or _CODE_OF.get(_plain(text))
    return code if code is None or letters == 2 else _COUNTRY_OF[code][1]


def country_name(value: Any) -> str | None:
    """The English name of a country, from its code or any name it goes by; None when unknown.

    In words: as a country's English name
    >>> country_name("AT")
    'Austria'
    >>> country_name("Schweiz")
    'Switzerland'
    """
    code = country_code(value)
    return None if code is None else _COUNTRY_OF[code][0]
