"""Records as HubSpot sends them."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

import orjson

from integrations.sandbox.clock import format_ms
from integrations.sandbox.hubspot.store import Snapshot, Store

Record = dict[str, Any]
Pick = Callable[[Sequence[str | None]], Sequence[str | None]]


class View:
    """The requested properties of one object; made once per combination and kept."""

    def __init__(self, store: Store, requested: tuple[str, ...]) -> None:
        system = {"createdate", "hs_createdate", "hs_object_id", store.kind.modified}
        wanted = requested or store.kind.defaults
        names = [name for name in dict.fromkeys(wanted) if name in store.schema and name not in system]
        columns = store.now.source.columns
        self._known = [name for name in names if name in columns]
        self._blank: dict[str, str | None] = dict.fromkeys(names)
        self._pick = pick(tuple(columns.index(name) for name in self._known))
        self._store = store

    def render(self, slots: Iterable[int], snapshot: Snapshot | None = None) -> list[Record]:
        """`snapshot` is what the reader sees; the present unless given."""
        seen = snapshot or self._store.now
        written, row, known, pick_known = seen.written, seen.source.row, self._known, self._pick
        records = []
        for slot in slots:
            values = self._blank.copy()
            if slot in written:
                self._fill(values, orjson.loads(written[slot]))
            else:
                values.update(zip(known, pick_known(row(slot)), strict=True))
            records.append(self._wrap(slot, values, seen.modified[slot]))
        return records

    def _fill(self, values: dict[str, str | None], stored: dict[str, str]) -> None:
        for name in values.keys() & stored.keys():
            values[name] = stored[name]

    def _wrap(self, slot: int, values: dict[str, str | None], modified_ms: int) -> Record:
        store = self._store
        record_id = store.id_of(slot)
        created, modified = format_ms(store.created[slot]), format_ms(modified_ms)
        values["createdate"] = created
        values["hs_object_id"] = record_id
        values[store.kind.modified] = modified
        archived = slot in store.archived_at
        record: Record = {
            "id": record_id,
            "properties": values,
            "createdAt": created,
            "updatedAt": modified,
            "archived": archived,
        }
        if archived:
            record["archivedAt"] = format_ms(store.archived_at[slot])
        return record


def pick(positions: tuple[int, ...]) -> Pick:
    """Like itemgetter, but for none and for one position it returns a tuple too."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda row: tuple(row[position] for position in positions)


class Views:
    """All views asked for so far; forgotten when a property is added or removed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._views: dict[tuple[str, ...], View] = {}

    def get(self, requested: Iterable[str] = ()) -> View:
        key = tuple(requested)
        if key not in self._views:
            if len(self._views) > 200:
                self._views.clear()
            self._views[key] = View(self._store, key)
        return self._views[key]

    def forget(self) -> None:
        self._views.clear()
