"""The blocks of data in a prompt: each within its bound, each so that nothing in it can end it.

What stands in a block was written by whoever named a field or filled in a record. It is JSON with every "<" written
as an escape, so that it cannot close its own tag.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.types import FieldSchema, FlatRecord

MOST_CHOICES = 60
_CLOSING = re.compile("</(?=[A-Za-z_])")
_MOST_DESCRIPTION = 160


def text_block(tag: str, text: str) -> str:
    """What a person wrote, between tags that nothing in it can close; empty when there is nothing."""
    return f"<{tag}>\n{_CLOSING.sub('< /', text)}\n</{tag}>" if text.strip() else ""


def code_block(tag: str, code: str) -> str:
    """Code as it is, for it has to come back as it is; only its own closing tag is kept out."""
    return f"<{tag}>\n{code.replace(f'</{tag}', f'< /{tag}')}\n</{tag}>" if code.strip() else ""


def lines_block(tag: str, values: Iterable[Any], most: int) -> tuple[str, int]:
    """As many of the values as fit into `most` characters, one line of JSON each; and how many those are."""
    kept: list[str] = []
    size = 0
    for value in values:
        line = to_json(value)
        size += len(line) + 1
        if size > most:
            break
        kept.append(line)
    return (f"<{tag}>\n" + "\n".join(kept) + f"\n</{tag}>" if kept else ""), len(kept)


def names_block(tag: str, names: Iterable[str], most: int) -> str:
    """As many names as fit into `most` characters, on one line."""
    kept: list[str] = []
    size = 0
    for name in names:
        size += len(to_json(name)) + 2
        if size > most:
            kept.append("…")
            break
        kept.append(name)
    return f"<{tag}>\n{to_json(kept)}\n</{tag}>" if kept else ""


def describe_field(field: FieldSchema, filled: Mapping[str, str]) -> dict[str, Any]:
    """A field as the model reads it; what goes without saying is left out. `filled` says how samples hold it."""
    told: dict[str, Any] = {"name": field.name, "label": field.label, "type": field.type.value}
    if field.required:
        told["required"] = True
    if field.max_length:
        told["max_length"] = field.max_length
    if field.choices:
        told["choices"] = _choices(field)
    if len(field.choices) > MOST_CHOICES:
        told["more_choices"] = len(field.choices) - MOST_CHOICES
    if field.choices and not field.restricted:
        told["other_values_allowed"] = True
    if field.description:
        told["description"] = field.description[:_MOST_DESCRIPTION]
    if field.name in filled:
        told["samples"] = filled[field.name]
    return told


def _choices(field: FieldSchema) -> list[str] | dict[str, str]:
    """The values; with their labels where those say more."""
    shown = field.choices[:MOST_CHOICES]
    labels = dict(zip(shown, field.choice_labels, strict=False))
    says_more = any(label.casefold() != value.casefold() for value, label in labels.items())
    return {value: labels.get(value, "") for value in shown} if says_more else list(shown)


def count_filled(samples: Sequence[FlatRecord]) -> dict[str, str]:
    """How the samples hold each field: "filled in 17 of 20, as text"."""
    kinds: dict[str, list[str]] = {}
    for record in samples:
        for name, value in record.items():
            if value not in (None, "", []):
                kinds.setdefault(name, []).append(_KINDS.get(type(value), "text"))
    return {
        name: f"filled in {len(found)} of {len(samples)}, as {' or '.join(sorted(set(found)))}"
        for name, found in kinds.items()
    }


_KINDS: dict[type, str] = {
    bool: "True or False",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def to_json(value: Any) -> str:
    """JSON on one line, without any "<"."""
    return json.dumps(value, ensure_ascii=False, default=str, separators=(", ", ": ")).replace("<", "\\u003c")
