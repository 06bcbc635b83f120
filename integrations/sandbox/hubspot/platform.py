"""The simulated HubSpot: its parts put together, and its front desk."""

from collections.abc import Sequence
from typing import Any

from integrations.sandbox.faults import Fault
from integrations.sandbox.field_changes import Change, change_fields
from integrations.sandbox.hubspot.account import AccountApi
from integrations.sandbox.hubspot.auth import AuthApi, Token, TokenDesk
from integrations.sandbox.hubspot.batch import BatchApi
from integrations.sandbox.hubspot.custom import SchemasApi
from integrations.sandbox.hubspot.errors import describe_error, refuse
from integrations.sandbox.hubspot.limits import RateLimits, describe_rate_error
from integrations.sandbox.hubspot.objects import ObjectsApi
from integrations.sandbox.hubspot.properties import PropertiesApi
from integrations.sandbox.hubspot.schema import KINDS
from integrations.sandbox.hubspot.search import SearchApi
from integrations.sandbox.hubspot.stores import ALIASES, Stores
from integrations.sandbox.hubspot.webhooks import BY_HAND, Calls
from integrations.sandbox.outgoing import Manner, Subscription
from integrations.sandbox.platform import Chosen, Platform
from integrations.sandbox.scene import Scene
from integrations.sandbox.wire import Answer, Call, Route, answer_json


class Portal(Platform):
    """One HubSpot account with its contacts, companies, deals and one custom object."""

    name = "hubspot"
    unknown_paths = ("/{tail:.*}",)

    def __init__(self, scene: Scene) -> None:
        settings, clock = scene.settings, scene.clock
        self._clock = clock
        self._desk = TokenDesk(clock)
        self._limits = RateLimits(settings, clock)
        self.stores = Stores(scene)
        self._routes = [
            *AuthApi(self._desk).routes(),
            *AccountApi(self._limits, clock).routes(),
            *SchemasApi(self.stores).routes(),
            *PropertiesApi(self.stores).routes(),
            *SearchApi(self.stores).routes(),
            *BatchApi(self.stores, settings, clock).routes(),
            *ObjectsApi(self.stores).routes(),
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def admit(self, call: Call, route: Route) -> dict[str, str]:
        if route.public:
            return {}
        token = self._desk.check(call.headers.get("Authorization", ""), call.revoked)
        headers = self._limits.take(token.app, token.oauth, route.search)
        if route.needs:
            check_scope(token, route.needs, call.params)
        return headers

    def make_failure(self, fault: Fault) -> Answer:
        status = fault.status or 500
        body: dict[str, Any] = describe_error(_MESSAGES.get(status, "internal error"))
        if status == 429:
            body = describe_rate_error(fault.policy or "TEN_SECONDLY_ROLLING")
        return answer_json(body, status, dict(fault.headers))

    def make_not_found(self, call: Call) -> Answer:
        return answer_json(describe_error(f"No handler found for {call.method} {call.path}"), 404)

    def expire_tokens(self) -> None:
        self._desk.expire_all()

    def set_daily_used(self, used: int) -> None:
        self._limits.daily.set_used(used, self._clock.now())

    def summarise(self, object_name: str) -> dict[str, int]:
        store = self.stores.named(object_name).store
        return store.ledger.summarise(store.stored)

    def change_field(self, object_name: str, change: Change) -> None:
        shelf = self.stores.named(object_name)
        change_fields(shelf.store.schema, shelf.store.kind.make_schema(), change)
        shelf.views.forget()

    def list_records(self, object_name: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        store = self.stores.named(object_name).store
        slots = [slot for slot in store.slots[after:] if slot not in store.now.hidden][: limit + 1]
        following = slots[limit] if len(slots) > limit else None
        return [store.dump(slot) for slot in slots[:limit]], following

    def make_manner(self, subscription: Subscription) -> Manner:
        return Calls(self._clock, subscription.options)

    def touch(self, object_name: str, chosen: Chosen, values: dict[str, Any]) -> list[str]:
        store = self.stores.named(object_name).store
        if isinstance(chosen, int):
            slots = [slot for slot in store.slots if slot not in store.now.hidden][:chosen]
        else:
            slots = [slot for slot in map(store.live_slot, chosen) if slot is not None]
        changes = {name: str(value) for name, value in values.items()}
        for slot in slots:
            store.change(slot, changes, BY_HAND)
        return [store.id_of(slot) for slot in slots]


def check_scope(token: Token, needs: str, params: Any) -> None:
    name = ALIASES.get(params["object"]) if "object" in params else None
    scope = needs.format(object="custom" if name in CUSTOM else name)
    if scope in token.scopes or (name is None and "{object}" in needs):
        return
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes."
    )
    error = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": [scope]},
    }
    raise refuse(403, message, "MISSING_SCOPES", errors=[error])


_MESSAGES = {
    423: "The resource is locked, try again in 2 seconds",
    477: "The portal is being migrated",
    500: "internal error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway timeout",
}

CUSTOM = frozenset(kind.name for kind in KINDS if kind.is_custom)


PLATFORM = Portal
