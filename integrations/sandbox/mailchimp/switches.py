"""The trouble the demo's page can make with the simulated Mailchimp."""

from integrations.sandbox.switches import Switch

SWITCHES = (
    Switch(
        "mailchimp-busy",
        "Mailchimp has too many calls under way",
        "It asks us to slow down and does not say for how long. The job waits and goes on by itself.",
        "mailchimp",
        "status",
        status=429,
        route="/3.0/",
    ),
    Switch(
        "mailchimp-slow",
        "Mailchimp is slow",
        "Every answer takes two seconds longer. The job goes on, eight calls at a time.",
        "mailchimp",
        "slow",
        seconds=2,
    ),
    Switch(
        "mailchimp-revoke",
        "Mailchimp stops accepting our key",
        "The job stops where it is and says so. Turn this off and press Resume: it goes on with the next batch.",
        "mailchimp",
        "revoke",
    ),
    Switch(
        "mailchimp-calls-forged",
        "Somebody else signs Mailchimp's events",
        "Every one is refused and counted, and nothing of it is believed. Mailchimp sends them again once this is off.",
        "mailchimp",
        "forged",
    ),
)
