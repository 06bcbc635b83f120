"""Records one by one. https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide"""

import base64
import binascii
from typing import Any

from multidict import MultiMapping

from integrations.sandbox.hubspot.errors import (
    CONFLICT,
    NOT_FOUND,
    describe_invalid_values,
    read_json,
    refuse,
    refuse_invalid,
)
from integrations.sandbox.hubspot.render import Record
from integrations.sandbox.hubspot.stores import Shelf, Stores
from integrations.sandbox.hubspot.validate import check_values
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json

PREFIXES = ("/crm/v3/objects/{object}", "/crm/objects/2026-03/{object}", "/crm/objects/2026-09/{object}")
READ = "crm.objects.{object}.read"
WRITE = "crm.objects.{object}.write"
PAGE = 100
PAGE_WITH_HISTORY = 50


class ObjectsApi:
    """List, read, create, change, archive, merge and erase."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def routes(self) -> list[Route]:
        return [route for prefix in PREFIXES for route in self._routes_under(prefix)]

    def _routes_under(self, prefix: str) -> list[Route]:
        return [
            Route("GET", prefix, self.list_records, READ),
            Route("POST", prefix, self.create_record, WRITE),
            Route("POST", f"{prefix}/merge", self.merge_records, WRITE),
            Route("POST", f"{prefix}/gdpr-delete", self.erase_record, WRITE),
            Route("GET", f"{prefix}/{{id}}", self.read_record, READ),
            Route("PATCH", f"{prefix}/{{id}}", self.change_record, WRITE),
            Route("DELETE", f"{prefix}/{{id}}", self.archive_record, WRITE),
        ]

    def list_records(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        limit = read_limit(call.query)
        start = read_after(call.query.get("after", ""))
        slots, following = self._find_page(shelf, start, limit, call.query.get("archived") == "true")
        body: dict[str, Any] = {"results": shelf.views.get(read_properties(call.query)).render(slots)}
        if following is not None:
            after = write_after(following)
            body["paging"] = {
                "next": {"after": after, "link": f"{call.base_url}{call.path}?limit={limit}&after={after}"}
            }
        return answer_json(body)

    def _find_page(self, shelf: Shelf, start: int, limit: int, archived: bool) -> tuple[list[int], int | None]:
        """The slots of a page and where the next begins, if there is one."""
        store = shelf.store
        if archived:
            found = sorted(slot for slot in store.archived_at if slot >= start)
            page = found[: limit + 1]
        else:
            hidden = store.now.hidden
            page = []
            for slot in store.slots[start:]:
                if slot not in hidden:
                    page.append(slot)
                if len(page) > limit:
                    break
        return page[:limit], page[limit] if len(page) > limit else None

    def read_record(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        archived = call.query.get("archived") == "true"
        slot = shelf.find(call.params["id"], call.query.get("idProperty"), archived)
        if slot is None:
            raise refuse_missing(call.params["id"])
        return answer_json(shelf.views.get(read_properties(call.query)).render([slot])[0])

    def create_record(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        values = self._read_values(shelf, call)
        taken = shelf.find_taken(values)
        if taken is not None:
            shelf.store.ledger.count_rejected(1)
            raise refuse_taken(shelf, taken)
        slot = shelf.write(None, values)
        return answer_json(self._show(shelf, slot, values), 201)

    def change_record(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        slot = shelf.find(call.params["id"], call.query.get("idProperty"))
        if slot is None:
            raise refuse_missing(call.params["id"])
        values = self._read_values(shelf, call)
        taken = shelf.find_taken(values)
        if taken not in (None, slot):
            shelf.store.ledger.count_rejected(1)
            raise refuse_taken(shelf, taken or 0)
        shelf.write(slot, values)
        return answer_json(self._show(shelf, slot, values))

    def _read_values(self, shelf: Shelf, call: Call) -> dict[str, str]:
        properties = read_json(call.body).get("properties")
        values, problems = check_values(shelf.store, properties if isinstance(properties, dict) else {})
        if problems:
            shelf.store.ledger.count_rejected(1)
            raise refuse_invalid(describe_invalid_values(problems))
        return values

    def _show(self, shelf: Shelf, slot: int, values: dict[str, str]) -> Record:
        return shelf.views.get((*shelf.store.kind.defaults, *values)).render([slot])[0]

    def archive_record(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        slot = shelf.store.live_slot(call.params["id"])
        if slot is not None:
            shelf.take_away(slot)
        return Answer(204)

    def merge_records(self, call: Call) -> Answer:
        shelf, body = self._stores.shelf(call), read_json(call.body)
        primary, other = (
            shelf.store.live_slot(str(body.get(name, ""))) for name in ("primaryObjectId", "objectIdToMerge")
        )
        if primary is None or other is None or primary == other:
            raise refuse_invalid("Both objects of a merge must exist and differ")
        shelf.merge(primary, other)
        return answer_json(shelf.views.get().render([primary])[0])

    def erase_record(self, call: Call) -> Answer:
        """GDPR: the record is gone, and an unknown e-mail address is blocked for the future."""
        shelf, body = self._stores.shelf(call), read_json(call.body)
        wanted = str(body.get("objectId", ""))
        slot = shelf.find(wanted, body.get("idProperty"))
        if slot is not None:
            shelf.take_away(slot, erased=True)
        elif body.get("idProperty") == "email":
            shelf.blocked.add(wanted.strip().lower())
        return Answer(204)


def read_properties(query: MultiMapping[str], name: str = "properties") -> tuple[str, ...]:
    """Comma-separated, repeated, or both."""
    return tuple(one for text in query.getall(name, []) for one in text.split(",") if one)


def read_limit(query: MultiMapping[str]) -> int:
    text = query.get("limit", "10")
    most = PAGE_WITH_HISTORY if query.get("propertiesWithHistory") else PAGE
    if not text.isdigit() or not 0 < int(text) <= most:
        raise refuse_invalid(f"Invalid limit {text}: it must be between 1 and {most}", context={"limit": [text]})
    return int(text)


def write_after(slot: int) -> str:
    return base64.urlsafe_b64encode(f"{slot}\n".encode()).decode().rstrip("=")


def read_after(text: str) -> int:
    """Where the page begins; anything that did not come from us is refused."""
    try:
        return int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) or 0)
    except (ValueError, binascii.Error) as exc:
        raise refuse_invalid(f"The after parameter {text} is invalid", context={"after": [text]}) from exc


def refuse_missing(record_id: str) -> Refusal:
    return refuse(404, f"Object not found.  objectId are usually numeric. {record_id}", NOT_FOUND)


def refuse_taken(shelf: Shelf, slot: int) -> Refusal:
    name = shelf.store.kind.singular.capitalize()
    return refuse(409, f"{name} already exists. Existing ID: {shelf.store.id_of(slot)}", CONFLICT)
