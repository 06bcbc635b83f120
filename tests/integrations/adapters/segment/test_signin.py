"""Signing in for sending: a token for a signed assertion, renewed when Segment takes it no longer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import jwt
import pytest

from integrations.adapters.registry import adapter_class
from integrations.adapters.segment.signin import make_assertion
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.exceptions import SignInError, SyncpanelError, TransientError
from integrations.sandbox.segment.credentials import APP_ID, KEY_ID
from integrations.sandbox.segment.key import private_key, private_pem
from integrations.types import Credentials, Token
from tests.integrations.adapters.segment.conftest import NOW, SUCCESS, WRITE_KEY

PERSON = [{"userId": "u1", "email": "ann@example.org"}]
PEM = private_pem()


def oauth(settings=None, **changes):
    given = {"app_id": APP_ID, "key_id": KEY_ID, "private_key": PEM, "write_key": WRITE_KEY, **changes}
    secrets = {name: given.pop(name) for name in ("private_key", "write_key")}
    return Credentials("oauth", {**given, **(settings or {})}, secrets)


def granting(request):
    """Segment with tokens t1, t2, …"""
    if request.url.path.endswith("/token"):
        granting.given += 1
        return {"access_token": f"t{granting.given}", "token_type": "Bearer", "expires_in": 86_400}
    return SUCCESS


@pytest.fixture(autouse=True)
def _from_the_start():
    granting.given = 0


class TestTheAssertion:
    @pytest.mark.parametrize(
        ("region", "host"),
        [({}, "https://oauth2.segment.io"), ({"region": "eu"}, "https://oauth2.eu1.segmentapis.com")],
    )
    def test_it_is_posted_to_the_regions_own_host(self, segment, region, host):
        one = segment(granting, oauth(region))
        one.upload(PERSON)
        asked = one.requests[0]
        form = {name: values[0] for name, values in parse_qs(asked.content.decode()).items()}
        assert str(asked.url) == f"{host}/token"
        assert (form["grant_type"], form["scope"]) == ("client_credentials", "tracking_api:write")
        claims = jwt.decode(
            form["client_assertion"],
            private_key().public_key(),
            ["RS256"],
            audience=host,
            options={"verify_exp": False},
        )
        assert (claims["iss"], claims["sub"]) == (APP_ID, APP_ID)
        assert claims["exp"] - claims["iat"] <= 60 and abs(claims["exp"] - NOW.timestamp()) < 60
        assert jwt.get_unverified_header(form["client_assertion"])["kid"] == KEY_ID

    def test_no_two_are_alike(self):
        assert make_assertion(oauth(), "https://x", NOW) != make_assertion(oauth(), "https://x", NOW)

    @pytest.mark.parametrize(
        "text",
        [PEM, PEM.replace("\n", ""), PEM.replace("\n", " "), PEM.replace("\n", "\r\n"), f"  {PEM}\n"],
        ids=["as-it-is", "without-lines", "with-spaces", "from-windows", "with-space-around"],
    )
    def test_a_key_whose_lines_a_form_took_away_is_read(self, text):
        assert make_assertion(oauth(private_key=text), "https://x", NOW)

    @pytest.mark.parametrize(
        "text",
        ["TOP-SECRET", PEM[:400], PEM.replace("PRIVATE KEY", "PUBLIC KEY"), PEM.replace("A", "B"), "-----BEGIN X-----"],
        ids=["a-word", "half-a-key", "the-public-key", "a-broken-key", "a-beginning"],
    )
    def test_what_is_no_key_is_a_sentence_that_does_not_quote_it(self, text):
        with pytest.raises(SignInError) as caught:
            make_assertion(oauth(private_key=text), "https://x", NOW)
        assert "private key" in caught.value.message.lower() and "TOP-SECRET" not in repr(caught.value)
        assert caught.value.__cause__ is None

    @pytest.mark.parametrize("name", ["app_id", "key_id", "private_key", "write_key"])
    def test_what_is_missing_is_named(self, segment, name):
        with pytest.raises(SignInError, match="is missing"):
            segment(granting, oauth(**{name: ""})).upload(PERSON)


class TestTheToken:
    def test_it_signs_the_call_and_the_write_key_travels_unseen(self, segment):
        one = segment(granting, oauth())
        outcome = one.upload(PERSON)
        assert one.requests[1].headers["Authorization"] == "Bearer t1"
        one.requests = one.requests[1:]
        assert one.bodies[0]["writeKey"] == WRITE_KEY
        assert WRITE_KEY.encode() not in outcome.exchanges[0].request_body

    @pytest.mark.parametrize("status", [400, 401, 403, 511])
    def test_one_that_is_taken_no_longer_is_renewed_once(self, segment, status):
        def answer(request):
            is_old = request.headers.get("Authorization") == "Bearer t1"
            return httpx.Response(status, json={}) if is_old else granting(request)

        one = segment(answer, oauth())
        assert one.upload(PERSON).results[0].ok
        assert granting.given == 2

    def test_when_the_next_is_not_taken_either_the_sync_stops(self, segment):
        def answer(request):
            return granting(request) if request.url.path.endswith("/token") else httpx.Response(401, json={})

        with pytest.raises(SignInError) as caught:
            segment(answer, oauth()).upload(PERSON)
        assert granting.given == 2 and WRITE_KEY not in repr(caught.value.exchanges)

    @pytest.mark.parametrize("body", [[], {}, {"access_token": 5}, "x"], ids=str)
    def test_an_answer_without_a_token_is_trouble(self, segment, body):
        with pytest.raises(TransientError):
            segment(body, oauth()).upload(PERSON)

    def test_it_ends_when_segment_says(self, segment):
        one = segment(granting, oauth())
        one.upload(PERSON)
        assert one.tokens.current() == Token("t1", NOW + timedelta(days=1))


class TestOverTheWire:
    @pytest.fixture
    def signed_in(self, sandbox):
        made = []

        def make(tokens, **changes):
            known = sandbox.server.credentials()["segment"]
            given = {**known["oauth"], "write_key": known["write_key"], **changes}
            signed = oauth({"base_url": known["base_url"]}, **{n: v for n, v in given.items() if n != "token_url"})
            made.append(adapter_class("segment")(signed, tokens, Unlimited(), timeout=30))
            return made[-1]

        yield make
        for one in made:
            one.close()

    def send(self, adapter):
        return adapter.upload_batch("users", PERSON, "upsert", "userId", trace="7-1").results[0].ok

    def test_an_expired_token_is_renewed_once_for_eight_threads(self, signed_in, sandbox):
        tokens = MemoryTokens()
        adapter = signed_in(tokens)
        assert self.send(adapter)
        sandbox.fault(platform="segment", kind="expire_token", route="/v1/batch")
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda _: self.send(adapter), range(8)))
        assert tokens.saved == 2 == sandbox.count_calls("segment", "/oauth2/token", 200)

    def test_a_revoked_sign_in_stops_and_is_not_asked_for_again(self, signed_in, sandbox):
        adapter = signed_in(MemoryTokens())
        assert self.send(adapter)
        sandbox.fault(platform="segment", kind="revoke")
        for _ in range(3):
            with pytest.raises(SignInError):
                self.send(adapter)
        assert sandbox.count_calls("segment", "/oauth2/token", 401) == 1

    @pytest.mark.parametrize("wrong", [{"app_id": "other"}, {"key_id": "other"}])
    def test_what_is_wrong_is_a_matter_of_signing_in(self, signed_in, wrong):
        with pytest.raises(SyncpanelError) as caught:
            self.send(signed_in(MemoryTokens(), **wrong))
        assert caught.value.code == "sign_in" and caught.value.exchanges == ()
