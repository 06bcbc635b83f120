"""What the start prints once the panel answers."""

from django.conf import settings
from django.urls import reverse

from syncpanel.first_run import is_first_run, setup_token

OTHERS_CAN_REACH_IT = (
    "WARNING: other machines can reach this demo, and whoever signs in is an administrator of it.",
    "Keep the password to yourself. HOST=127.0.0.1 (the default) keeps the demo on this machine.",
)


def welcome_lines(address: str) -> list[str]:
    """Where the panel is; on a new installation, the link that creates the first administrator."""
    lines = ["", f"Syncpanel is running at {address}"]
    if is_first_run():
        link = f"{_seen_from_outside(address)}{reverse('welcome')}?token={setup_token()}"
        lines += ["", "Create the first administrator here (the link works once):", f"  {link}"]
    return [*lines, "", "Ctrl-C stops it; running jobs go on at the next start.", ""]


def _seen_from_outside(address: str) -> str:
    """Behind a proxy that speaks HTTPS, the panel's own address leads nowhere: cookies travel over HTTPS only."""
    names = [name.removeprefix(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return f"https://{names[0]}" if settings.TLS and names else address


def demo_lines(address: str) -> list[str]:
    """Where the demo is, and the account that opens it."""
    return [
        "",
        f"The Syncpanel demo is running at {address}",
        f"Sign in as {settings.DEMO_EMAIL} with the password {settings.DEMO_PASSWORD}",
        *([] if settings.IS_LOCAL else ["", *OTHERS_CAN_REACH_IT]),
        "",
        "Its platforms are simulated: nothing leaves this machine. Ctrl-C stops it, the next start goes on.",
        "",
    ]
