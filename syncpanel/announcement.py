"""What the start prints once the panel answers."""

from django.conf import settings
from django.urls import reverse

from syncpanel.first_run import is_first_run, setup_token


def welcome_lines(address: str) -> list[str]:
    """Where the panel is; on a new installation, the link that creates the first administrator."""
    lines = ["", f"Syncpanel is running at {address}"]
    if is_first_run():
        link = f"{address}{reverse('welcome')}?token={setup_token()}"
        lines += ["", "Create the first administrator here (the link works once):", f"  {link}"]
    return [*lines, "", "Ctrl-C stops it; running jobs go on at the next start.", ""]


def demo_lines(address: str) -> list[str]:
    """Where the demo is, and the account that opens it."""
    return [
        "",
        f"The Syncpanel demo is running at {address}",
        f"Sign in as {settings.DEMO_EMAIL} with the password {settings.DEMO_PASSWORD}",
        "",
        "Its platforms are simulated: nothing leaves this machine. Ctrl-C stops it, the next start goes on.",
        "",
    ]
