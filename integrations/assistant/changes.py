"""Which destination fields a wish is about, told from its words."""

from integrations.assistant.relevance import words
from integrations.types import FieldSchema


def asked_fields(text: str, fields: tuple[FieldSchema, ...]) -> set[str]:
    """The destination fields a wish speaks of, by name, by label, or by a longer word of the label."""
    said, said_words = text.casefold(), words(text)

    def is_meant(field: FieldSchema) -> bool:
        if any(len(name) > 2 and name.casefold() in said for name in (field.name, field.label)):
            return True
        return any(len(word) > 3 and word in said_words for word in words(field.label))

    return {field.name for field in fields if is_meant(field)}
