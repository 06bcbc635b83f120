"""The few contacts that are not as they should be, as in every real portal: how many, which, and what is odd."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Values = dict[str, str | None]


class Oddity(StrEnum):
    """What can be wrong with a contact; nobody has two of these."""

    WITHOUT_COMPANY = "without_company"
    WITHOUT_LAST_NAME = "without_last_name"
    WITHOUT_EMAIL = "without_email"
    MALFORMED_EMAIL = "malformed_email"
    OVER_LONG_PHONE = "over_long_phone"
    SAME_EMAIL_AS_ANOTHER = "same_email_as_another"
    COMPANY_UNKNOWN_TO_SALESFORCE = "company_unknown_to_salesforce"


FULL_SIZE = 47_000
_AT_FULL_SIZE = {
    Oddity.WITHOUT_COMPANY: 14,
    Oddity.WITHOUT_LAST_NAME: 10,
    Oddity.WITHOUT_EMAIL: 9,
    Oddity.MALFORMED_EMAIL: 8,
    Oddity.OVER_LONG_PHONE: 6,
    Oddity.SAME_EMAIL_AS_ANOTHER: 12,
    Oddity.COMPANY_UNKNOWN_TO_SALESFORCE: 6,
}
_SHARING_A_STAMP_AT_FULL_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class OddPerson:
    """The nth contact with this oddity; `other` is the contact whose address it repeats."""

    oddity: Oddity
    nth: int
    other: int | None = None


def count_oddities(count: int, oddness: float = 1) -> dict[Oddity, int]:
    """How many of `count` contacts have each oddity; a portal of a few hundred has none, unless there are `oddness` times
    as many as usual."""
    return {oddity: round(number * count * oddness / FULL_SIZE) for oddity, number in _AT_FULL_SIZE.items()}


def count_sharing_a_stamp(count: int) -> int:
    return round(_SHARING_A_STAMP_AT_FULL_SIZE * count / FULL_SIZE)


def place_oddities(seed: int, count: int, oddness: float = 1) -> dict[int, OddPerson]:
    """Which contacts are odd, by their number; the same for the same seed, count and oddness."""
    numbers = count_oddities(count, oddness)
    kinds = [(oddity, nth) for oddity, number in numbers.items() for nth in range(number)]
    others = numbers[Oddity.SAME_EMAIL_AS_ANOTHER]
    chosen = random.Random(f"oddities {seed}").sample(range(count), len(kinds) + others)
    spare = iter(chosen[len(kinds) :])
    return {
        i: OddPerson(oddity, nth, next(spare) if oddity is Oddity.SAME_EMAIL_AS_ANOTHER else None)
        for i, (oddity, nth) in zip(chosen, kinds, strict=False)
    }


_BREAK_EMAIL: tuple[Callable[[str, str], str], ...] = (
    lambda name, domain: f"{name}(at){domain}",
    lambda name, domain: f"{name}@{domain.split('.')[0]}",
    lambda name, domain: f"{name.replace('.', ' ')}@ {domain}",
    lambda name, domain: f"{name}@@{domain}",
    lambda name, domain: f"@{domain}",
    lambda name, domain: f"{name}@{domain.replace('.', '..', 1)}",
    lambda name, domain: f"{name}@{domain.replace('.', ',')}",
    lambda name, domain: name,
)
_DISGUISE_EMAIL: tuple[Callable[[str], str], ...] = (
    str.upper,
    lambda email: f" {email}",
    str.title,
    lambda email: f"{email} ",
    lambda email: f"  {email.capitalize()} ",
)
_LONG_PHONES = (
    "{phone} (office), after 5 pm {phone}",
    "{phone} ext. 4711 / please call the front desk first",
    "{phone}; {phone}; {phone}; {phone}",
)


def make_odd(
    odd: OddPerson, values: Mapping[str, str | None], other_email: str, unknown_companies: list[str]
) -> Values:
    """The same contact with its oddity; `other_email` is the address of the contact it repeats, if it does."""
    changes = _CHANGES[odd.oddity](odd.nth, values, other_email, unknown_companies)
    return {**values, **changes}


def _break_email(nth: int, values: Mapping[str, str | None], _other: str, _unknown: list[str]) -> Values:
    name, _, domain = str(values["email"]).partition("@")
    return {"email": _BREAK_EMAIL[nth % len(_BREAK_EMAIL)](name, domain)}


def _lengthen_phone(nth: int, values: Mapping[str, str | None], _other: str, _unknown: list[str]) -> Values:
    phone = values["phone"] or "+49 30 5550 1234"
    return {"phone": _LONG_PHONES[nth % len(_LONG_PHONES)].format(phone=phone)}


_CHANGES: dict[Oddity, Callable[[int, Mapping[str, str | None], str, list[str]], Values]] = {
    Oddity.WITHOUT_COMPANY: lambda *_: {"company": None, "website": None, "industry": None},
    Oddity.WITHOUT_LAST_NAME: lambda *_: {"lastname": None},
    Oddity.WITHOUT_EMAIL: lambda *_: {"email": None},
    Oddity.MALFORMED_EMAIL: _break_email,
    Oddity.OVER_LONG_PHONE: _lengthen_phone,
    Oddity.SAME_EMAIL_AS_ANOTHER: lambda nth, _values, other, _unknown: {
        "email": _DISGUISE_EMAIL[nth % len(_DISGUISE_EMAIL)](other)
    },
    Oddity.COMPANY_UNKNOWN_TO_SALESFORCE: lambda nth, _values, _other, unknown: {
        "company": unknown[nth % len(unknown)]
    },
}
