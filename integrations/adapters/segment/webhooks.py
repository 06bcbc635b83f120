"""How Segment calls us: three destinations of its catalogue, one shape.

https://segment.com/docs/connections/destinations/catalog/webhooks/
https://segment.com/docs/connections/destinations/catalog/actions-webhook/
https://segment.com/docs/connections/destinations/catalog/actions-webhook-extensible/

A signature covers one event: of several in a call only the first, so the others are trusted for the address they came to.
"""

import hmac
from collections.abc import Sequence

from integrations.adapters.segment.deliveries import read_changes
from integrations.adapters.segment.first_element import find_first
from integrations.enums import Proof
from integrations.incoming import MOST_BYTES, Account, Call, Change, Reply, SignatureError, WebhookSetup
from integrations.types import CredentialField

SECRET = "webhook_secret"  # noqa: S105 the name of a field
TOKEN = "webhook_token"  # noqa: S105 the name of a field
_GREETING = b"Segment may call here."

SETUP = WebhookSetup(
    steps=(
        "In Segment open Connections, Catalog, Destinations and add “Extensible Webhook” to the source whose events you "
        "want. Not to the source that Syncpanel writes to: it would hear itself.",
        "Under Settings, Authentication choose Bearer token and make up a long one. Enter the same one here.",
        "Under Mappings add a mapping for Identify and Track calls. The URL is {address}, the method is POST.",
        "Let it send the whole event: leave Data at its default. Batches may stay off; with them on, let one hold 500 events at "
        "most.",
        "Switch on the mapping and the destination. A test event shows up here within seconds.",
    ),
    secrets=(
        CredentialField(
            TOKEN,
            "Bearer token",
            is_secret=True,
            required=False,
            help="For “Extensible Webhook”: what you made up there.",
        ),
        CredentialField(
            SECRET,
            "Shared secret",
            is_secret=True,
            required=False,
            help="For “Webhooks (Actions)” and the classic “Webhooks”: what you entered there.",
        ),
    ),
    note="An Identify call tells only the traits it carries. Let syncs from here leave alone what comes empty. Calls that got "
    "no answer are repeated for four hours, and are given up then.",
)


class Webhooks:
    """Segment's calls."""

    setup = SETUP
    most_bytes = MOST_BYTES

    def greet(self, call: Call) -> Reply:
        """Segment does not look first; a person may."""
        return Reply(body=_GREETING)

    def verify(self, call: Call, account: Account) -> Proof:
        """By the token or by the signature, whichever was entered; both are good alone. Without either only the address
        speaks for the call."""
        token, secret = (account.secrets.get(name, "").strip() for name in (TOKEN, SECRET))
        if not token and not secret:
            return Proof.ADDRESS
        if token and _is_same(call.headers.get("authorization", ""), f"Bearer {token}"):
            return Proof.SIGNED
        if secret and "x-signature" in call.headers:
            return _verify_signature(call, secret)
        raise SignatureError("The call has neither the bearer token nor the signature that this connection expects.")

    def accept(self) -> Reply:
        """Any 2xx will do."""
        return Reply()

    def parse(self, call: Call) -> Sequence[Change]:
        """People identified, deleted, and what they did; other calls are of no interest."""
        return read_changes(call.body)


def _verify_signature(call: Call, secret: str) -> Proof:
    signed, is_all = find_first(call.body)
    digest = hmac.new(secret.encode(), signed, "sha1").hexdigest()
    if not _is_same(call.headers["x-signature"].strip().lower(), digest):
        raise SignatureError("The signature does not fit. Enter the shared secret again, here and in Segment.")
    return Proof.SIGNED if is_all else Proof.ACCOUNT


def _is_same(given: str, wanted: str) -> bool:
    """In a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())
