"""The trouble the demo's page can make with the simulated Google Analytics."""

from integrations.sandbox.switches import Switch

SWITCHES = (
    Switch(
        "analytics-silent",
        "Google Analytics breaks off while we send events",
        "Nobody knows whether the event arrived, and sent twice it would count twice. The job stops and asks you.",
        "google_analytics",
        "reset",
        route="/mp/collect",
    ),
    Switch(
        "analytics-busy",
        "Google Analytics is asked for too many reports",
        "It answers that others must finish first. The job waits half a minute and goes on by itself.",
        "google_analytics",
        "status",
        status=429,
        route="runReport",
    ),
    Switch(
        "analytics-revoke",
        "Google stops accepting our sign-in to reports",
        "Jobs that read reports stop and say so. Events go on: they need no sign-in.",
        "google_analytics",
        "revoke",
        route="/v1beta",
    ),
)
