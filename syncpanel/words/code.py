"""Mapping code coloured for reading; colours are CSS classes, so no style attribute is needed."""

from html import escape

from django.utils.safestring import SafeString, mark_safe

from syncpanel.words.tokens import PLAIN, tokens_by_line


def coloured(code: str) -> SafeString:
    """Python code as HTML spans with classes, everything escaped."""
    return mark_safe("\n".join(coloured_lines(code)))  # noqa: S308 - each line is safe


def coloured_lines(code: str) -> list[SafeString]:
    """As `coloured`, line by line."""
    lines = tokens_by_line(code.rstrip("\n"))
    return [mark_safe("".join(_piece(*token) for token in line)) for line in lines]  # noqa: S308 - each text is escaped


def _piece(css_class: str, text: str) -> str:
    return escape(text) if css_class in PLAIN else f'<span class="{css_class}">{escape(text)}</span>'
