"""Phone numbers.

Runs in the sandbox.
"""

import re
from typing import Any

from integrations.mappings.prelude.places import _COUNTRY_OF, _read_countries, country_code

_ODD_IN_PHONE = re.compile(r"[^0-9+()\s./\-–‑]")
_NOT_DIGIT = re.compile("[^0-9]+")

# What is dialled before a number inside its country, where that is not 0
_TRUNK = {"HU": "06", "BY": "8", "KZ": "8", "RU": "8", "TM": "8"}
_NO_TRUNK = """
AD AO AW BF BH BI BJ BN BQ BT BW BZ CF CG CI CK CL CM CR CV CW CY CZ DJ DK EE ES FJ FK FM FO GA GI GL GM GN GQ GR GT GW
GY HK HN HT IO IS IT KM KW LS LU LV ML MO MR MT MU MV MX MZ NC NE NF NI NO NR NU OM PA PF PG PL PT PW QA SB SC SG SH SJ
SM SN SR ST SV SZ TD TG TJ TK TL TN TO TV UZ VA VU WF WS
"""

# The main country of a calling code that several share, and the area codes behind +1 that are not in the US
_MAIN_COUNTRIES = (
    "1 US; 7 RU; 39 IT; 44 GB; 47 NO; 61 AU; 64 NZ; 212 MA; 262 RE; 290 SH; 358 FI; 500 FK; 590 GP; 599 CW"
)
_AREAS = """
AG 268; AI 264; AS 684; BB 246; BM 441; BS 242; CA 204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403
416 418 428 431 437 438 450 468 474 506 514 519 548 579 581 584 587 600 604 613 622 633 639 647 672 683 705 709 742
753 778 780 782 807 819 825 867 873 879 902 905 942; DM 767; DO 809 829 849; GD 473; GU 671; JM 658 876; KN 869; KY
345; LC 758; MP 670; MS 664; PR 787 939; SX 721; TC 649; TT 868; VC 784; VG 284; VI 340
"""
_COUNTRY_BEHIND: dict[str, str] = {}
_DIGITS_BEHIND: dict[str, tuple[int, int]] = {}


def _read_calling_codes() -> None:
    if not _COUNTRY_OF:
        _read_countries()
    for code in _COUNTRY_OF:
        _, _, calling, fewest, most = _COUNTRY_OF[code]
        known = _DIGITS_BEHIND.get(calling, (fewest, most))
        _DIGITS_BEHIND[calling] = (min(fewest, known[0]), max(most, known[1]))
        _COUNTRY_BEHIND[calling] = code
    for row in _MAIN_COUNTRIES.split("; "):
        calling, code = row.split(" ")
        _COUNTRY_BEHIND[calling] = code
    for row in _AREAS.strip().replace("\n", " ").split("; "):
        for area in row[3:].split():
            _COUNTRY_BEHIND["1" + area] = row[:2]


def clean_phone(value: Any, default_country: Any = "") -> str | None:
    """A phone number as +14155550132; None when it is none or has no country (`default_country`: "US" or "Germany").

    In words: as an international number
    >>> clean_phone("(415) 555-0132", "US")
    '+14155550132'
    >>> clean_phone("0044 (0)20 7946 0958")
    '+442079460958'
    >>> clean_phone("030 5550 1234")
    """
    if value is None:
        return None
    text = str(value).strip()
    if not text or _ODD_IN_PHONE.search(text) or text.rfind("+") > 0:
        return None
    if not _COUNTRY_BEHIND:
        _read_calling_codes()
    digits = _NOT_DIGIT.sub("", text.replace("(0)", ""))
    if text[0] == "+" or text.startswith("00"):
        digits = digits.lstrip("0")
    else:
        digits = _dial_abroad(digits, country_code(default_country))
    calling = _calling_code(digits)
    if calling is None:
        return None
    fewest, most = _DIGITS_BEHIND[calling]
    return "+" + digits if fewest <= len(digits) - len(calling) <= most and len(digits) < 16 else None


def _dial_abroad(digits: str, country: str | None) -> str:
    """The digits with the calling code in front; it may be there already, without the plus."""
    if country is None:
        return ""
    _, _, calling, _, most = _COUNTRY_OF[country]
    trunk = "" if country in _NO_TRUNK else _TRUNK.get(country, "1" if calling == "1" else "0")
    if trunk and digits.startswith(trunk) and (trunk[0] == "0" or len(digits) > most):
        return calling + digits[len(trunk) :]
    if len(digits) > most and digits.startswith(calling):
        return digits
    return calling + digits


def _calling_code(digits: str) -> str | None:
    for length in (2, 3, 1):
        if digits[:length] in _DIGITS_BEHIND:
            return digits[:length]
    return None


def phone_country(value: Any, default_country: Any = "") -> str | None:
    """The two-letter code of the country a phone number belongs to; None when it is no number.

    In words: as the country of the number
    >>> phone_country("+49 30 5550 1234")
    'DE'
    >>> phone_country("+1 416 555 0132")
    'CA'
    >>> phone_country("030 5550 1234")
    """
    number = clean_phone(value, default_country)
    if number is None:
        return None
    digits = number[1:]
    if digits[0] == "7" and digits[1] in "67":
        return "KZ"
    return _COUNTRY_BEHIND.get(digits[:4]) or _COUNTRY_BEHIND[_calling_code(digits) or ""]
