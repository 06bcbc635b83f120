"""What to type into connection forms, per platform; good for nothing but this sandbox."""

from typing import Any

from integrations.sandbox.registry import parts


def tell_credentials(base_url: str) -> dict[str, Any]:
    """Per platform, the fields of a connection."""
    return {name: part.tell(base_url) for name, part in parts("credentials")}
