"""The trouble the demo's page can make with the simulated Segment."""

from integrations.sandbox.switches import Switch

SWITCHES = (
    Switch(
        "segment-busy",
        "Segment asks us to slow down",
        "It takes nothing for now. The job waits as long as Segment says, and goes on by itself.",
        "segment",
        "status",
        status=429,
        route="/v1/batch",
    ),
    Switch(
        "segment-silent",
        "Segment takes what we send and never answers",
        "The job gives up on the call and sends the same again, half as much at a time. Segment notices what it has already.",
        "segment",
        "hang",
        route="/v1/batch",
    ),
    Switch(
        "segment-down",
        "Segment is down",
        "It answers with errors. The job waits and tries again by itself; nobody counts twice.",
        "segment",
        "status",
        status=503,
        route="/v1/",
    ),
    Switch(
        "segment-calls-silent",
        "Segment stops telling us who came to the website",
        "Nobody can be asked for it, so the sync waits. All come at once when this is off.",
        "segment",
        "silent",
    ),
)
