"""What to type into a HubSpot connection; the same on every start, and good for nothing but this sandbox."""

from typing import Any

TOKEN = "pat-na1-5a6d0b1e-0000-4000-8000-sandbox00001"  # noqa: S105 a made-up token
READ_ONLY_TOKEN = "pat-na1-5a6d0b1e-0000-4000-8000-sandbox0read"  # noqa: S105
CLIENT_ID = "11111111-2222-4333-8444-sandboxclnt1"
CLIENT_SECRET = "22222222-3333-4444-8555-sandboxscrt1"  # noqa: S105
REFRESH_TOKEN = "na1-sandbox-refresh-0001"  # noqa: S105
CODE = "sandbox-hubspot-code"
PORTAL_ID = 49_547_190
APP_ID = 9_393_361


def tell(base_url: str) -> dict[str, Any]:
    """The fields of a connection."""
    return {
        "base_url": base_url,
        "access_token": TOKEN,
        "read_only_access_token": READ_ONLY_TOKEN,
        "oauth": {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
            "token_url": f"{base_url}/oauth/v1/token",
        },
    }
