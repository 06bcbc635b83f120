"""What to type into a Salesforce connection; the same on every start, and good for nothing but this sandbox."""

from typing import Any

CLIENT_ID = "3MVG9sandbox.consumer.key.0001"
CLIENT_SECRET = "SANDBOX0CONSUMER0SECRET0001"  # noqa: S105
REFRESH_TOKEN = "5Aep861sandbox.refresh.0001"  # noqa: S105
CODE = "aPrxsandbox.salesforce.code"
API_VERSION = "62.0"
ORG_ID = "00D5e000001SndBEAS"
USER_ID = "0055e000003SndBAAS"


def tell(base_url: str) -> dict[str, Any]:
    """The fields of a connection."""
    return {
        "base_url": base_url,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "api_version": API_VERSION,
    }
