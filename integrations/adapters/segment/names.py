"""What things are called: the platform, and its objects."""

LABEL = "Segment"

USERS = "users"
EVENTS = "events"
GROUPS = "groups"
