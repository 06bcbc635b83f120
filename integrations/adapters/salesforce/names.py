"""What objects and records are called: by Salesforce, and by us."""

USUAL = ("Lead", "Contact", "Account")
OTHER = "object"
"""What our name of an object starts with that only the org itself knows: "object:Subscription__c"."""


def bare(object_name: str) -> str:
    """The name as Salesforce knows it."""
    kind, _, name = object_name.partition(":")
    return name if kind == OTHER and name else object_name


def full(name: str) -> str:
    """Our name of what Salesforce calls so."""
    return name if name in USUAL else f"{OTHER}:{name}"


def is_record_id(text: str) -> bool:
    """False for what cannot be the id of any record."""
    return len(text) in (15, 18) and text.isascii() and text.isalnum()
