"""What to type into a Google Analytics connection; the same on every start, and good for nothing but this sandbox."""

import json
from typing import Any

PROPERTY = "312345678"
MEASUREMENT_ID = "G-SANDBOX001"
API_SECRET = "sandbox-mp-secret-0001"  # noqa: S105 a made-up secret
CLIENT_ID = "1234567890-sandbox.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-sandbox-secret-0001"  # noqa: S105
REFRESH_TOKEN = "1//0sandbox-refresh-0001"  # noqa: S105
SERVICE_ACCOUNT = "reader@sandbox-project.iam.gserviceaccount.com"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 an address


def tell(base_url: str) -> dict[str, Any]:
    """The fields of a connection."""
    return {
        "base_url": base_url,
        "property_id": PROPERTY,
        "measurement_id": MEASUREMENT_ID,
        "api_secret": API_SECRET,
        "service_account": write_key_file(),
        "oauth": {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
            "token_url": f"{base_url}/token",
        },
    }


def write_key_file() -> str:
    """The JSON file that Google Cloud makes for a service account."""
    from integrations.sandbox.google_analytics.key import write_key

    return json.dumps(
        {
            "type": "service_account",
            "project_id": "sandbox-project",
            "private_key_id": "5a6d0b1e00004000800000sandbox0001",
            "private_key": write_key(),
            "client_email": SERVICE_ACCOUNT,
            "client_id": "100000000000000000001",
            "token_uri": TOKEN_URI,
        }
    )
