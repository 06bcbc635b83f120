"""The trouble the demo's page can make with the simulated Salesforce."""

from integrations.sandbox.switches import Switch

SWITCHES = (
    Switch(
        "salesforce-revoke",
        "Salesforce stops accepting our sign-in",
        "The job stops where it is and says so. Turn this off and press Resume: it goes on with the next batch.",
        "salesforce",
        "revoke",
    ),
    Switch(
        "salesforce-slow",
        "Salesforce is slow",
        "Every answer takes three seconds longer. The job goes on, and says that it is slower than usual.",
        "salesforce",
        "slow",
        seconds=3,
    ),
    Switch(
        "salesforce-down",
        "Salesforce is down",
        "It answers with errors. The job waits and tries again by itself; nobody is sent twice.",
        "salesforce",
        "status",
        status=503,
    ),
)
