"""What Salesforce can do, and what a person is asked for to connect it."""

from typing import Any

from integrations.adapters.salesforce.names import OTHER
from integrations.adapters.salesforce.webhooks import OutboundMessages
from integrations.enums import SyncMode
from integrations.types import BatchLimits, Capabilities, CredentialField, ObjectCapability, SignInMethod

LABEL = "Salesforce"
API_VERSION = "62.0"
BATCH = 200

_ALL: dict[str, Any] = {
    "modes": (SyncMode.UPSERT, SyncMode.UPDATE, SyncMode.CREATE),
    "id_field": "Id",
    "modified_field": "LastModifiedDate",
    "can_find": True,
    "can_archive": True,
    "page_at": "{address}/{id}",  # My Domain leads on from there
}

_ADDRESS = CredentialField(
    "base_url",
    "My Domain address",
    is_address=True,
    placeholder="https://yourcompany.my.salesforce.com",
    help="In Salesforce under Setup, My Domain. Not login.salesforce.com.",
)
_VERSION = CredentialField(
    "api_version",
    "Version of the interface",
    required=False,
    default=API_VERSION,
    help="Leave this as it is, unless Salesforce has retired it.",
)
_CLIENT = (
    CredentialField("client_id", "Consumer key"),
    CredentialField("client_secret", "Consumer secret", is_secret=True),
)

_CLIENT_CREDENTIALS = SignInMethod(
    "client_credentials",
    "External client app, as its own user",
    _CLIENT,
    help="Make an external client app in Setup, switch on the client credentials flow and choose the user it runs as.",
)
_REFRESH_TOKEN = SignInMethod(
    "refresh_token",
    "External client app, as a person who signed in",
    (*_CLIENT, CredentialField("refresh_token", "Refresh token", is_secret=True)),
    help="For a person who has already given the app the scopes api and refresh_token.",
)

CAPABILITIES = Capabilities(
    platform="salesforce",
    label=LABEL,
    letter="S",
    hue="sky",
    objects=(
        ObjectCapability("Lead", "Leads", ("lead", "leads"), **_ALL),
        ObjectCapability("Contact", "Contacts", ("person", "people"), **_ALL),
        ObjectCapability("Account", "Accounts", ("company", "companies"), **_ALL),
        ObjectCapability(OTHER, "Other objects", ("record", "records"), stands_for_many=True, **_ALL),
    ),
    sign_in_methods=(_CLIENT_CREDENTIALS, _REFRESH_TOKEN),
    settings=(_ADDRESS, _VERSION),
    batch_limits=BatchLimits(BATCH, 4_000_000),
    concurrency=4,
    bulk_threshold=200_000,
    bulk_limits=BatchLimits(10_000, 90_000_000),
    bulk_concurrency=8,
    webhook=OutboundMessages(),
)
