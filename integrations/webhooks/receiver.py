"""Takes calls: whose address it is, is it genuine, store it, answer. Nothing else happens before the answer."""

from datetime import datetime

import orjson

from integrations.enums import Proof
from integrations.incoming import MOST_BYTES, Call, Reply, SignatureError
from integrations.models.blobs import pack_bytes
from integrations.models.bulk import Row, moment
from integrations.webhooks.addresses import Address, AddressBook
from integrations.webhooks.committer import Committer
from integrations.webhooks.tally import Tally
from integrations.webhooks.upkeep import Upkeep

KEPT_HEADERS = ("content-type", "content-encoding", "user-agent")
"""What says how the body is to be read, and who sent it. Signatures and tokens are no use any more, and may be secrets."""
LONGEST_HEADER = 200

UNKNOWN = Reply(404, b"Nobody lives here.\n")
TOO_LARGE = Reply(413, b"This is more than anybody has to say at once.\n")
NOT_NOW = Reply(503, b"This could not be stored. Please call again.\n")


class Receiver:
    """One per process; any number of threads call it."""

    def __init__(self) -> None:
        self._tally = Tally()
        self.addresses = AddressBook()
        self._upkeep = Upkeep(self._tally, self.addresses.refresh)
        self.addresses.ask_refresh = self._upkeep.ask_refresh
        self._committer = Committer()

    def find(self, token: str) -> Address | Reply:
        """Whose address this is, or what to answer when it is nobody's."""
        try:
            return self.addresses.find(token) or UNKNOWN
        except ConnectionError:
            return NOT_NOW

    def most_bytes(self, address: Address) -> int:
        """Of a body at this address."""
        return min(address.format.most_bytes, MOST_BYTES)

    def refuse_large(self, address: Address, at: datetime) -> Reply:
        """The body is over the limit; nobody has read it."""
        self._refuse(address, at, f"The call was larger than {self.most_bytes(address):,} bytes.")
        return TOO_LARGE

    def receive(self, address: Address, call: Call) -> Reply:
        """Verify, store, answer; a method that brings no news is greeted."""
        if call.method != "POST":
            return address.format.greet(call)
        try:
            proof = address.format.verify(call, address.account)
        except SignatureError as refusal:
            self._refuse(address, call.received_at, refusal.message)
            return Reply(401, f"{refusal.message}\n".encode())
        if not self._committer.store(_delivery(address, call, proof)):
            return NOT_NOW
        self._tally.count_received(address.connection_id, call.received_at)
        self._upkeep.ask_ring()
        return address.format.accept()

    def close(self) -> None:
        """End the threads; what was taken is stored first."""
        self._committer.close()
        self._upkeep.close()

    def _refuse(self, address: Address, at: datetime, why: str) -> None:
        self._tally.count_refused(address.connection_id, at, why)
        self._upkeep.ask_count()


def _delivery(address: Address, call: Call, proof: Proof) -> Row:
    """In the order of `DELIVERY`."""
    kept = {name: _clean(call.headers[name]) for name in KEPT_HEADERS if name in call.headers}
    headers = orjson.dumps(kept).decode()
    body = pack_bytes(call.body)
    return (address.connection_id, moment(call.received_at), headers, len(call.body), body, proof.value)


def _clean(value: str) -> str:
    """A header as every database can keep it."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:LONGEST_HEADER]
