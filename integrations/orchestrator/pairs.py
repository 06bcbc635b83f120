"""Which fields of two connections belong together: proposed from what both mappings write, for a person to set the ways."""

import ast

from integrations.enums import Way
from integrations.mappings.fields_written import find_writes
from integrations.mappings.matching import Level, match_fields
from integrations.models import MappingVersion
from integrations.types import ObjectSchema


def propose_pairs(
    left: ObjectSchema, right: ObjectSchema, rightward: MappingVersion, leftward: MappingVersion
) -> list[dict[str, str]]:
    """One pair for every two fields that say the same and that at least one of the mappings writes."""
    to_right, to_left = _written(rightward), _written(leftward)
    found: list[dict[str, str]] = []
    for match in match_fields(left, right):
        one, other = match.source_field, match.destination_field
        if match.level is not Level.LOW and (way := _way(other in to_right, one in to_left)):
            found.append({"left": one, "right": other, "way": way.value, "wins": ""})
    return found


def _written(version: MappingVersion) -> frozenset[str]:
    return find_writes(ast.parse(version.code)).fields


def _way(goes_right: bool, goes_left: bool) -> Way | None:
    if goes_right and goes_left:
        return Way.BOTH
    if goes_right:
        return Way.RIGHT
    return Way.LEFT if goes_left else None
