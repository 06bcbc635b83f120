"""The Segment adapter: what `adapters/base.py` asks for, put together from the modules beside this one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

import httpx

from integrations.adapters.auth import FixedToken, SignedClient, basic, require
from integrations.adapters.base import Permits, TokenStore
from integrations.adapters.http import PlatformClient
from integrations.adapters.segment.checks import Checks
from integrations.adapters.segment.declaration import CAPABILITIES
from integrations.adapters.segment.errors import SIGN_IN_STATUSES, classify
from integrations.adapters.segment.fields import kind_of
from integrations.adapters.segment.messages import Composer
from integrations.adapters.segment.names import LABEL
from integrations.adapters.segment.places import find_places, read_space
from integrations.adapters.segment.profiles import NOT_ASKED_FOR, Profiles
from integrations.adapters.segment.public_api import PublicApi
from integrations.adapters.segment.schema import COLLECTIONS, build_schema
from integrations.adapters.segment.signin import OAUTH, has_expired, make_tokens, read_write_key
from integrations.adapters.segment.writing import Writer
from integrations.adapters.wire import dump_json
from integrations.enums import SyncMode
from integrations.exceptions import ConfigurationError, SyncpanelError
from integrations.types import (
    Capabilities,
    CheckResult,
    Credentials,
    Cursor,
    FlatRecord,
    ObjectSchema,
    Page,
    UploadOutcome,
    Window,
)

_FRAME = 90
"""About what a message costs beside its fields: its id, its type, the brackets."""


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class SegmentAdapter:
    """One source of a Segment workspace, and what its other tokens let us see."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(
        self,
        credentials: Credentials,
        tokens: TokenStore,
        permits: Permits,
        *,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._places = find_places(credentials.settings)
        self._http = PlatformClient(LABEL, permits, self.handle_error, timeout=timeout, transport=transport)
        self._read_key = partial(read_write_key, credentials)
        self._writer = Writer(self._sign(tokens), self._read_key, now, key_inside=credentials.method == OAUTH)

    def _sign(self, tokens: TokenStore) -> SignedClient:
        """For sending."""
        host, is_oauth = self._places.oauth, self._credentials.method == OAUTH
        signed = make_tokens(self._credentials, tokens, self._http, host, self.handle_error, self._now)
        return SignedClient(
            self._http,
            signed,
            self.handle_error,
            has_expired,
            self._places.tracking,
            scheme="Bearer" if is_oauth else "Basic",
            renewed_at=SIGN_IN_STATUSES,
        )

    def _public(self) -> PublicApi | None:
        """None without a token."""
        if not self._credentials.secrets.get("public_token"):
            return None
        token = FixedToken(lambda: require(self._credentials, "public_token", "The Public API token"))
        return PublicApi(self._fixed(token, self._places.public, "Bearer"))

    def _profiles(self) -> Profiles | None:
        """None without a token."""
        if not (self._credentials.secrets.get("space_token") and self._space()):
            return None
        token = FixedToken(lambda: basic(require(self._credentials, "space_token", "The Profile API token")))
        return Profiles(self._fixed(token, self._places.profiles, "Basic"), self._space())

    def _fixed(self, token: FixedToken, base_url: str, scheme: str) -> SignedClient:
        return SignedClient(self._http, token, self.handle_error, has_expired, base_url, scheme=scheme)

    def _space(self) -> str:
        return read_space(self._credentials.settings)

    def check(self) -> CheckResult:
        """What works, and what Segment does not tell."""
        checks = Checks(
            self._credentials, self._http, self._places.tracking, self._writer, self._read_key, self.handle_error
        )
        return checks.run(self._public(), self._space(), self._profiles())

    def describe(self, object_name: str) -> ObjectSchema:
        """The spec's fields, and the traits of the space when there is a token for them. Any other field may be used."""
        kind_of(object_name)
        public, space, collection = self._public(), self._space(), COLLECTIONS.get(object_name)
        found = public.traits(space, collection) if public and space and collection else ()
        return build_schema(object_name, found)

    def count(self, object_name: str, window: Window) -> int | None:
        """Segment does not say."""
        return None

    def fetch_records(self, object_name: str, cursor: Cursor, window: Window, fields: Sequence[str]) -> Page:
        """Segment has no list of anybody: what happens there arrives by webhook."""
        raise ConfigurationError(
            f"{LABEL} does not give out a list. What happens there arrives by webhook.", code="not_read"
        )

    def read_records(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[FlatRecord]:
        """By user ID, anonymous ID or group ID; unknown ones are left out."""
        profiles = self._profiles()
        if profiles is None:
            raise ConfigurationError(NOT_ASKED_FOR, code="not_read")
        return profiles.read(object_name, ids, fields)

    def map_fields(self, object_name: str, record: FlatRecord) -> Mapping[str, Any]:
        """The message, without its id. Raises RecordRejectedError as sending would."""
        return Composer(kind_of(object_name), "").compose(record)

    def wire_size(self, record: FlatRecord) -> int:
        """Bytes of the fields and the frame around them."""
        return len(dump_json(record)) + _FRAME

    def upload_batch(
        self, object_name: str, records: Sequence[FlatRecord], mode: SyncMode, key: str, *, trace: str
    ) -> UploadOutcome:
        """One call; a yes for each means that Segment has it."""
        return self._writer.upload(object_name, records, SyncMode(mode), key, trace)

    def handle_error(self, problem: httpx.Response | Exception) -> SyncpanelError:
        """By the tables in `errors.py`. Never raises."""
        return classify(problem, utc_now())

    def close(self) -> None:
        """Close pooled connections."""
        self._http.close()
