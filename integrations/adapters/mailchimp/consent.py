"""Whether a sync may change somebody's status: what is over there, and what the mapping says on purpose, decide.

A sync of profiles never writes a status. https://mailchimp.com/help/about-your-contacts/
"""

from dataclasses import dataclass

from integrations.adapters.mailchimp.audiences import Audience
from integrations.adapters.mailchimp.declaration import ADD

SUBSCRIBED, UNSUBSCRIBED, PENDING, CLEANED = "subscribed", "unsubscribed", "pending", "cleaned"
ARCHIVED = "archived"

OPT_IN_NEEDED = "needs_opt_in"


@dataclass(frozen=True, slots=True)
class Decision:
    """The status to write, or why the person is held; neither: all is as it should be."""

    write: str = ""
    refuse: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a connection says about new and archived people, for one audience."""

    audience: Audience
    new_people: str
    archived_people: str

    def of_new(self, wanted: str) -> str:
        """The status of somebody who is not in the audience yet; who must confirm is asked to."""
        status = wanted or self.new_people
        return PENDING if status == SUBSCRIBED and self.audience.asks_all else status

    def decide(self, current: str, wanted: str, wanted_if_new: str = "") -> Decision:
        """About somebody who is there with the status `current`."""
        if not wanted:
            return self._decide_archived(wanted_if_new) if current == ARCHIVED else Decision()
        if wanted == current or (wanted, current) in _LEFT_AS_IS:
            return Decision()
        if wanted == SUBSCRIBED and current in (UNSUBSCRIBED, CLEANED):
            return Decision(refuse=OPT_IN_NEEDED)
        return Decision(write=self.of_new(wanted))

    def _decide_archived(self, wanted_if_new: str) -> Decision:
        if self.archived_people == ADD:
            return Decision(write=self.of_new(wanted_if_new))
        return Decision(refuse=ARCHIVED)

    def may_send_at_once(self, wanted: str) -> bool:
        """True for a status that may be written without a look at what is over there: Mailchimp itself refuses to subscribe
        who unsubscribed."""
        return wanted in (UNSUBSCRIBED, CLEANED) or (wanted == SUBSCRIBED and not self.audience.asks_all)


_LEFT_AS_IS = frozenset({(SUBSCRIBED, PENDING), (PENDING, SUBSCRIBED), (UNSUBSCRIBED, CLEANED)})
"""(wanted, current): who was asked already is not asked again, who is subscribed need not confirm, and an address that does
not work gets no mail anyway."""
