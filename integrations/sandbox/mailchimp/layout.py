"""What an audience asks of people: merge fields, groups, tags. https://mailchimp.com/developer/marketing/api/list-merges/"""

import re
from typing import Any

from integrations.sandbox.mailchimp.audience import Audience
from integrations.sandbox.mailchimp.audiences import Audiences
from integrations.sandbox.mailchimp.errors import read_json, refuse_invalid, refuse_missing
from integrations.sandbox.mailchimp.kinds import MergeField, describe_merge_field
from integrations.sandbox.mailchimp.members import WRITE
from integrations.sandbox.mailchimp.shaping import read_page, shape
from integrations.sandbox.wire import Answer, Call, Route, answer_json

LIST = "/3.0/lists/{list}"
TYPES = frozenset(
    {"text", "number", "address", "phone", "date", "url", "imageurl", "radio", "dropdown", "birthday", "zip"}
)
_TAG = re.compile(r"[A-Z0-9_]{1,10}")


class LayoutApi:
    """Merge fields can be added and removed; groups and tags are looked at only."""

    def __init__(self, audiences: Audiences) -> None:
        self._audiences = audiences

    def routes(self) -> list[Route]:
        categories = f"{LIST}/interest-categories"
        return [
            Route("GET", f"{LIST}/merge-fields", self.list_fields),
            Route("POST", f"{LIST}/merge-fields", self.add_field, WRITE),
            Route("DELETE", f"{LIST}/merge-fields/{{id}}", self.remove_field, WRITE),
            Route("GET", categories, self.list_categories),
            Route("GET", f"{categories}/{{category}}/interests", self.list_interests),
            Route("GET", f"{LIST}/tag-search", self.search_tags),
        ]

    def list_fields(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        rows = [describe_merge_field(one, at, audience.kind.id) for at, one in _numbered(audience)]
        return _answer_rows(call, "merge_fields", rows)

    def add_field(self, call: Call) -> Answer:
        audience, given = self._audiences.called(call), read_json(call.body)
        fields = audience.layout.merge_fields
        tag = str(given.get("tag") or f"MMERGE{len(fields) + 1}")
        if given.get("type") not in TYPES or not given.get("name"):
            raise refuse_invalid(errors=[{"field": "type", "message": "Value is not a type"}])
        if not _TAG.fullmatch(tag) or audience.layout.find(tag) is not None:
            raise refuse_invalid(f'A Merge Field with the tag "{tag}" already exists for this list.')
        choices = tuple((given.get("options") or {}).get("choices") or ())
        one = MergeField(tag, str(given["name"]), str(given["type"]), bool(given.get("required")), choices)
        fields.append(one)
        return answer_json(shape(describe_merge_field(one, len(fields), audience.kind.id), call.query))

    def remove_field(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        found = next((one for at, one in _numbered(audience) if str(at) == call.params["id"]), None)
        if found is None:
            raise refuse_missing()
        audience.layout.merge_fields.remove(found)
        return Answer(204)

    def list_categories(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        rows = [
            {"list_id": audience.kind.id, "id": one.id, "title": one.title, "display_order": 0, "type": one.type}
            for one in audience.categories
        ]
        return _answer_rows(call, "categories", rows)

    def list_interests(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        category = next((one for one in audience.categories if one.id == call.params["category"]), None)
        if category is None:
            raise refuse_missing()
        rows = [
            {"category_id": category.id, "list_id": audience.kind.id, "id": one, "name": name, "subscriber_count": "0"}
            for one, name in category.interests
        ]
        return _answer_rows(call, "interests", rows)

    def search_tags(self, call: Call) -> Answer:
        wanted = call.query.get("name", "").lower()
        tags = self._audiences.called(call).tags
        rows = [{"id": number, "name": name} for name, number in tags.items() if name.lower().startswith(wanted)]
        return _answer_rows(call, "tags", rows)


def _numbered(audience: Audience) -> list[tuple[int, MergeField]]:
    return list(enumerate(audience.layout.merge_fields, start=1))


def _answer_rows(call: Call, name: str, rows: list[dict[str, Any]]) -> Answer:
    count, offset = read_page(call.query)
    body = {name: rows[offset : offset + count], "total_items": len(rows), "_links": []}
    return answer_json(shape(body, call.query))
