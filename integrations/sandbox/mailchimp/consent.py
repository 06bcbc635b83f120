"""What may become of whose subscription: nobody can subscribe those who left but they themselves."""

from integrations.sandbox.mailchimp.errors import refuse
from integrations.sandbox.mailchimp.member import ARCHIVED, CLEANED, PENDING, SUBSCRIBED, UNSUBSCRIBED, Member

STATUSES = (SUBSCRIBED, UNSUBSCRIBED, CLEANED, PENDING, "transactional")
LEFT = (UNSUBSCRIBED, CLEANED)


def check_status(member: Member, status: str) -> None:
    """Raises when this member cannot become that."""
    current = member.before_archive if member.status == ARCHIVED else member.status
    if status == SUBSCRIBED and current in LEFT:
        detail = (
            f"{member.email} is in a compliance state due to unsubscribe, bounce, or compliance review "
            "and cannot be subscribed."
        )
        raise refuse(400, "Member In Compliance State", detail)


def set_status(member: Member, status: str, now: int) -> None:
    """Carries it out."""
    if member.status == status:
        return
    member.status, member.before_archive = status, ""
    member.reason = "N/A (Unsubscribed by an admin)" if status == UNSUBSCRIBED else ""
    if status == SUBSCRIBED:
        member.opted_in = now


def archive(member: Member) -> None:
    """Raises for those who cannot be removed."""
    if member.status in (ARCHIVED, CLEANED, PENDING):
        raise refuse(405, "Method Not Allowed", "This list member cannot be removed. Please contact support.")
    member.before_archive, member.status = member.status, ARCHIVED
