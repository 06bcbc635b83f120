"""The stores of a portal with what their handlers share: finding a record, and writing one so that it is counted."""

from typing import Any

from integrations.sandbox.clock import Clock
from integrations.sandbox.hubspot.errors import refuse
from integrations.sandbox.hubspot.render import Views
from integrations.sandbox.hubspot.schema import COMPANIES, CONTACTS, DEALS, KINDS, SUBSCRIPTIONS, ObjectKind, full_name
from integrations.sandbox.hubspot.sources import Source, make_company_source, make_deal_source, make_subscription_source
from integrations.sandbox.hubspot.store import Store
from integrations.sandbox.hubspot.validate import drop_backward_stage
from integrations.sandbox.hubspot.webhooks import BY_API, News
from integrations.sandbox.scene import Scene
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import Call

ALIASES = {
    alias: kind.name for kind in KINDS for alias in (kind.name, kind.singular, kind.type_id, full_name(kind)) if alias
}


class Shelf:
    """One store and the ways to look at it."""

    def __init__(self, kind: ObjectKind, source: Source, settings: Settings, clock: Clock, news: News) -> None:
        self.store = Store(kind, source, settings, clock, news)
        self.views = Views(self.store)
        self.blocked: set[str] = set()
        """Addresses erased before they were known."""

    def find(self, record_id: str, id_property: Any = None, archived: bool = False) -> int | None:
        store = self.store
        if id_property in (None, "", "hs_object_id"):
            slot = store.slot_of(record_id)
            return slot if slot is not None and (slot in store.archived_at) == archived else None
        if not isinstance(id_property, str) or not store.is_unique(id_property):
            raise refuse_not_unique(self, id_property)
        return store.find_unique(id_property, record_id)

    def find_taken(self, values: dict[str, str]) -> int | None:
        """A record that already has one of these values of a unique property."""
        for name, value in values.items():
            if value and self.store.is_unique(name):
                slot = self.store.find_unique(name, value)
                if slot is not None:
                    return slot
        return None

    def write(self, slot: int | None, values: dict[str, str]) -> int:
        """Creates the record when there is no slot; returns the slot."""
        store = self.store
        if slot is None:
            slot = store.append(values)
        else:
            store.change(slot, drop_backward_stage(store.now.values(slot).get("lifecyclestage"), values))
        key = store.now.values(slot).get(store.kind.key) or store.id_of(slot)
        store.ledger.count_writes([key.strip().lower()], 1)
        return slot

    def take_away(self, slot: int, erased: bool = False) -> None:
        """Archives the record, or erases it for good."""
        self.store.archive(slot, gone=erased)
        self.store.news.tell_deleted(self.store.kind.singular, self.store.id_of(slot), BY_API, erased)

    def merge(self, primary: int, other: int) -> None:
        """The older values win; the other record is gone, its address goes on as an additional one."""
        store = self.store
        values, extra = store.now.values(primary), store.now.values(other)
        merged = {name: value for name, value in extra.items() if value and not values.get(name)}
        if extra.get("email") and store.kind is CONTACTS:
            emails = [values.get("hs_additional_emails"), extra["email"], extra.get("hs_additional_emails")]
            merged["hs_additional_emails"] = ";".join(email for email in emails if email)
        store.archive(other, gone=True)
        store.change(primary, merged)
        ids = store.id_of(primary), store.id_of(other)
        store.news.tell_merged(store.kind.singular, *ids, len(merged), BY_API)


def refuse_not_unique(shelf: Shelf, name: Any) -> Exception:
    kind = shelf.store.kind
    message = f"Unable to perform update/upsert by non-unique {kind.type_id} property: {name}"
    return refuse(400, message, "VALIDATION_ERROR", context={"propertyName": [str(name)]})


class Stores:
    """The shelves by object name; `contacts`, `contact` and `0-1` are the same."""

    def __init__(self, scene: Scene) -> None:
        settings = scene.settings
        sources: dict[str, Source] = {
            CONTACTS.name: scene.people,
            COMPANIES.name: make_company_source(settings.seed),
            DEALS.name: make_deal_source(settings.seed),
            SUBSCRIPTIONS.name: make_subscription_source(settings.seed),
        }
        news = News(scene.sender, scene.clock)
        self._shelves = {kind.name: Shelf(kind, sources[kind.name], settings, scene.clock, news) for kind in KINDS}

    def named(self, name: str) -> Shelf:
        """Raises KeyError for an object there is not."""
        return self._shelves[ALIASES[name]]

    def shelf(self, call: Call) -> Shelf:
        try:
            return self.named(call.params["object"])
        except KeyError as exc:
            raise refuse(400, f"Unable to infer object type from: {call.params['object']}") from exc
