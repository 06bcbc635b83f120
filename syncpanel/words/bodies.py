"""What a call said, so that a person can read it: indented JSON or XML, forms line by line, anything else as text.

What is nested too deeply to be read so is shown as it came.
"""

from contextlib import suppress
from io import StringIO
from typing import NamedTuple
from urllib.parse import parse_qsl
from xml.sax import SAXException
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parseString

from integrations.queries.indented import MOST_DEEP, indent_json

MOST_READ = 300_000
"""Bytes; what is larger is not taken apart, only cut."""
MOST_SHOWN = 20_000
MOST_LINES = 2_000


class Body(NamedTuple):
    """What to show, and whether there is more of it."""

    text: str
    is_cut: bool


def readable(body: bytes, content_type: str) -> Body:
    """Never raises, whatever is in it."""
    text = _taken_apart(body, content_type) if len(body) <= MOST_READ else ""
    text = text or body[: 4 * MOST_SHOWN].decode("utf-8", "replace")
    return Body(text[:MOST_SHOWN].replace("\x00", "\ufffd"), len(text) > MOST_SHOWN or len(body) > MOST_READ)


def _taken_apart(body: bytes, content_type: str) -> str:
    try:
        if "form-urlencoded" in content_type:
            return _form(body)
        return _xml(body) if "xml" in content_type else indent_json(body, MOST_SHOWN)
    except (ValueError, LookupError, SAXException, DefusedXmlException):
        return ""


def _form(body: bytes) -> str:
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_LINES)
    return "\n".join(f"{name} = {value}" for name, value in pairs)


def _xml(body: bytes) -> str:
    """Names stay as they were written: with the address of its namespace in each, they may be as long as the body."""
    lines = _XmlLines()
    with suppress(_Enough):
        parseString(body, lines, forbid_dtd=True)
    return lines.shown.getvalue()


class _Enough(Exception):
    """More is not shown."""


class _XmlLines(XMLGenerator):
    """Writes each element on a line of its own while it is read."""

    def __init__(self) -> None:
        self.shown = StringIO()
        super().__init__(self.shown, short_empty_elements=True)
        self._level = 0
        self._had_child = False

    def startDocument(self) -> None:
        """Without the line that names the encoding it once had."""

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if self._level == MOST_DEEP:
            raise ValueError("nested too deeply")
        if self._level:
            self._begin_line()
        super().startElement(name, attrs)
        self._level += 1
        self._had_child = False

    def endElement(self, name: str) -> None:
        self._level -= 1
        if self._had_child:
            self._begin_line()
        super().endElement(name)
        self._had_child = True

    def characters(self, content: str) -> None:
        if content.strip():
            super().characters(content)

    def _begin_line(self) -> None:
        if self.shown.tell() > MOST_SHOWN:
            raise _Enough
        self.ignorableWhitespace("\n" + "  " * self._level)
