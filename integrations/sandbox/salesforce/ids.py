"""Salesforce record ids: 15 characters that count up, and three that repair lost upper case."""

from functools import cache

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_POD = "5e00000"
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}


def _case_bits(block: str) -> int:
    return sum(1 << i for i, letter in enumerate(block) if "A" <= letter <= "Z")


_PAIRS = tuple((high + low, _case_bits(high + low) << 3) for high in DIGITS for low in DIGITS)


@cache
def _triple(number: int) -> tuple[str, int]:
    first, rest = divmod(number, 62 * 62)
    second, third = divmod(rest, 62)
    text = DIGITS[first] + DIGITS[second] + DIGITS[third]
    return text, _case_bits(text)


class IdMaker:
    """Ids of one object: `make(0)`, `make(1)`, … and back."""

    def __init__(self, prefix: str) -> None:
        self._start = prefix + _POD
        self._check = _CHECK[_case_bits(self._start[:5])] + _CHECK[_case_bits(self._start[5:10])]

    def make(self, slot: int) -> str:
        high, low = divmod(slot + 1, 62 * 62)
        triple, triple_bits = _triple(high)
        pair, pair_bits = _PAIRS[low]
        return f"{self._start}{triple}{pair}{self._check}{_CHECK[triple_bits | pair_bits]}"

    def find_slot(self, record_id: str) -> int | None:
        """For 15 and 18 characters; None for what cannot be an id of this object."""
        if len(record_id) not in (15, 18) or not record_id.startswith(self._start):
            return None
        number = 0
        for letter in record_id[10:15]:
            if letter not in _VALUES:
                return None
            number = number * 62 + _VALUES[letter]
        return number - 1
