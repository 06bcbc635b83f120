"""What to type into a Mailchimp connection; the same on every start, and good for nothing but this sandbox."""

from typing import Any

DATA_CENTRE = "us21"
API_KEY = f"5a4dbc0ffee0d15ea5e5eed0fca11ab1-{DATA_CENTRE}"
VIEWER_KEY = f"0b5e55ed0fca11ab1e5a4dbc0ffee0d1-{DATA_CENTRE}"
ACCESS_TOKEN = "sandbox0oauth0access0token0000001"  # noqa: S105
CLIENT_ID = "635959587059"
CLIENT_SECRET = "sandbox0oauth0client0secret"  # noqa: S105
CODE = "sandbox0oauth0code"
ACCOUNT_ID = "8d3a3db4d97663a9074efcc16"
LOGIN_ID = "31415926"
NEWSLETTER = "a6b5da1054"
PRODUCT_NEWS = "57afe96172"
WEBHOOK_SECRET = "sandbox0webhook0signing0secret"  # noqa: S105


def tell(base_url: str) -> dict[str, Any]:
    """The fields of a connection, and the objects of the two audiences."""
    return {
        "base_url": base_url,
        "api_key": API_KEY,
        "viewer_key": VIEWER_KEY,
        "access_token": ACCESS_TOKEN,
        "webhook_secret": WEBHOOK_SECRET,
        "audiences": {"newsletter": f"members:{NEWSLETTER}", "product_news": f"members:{PRODUCT_NEWS}"},
    }
