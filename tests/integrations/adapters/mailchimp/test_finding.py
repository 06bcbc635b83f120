"""Looking people up, counting with conditions, listing audiences, describing them, signing in."""

import pytest

from integrations.adapters.mailchimp import ADAPTER
from integrations.adapters.mailchimp.declaration import GLOBAL_URL
from integrations.adapters.mailchimp.signin import find_address
from integrations.adapters.registry import capabilities
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.enums import FieldType, Operator, SyncMode
from integrations.exceptions import ConfigurationError
from integrations.mappings.conditions import compile_conditions
from integrations.sandbox.mailchimp.credentials import PRODUCT_NEWS
from integrations.types import Condition, Credentials, Window
from tests.integrations.adapters.mailchimp.case import CASE, MEMBERS
from tests.integrations.adapters.mailchimp.conftest import LIST, Scripted, member, problem
from tests.integrations.adapters.mailchimp.conftest import MEMBERS as PATH
from tests.integrations.adapters.mailchimp.test_reading import EVERYBODY, NOW

KEY = "email_address"
NOT_FOUND = problem(404, "Resource Not Found")


def test_people_are_found_by_address_in_any_case(connect):
    adapter = connect(CASE)
    made = adapter.upload_batch(MEMBERS, [CASE.make_record(i) for i in range(3)], "upsert", KEY, trace="1").results
    found = adapter.find_records(
        MEMBERS, KEY, ["PERSON1@Example.org", "person2@example.org", "no@x.io"], ["FNAME", KEY]
    )
    assert [record["id"] for record in found] == [made[1].id, made[2].id]
    assert found[0] == {"id": made[1].id, "FNAME": "Ann", KEY: "person1@example.org"}


def test_people_are_found_by_the_ids_of_their_addresses_and_their_own(connect):
    adapter = connect(CASE)
    made = adapter.upload_batch(MEMBERS, [CASE.make_record(1)], "upsert", KEY, trace="1").results[0]
    row = adapter.read_records(MEMBERS, [made.id], ["unique_email_id"])[0]
    for field, value in (("unique_email_id", row["unique_email_id"]), ("contact_id", made.id)):
        assert [one["id"] for one in adapter.find_records(MEMBERS, field, [value, "none"], [KEY])] == [made.id]


def test_by_any_other_field_nobody_can_be_found_exactly(connect):
    with pytest.raises(ConfigurationError, match="email address"):
        connect(CASE).find_records(MEMBERS, "LNAME", ["Ann"], [KEY])


def test_archived_people_are_not_there_and_can_be_archived_again(connect):
    adapter = connect(CASE)
    made = adapter.upload_batch(MEMBERS, [CASE.make_record(i) for i in range(3)], "upsert", KEY, trace="1").results
    ids = [result.id for result in made]
    for _ in range(2):
        assert all(result.ok for result in adapter.archive_records(MEMBERS, [*ids[:2], "f" * 32], trace="2").results)
    assert [record["id"] for record in adapter.read_records(MEMBERS, ids, [KEY])] == ids[2:]


def test_a_webhooks_name_of_a_person_is_understood_and_answered_with_the_id(connect):
    adapter = connect(CASE)
    made = adapter.upload_batch(MEMBERS, [CASE.make_record(1)], "upsert", KEY, trace="1").results[0]
    called, field = "389a2060a95dbb1b971fb826a43862fb", capabilities("mailchimp").object(MEMBERS).called_by
    assert adapter.read_records(MEMBERS, [called], [field]) == [{"id": made.id, field: called}]


def test_of_an_audience_that_is_gone_nobody_is_missing(mailchimp):
    script = Scripted({f"GET {PATH}/a": NOT_FOUND, f"GET {LIST}": NOT_FOUND})
    with pytest.raises(ConfigurationError):
        mailchimp(script).read_records("members:abc", ["a"], [KEY])


def test_nobody_asked_for_takes_no_call(mailchimp):
    adapter = mailchimp(Scripted({}))
    assert adapter.read_records("members:abc", [], [KEY]) == [] == adapter.find_records("members:abc", KEY, [], [KEY])
    assert adapter.archive_records("members:abc", [], trace="1").results == []
    assert adapter.upload_batch("members:abc", [], SyncMode.UPSERT, KEY, trace="1").results == []


CONDITIONS = [
    (Condition("status", Operator.IS, " Subscribed "),),
    (Condition("status", Operator.IS, "unsubscribed"), Condition("email_type", Operator.IS, "HTML")),
    (Condition("vip", Operator.IS, "True"),),
    (),
]


@pytest.mark.parametrize("conditions", CONDITIONS)
def test_a_count_with_conditions_is_exact(connect, conditions):
    adapter = connect(CASE)
    vips = [{**CASE.make_record(i), "vip": i % 2 == 0} for i in range(5)]
    adapter.upload_batch(MEMBERS, vips, "upsert", KEY, trace="1")
    records = adapter.fetch_records(MEMBERS, {}, EVERYBODY, ["status", "email_type", "vip"]).records
    is_included = compile_conditions(conditions) or (lambda _: True)
    assert adapter.count(MEMBERS, Window(None, NOW, conditions)) == sum(map(is_included, records)) > 0


