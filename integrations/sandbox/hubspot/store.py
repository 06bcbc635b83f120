"""The records of one object: those of the seed, made when needed, and over them what has been written."""

from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.hubspot.options import Options
from integrations.sandbox.hubspot.schema import ObjectKind, Property
from integrations.sandbox.hubspot.sources import Source
from integrations.sandbox.hubspot.webhooks import BY_API, News
from integrations.sandbox.ledger import Ledger
from integrations.sandbox.settings import Settings

ID_STEP = 4
Values = dict[str, str | None]


class Snapshot:
    """Records as one reader sees them; the search index sees them later than everyone else."""

    def __init__(self, source: Source, modified: "array[int]") -> None:
        self.source = source
        self.written: dict[int, bytes] = {}
        self.modified = modified
        self.hidden: set[int] = set()
        self.version = 0

    def values(self, slot: int) -> Values:
        """Everything but the dates and the id, which are kept as numbers."""
        written = self.written.get(slot)
        if written is not None:
            values: Values = orjson.loads(written)
            return values
        return dict(zip(self.source.columns, self.source.row(slot), strict=True))

    def put(self, slot: int, written: bytes | None, modified: int, hidden: bool) -> None:
        if slot == len(self.modified):
            self.modified.append(modified)
        self.modified[slot] = modified
        if written is not None:
            self.written[slot] = written
        (self.hidden.add if hidden else self.hidden.discard)(slot)
        self.version += 1


class Store:
    """One object of the portal. A record has a slot, counted from zero, from which its id follows."""

    def __init__(self, kind: ObjectKind, source: Source, settings: Settings, clock: Clock, news: News) -> None:
        self.kind = kind
        self.news = news
        self.schema: dict[str, Property] = kind.make_schema()
        self.ledger = Ledger()
        modified = array("q", [source.modified(i) for i in range(source.count)])
        self.now = Snapshot(source, modified)
        self.created = array("q", [source.created(i) for i in range(source.count)])
        self.archived_at: dict[int, int] = {}
        self._gone: set[int] = set()
        self._options = settings.of(Options)
        self._clock = clock
        self._index = Snapshot(source, modified[:])
        self._pending: deque[tuple[float, int, bytes | None, int, bool]] = deque()
        self._unique: dict[str, dict[str, int]] = {}

    def id_of(self, slot: int) -> str:
        return str(self.kind.first_id + slot * ID_STEP)

    def slot_of(self, record_id: str) -> int | None:
        """The slot of a record that is there, archived ones included."""
        if not record_id.isdigit():
            return None
        slot, rest = divmod(int(record_id) - self.kind.first_id, ID_STEP)
        return slot if rest == 0 and 0 <= slot < len(self.created) and slot not in self._gone else None

    def live_slot(self, record_id: str) -> int | None:
        slot = self.slot_of(record_id)
        return None if slot in self.archived_at else slot

    @property
    def slots(self) -> range:
        return range(len(self.created))

    @property
    def stored(self) -> int:
        return len(self.created) - len(self.now.hidden)

    def is_unique(self, name: str) -> bool:
        return name in self.kind.unique or (name in self.schema and self.schema[name].unique)

    def find_unique(self, name: str, value: str) -> int | None:
        """The live record with this value of a unique property, however it is written."""
        if name not in self._unique:
            self._unique[name] = self._build_index(name)
        return self._unique[name].get(value.strip().lower())

    def _build_index(self, name: str) -> dict[str, int]:
        index: dict[str, int] = {}
        for slot in self.slots:
            if slot not in self.now.hidden:
                self._add_keys(index, name, self.now.values(slot), slot)
        return index

    def _add_keys(self, index: dict[str, int], name: str, values: Values, slot: int) -> None:
        for key in self._keys(name, values):
            index.setdefault(key, slot)

    def _keys(self, name: str, values: Values) -> Iterable[str]:
        texts = [values.get(name) or ""]
        if name == "email":
            texts += (values.get("hs_additional_emails") or "").split(";")
        return [text.strip().lower() for text in texts if text.strip()]

    def append(self, values: dict[str, str]) -> int:
        slot, now = len(self.created), self._clock.now_ms()
        self.created.append(now)
        self._write(slot, {}, dict(values), now)
        self.news.tell_created(self.kind.singular, self.id_of(slot), BY_API)
        self.news.tell_changed(self.kind.singular, self.id_of(slot), values, BY_API)
        return slot

    def change(self, slot: int, changes: dict[str, str], by: Mapping[str, str] = BY_API) -> None:
        """Blank values clear their property."""
        old = self.now.values(slot)
        self._write(slot, old, {**old, **changes}, self._clock.now_ms())
        real = {name: value for name, value in changes.items() if (old.get(name) or "") != (value or "")}
        self.news.tell_changed(self.kind.singular, self.id_of(slot), real, by)

    def _write(self, slot: int, old: Values, new: Values, now: int) -> None:
        kept: Values = {name: value for name, value in new.items() if value not in ("", None)}
        for name, index in self._unique.items():
            for key in self._keys(name, old):
                if index.get(key) == slot:
                    del index[key]
            self._add_keys(index, name, kept, slot)
        self._put(slot, orjson.dumps(kept), now, hidden=False)

    def archive(self, slot: int, gone: bool = False) -> None:
        """`gone` leaves no way back and no trace in the list of archived records."""
        now = self._clock.now_ms()
        if gone:
            self._gone.add(slot)
            self.archived_at.pop(slot, None)
        else:
            self.archived_at[slot] = now
        for name, index in self._unique.items():
            for key in self._keys(name, self.now.values(slot)):
                if index.get(key) == slot:
                    del index[key]
        self._put(slot, None, now, hidden=True)

    def _put(self, slot: int, written: bytes | None, now: int, hidden: bool) -> None:
        self.now.put(slot, written, now, hidden)
        lag = self._options.search_lag
        if lag or self._pending:
            self._pending.append((self._clock.now() + lag, slot, written, now, hidden))
        else:
            self._index.put(slot, written, now, hidden)

    @property
    def index(self) -> Snapshot:
        """What search sees by now."""
        now = self._clock.now()
        while self._pending and self._pending[0][0] <= now:
            _, slot, written, modified, hidden = self._pending.popleft()
            self._index.put(slot, written, modified, hidden)
        return self._index

    def dump(self, slot: int) -> dict[str, Any]:
        """Everything about a record, for the control API."""
        dates = {"createdate": format_ms(self.created[slot]), self.kind.modified: format_ms(self.now.modified[slot])}
        return {"id": self.id_of(slot), **self.now.values(slot), **dates}
