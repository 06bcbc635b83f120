"""Takes names and labels apart: "MailingPostalCode", "mailing_postal_code" and "Mailing postal code" are three words."""

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-zà-ÿß0-9])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿß])|(?<=[a-z])(?=[0-9])")
_OF = re.compile(r"['’]s\b")
_WORD = re.compile(r"[^\W_]+")
_ODD_CHARACTERS = 200


def split_text(text: str) -> list[str]:
    """The words of a name or label, in lower case and without accents. Of a very long text only the beginning."""
    parts = _CAMEL.sub(" ", _OF.sub("", text[:_ODD_CHARACTERS]))
    return _WORD.findall(_fold(parts))


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in taken_apart if not unicodedata.combining(sign))


def singular(word: str) -> str:
    """The word without its plural ending, roughly: good enough to find "topics" and "topic" alike."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and word[-2] not in "sui":
        return word[:-1]
    return word


def split_joined(word: str, known: frozenset[str]) -> list[str]:
    """The known words that a word is joined from ("lastmodifieddate"), the longest first; only itself if there are none."""
    if len(word) < 6 or word in known:
        return [word]
    ways: list[list[str] | None] = [[], *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(end):
            before = ways[start]
            if before is not None and word[start:end] in known and end - start > 1:
                way = [*before, word[start:end]]
                best = ways[end]
                if best is None or len(way) < len(best):
                    ways[end] = way
    whole = ways[-1]
    return whole if whole is not None else [word]
