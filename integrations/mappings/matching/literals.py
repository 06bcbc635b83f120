"""Text of others as Python literals: names and choices may hold anything an admin could type."""

import json


def quote(text: str) -> str:
    """The text as a literal. Signs that cannot be seen are written as escapes, so that nothing looks like what it is not."""
    if text.isprintable():
        return json.dumps(text, ensure_ascii=False)
    escaped = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{escaped}"'
