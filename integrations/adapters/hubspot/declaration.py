"""What HubSpot can do, and what a person is asked for to connect it."""

from typing import Any

from integrations.adapters.hubspot.paths import OTHER, RECORD_ID
from integrations.adapters.hubspot.webhooks import Webhooks
from integrations.enums import SyncMode
from integrations.types import BatchLimits, Capabilities, CredentialField, ObjectCapability, SignInMethod

LABEL = "HubSpot"
BASE_URL = "https://api.hubapi.com"
BATCH = 100

# The type ids in it: https://developers.hubspot.com/docs/api/crm/understanding-the-crm
_PAGE = "https://app.hubspot.com/contacts/{account}/record/"

_MODIFIED = "hs_lastmodifieddate"
_ALL: dict[str, Any] = {
    "modes": (SyncMode.UPSERT, SyncMode.UPDATE, SyncMode.CREATE),
    "id_field": RECORD_ID,
    "can_find": True,
    "can_archive": True,
}

_ADDRESS = CredentialField(
    "base_url",
    "Address",
    is_address=True,
    required=False,
    default=BASE_URL,
    placeholder=BASE_URL,
    help="Leave this as it is, unless you test against another system.",
)
_VERSION = CredentialField(
    "api_version",
    "Version of the interface",
    required=False,
    default="v3",
    choices=(("v3", "v3"), ("2026-03", "2026-03"), ("2026-09", "2026-09")),
    help="2026-09 applies the validation rules of your HubSpot account to everything we write.",
)

_TOKEN = SignInMethod(
    "token",
    "Service key or private app",
    (
        CredentialField(
            "access_token",
            "Access token",
            is_secret=True,
            placeholder="pat-…",
            help="In HubSpot under Settings, Integrations: make a service key that may read and write contacts.",
        ),
    ),
    help="The simplest way. The token works until someone removes it.",
)
_OAUTH = SignInMethod(
    "oauth",
    "OAuth app",
    (
        CredentialField("client_id", "Client ID"),
        CredentialField("client_secret", "Client secret", is_secret=True),
        CredentialField("refresh_token", "Refresh token", is_secret=True),
    ),
    help="For an app of your own that was installed in the account.",
)

CAPABILITIES = Capabilities(
    platform="hubspot",
    label=LABEL,
    letter="H",
    hue="orange",
    objects=(
        ObjectCapability(
            "contacts",
            "Contacts",
            ("person", "people"),
            default_key="email",
            modified_field="lastmodifieddate",
            other_keys_field="hs_additional_emails",
            page_at=f"{_PAGE}0-1/{{id}}",
            **_ALL,
        ),
        ObjectCapability(
            "companies",
            "Companies",
            ("company", "companies"),
            modified_field=_MODIFIED,
            page_at=f"{_PAGE}0-2/{{id}}",
            **_ALL,
        ),
        ObjectCapability(
            "deals", "Deals", ("deal", "deals"), modified_field=_MODIFIED, page_at=f"{_PAGE}0-3/{{id}}", **_ALL
        ),
        ObjectCapability(
            OTHER,
            "Custom objects",
            ("record", "records"),
            modified_field=_MODIFIED,
            stands_for_many=True,
            **_ALL,
        ),
    ),
    sign_in_methods=(_TOKEN, _OAUTH),
    settings=(_ADDRESS, _VERSION),
    batch_limits=BatchLimits(BATCH, 3_000_000),
    concurrency=4,
    webhook=Webhooks(),
)