@pytest.mark.parametrize(
    "condition",
    [
        Condition("status", Operator.IS, "archived"),
        Condition("status", Operator.IS_NOT, "subscribed"),
        Condition("vip", Operator.IS, "false"),
        Condition("LNAME", Operator.IS, "Ann"),
        Condition("email_address", Operator.CONTAINS, "example.org"),
        Condition("last_changed", Operator.AFTER, "2026-01-01"),
    ],
)
def test_where_no_filter_says_exactly_that_nobody_is_counted(mailchimp, condition):
    assert mailchimp(Scripted({})).count("members:abc", Window(None, NOW, (condition,))) is None


def test_one_filter_cannot_hold_two_values(mailchimp):
    both = (Condition("status", Operator.IS, "pending"), Condition("status", Operator.IS, "cleaned"))
    assert mailchimp(Scripted({})).count("members:abc", Window(None, NOW, both)) is None


def test_every_audience_is_an_object(connect):
    found = connect(CASE).list_objects()
    assert [(one.name, one.label) for one in found] == [
        (MEMBERS, "Newsletter"),
        (f"members:{PRODUCT_NEWS}", "Product news"),
    ]
    assert all(one.can_archive and one.can_find and one.id_field == "contact_id" for one in found)


def test_the_fields_of_an_audience_are_described(connect):
    schema = connect(CASE).describe(MEMBERS)
    types = {field.name: field.type for field in schema.fields}
    assert (types["SCORE"], types["SINCE"], types["PHONE"], types["WEBSITE"], types["STAGE"], types["SALUTATION"]) == (
        *(FieldType.NUMBER, FieldType.DATE, FieldType.PHONE, FieldType.URL, FieldType.CHOICE, FieldType.CHOICE),
    )
    assert {f"ADDRESS:{part}" for part in ("addr1", "addr2", "city", "state", "zip", "country")} < types.keys()
    assert schema.field("BIRTHDAY").max_length == 5
    assert schema.field("FNAME").max_bytes == 255 and schema.field("STAGE").max_bytes is None
    topics, pace = schema.field("group:9e5d2c7b10"), schema.field("group:af6e3d8c21")
    assert topics.type is FieldType.MULTI_CHOICE and topics.choices == ("Product news", "Events", "8da15c43e2")
    assert pace.type is FieldType.CHOICE and pace.choices == ("Weekly", "Monthly")
    assert "lead" in schema.field("tags").choices and not schema.field("tags").restricted
    assert not schema.field("contact_id").writable and not schema.field("status_if_new").readable
    assert schema.field("email_address").is_key and schema.label == "Newsletter"


def test_marketing_permissions_are_fields(connect):
    adapter = connect(CASE)
    schema = adapter.describe(f"members:{PRODUCT_NEWS}")
    assert schema.field("permission:0d4819da60").type is FieldType.BOOLEAN
    record = {**CASE.make_record(1), "permission:0d4819da60": True}
    made = adapter.upload_batch(f"members:{PRODUCT_NEWS}", [record], "upsert", KEY, trace="1").results[0]
    fields = ["status", "permission:0d4819da60", "permission:1e592aeb71", "permission:none"]
    read = adapter.read_records(f"members:{PRODUCT_NEWS}", [made.id], fields)[0]
    assert list(read.values()) == [made.id, "pending", True, False, None]


def test_a_user_who_may_only_look_is_told_so(connect, sandbox):
    viewer = sandbox.server.credentials()["mailchimp"]["viewer_key"]
    lines = connect(CASE, secrets={"api_key": viewer}).check().lines
    assert [line.ok for line in lines] == [True, True, True, False] and "Manager" in lines[3].fix


def test_an_account_without_an_audience_is_told_so(mailchimp):
    script = Scripted(
        {"GET /3.0/ping": {}, "GET /3.0/": {"account_id": "1"}, "GET /3.0/lists": {"lists": [], "total_items": 0}}
    )
    lines = mailchimp(script).check().lines
    assert [line.ok for line in lines] == [True, True, False, False] and "audience" in lines[2].fix


def test_an_oauth_token_signs_in_too(sandbox):
    known = sandbox.server.credentials()["mailchimp"]
    credentials = Credentials("oauth", {"base_url": known["base_url"]}, {"access_token": known["access_token"]})
    adapter = ADAPTER(credentials, MemoryTokens(), Unlimited())
    found = adapter.check()
    adapter.close()
    assert found.ok and found.account == "Sandbox Coffee" and found.facts["time_zone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("method", "plain", "secrets", "address"),
    [
        ("api_key", {}, {"api_key": "0123-us21"}, "https://us21.api.mailchimp.com"),
        ("api_key", {}, {"api_key": "0123-us21 "}, "https://us21.api.mailchimp.com"),
        ("api_key", {}, {"api_key": "0123"}, GLOBAL_URL),
        ("api_key", {}, {"api_key": "0123-evil.example/"}, GLOBAL_URL),
        ("api_key", {}, {}, GLOBAL_URL),
        ("oauth", {}, {"access_token": "x", "api_key": "0123-us21"}, GLOBAL_URL),
        (
            "api_key",
            {"base_url": "https://us1.api.mailchimp.com/3.0/"},
            {"api_key": "0-us21"},
            "https://us1.api.mailchimp.com",
        ),
    ],
)
def test_the_key_says_where_the_account_is(method, plain, secrets, address):
    assert find_address(Credentials(method, plain, secrets)) == address


def test_a_member_found_twice_is_asked_for_once(mailchimp):
    script = Scripted({f"GET {PATH}/a": member()})
    assert len(mailchimp(script).read_records("members:abc", ["a", "a"], [KEY])) == 1 and len(script.requests) == 1
