"""What to type into a connection form; the same on every start, and good for nothing but this sandbox."""

from typing import Any

HUBSPOT_TOKEN = "pat-na1-5a6d0b1e-0000-4000-8000-sandbox00001"  # noqa: S105 a made-up token
HUBSPOT_READ_ONLY_TOKEN = "pat-na1-5a6d0b1e-0000-4000-8000-sandbox0read"  # noqa: S105
HUBSPOT_CLIENT_ID = "11111111-2222-4333-8444-sandboxclnt1"
HUBSPOT_CLIENT_SECRET = "22222222-3333-4444-8555-sandboxscrt1"  # noqa: S105
HUBSPOT_REFRESH_TOKEN = "na1-sandbox-refresh-0001"  # noqa: S105
HUBSPOT_CODE = "sandbox-hubspot-code"
HUBSPOT_PORTAL_ID = 49_547_190
HUBSPOT_APP_ID = 9_393_361

SALESFORCE_CLIENT_ID = "3MVG9sandbox.consumer.key.0001"
SALESFORCE_CLIENT_SECRET = "SANDBOX0CONSUMER0SECRET0001"  # noqa: S105
SALESFORCE_REFRESH_TOKEN = "5Aep861sandbox.refresh.0001"  # noqa: S105
SALESFORCE_CODE = "aPrxsandbox.salesforce.code"
SALESFORCE_API_VERSION = "62.0"
SALESFORCE_ORG_ID = "00D5e000001SndBEAS"
SALESFORCE_USER_ID = "0055e000003SndBAAS"


def tell_credentials(base_url: str) -> dict[str, Any]:
    """Per platform, the fields of a connection."""
    return {
        "hubspot": {
            "base_url": base_url,
            "access_token": HUBSPOT_TOKEN,
            "read_only_access_token": HUBSPOT_READ_ONLY_TOKEN,
            "oauth": {
                "client_id": HUBSPOT_CLIENT_ID,
                "client_secret": HUBSPOT_CLIENT_SECRET,
                "refresh_token": HUBSPOT_REFRESH_TOKEN,
                "token_url": f"{base_url}/oauth/v1/token",
            },
        },
        "salesforce": {
            "base_url": base_url,
            "client_id": SALESFORCE_CLIENT_ID,
            "client_secret": SALESFORCE_CLIENT_SECRET,
            "refresh_token": SALESFORCE_REFRESH_TOKEN,
            "api_version": SALESFORCE_API_VERSION,
        },
    }
