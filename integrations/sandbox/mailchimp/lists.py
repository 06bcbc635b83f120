"""The audiences, and many members in one call. https://mailchimp.com/developer/marketing/api/lists/"""

import random
from typing import Any

import orjson

from integrations.sandbox.mailchimp.audience import Audience
from integrations.sandbox.mailchimp.audiences import Audiences
from integrations.sandbox.mailchimp.errors import read_json, refuse_invalid
from integrations.sandbox.mailchimp.members import WRITE
from integrations.sandbox.mailchimp.options import Options
from integrations.sandbox.mailchimp.shaping import is_on, read_page, shape
from integrations.sandbox.mailchimp.webhooks import News
from integrations.sandbox.mailchimp.writes import Writes
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json

MOST = 500
EXISTS = "ERROR_CONTACT_EXISTS"
GENERIC = "ERROR_GENERIC"
Row = dict[str, Any]


class ListsApi:
    """Whatever becomes of each member, the call as a whole is fine."""

    def __init__(self, audiences: Audiences, news: News, settings: Settings) -> None:
        self._audiences = audiences
        self._news = news
        self._options = settings.of(Options)
        self._dice = random.Random(settings.seed)

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/3.0/lists", self.list_all),
            Route("GET", "/3.0/lists/{list}", self.read_one),
            Route("POST", "/3.0/lists/{list}", self.take_many, WRITE),
        ]

    def list_all(self, call: Call) -> Answer:
        count, offset = read_page(call.query)
        rows = [describe(one) for one in self._audiences.all()]
        body = {"lists": rows[offset : offset + count], "total_items": len(rows), "_links": []}
        return answer_json(shape(body, call.query))

    def read_one(self, call: Call) -> Answer:
        return answer_json(shape(describe(self._audiences.called(call)), call.query))

    def take_many(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        given = read_json(call.body)
        members = given.get("members")
        if not isinstance(members, list) or len(members) > MOST:
            detail = f"This collection should contain {MOST} elements or less."
            raise refuse_invalid(errors=[{"field": "members", "message": detail}])
        taking = Taking(Writes(audience, self._news, is_on(call.query, "skip_merge_validation")))
        for one in members:
            taking.take(one, bool(given.get("update_existing")), is_on(call.query, "skip_duplicate_check"))
        return answer_json(shape(self._describe(taking), call.query))

    def _describe(self, taking: "Taking") -> dict[str, Any]:
        new, updated, errors = taking.new, taking.updated, taking.errors
        for rows in (new, updated, errors):
            self._dice.shuffle(rows)
        for _ in range(self._options.mailchimp_forget_rows):
            next((rows for rows in (new, updated, errors) if rows), [{}]).pop()
        return {
            "new_members": new,
            "updated_members": updated,
            "errors": errors,
            "total_created": len(new),
            "total_updated": len(updated),
            "error_count": len(errors),
            "_links": [],
        }


class Taking:
    """One bulk call, row by row."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes
        self._seen: set[str] = set()
        self.new: list[Row] = []
        self.updated: list[Row] = []
        self.errors: list[Row] = []

    def take(self, given: Row, update: bool, skips_duplicates: bool) -> None:
        audience = self._writes.audience
        email = str(given.get("email_address") or "").strip()
        if email.lower() in self._seen:
            if not skips_duplicates:
                self._fail(email, "Duplicate email address in the request.")
            return
        self._seen.add(email.lower())
        slot = audience.find(email)
        if slot is not None and not update:
            detail = f"{email} is already a list member, do you want to update? please provide update_existing:true"
            self._fail(email, f"{detail} in the request body", EXISTS)
            return
        try:
            self._write(slot, given)
        except Refusal as refusal:
            self._refuse(email, refusal)

    def _write(self, slot: int | None, given: Row) -> None:
        audience = self._writes.audience
        if slot is None:
            self.new += audience.show([self._writes.add(given, given.get("status"))])
        else:
            self._writes.change(slot, {name: value for name, value in given.items() if name != "tags"})
            self.updated += audience.show([slot])

    def _refuse(self, email: str, refusal: Refusal) -> None:
        problem = orjson.loads(refusal.answer.body)
        first = next(iter(problem.get("errors", [])), {"field": "", "message": ""})
        self._fail(email, problem["detail"], GENERIC, first["field"], first["message"])

    def _fail(self, email: str, error: str, code: str = GENERIC, field: str = "", message: str = "") -> None:
        self._writes.audience.ledger.count_rejected(1)
        told = {"email_address": email, "error": error, "error_code": code}
        self.errors.append({**told, "field": field, "field_message": message})


def describe(audience: Audience) -> Row:
    kind = audience.kind
    return {
        "id": kind.id,
        "web_id": 1_001 + sum(map(ord, kind.id)),
        "name": kind.name,
        "permission_reminder": "You signed up on our website.",
        "double_optin": kind.double_optin,
        "has_welcome": False,
        "marketing_permissions": bool(kind.permissions),
        "date_created": "2019-01-01T00:00:00+00:00",
        "stats": {
            "member_count": len(audience.order),
            "merge_field_count": len(audience.layout.merge_fields),
            "cleaned_count": 0,
            "unsubscribe_count": 0,
        },
        "_links": [],
    }
