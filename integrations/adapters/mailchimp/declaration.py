"""What Mailchimp can do, and what a person is asked for to connect it."""

from integrations.adapters.mailchimp.webhooks import AudienceWebhook
from integrations.enums import SyncMode
from integrations.types import BatchLimits, Capabilities, CredentialField, ObjectCapability, SignInMethod

LABEL = "Mailchimp"
GLOBAL_URL = "https://api.mailchimp.com"
ADDRESS = "email_address"
CONTACT_ID = "contact_id"
EMAIL_ID = "unique_email_id"
HASH = "subscriber_hash"
"""The field of ours that holds it: Mailchimp calls it "id", although it changes with the address."""

AT_ONCE = 8
"""Calls in flight. An account's user has ten connections; two are left to other tools."""

LEAVE, ADD = "leave", "add"

_MODES = (SyncMode.UPSERT, SyncMode.UPDATE, SyncMode.CREATE)

_ADDRESS = CredentialField(
    "base_url",
    "Address",
    is_address=True,
    required=False,
    placeholder="https://us21.api.mailchimp.com",
    help="Leave this empty: the key says where your account is. Fill it in to test against another system.",
)
_NEW_PEOPLE = CredentialField(
    "new_people",
    "New people are added as",
    required=False,
    default="subscribed",
    choices=(
        ("subscribed", "Subscribed"),
        ("pending", "Asked to confirm by mail first"),
        ("transactional", "Not subscribed"),
        ("unsubscribed", "Unsubscribed"),
    ),
    help="Only for people who are not in the audience yet. Where an audience asks everyone to confirm, they are asked.",
)
_ARCHIVED_PEOPLE = CredentialField(
    "archived_people",
    "People who are archived in Mailchimp",
    required=False,
    default=LEAVE,
    choices=((LEAVE, "Leave them archived, and say so"), (ADD, "Add them again, as new people")),
    help="Someone may have archived them for a reason. Who unsubscribed before is never subscribed again by a sync.",
)

_API_KEY = SignInMethod(
    "api_key",
    "API key",
    (
        CredentialField(
            "api_key",
            "API key",
            is_secret=True,
            placeholder="0123…cdef-us21",
            help="In Mailchimp under Profile, Extras, API keys. It ends with a hyphen and the data centre.",
        ),
    ),
    help="The simplest way. The key works until someone removes it.",
)
_OAUTH = SignInMethod(
    "oauth",
    "OAuth app",
    (CredentialField("access_token", "Access token", is_secret=True),),
    help="For an app of your own that was allowed into the account. Its token never ends by itself.",
)

CAPABILITIES = Capabilities(
    platform="mailchimp",
    label=LABEL,
    letter="M",
    hue="plum",
    objects=(
        ObjectCapability(
            "members",
            "Audience members",
            ("person", "people"),
            modes=_MODES,
            default_key=ADDRESS,
            id_field=CONTACT_ID,
            modified_field="last_changed",
            can_archive=True,
            can_find=True,
            finds_by=(ADDRESS, EMAIL_ID, CONTACT_ID),
            stands_for_many=True,
            called_by=HASH,
        ),
    ),
    sign_in_methods=(_API_KEY, _OAUTH),
    settings=(_ADDRESS, _NEW_PEOPLE, _ARCHIVED_PEOPLE),
    batch_limits=BatchLimits(100, 2_000_000),
    concurrency=2,
    bulk_threshold=3_000,
    bulk_limits=BatchLimits(2_000, 8_000_000),
    webhook=AudienceWebhook(),
)
