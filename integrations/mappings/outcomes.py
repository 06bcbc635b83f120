"""What a mapping run hands back: for each record of a batch a mapped record, a reason to leave it out, or a failure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrations import reasons
from integrations.types import FlatRecord


@dataclass(frozen=True, slots=True)
class Limits:
    """What mapping code may use. The times are seconds of running, the sizes bytes.

    `batch_output_bytes`: a batch whose outputs are larger together loses those that are larger than their share.
    `trips_in_a_row`: after so many records in a row that trip a limit, the code as a whole counts as broken; so it does
    after `trips` in all, when they are more than one in twenty, and after the first trip later than `trip_seconds`.
    """

    record_seconds: float = 0.25
    batch_seconds: float = 5.0
    memory_bytes: int = 128_000_000
    output_bytes: int = 1_000_000
    batch_output_bytes: int = 32_000_000
    recursion: int = 200
    trips_in_a_row: int = 20
    trips: int = 60
    trip_seconds: float = float("inf")


@dataclass(frozen=True, slots=True)
class MappingFailure:
    """Why one record could not be mapped. `message` is a sentence without the record's values.

    `technical` may quote a value: it belongs beside the record on the Fix-it list, never in a log or an event.
    `field` is the destination field it concerns, or empty.
    """

    code: str
    message: str
    technical: str = ""
    field: str = ""


@dataclass(slots=True)
class MappedBatch:
    """One outcome per record, by its position in the batch.

    `outputs` has the mapped record, or None for a record that is in `left_out` (with its reason, or None) or `failed`.
    `size` is how much text the outputs were.
    """

    outputs: list[FlatRecord | None] = field(default_factory=list)
    left_out: dict[int, str | None] = field(default_factory=dict)
    failed: dict[int, MappingFailure] = field(default_factory=dict)
    size: int = 0


_TYPE_WORDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "yes or no",
    "list": "a list",
    "tuple": "a list",
    "NoneType": "nothing",
    "date": "a date object (to_date gives text)",
    "datetime": "a time object (to_datetime gives text)",
    "function": "a function",
}


def describe_failure(problem: Mapping[str, str], line: int = 0) -> MappingFailure:
    """The words for what the sandbox reported: {"kind": …, "type": …, "field": …, "text": …}."""
    kind, kind_of_value, field_name = problem["kind"], problem["type"], problem["field"]
    text = problem["text"]
    if kind == "raised":
        return _describe_raised(kind_of_value, text, line)
    if kind == "mapping_output_too_large":
        return MappingFailure(kind, reasons.sentence(kind), text, field_name)
    what = _TYPE_WORDS.get(kind_of_value, f"a value of the type {kind_of_value}")
    if kind == "not_a_number":
        what = "something that is not a number (NaN or infinity)"
    if kind == "too_nested":
        what = "lists inside lists"
    if kind == "too_long_number":
        what = "a number with more than 18 digits (as text it could be sent)"
    code = "mapping_bad_value" if field_name else "mapping_wrong_type"
    return MappingFailure(code, reasons.sentence(code, field_name, detail=what), text, field_name)


def _describe_raised(error: str, text: str, line: int) -> MappingFailure:
    where = f" in line {line}" if line else ""
    technical = f"{error}: {text}{where}"
    if error == "RecursionError":
        return MappingFailure("mapping_too_deep", reasons.sentence("mapping_too_deep"), technical)
    return MappingFailure("mapping_raised", reasons.sentence("mapping_raised", detail=f"{error}{where}"), technical)
