"""Finds the records that pass filter groups, in the order of their ids, and remembers the last few answers."""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from math import ceil, floor, inf

from integrations.sandbox.clock import format_ms
from integrations.sandbox.hubspot.filters import Filter, Group, compile_filter, narrow_stamps
from integrations.sandbox.hubspot.store import ID_STEP, Snapshot, Store

REMEMBERED = 8


class Finder:
    """Walking a portal by id means the same filters with another lower bound: those cost one scan and then a bisection."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered: OrderedDict[tuple[Group, int], array[int]] = OrderedDict()

    def find(self, groups: list[Group], words: str = "") -> Sequence[int]:
        """Slots in ascending order, each once."""
        index = self._store.index
        found = [self._find_group(index, group) for group in groups]
        slots = found[0] if len(found) == 1 else sorted(set().union(*found))
        return self._keep_with_words(index, slots, words.lower().split()) if words else slots

    def _find_group(self, index: Snapshot, group: Group) -> Sequence[int]:
        low, high = 0.0, inf
        others = []
        for one in group:
            bounds = narrow_stamps(one) if one.name == "hs_object_id" else None
            if bounds is None:
                others.append(one)
            else:
                low, high = max(low, bounds[0]), min(high, bounds[1])
        slots = self._recall(index, tuple(others))
        first_id = self._store.kind.first_id
        start = bisect_left(slots, ceil((low - first_id) / ID_STEP)) if low else 0
        end = len(slots) if high == inf else bisect_right(slots, floor((high - first_id) / ID_STEP))
        return slots[start:end]

    def _recall(self, index: Snapshot, group: Group) -> "array[int]":
        key = (group, index.version)
        if key not in self._remembered:
            self._remembered[key] = array("q", self._scan(index, group))
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return self._remembered[key]

    def _scan(self, index: Snapshot, group: Group) -> Iterable[int]:
        slots: Iterable[int] = range(len(index.modified))
        if index.hidden:
            slots = [slot for slot in slots if slot not in index.hidden]
        others = []
        for one in group:
            bounds = narrow_stamps(one)
            stamps = self._stamps(index, one.name)
            if stamps is None or bounds is None:
                others.append(one)
            else:
                low, high = bounds
                slots = [slot for slot in slots if low <= stamps[slot] <= high]
        return self._scan_values(index, slots, others) if others else slots

    def _stamps(self, index: Snapshot, name: str) -> "array[int] | None":
        if name == self._store.kind.modified:
            return index.modified
        return self._store.created if name == "createdate" else None

    def _scan_values(self, index: Snapshot, slots: Iterable[int], filters: list[Filter]) -> list[int]:
        tests = [(one.name, compile_filter(one, self._store.schema[one.name])) for one in filters]
        return [slot for slot in slots if all(test(self._value(index, slot, name)) for name, test in tests)]

    def _value(self, index: Snapshot, slot: int, name: str) -> str | None:
        stamps = self._stamps(index, name)
        if stamps is not None:
            return format_ms(stamps[slot])
        return self._store.id_of(slot) if name == "hs_object_id" else index.values(slot).get(name)

    def _keep_with_words(self, index: Snapshot, slots: Sequence[int], words: list[str]) -> list[int]:
        kept = []
        for slot in slots:
            text = " ".join(value for value in index.values(slot).values() if value).lower()
            if all(word in text for word in words):
                kept.append(slot)
        return kept

    def sort(self, slots: Sequence[int], name: str, descending: bool) -> Sequence[int]:
        index = self._store.index
        stamps = self._stamps(index, name)
        if stamps is not None:
            return sorted(slots, key=stamps.__getitem__, reverse=descending)
        if name == "hs_object_id":
            return slots[::-1] if descending else slots
        return sorted(slots, key=lambda slot: self._value(index, slot, name) or "", reverse=descending)
