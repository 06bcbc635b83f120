"""How the people who use the panel are called in a sentence."""


def short(actor: str) -> str:
    """dana@example.com → dana; a plain user name stays as it is."""
    return actor.split("@", maxsplit=1)[0]
