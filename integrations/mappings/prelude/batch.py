"""Runs in the sandbox, after the mapping code: maps a batch record by record.

Everything it needs is local, so that mapping code cannot reach it. One record that raises costs nothing else.
"""

import re
from typing import Any

_DEEPEST = 4
_LONG_NUMBER = re.compile("[0-9]{19}")
_LARGEST = 2**63


def _map_all(text: str, most: int, room: int) -> tuple[str, dict[int, str | None], dict[int, dict[str, str]]]:
    """JSON of records in; out: JSON of the outputs (null where there is none), those left out, those that failed.

    An output has at most `most` characters. When all together have more than `room`, those above their share fail.
    """
    import json

    loads, dumps = json.loads, json.dumps
    check, tell, long_number = _check_output, _tell_error, _LONG_NUMBER
    texts: list[str] = []
    left_out: dict[int, str | None] = {}
    failed: dict[int, dict[str, str]] = {}
    records = loads(text)
    if type(records) is not list:
        raise TypeError("a batch is a list")
    share = room // max(len(records), 1)
    for record in records:
        try:
            out = map_record(record)  # type: ignore[name-defined]  # noqa: F821
        except SystemExit as left:
            left_out[len(texts)] = f"{left}"[:200]
            texts.append("null")
            continue
        except BaseException as error:
            failed[len(texts)] = tell("raised", error, f"{error}", "")
            texts.append("null")
            continue
        if out is None:
            left_out[len(texts)] = None
            texts.append("null")
            continue
        try:
            line = dumps(out, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            if len(line) <= most:
                room -= len(line)
            if type(out) is dict and line.count("{") == 1 and "[" not in line and len(line) <= most and room >= 0:
                "".join(out)
                if long_number.search(line) is None:
                    texts.append(line)
                    continue
        except BaseException:
            line = ""
        problem = check(out, line, most if room >= 0 else min(most, share), dumps)
        if problem is not None:
            failed[len(texts)] = problem
        texts.append(line if problem is None else "null")
    return "[" + ",".join(texts) + "]", left_out, failed


def _check_output(out: Any, line: str, most: int, dumps: Any) -> dict[str, str] | None:
    """What is wrong with an output that is not a plain flat record, or None if nothing is."""
    if type(out) is not dict:
        return _tell_error("wrong_type", out, "", "")
    for name in out:
        if type(name) is not str:
            return _tell_error("wrong_type", name, "a field name that is not text", "")
        problem = _check_value(name, out[name], dumps)
        if problem is not None:
            return problem
    if len(line) > most:
        return _tell_error("mapping_output_too_large", out, f"{len(line)} characters", "")
    return None if line else _tell_error("wrong_type", out, "it cannot be written as JSON", "")


def _check_value(name: str, value: Any, dumps: Any) -> dict[str, str] | None:
    if type(value) in (str, bool) or value is None:
        return None
    if type(value) is int:
        return None if -_LARGEST <= value < _LARGEST else _tell_error("too_long_number", value, "", name)
    try:
        if _is_too_nested(value, 1):
            return _tell_error("too_nested", value, "", name)
        dumps(value, allow_nan=False)
    except ValueError as error:
        return _tell_error("not_a_number", value, f"{error}", name)
    except BaseException as error:
        return _tell_error("wrong_type", value, f"{error}", name)
    return None


def _is_too_nested(value: Any, depth: int) -> bool:
    if type(value) is dict:
        if any([type(name) is not str for name in value]):  # noqa: C419
            raise TypeError("a name that is not text")
        value = list(value.values())
    if type(value) not in (list, tuple):
        return False
    return depth > _DEEPEST or any([_is_too_nested(part, depth + 1) for part in value])  # noqa: C419


def _tell_error(kind: str, value: Any, text: str, field: str) -> dict[str, str]:
    return {"kind": kind, "type": type(value).__name__[:60], "text": text[:300], "field": field[:120]}
