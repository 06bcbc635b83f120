"""Text, names and e-mail addresses.

Runs in the sandbox.
"""

import re
from typing import Any

_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200b\u2060\ufeff]")
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]")
_EMAIL = re.compile(r"""^[^\s@,;:()<>"]+@(?:[^\s@,;:()<>".]+\.)+[^\s@,;:()<>".]{2,}$""")
_INNER_EDGE = re.compile("(['’.-])")
_SMALL = {
    *("van", "von", "vom", "der", "den", "des", "de", "del", "da", "dos", "das", "du", "ter", "ten"),
    *("zu", "zum", "zur", "af", "av", "bin", "ibn"),
}
_BEFORE_LAST = {"di", "della", "dello", "degli", "la", "las", "los", "le", "el", "al", "st", "st.", "san"}
_AFTER_DE = {"la", "las", "los"}
_GENERATIONS = {"jr", "sr", "ii", "iii", "iv"}
_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "sir", "madame", "mme", "monsieur"}
_DEGREES = {"phd", "md", "mba", "msc", "bsc", "esq", "cpa"}


def clean_text(value: Any) -> str | None:
    """Text without spaces around it, double spaces or invisible signs; None when nothing is left.

    In words: tidied
    >>> clean_text("  two   words ")
    'two words'
    >>> clean_text("   ")
    """
    if value is None:
        return None
    text = " ".join(str(value).split())
    if not text.isprintable():
        text = " ".join(_UNSEEN.sub("", text).split())
    return text or None


def cut_text(value: Any, longest: int) -> str | None:
    """Tidied text of at most so many characters, cut at a word where one ends near.

    In words: cut to length
    >>> cut_text("Head of Brewing and Barley", 18)
    'Head of Brewing'
    >>> cut_text("Brewer", 18)
    'Brewer'
    """
    text = clean_text(value)
    if text is None or len(text) <= longest:
        return text
    cut = text[:longest]
    if text[longest] != " " and " " in cut[longest // 2 :]:
        cut = cut[: cut.rfind(" ")]
    return cut.rstrip(" ,;-") or None


def clean_name(value: Any, keep_emoji: bool = True) -> str | None:
    """A person's name as it is written (O'Brien, José, van der Berg), only tidied; keep_emoji=False drops emoji.

    In words: tidied
    >>> clean_name("  José   María ")
    'José María'
    >>> clean_name("Anna 🚀", keep_emoji=False)
    'Anna'
    >>> clean_name("")
    """
    text = clean_text(value)
    if text and not keep_emoji:
        return clean_text(_EMOJI.sub("", text))
    return text


def name_case(value: Any) -> str | None:
    """A name typed all in capitals or all in small letters, in its usual case; one in mixed case stays as it is.

    In words: tidied, with capital first letters
    >>> name_case("CONOR O'BRIEN-MCDONALD")
    "Conor O'Brien-McDonald"
    >>> name_case("ludwig van der berg")
    'Ludwig van der Berg'
    >>> name_case("DeShawn McKay")
    'DeShawn McKay'
    """
    text = clean_text(value)
    if text is None or (text.upper() != text and text.lower() != text):
        return text
    words = text.lower().split(" ")
    return " ".join([_case_word(words, at) for at in range(len(words))])


def _case_word(words: list[str], at: int) -> str:
    word = words[at]
    if len(words) > 1:
        is_last = at == len(words) - 1
        if is_last and word in ("ii", "iii", "iv"):
            return word.upper()
        if not is_last and (word in _SMALL or (word in _AFTER_DE and at > 0 and words[at - 1] == "de")):
            return word
    parts = _INNER_EDGE.split(word)
    return "".join([_case_part(parts, place) for place in range(len(parts))])


def _case_part(parts: list[str], at: int) -> str:
    part = parts[at]
    if at > 0 and parts[at - 1] in "'’" and len(part) < 2:
        return part
    if part.startswith("mc") and len(part) > 3:
        return "Mc" + part[2:].capitalize()
    return part.capitalize()


def split_name(value: Any) -> tuple[str | None, str | None]:
    """First and last name of "Dr. Anna van der Berg" or "Berg, Anna", without titles; one word is the last name.

    In words: taken apart
    >>> split_name("Dr. Anna Maria van der Berg")
    ('Anna Maria', 'van der Berg')
    >>> split_name("O'Brien, Conor")
    ('Conor', "O'Brien")
    >>> split_name("Cher")
    (None, 'Cher')
    """
    text = clean_text(value)
    if text is None:
        return None, None
    last, comma, first = text.partition(",")
    if comma and _bare(first) not in _GENERATIONS and _bare(first) not in _DEGREES:
        return join_name(*_drop_titles(first.split())), clean_text(last)
    words = _drop_titles(text.replace(",", " ").split())
    if not words:
        return None, text
    at = len(words) - 1
    if at > 0 and _bare(words[at]) in _GENERATIONS:
        at -= 1
    while at > 0 and _belongs_to_last(words[at - 1], at):
        at -= 1
    return join_name(*words[:at]), join_name(*words[at:])


def _belongs_to_last(word: str, at: int) -> bool:
    """A particle does; as the very first word only when it is written small, as in "van der Berg"."""
    if word.lower() not in _SMALL and word.lower() not in _BEFORE_LAST:
        return False
    return at > 1 or word.islower()


def _bare(word: str) -> str:
    return word.strip().replace(".", "").lower()


def _drop_titles(words: list[str]) -> list[str]:
    start, end = 0, len(words)
    while start < end and _bare(words[start]) in _TITLES:
        start += 1
    while end > start and _bare(words[end - 1]) in _DEGREES:
        end -= 1
    return words[start:end]


def join_name(*parts: Any) -> str | None:
    """The filled parts of a name with one space between them; None when there are none.

    In words: put together
    >>> join_name("Anna", None, "van der Berg")
    'Anna van der Berg'
    >>> join_name("", None)
    """
    texts = [clean_text(part) for part in parts]
    return " ".join([text for text in texts if text]) or None


def clean_email(value: Any) -> str | None:
    """The address in lower case without spaces around it; one that is not valid stays as it is. None when empty.

    In words: in lower case
    >>> clean_email(" Ann.Lee@Example.COM ")
    'ann.lee@example.com'
    >>> clean_email("  ")
    """
    if value is None:
        return None
    return str(value).strip().lower() or None


def is_email(value: Any) -> bool:
    """Does it look like an e-mail address?

    In words: if it is an address
    >>> is_email("ann@example.com")
    True
    >>> is_email("ann@example")
    False
    """
    return value is not None and _EMAIL.match(str(value)) is not None
