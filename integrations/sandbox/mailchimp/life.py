"""What people do in the simulated Mailchimp by themselves: now and then somebody has had enough of the newsletter."""

from integrations.sandbox.life import Habit
from integrations.sandbox.mailchimp.credentials import NEWSLETTER
from integrations.sandbox.mailchimp.member import UNSUBSCRIBED, hash_email


def _contact_id(number: int) -> str:
    """Two people of three are members, so the first half of so many surely are."""
    return f"{hash_email(NEWSLETTER)[:24]}{number // 2:08x}"


HABITS = (Habit(f"members:{NEWSLETTER}", 90, _contact_id, lambda dice: {"status": UNSUBSCRIBED}),)
