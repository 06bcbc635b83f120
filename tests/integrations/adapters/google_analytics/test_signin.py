"""Signing in to read: assertions that are good for an hour, tokens that are renewed once, secrets that nobody sees."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import orjson
import pytest

from integrations.adapters.google_analytics import ADAPTER
from integrations.adapters.google_analytics.signin import AUDIENCE, SCOPE
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.exceptions import ConfigurationError, SignInError, SyncpanelError, TransientError
from integrations.sandbox.google_analytics.credentials import write_key_file
from integrations.sandbox.google_analytics.key import make_key
from integrations.types import Credentials, Token, Window
from tests.integrations.adapters.google_analytics.case import sign_in
from tests.integrations.adapters.google_analytics.conftest import EVENTS_ONLY, NOW, SETTINGS

CLIENT = {"client_secret": "shh-1", "refresh_token": "1//refresh"}
OAUTH = Credentials("oauth", {**SETTINGS, "client_id": "id.apps"}, CLIENT)
REPORT = "report:traffic"


def everything() -> Window:
    return Window(None, datetime.now(UTC))


class Tokens:
    """A token endpoint that keeps what it was asked, and reports that are empty."""

    def __init__(self, **more: Any) -> None:
        self.forms: list[dict[str, list[str]]] = []
        self.more = more

    def __call__(self, request: httpx.Request) -> Any:
        if request.url.path == "/token":
            assert request.url.host == "oauth2.googleapis.com"
            self.forms.append(parse_qs(request.content.decode()))
            return {"access_token": f"ya29.{len(self.forms)}", "expires_in": 3599, "token_type": "Bearer", **self.more}
        return {"dimensionHeaders": [], "metricHeaders": []}


def test_an_assertion_says_who_asks_for_what_and_is_signed(analytics):
    google = Tokens()
    analytics(google, tokens=MemoryTokens()).count(REPORT, everything())
    (form,) = google.forms
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(form["assertion"][0], make_key().public_key(), ["RS256"], audience=AUDIENCE, options=options)
    assert claims["iss"].endswith(".iam.gserviceaccount.com") and claims["scope"] == SCOPE
    assert (claims["iat"], claims["exp"]) == (NOW.timestamp(), NOW.timestamp() + 3600)
    assert jwt.get_unverified_header(form["assertion"][0])["kid"]


def test_a_person_signs_in_with_the_refresh_token(analytics):
    google, tokens = Tokens(), MemoryTokens()
    analytics(google, tokens=tokens, credentials=OAUTH).count(REPORT, everything())
    assert {name: values[0] for name, values in google.forms[0].items()} == {
        "grant_type": "refresh_token",
        "client_id": "id.apps",
        **CLIENT,
    }
    assert tokens.current().expires_at == NOW + timedelta(seconds=3599)


def test_a_refresh_token_that_google_replaced_is_used_from_then_on(analytics):
    google, tokens = Tokens(refresh_token="1//newer"), MemoryTokens()
    analytics(google, tokens=tokens, credentials=OAUTH).count(REPORT, everything())
    with tokens.locked():
        tokens.save(Token("old", NOW - timedelta(days=1), refresh_token=tokens.current().refresh_token))
    analytics(google, tokens=tokens, credentials=OAUTH).count(REPORT, everything())
    assert google.forms[1]["refresh_token"] == ["1//newer"]


@pytest.mark.parametrize(
    "typed", ["{", "not json", "[]", "{}", '{"client_email": "a@b.iam"}', '{"client_email": "a", "private_key": "x"}']
)
def test_what_is_no_key_file_is_asked_for_again_without_being_quoted(analytics, typed):
    credentials = Credentials("service_account", SETTINGS, {"service_account": typed})
    with pytest.raises(SignInError, match="not the JSON file") as caught:
        analytics(Tokens(), tokens=MemoryTokens(), credentials=credentials).count(REPORT, everything())
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize("missing", ["client_secret", "refresh_token"])
def test_what_was_not_entered_is_asked_for(analytics, missing):
    credentials = Credentials("oauth", OAUTH.settings, {**CLIENT, missing: " "})
    with pytest.raises(SignInError, match="missing"):
        analytics(Tokens(), tokens=MemoryTokens(), credentials=credentials).count(REPORT, everything())


@pytest.mark.parametrize("body", [{}, {"access_token": None}, [], "x"])
def test_an_answer_without_a_token_is_trouble_of_the_platform(analytics, body):
    with pytest.raises(TransientError):
        analytics(body, tokens=MemoryTokens()).count(REPORT, everything())


@pytest.mark.parametrize("typed", ["", "G-ABCD1234", "12x", "properties/"])
def test_a_property_that_is_no_number_is_a_matter_of_the_connection(analytics, typed):
    credentials = Credentials("service_account", {"property_id": typed}, {})
    with pytest.raises(ConfigurationError, match="property ID"):
        analytics(Tokens(), credentials=credentials).count(REPORT, everything())


def test_a_connection_that_only_sends_says_so_when_it_is_to_read(analytics):
    adapter = analytics(Tokens(), credentials=EVENTS_ONLY)
    for ask in (adapter.count, lambda name, window: adapter.fetch_records(name, {}, window, [])):
        with pytest.raises(ConfigurationError, match="only sends events"):
            ask(REPORT, everything())


class TestRenewing:
    """The contract suite's promises about tokens, for the side that has one."""

    @pytest.fixture(params=["service_account", "oauth"])
    def connect(self, request, sandbox):
        opened = []

        def make(tokens: MemoryTokens, **secrets: str) -> Any:
            known = sandbox.server.credentials()["google_analytics"]
            credentials = sign_in(known)
            if request.param == "oauth":
                told = known["oauth"]
                settings = {**credentials.settings, "client_id": told["client_id"]}
                kept = {name: told[name] for name in ("client_secret", "refresh_token")}
                credentials = Credentials("oauth", settings, kept)
            credentials = Credentials(credentials.method, credentials.settings, {**credentials.secrets, **secrets})
            opened.append(ADAPTER(credentials, tokens, Unlimited(), timeout=30))
            return opened[-1]

        yield make
        for adapter in opened:
            adapter.close()

    def test_an_expired_token_is_renewed_once_for_eight_threads(self, connect, sandbox):
        tokens = MemoryTokens()
        adapter = connect(tokens)
        adapter.count(REPORT, everything())
        sandbox.fault(platform="google_analytics", kind="expire_token")
        with ThreadPoolExecutor(8) as pool:
            counts = list(pool.map(lambda _: adapter.count(REPORT, everything()), range(8)))
        assert len(set(counts)) == 1 and counts[0] > 0
        assert tokens.saved == 2 == sandbox.count_calls("google_analytics", "/token")

    def test_a_token_renewed_by_another_worker_is_taken_over(self, connect, sandbox):
        tokens = MemoryTokens()
        first, second = connect(tokens), connect(tokens)
        first.count(REPORT, everything())
        second.count(REPORT, everything())
        sandbox.fault(platform="google_analytics", kind="expire_token")
        first.count(REPORT, everything())
        second.count(REPORT, everything())
        assert tokens.saved == 2

    def test_a_token_that_ends_soon_is_renewed_ahead(self, connect):
        tokens = MemoryTokens(Token("old", expires_at=datetime.now(UTC) + timedelta(seconds=5)))
        connect(tokens).count(REPORT, everything())
        assert tokens.saved == 1 and tokens.current().access_token != "old"

    def test_a_revoked_sign_in_stops_reading_and_is_not_asked_for_again(self, connect, sandbox):
        adapter = connect(MemoryTokens())
        adapter.count(REPORT, everything())
        sandbox.fault(platform="google_analytics", kind="revoke")
        asked = sandbox.count_calls("google_analytics", "/token")
        for _ in range(3):
            with pytest.raises(SignInError) as caught:
                adapter.count(REPORT, everything())
            assert caught.value.code == "sign_in"
        assert sandbox.count_calls("google_analytics", "/token") - asked <= 1

    def test_no_error_of_a_sign_in_tells_the_secret(self, connect):
        secrets = {"service_account": "TOP-SECRET-1", "refresh_token": "TOP-SECRET-1"}
        with pytest.raises(SyncpanelError) as caught:
            connect(MemoryTokens(), **secrets).count(REPORT, everything())
        assert "TOP-SECRET-1" not in f"{caught.value!r} {caught.value.message} {caught.value.technical}"
        assert caught.value.exchanges == ()

    def test_a_sign_in_takes_no_permit(self, sandbox):
        permits = Unlimited()
        credentials = sign_in(sandbox.server.credentials()["google_analytics"])
        adapter = ADAPTER(credentials, MemoryTokens(), permits, timeout=30)
        adapter.count(REPORT, everything())
        adapter.close()
        assert permits.calls == ["reports"]


def test_the_key_may_come_without_its_line_ends(analytics):
    """A form's field of one line drops those between the parts of the JSON, not those written inside its texts."""
    google = Tokens()
    flat = orjson.dumps(orjson.loads(write_key_file())).decode()
    credentials = Credentials("service_account", SETTINGS, {"service_account": f"  {flat}  "})
    analytics(google, tokens=MemoryTokens(), credentials=credentials).count(REPORT, everything())
    assert len(google.forms) == 1
