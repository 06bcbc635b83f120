"""What to type into a Segment connection; the same on every start, and good for nothing but this sandbox."""

from typing import Any

from integrations.sandbox.segment.key import private_pem

WRITE_KEY = "sandboxWriteKeySyncpanel00000001"
WEBSITE_KEY = "sandboxWriteKeyWebsite0000000001"
SWITCHED_OFF_KEY = "sandboxWriteKeyOldApp00000000001"
PUBLIC_TOKEN = "sgp_sandboxPublicApiToken0000000000000001"  # noqa: S105 a made-up token
SPACE_ID = "spa_sandbox0001"
SPACE_TOKEN = "sandboxProfileApiToken0001"  # noqa: S105
WORKSPACE_ID = "9aQ1Lj62S4bomZKLF4DPqW"
APP_ID = "oauth-app-sandbox-0001"
KEY_ID = "sandbox-key-0001"


def tell(base_url: str) -> dict[str, Any]:
    """The fields of a connection."""
    return {
        "base_url": base_url,
        "write_key": WRITE_KEY,
        "public_token": PUBLIC_TOKEN,
        "space_id": SPACE_ID,
        "space_token": SPACE_TOKEN,
        "oauth": {
            "app_id": APP_ID,
            "key_id": KEY_ID,
            "private_key": private_pem(),
            "token_url": f"{base_url}/oauth2/token",
        },
    }
