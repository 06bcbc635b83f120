"""What a value that is not accepted most likely should be. Each answers with the value and why, or None when there is
more than one way to read it: a wrong guess is worse than none."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import NamedTuple

from integrations.mappings.prelude.dates import to_date, to_datetime
from integrations.mappings.prelude.people import cut_text, is_email, name_case
from integrations.mappings.prelude.phones import clean_phone, phone_country
from integrations.mappings.prelude.places import country_code, country_name
from integrations.mappings.prelude.values import to_number

ALIKE = 0.84
CLEARLY = 0.08
SHORTEST_ALIKE = 4
LONGEST_ALIKE = 60
_NAMED_ADDRESS = re.compile(r"^[^<>]*<\s*([^<>\s]+)\s*>\s*$")
_EMAIL_STEPS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"^\s*mailto:", re.IGNORECASE), "", "“mailto:” does not belong to it"),
    (re.compile(r"\s*[(\[{]\s*at\s*[)\]}]\s*", re.IGNORECASE), "@", "“(at)” stands for @"),
    (re.compile(r"\s*[(\[{]\s*dot\s*[)\]}]\s*", re.IGNORECASE), ".", "“(dot)” stands for a dot"),
    (re.compile(r"^[\s.,;:'\"<>()\[\]]+|[\s.,;:'\"<>()\[\]]+$"), "", "a stray character stood at its edge"),
    (re.compile(r"\s*@\s*(?:@\s*)+"), "@", "there was one @ too many"),
    (re.compile(r"\s+@\s*|@\s+"), "@", "there was a space beside the @"),
    (re.compile(r"(?<=@)(.*?),(?=[A-Za-z]{2,6}$)"), r"\1.", "a comma stood where a dot belongs"),
    (re.compile(r"\.{2,}"), ".", "there was one dot too many"),
    (re.compile(r"\.@"), "@", "a stray dot stood before the @"),
    (re.compile(r"@\."), "@", "a stray dot stood behind the @"),
)
_PHONE_IN_TEXT = re.compile(r"\+?\(?\d[\d\s().\-/–]{4,}\d")
_AMBIGUOUS_DAY = re.compile(r"^\s*(\d{1,2})[./\-](\d{1,2})[./\-]\d{2,4}")
# Country endings that many use as words: "startup.io" says nothing about a country.
_LOOSE_ENDINGS = frozenset("ad ag ai am as at bz cc cd cx co dj eu fm ga gg gl gs io is it la li ly me ms mu nu pm pw re sc sh so st to tk tv us vc vg ws".split())  # fmt: skip  # noqa: E501, SIM905


class Mended(NamedTuple):
    """The value it should be (None = nothing), and why: a clause that follows "because"."""

    value: object
    why: str


def mend_email(text: str) -> Mended | None:
    """An address with the slips that can only mean one thing put right: "jane@@kestrel.example"."""
    named = _NAMED_ADDRESS.match(text)
    why = ["the address stood between brackets"] if named else []
    mended = named[1] if named else text
    for pattern, instead, reason in _EMAIL_STEPS:
        changed = pattern.sub(instead, mended)
        if changed != mended:
            mended, why = changed, [*why, reason]
    if not why or mended.count("@") != 1 or not is_email(mended):
        return None
    return Mended(mended, " and ".join(why[:2]))


def mend_phone(text: str, country: object, longest: int | None) -> Mended | None:
    """The first number in a text that holds more than one, or words beside it."""
    found = _PHONE_IN_TEXT.search(text)
    number = clean_phone(found[0], country) if found else None
    if number is None or number == text or (longest and len(number) > longest):
        return None
    return Mended(number, "it is the first number in what was received")


def shorten(text: str, longest: int) -> Mended | None:
    """Text cut at a word, to what fits."""
    cut = cut_text(text, longest)
    return Mended(cut, f"it is cut to the {longest:,} characters that fit") if cut else None


def read_number(text: str, *, is_whole: bool) -> Mended | None:
    """A number written for people: "1,200"."""
    number = to_number(text)
    if number is None or (is_whole and not number.is_integer()):
        return None
    return Mended(int(number) if number.is_integer() else number, f"“{text.strip()}” is this number")


def read_date(text: str, *, with_time: bool) -> Mended | None:
    """A date written for people, unless day and month could be either: "3 Nov 2026", "31/12/2026"."""
    written = _AMBIGUOUS_DAY.match(text)
    if written and max(int(written[1]), int(written[2])) <= 12 and written[1] != written[2]:
        return None
    date = to_datetime(text) if with_time else to_date(text)
    return Mended(date, f"“{text.strip()}” is this date") if date else None


def same_choice(text: str, choices: dict[str, str]) -> Mended | None:
    """The one choice (value → label) that is written the same but for case, accents and signs."""
    wanted = plain(text)
    found = {value for value, label in choices.items() if wanted and wanted in {plain(value), plain(label)}}
    return _one_of(found, choices, f"“{text.strip()}” is written differently there")


def country_choice(text: str, choices: dict[str, str]) -> Mended | None:
    """The one choice that stands for the country this names, in whatever language or code."""
    code = country_code(text)
    found = {v for v, label in choices.items() if code and code in {country_code(v), country_code(label)}}
    return _one_of(found, choices, f"“{text.strip()}” is another name for it")


def near_choice(text: str, choices: dict[str, str]) -> Mended | None:
    """The choice that is clearly nearest in spelling."""
    wanted = plain(text)
    if not SHORTEST_ALIKE <= len(wanted) <= LONGEST_ALIKE:
        return None
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    scores = sorted(((_likeness(matcher, value, label), value) for value, label in choices.items()), reverse=True)
    best, runner_up = scores[0], scores[1] if len(scores) > 1 else (0.0, "")
    if best[0] < ALIKE or best[0] - runner_up[0] < CLEARLY:
        return None
    return Mended(best[1], f"“{text.strip()}” is nearly the same")


def country_of_phone(phone: str) -> tuple[str, str] | None:
    """The country a number belongs to, and why; only of a number that says so itself."""
    code = phone_country(phone) if phone.strip().startswith(("+", "00")) else None
    return (code, f"the phone number is from {country_name(code)}") if code else None


def country_of_email(email: str) -> tuple[str, str] | None:
    """The country an address ends in, and why; not of endings that people use as words."""
    ending = email.strip().lower().rpartition(".")[2]
    code = country_code(ending) if len(ending) == 2 and ending not in _LOOSE_ENDINGS and is_email(email) else None
    return (code, f"the e-mail address ends in .{ending}") if code else None


def last_name_in(email: str, first_name: str) -> Mended | None:
    """The last name, of an address that is made of the first name (or its letter) and one more word."""
    local, at, _ = email.strip().lower().partition("@")
    parts = re.split(r"[._-]", local)
    first = plain(first_name)
    if not at or not first or len(parts) != 2 or plain(parts[0]) not in {first, first[0]}:
        return None
    if len(parts[1]) < 2 or not parts[1].isalpha():
        return None
    return Mended(name_case(parts[1]), f"the e-mail address begins with {local}")


def plain(text: str) -> str:
    """Letters and digits alone, in lower case, without accents."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _likeness(matcher: "SequenceMatcher[str]", value: str, label: str) -> float:
    return max(_ratio(matcher, plain(value)), _ratio(matcher, plain(label)) if label != value else 0.0)


def _ratio(matcher: "SequenceMatcher[str]", text: str) -> float:
    matcher.set_seq1(text)
    if matcher.real_quick_ratio() < ALIKE - CLEARLY or matcher.quick_ratio() < ALIKE - CLEARLY:
        return 0.0
    return matcher.ratio()


def _one_of(found: set[str], choices: dict[str, str], why: str) -> Mended | None:
    return Mended(next(iter(found)), why) if len(found) == 1 else None
