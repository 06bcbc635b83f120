"""Mapping code coloured for reading; colours are CSS classes, so no style attribute is needed."""

from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer


def coloured(code: str) -> SafeString:
    """Python code as HTML spans with classes, everything escaped."""
    return mark_safe(highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)))  # noqa: S308 - Pygments escapes the text
