"""What Segment can do, and what a person is asked for to connect it.

Three interfaces with a credential each: one takes what we send, and two that are optional tell what Segment has.
"""

from integrations.adapters.segment.names import EVENTS, GROUPS, LABEL, USERS
from integrations.adapters.segment.webhooks import Webhooks
from integrations.enums import SyncMode
from integrations.types import BatchLimits, Capabilities, CredentialField, ObjectCapability, SignInMethod

EVENTS_A_CALL = 500
BYTES_A_CALL = 475_000
"""https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#max-request-size: 500 KB a call."""

_WRITE_KEY = CredentialField(
    "write_key",
    "Write key",
    is_secret=True,
    help="In Segment under Connections, Sources: make a source “HTTP API” for Syncpanel and open its settings, API keys.",
)
_LOOKING = (
    CredentialField(
        "public_token",
        "Public API token (optional)",
        is_secret=True,
        required=False,
        help="Lets us make sure of the write key and list your traits. In Segment under Settings, Workspace settings, Access "
        "management, Tokens.",
    ),
    CredentialField(
        "space_id",
        "Space ID (optional)",
        required=False,
        help="Only with Unify: under Unify, Unify settings, API access. Whose traits are listed.",
    ),
    CredentialField(
        "space_token",
        "Profile API token (optional)",
        is_secret=True,
        required=False,
        help="Lets us look up single people. On the same page as the space ID.",
    ),
)
_BY_KEY = SignInMethod(
    "write_key",
    "Write key",
    (_WRITE_KEY, *_LOOKING),
    help="The simplest way. The key works until someone changes it.",
)
_OAUTH = SignInMethod(
    "oauth",
    "OAuth app",
    (
        CredentialField("app_id", "App ID", help="Under Access management, OAuth applications."),
        CredentialField("key_id", "Key ID", help="On the overview of the same application."),
        CredentialField(
            "private_key",
            "Private key",
            is_secret=True,
            placeholder="-----BEGIN PRIVATE KEY-----",
            help="Paste the whole PEM file whose public half the application has.",
        ),
        _WRITE_KEY,
        *_LOOKING,
    ),
    help="For a source that is connected to an OAuth application with the scope tracking_api:write.",
)
_REGION = CredentialField(
    "region",
    "Your workspace is in",
    required=False,
    default="us",
    choices=(("us", "The United States"), ("eu", "The European Union")),
    help="Segment takes events for the wrong region without a word, and they never show up.",
)
_ADDRESS = CredentialField(
    "base_url",
    "Address",
    is_address=True,
    required=False,
    help="Leave this empty, unless you test against another system.",
)

CAPABILITIES = Capabilities(
    platform="segment",
    label=LABEL,
    letter="S",
    hue="green",
    objects=(
        ObjectCapability(
            USERS,
            "Users",
            ("person", "people"),
            can_read=False,
            supports_incremental=False,
            default_key="userId",
            confirms_writes=False,
            comes_by_webhook_only=True,
        ),
        ObjectCapability(
            EVENTS,
            "Events",
            ("event", "events"),
            can_read=False,
            modes=(SyncMode.CREATE, SyncMode.UPSERT),
            supports_incremental=False,
            default_key="eventId",
            confirms_writes=False,
            comes_by_webhook_only=True,
            are_events=True,
        ),
        ObjectCapability(
            GROUPS,
            "Groups",
            ("company", "companies"),
            can_read=False,
            supports_incremental=False,
            default_key="groupId",
            confirms_writes=False,
        ),
    ),
    sign_in_methods=(_BY_KEY, _OAUTH),
    settings=(_REGION, _ADDRESS),
    batch_limits=BatchLimits(EVENTS_A_CALL, BYTES_A_CALL),
    concurrency=8,
    recognises_repeats=True,
    webhook=Webhooks(),
)
