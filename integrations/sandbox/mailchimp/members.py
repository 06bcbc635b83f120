"""Members one by one, and the list of them. https://mailchimp.com/developer/marketing/api/list-members/"""

from collections.abc import Callable, Iterable, Mapping

from integrations.sandbox.mailchimp.audience import Audience
from integrations.sandbox.mailchimp.audiences import Audiences
from integrations.sandbox.mailchimp.consent import archive
from integrations.sandbox.mailchimp.errors import read_json, refuse, refuse_invalid, refuse_missing
from integrations.sandbox.mailchimp.options import Options
from integrations.sandbox.mailchimp.shaping import is_on, parts_of, read_fields, read_page, read_time, shape
from integrations.sandbox.mailchimp.webhooks import API, News
from integrations.sandbox.mailchimp.writes import Writes, copy_member
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json

LIST = "/3.0/lists/{list}/members"
ONE = f"{LIST}/{{who}}"
WRITE = "write"


class MembersApi:
    """Read, add, change, archive, forget, tag."""

    def __init__(self, audiences: Audiences, news: News, options: Options) -> None:
        self._audiences = audiences
        self._news = news
        self._options = options

    def routes(self) -> list[Route]:
        return [
            Route("GET", LIST, self.list_members),
            Route("POST", LIST, self.add_member, WRITE),
            Route("GET", ONE, self.read_member),
            Route("PUT", ONE, self.put_member, WRITE),
            Route("PATCH", ONE, self.change_member, WRITE),
            Route("DELETE", ONE, self.archive_member, WRITE),
            Route("POST", f"{ONE}/actions/delete-permanent", self.forget_member, WRITE),
            Route("POST", f"{ONE}/tags", self.tag_member, WRITE),
            Route("GET", f"{ONE}/tags", self.list_tags),
        ]

    def list_members(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        count, offset = read_page(call.query)
        fields = read_fields(call.query)
        slots = find_slots(audience, call.query)
        page = slots[offset : offset + count]
        rows = audience.show(page, parts_of(fields, "members"))
        body = {"members": rows, "list_id": audience.kind.id, "total_items": len(slots), "_links": []}
        return answer_json(body if is_shaped(fields, call.query) else shape(body, call.query))

    def read_member(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        return self._show(call, audience, self._find(audience, call))

    def add_member(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        given = read_json(call.body)
        email = str(given.get("email_address") or "").strip()
        if audience.find(email) is not None:
            detail = f"{email} is already a list member. Use PUT to insert or update list members."
            raise self._count(audience, refuse(400, "Member Exists", detail))
        return self._show(call, audience, self._write(call, audience, lambda one: one.add(given, given.get("status"))))

    def put_member(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        slot = audience.find(call.params["who"])
        if slot is not None:
            return self.change_member(call)
        given = read_json(call.body)
        status = given.get("status") or given.get("status_if_new")
        if not status:
            raise refuse_invalid(errors=[{"field": "status_if_new", "message": "This value should not be blank."}])
        return self._show(call, audience, self._write(call, audience, lambda one: one.add(given, status)))

    def change_member(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        slot, given = self._find(audience, call), read_json(call.body)

        def change(writes: Writes) -> int:
            writes.change(slot, {name: value for name, value in given.items() if name != "tags"})
            return slot

        return self._show(call, audience, self._write(call, audience, change))

    def archive_member(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        slot = self._find(audience, call)
        before = copy_member(audience.look(slot))
        draft = copy_member(before)
        archive(draft)
        Writes(audience, self._news).keep(slot, before, draft)
        return Answer(204)

    def forget_member(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        slot = self._find(audience, call)
        self._news.tell_deleted(audience.see(slot), API)
        audience.remove(slot)
        return Answer(204)

    def tag_member(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        slot, given = self._find(audience, call), read_json(call.body)
        member = audience.hold(slot)
        for tag in given.get("tags") or []:
            if tag.get("status") == "active":
                audience.add_tag(member, str(tag["name"]))
            else:
                member.tags.pop(str(tag["name"]), None)
        if self._options.mailchimp_tags_count:
            member.changed = audience.now()
            audience.note_change(slot, member.email)
        return Answer(204)

    def list_tags(self, call: Call) -> Answer:
        audience = self._audiences.called(call)
        tags = audience.look(self._find(audience, call)).tags
        rows = [{"id": number, "name": name, "date_added": ""} for name, number in tags.items()]
        return answer_json(shape({"tags": rows, "total_items": len(rows), "_links": []}, call.query))

    def _find(self, audience: Audience, call: Call) -> int:
        slot = audience.find(call.params["who"])
        if slot is None:
            raise refuse_missing()
        return slot

    def _write(self, call: Call, audience: Audience, write: Callable[[Writes], int]) -> int:
        skips = is_on(call.query, "skip_merge_validation")
        try:
            return write(Writes(audience, self._news, skips))
        except Refusal as refusal:
            raise self._count(audience, refusal) from refusal

    def _count(self, audience: Audience, refusal: Refusal) -> Refusal:
        audience.ledger.count_rejected(1)
        return refusal

    def _show(self, call: Call, audience: Audience, slot: int) -> Answer:
        return answer_json(shape(audience.show([slot], read_fields(call.query))[0], call.query))


def find_slots(audience: Audience, query: Mapping[str, str]) -> list[int]:
    """Who is asked for, in the order asked for. Archived ones only come when they are."""
    places = audience.between(read_time(query, "since_last_changed"), read_time(query, "before_last_changed"))
    slots: list[int] = audience.order[places.start : places.stop]
    if query.get("status") == "archived":
        slots = audience.archived()
    elif any(query.get(name) for name in _FILTERS):
        slots = [slot for slot in slots if _is_wanted(audience, slot, query)]
    if query.get("sort_field") != "last_changed":
        slots = sorted(slots)
    return slots[::-1] if query.get("sort_dir") == "DESC" else slots


def _is_wanted(audience: Audience, slot: int, query: Mapping[str, str]) -> bool:
    wanted = {name: query[name] for name in _FILTERS if query.get(name)}
    if wanted.get("status", audience.status_of(slot)) != audience.status_of(slot):
        return False
    seen = audience.show([slot], ("email_type", "unique_email_id", "vip"))[0]
    if is_on(query, "vip_only") and not seen["vip"]:
        return False
    return all(seen[name] == wanted[name] for name in ("email_type", "unique_email_id") if name in wanted)


_FILTERS = ("status", "email_type", "unique_email_id", "vip_only")


def is_shaped(fields: Iterable[str], query: Mapping[str, str]) -> bool:
    """Whole parts of members, as most ask for, are picked while they are made: there is nothing left to leave out."""
    if query.get("exclude_fields"):
        return False
    return all(one == "total_items" or (one.startswith("members.") and one.count(".") == 1) for one in fields)
