"""What a person should look at first in what the model wrote."""

from collections.abc import Mapping
from typing import Any

from integrations.types import ObjectSchema
from syncpanel.words.record import label_of


def remarks_of(written: Mapping[str, Any] | None, destination: ObjectSchema | None) -> list[str]:
    """Sentences on the result of a writing: what changed although nobody asked, and what the model could not mend."""
    if written is None:
        return []
    labels = [label_of(destination, name) for name in written.get("unexpected_changes") or ()]
    remarks = [f"It also changes {_in_a_row(labels)}, as far as we can tell without being asked to."] if labels else []
    if written.get("problem"):
        remarks.append(f"Not all that the checks found could be mended. {written['problem']}")
    return remarks


def _in_a_row(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
