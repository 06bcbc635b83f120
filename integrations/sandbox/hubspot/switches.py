"""The trouble the demo's page can make with the simulated HubSpot."""

from integrations.sandbox.switches import Switch

SWITCHES = (
    Switch(
        "hubspot-hang",
        "HubSpot hangs",
        "It takes our calls and never answers. The job gives up on the call, waits, and tries again.",
        "hubspot",
        "hang",
    ),
    Switch(
        "hubspot-errors",
        "HubSpot answers with errors",
        "The job waits and tries again by itself. Everything that was read stays read.",
        "hubspot",
        "status",
        status=500,
    ),
    Switch(
        "hubspot-revoke",
        "HubSpot stops accepting our sign-in",
        "The job stops while it fetches. Turn this off and press Resume.",
        "hubspot",
        "revoke",
    ),
    Switch(
        "hubspot-calls-silent",
        "HubSpot stops telling us what changes",
        "Its events wait over there. Nothing is wrong with our jobs, they just have nothing to do. All come at once later.",
        "hubspot",
        "silent",
    ),
    Switch(
        "hubspot-calls-forged",
        "Somebody else signs HubSpot's events",
        "Every one is refused and counted, and nothing of it is believed. HubSpot sends them again once this is off.",
        "hubspot",
        "forged",
    ),
    Switch(
        "hubspot-calls-flood",
        "HubSpot tells everything a hundred times",
        "All of it is kept, and each change counts once. Jobs and pages stay as fast as they were.",
        "hubspot",
        "flood",
    ),
)
