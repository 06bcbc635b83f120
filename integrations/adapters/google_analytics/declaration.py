"""What Google Analytics can do, and what a person is asked for to connect it.

Two interfaces that know nothing of each other: one takes events and signs in with a secret, the other gives out reports and
signs in as a service account or a person. A connection may have either side, or both.
"""

from integrations.enums import SyncMode
from integrations.types import BatchLimits, Capabilities, CredentialField, ObjectCapability, SignInMethod

LABEL = "Google Analytics"

EVENTS = "events"
REPORT = "report"
AUDIENCE = "audience"

EVENTS_A_CALL = 25
BYTES_A_CALL = 130_000
"""https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference"""

YES = "yes"
BACK_DAYS = "400"
EVERYTHING = "all"

_ADDRESS = CredentialField(
    "base_url",
    "Address",
    is_address=True,
    required=False,
    help="Leave this empty, unless you test against another system.",
)

_STREAM = (
    CredentialField(
        "measurement_id",
        "Measurement ID",
        placeholder="G-XXXXXXXXXX",
        help="In Analytics under Admin, Data streams: open the web stream that the events belong to.",
    ),
    CredentialField(
        "api_secret",
        "Measurement Protocol API secret",
        is_secret=True,
        help="On the page of the same stream. Google never says that a secret is wrong, so copy it with care.",
    ),
)
_STREAM_IF_WANTED = tuple(
    CredentialField(
        one.name,
        f"{one.label} (only to send events)",
        is_secret=one.is_secret,
        required=False,
        placeholder=one.placeholder,
        help=one.help,
    )
    for one in _STREAM
)
_SENDING = (
    CredentialField(
        "region",
        "Events are collected",
        required=False,
        choices=(("", "Anywhere in the world"), ("eu", "In the European Union")),
    ),
    CredentialField(
        "parameters",
        "Event parameters of your own",
        is_local=True,
        required=False,
        placeholder="crm_stage, lead_score",
        help="Their names, with commas between them. Reports show them once they are custom definitions in Analytics.",
    ),
    CredentialField(
        "user_properties",
        "User properties of your own",
        is_local=True,
        required=False,
        placeholder="plan, customer_since",
        help="Their names, with commas between them.",
    ),
    CredentialField(
        "test_event",
        "Send a real event with every test",
        required=False,
        choices=(("", "No"), (YES, "Yes, one named syncpanel_test")),
        help="It is counted like any other event. Without it nobody can tell whether events arrive.",
    ),
)
_READING = (
    CredentialField(
        "property_id",
        "Property ID",
        placeholder="123456789",
        help="In Analytics under Admin, Property details. A number, not the G-… of a stream.",
    ),
    CredentialField(
        "reports_back",
        "Reports go back",
        required=False,
        default=BACK_DAYS,
        choices=(("90", "90 days"), (BACK_DAYS, "13 months"), (EVERYTHING, "As far as Google has numbers")),
        help="Of a sync that reads everything. One that reads what changed looks at the last days only.",
    ),
)

_SERVICE_ACCOUNT = SignInMethod(
    "service_account",
    "Service account: reads reports, and sends events if you like",
    (
        CredentialField(
            "service_account",
            "Key of the service account",
            is_secret=True,
            placeholder="{ … }",
            help="Paste the whole JSON file from Google Cloud. Then add its e-mail address to the property as a Viewer.",
        ),
        *_READING,
        *_STREAM_IF_WANTED,
        *_SENDING,
    ),
    help="The best way for a server: it does not depend on any person's account.",
)
_OAUTH = SignInMethod(
    "oauth",
    "A person's sign-in: reads reports, and sends events if you like",
    (
        CredentialField("client_id", "Client ID"),
        CredentialField("client_secret", "Client secret", is_secret=True),
        CredentialField(
            "refresh_token",
            "Refresh token",
            is_secret=True,
            help="With the scope analytics.readonly. While the app is in testing, Google ends it after seven days.",
        ),
        *_READING,
        *_STREAM_IF_WANTED,
        *_SENDING,
    ),
    help="For an OAuth app of your own in Google Cloud.",
)
_EVENTS_ONLY = SignInMethod(
    "events",
    "Only send events",
    (*_STREAM, *_SENDING),
    help="Needs nothing from Google Cloud. Reports and audiences cannot be read this way.",
)

CAPABILITIES = Capabilities(
    platform="google_analytics",
    label=LABEL,
    letter="G",
    hue="amber",
    objects=(
        ObjectCapability(
            EVENTS,
            "Events",
            ("event", "events"),
            can_read=False,
            modes=(SyncMode.CREATE,),
            supports_incremental=False,
            default_key="event_id",
            confirms_writes=False,
            are_events=True,
        ),
        ObjectCapability(REPORT, "Reports", ("row", "rows"), can_write=False, modes=(), stands_for_many=True),
        ObjectCapability(
            AUDIENCE,
            "Audiences",
            ("person", "people"),
            can_write=False,
            modes=(),
            supports_incremental=False,
            stands_for_many=True,
        ),
    ),
    sign_in_methods=(_SERVICE_ACCOUNT, _OAUTH, _EVENTS_ONLY),
    settings=(_ADDRESS,),
    batch_limits=BatchLimits(EVENTS_A_CALL, BYTES_A_CALL),
    is_write_idempotent=False,
)
