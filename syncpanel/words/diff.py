"""Two texts of mapping code compared, as accessible HTML: difflib for the lines, Pygments for the colours, words marked.

No JavaScript and no style attribute: colours are CSS classes.
"""

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from syncpanel.words.tokens import PLAIN, Token, tokens_by_line

CONTEXT = 2
ALIKE = 0.72
"""Lines less alike than this are shown as one gone and one new, without marked words."""
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Diff:
    """The table, and how many lines came and went."""

    html: SafeString
    added: int
    removed: int

    @property
    def is_empty(self) -> bool:
        """True when both texts are the same."""
        return not self.added and not self.removed


def compare(old: str, new: str) -> Diff:
    """The lines that differ, with a little of what is around them."""
    return _Table(old, new).build()


class _Table:
    """Builds the rows of one comparison."""

    def __init__(self, old: str, new: str) -> None:
        self._old_lines, self._new_lines = old.split("\n"), new.split("\n")
        self._old, self._new = tokens_by_line(old), tokens_by_line(new)
        self._rows: list[str] = []
        self._added = self._removed = 0

    def build(self) -> Diff:
        matcher = difflib.SequenceMatcher(None, self._old_lines, self._new_lines, autojunk=False)
        shown = 0
        for group in matcher.get_grouped_opcodes(CONTEXT):
            self._skip(group[0][3] - shown)
            shown = group[-1][4]
            for opcode in group:
                self._add(*opcode)
        self._skip(len(self._new_lines) - shown)
        body = "".join(self._rows)
        table = (
            f'<table class="diff"><caption class="vh">Code changes, line by line</caption><tbody>{body}</tbody></table>'
        )
        return Diff(mark_safe(table), self._added, self._removed)  # noqa: S308 - every text in it is escaped

    def _add(self, kind: str, old_from: int, old_to: int, new_from: int, new_to: int) -> None:
        if kind == "equal":
            for offset in range(old_to - old_from):
                self._row("same", new_from + offset, self._new[new_from + offset], self._new_lines[new_from + offset])
            return
        pairs = range(min(old_to - old_from, new_to - new_from))
        marks = [_find_marks(self._old[old_from + n], self._new[new_from + n]) for n in pairs]
        for offset, index in enumerate(range(old_from, old_to)):
            marked = marks[offset][0] if offset < len(marks) else ()
            self._row("del", index, self._old[index], self._old_lines[index], marked)
        for offset, index in enumerate(range(new_from, new_to)):
            marked = marks[offset][1] if offset < len(marks) else ()
            self._row("add", index, self._new[index], self._new_lines[index], marked)
        self._removed += old_to - old_from
        self._added += new_to - new_from

    def _row(self, kind: str, index: int, tokens: list[Token], line: str, marked: Collection[int] = ()) -> None:
        sign, word, tag = {"add": ("+", "added: ", "ins"), "del": ("−", "removed: ", "del"), "same": ("", "", "span")}[
            kind
        ]
        told = f'<span class="vh">{word}</span>' if word else ""
        place = "" if kind == "del" else f' data-line="{index + 1}"'
        depth = min((len(line) - len(line.lstrip(" "))) // 4, _DEEPEST)
        self._rows.append(
            f'<tr class="{kind}"{place}><td class="ln">{index + 1}</td><td class="sg" aria-hidden="true">{sign}</td>'
            f'<td class="cd in{depth}">{told}<{tag}>{_html(tokens, marked)}</{tag}></td></tr>'
        )

    def _skip(self, number: int) -> None:
        if number > 0:
            what = "1 line the same" if number == 1 else f"{number:,} lines the same"
            self._rows.append(f'<tr class="gap"><td colspan="3">{what}</td></tr>')


def _html(tokens: list[Token], marked: Collection[int]) -> str:
    return "".join(_pieces(tokens, marked)) or "&nbsp;"


def _pieces(tokens: list[Token], marked: Collection[int]) -> Iterator[str]:
    for index, (css_class, text) in enumerate(tokens):
        piece = escape(text)
        if css_class not in PLAIN:
            piece = f'<span class="{css_class}">{piece}</span>'
        yield f"<mark>{piece}</mark>" if index in marked and text.strip() else piece


def _find_marks(old: list[Token], new: list[Token]) -> tuple[set[int], set[int]]:
    matcher = difflib.SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False)
    if matcher.ratio() < ALIKE:
        return set(), set()
    marks: tuple[set[int], set[int]] = (set(), set())
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind != "equal":
            marks[0].update(range(old_from, old_to))
            marks[1].update(range(new_from, new_to))
    return marks
