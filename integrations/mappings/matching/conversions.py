"""The piece of code that writes one value for its destination. What cannot be read goes out as it is: a person sees it."""

from collections.abc import Callable

from integrations.enums import FieldType
from integrations.mappings.matching.choices import labelled_choices, pair_choices
from integrations.mappings.matching.literals import quote
from integrations.mappings.matching.match import Conversion
from integrations.mappings.matching.tables import Tables
from integrations.types import FieldSchema

_SIMPLE = {
    Conversion.TEXT: "clean_text({value})",
    Conversion.NAME: "clean_name({value})",
    Conversion.EMAIL: "clean_email({value})",
    Conversion.JOINED: "join_multi(split_multi({value}))",
    Conversion.FIRST_NAME: "split_name({value})[0]",
    Conversion.LAST_NAME: "split_name({value})[1]",
    Conversion.COUNTRY_CODE: "country_code({value}) or clean_text({value})",
    Conversion.COUNTRY_NAME: "country_name({value}) or clean_text({value})",
}
_READING = {
    Conversion.NUMBER: "to_number({value})",
    Conversion.WHOLE_NUMBER: "to_int({value})",
    Conversion.YES_NO: "to_bool({value})",
    Conversion.DATE: "to_date({value})",
    Conversion.MOMENT: "to_datetime({value})",
    Conversion.MONTH_AND_DAY: 'format_date({value}, "%m/%d")',
}
_IN_A_COUNTRY = {
    Conversion.PHONE: "clean_phone",
    Conversion.STATE_CODE: "state_code",
    Conversion.STATE_NAME: "state_name",
}
_TEXTS = (FieldType.STRING, FieldType.TEXT)


def write_value(
    conversion: Conversion, source: FieldSchema, destination: FieldSchema, country: str, tables: Tables
) -> str:
    """The expression for the destination's value. `country` is an expression too, empty when no field holds one."""
    value = f"record.get({quote(source.name)})"
    if conversion in _SIMPLE:
        return _SIMPLE[conversion].format(value=value)
    if conversion in _READING:
        return _read(_READING[conversion].format(value=value), value, source)
    if conversion in _IN_A_COUNTRY:
        arguments = f"{value}, {country}" if country else value
        return f"{_IN_A_COUNTRY[conversion]}({arguments}) or clean_text({value})"
    write: Callable[..., str] = _write_choices if conversion is Conversion.CHOICES else _write_choice
    return write(value, source, destination, tables)


def paired_choices(source: FieldSchema, destination: FieldSchema) -> dict[str, str]:
    """Which choice becomes which; empty when the source's are not known, and any text may come."""
    if source.type == FieldType.BOOLEAN:
        return pair_choices(_YES_AND_NO, destination)
    return pair_choices(source, destination)


_YES_AND_NO = FieldSchema("", "", FieldType.CHOICE, choices=("true", "false"), choice_labels=("Yes", "No"))


def _read(reading: str, value: str, source: FieldSchema) -> str:
    return f"first_of({reading}, clean_text({value}))" if source.type in _TEXTS else reading


def _write_choice(value: str, source: FieldSchema, destination: FieldSchema, tables: Tables) -> str:
    if not destination.choices:
        return f"clean_text({value})"
    if _has_known_values(source):
        return f"choose({value}, {tables.add(destination.name, paired_choices(source, destination))})"
    return f"choose({value}, {tables.add(destination.name, _any_spelling(destination))}, clean_text({value}))"


def _write_choices(value: str, source: FieldSchema, destination: FieldSchema, tables: Tables) -> str:
    if not destination.choices:
        return f"join_multi(split_multi({value}))"
    if _has_known_values(source):
        return f"join_multi(choose_each({value}, {tables.add(destination.name, paired_choices(source, destination))}))"
    choice = f"choose(one, {tables.add(destination.name, _any_spelling(destination))}, one)"
    return f"join_multi([{choice} for one in split_multi({value})])"


def _has_known_values(source: FieldSchema) -> bool:
    return bool(source.choices) or source.type == FieldType.BOOLEAN


def _any_spelling(destination: FieldSchema) -> dict[str, str]:
    """The choices by value and by label, for text that may hold either."""
    pairs = {value: value for value in destination.choices}
    for value, label in labelled_choices(destination):
        pairs.setdefault(label, value)
    return pairs
