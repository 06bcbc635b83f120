"""Log lines tell where and what, never who."""

import logging
import sys

import pytest
from django.test import Client

from integrations.exceptions import EngineError
from syncpanel.logs import NamedFormatter

PERSON = "Failing row contains (dana@example.com)"


def logged() -> str:
    """What a fault looks like in the log that quotes a person and led to an error of ours."""
    try:
        try:
            raise ValueError(PERSON)
        except ValueError as exc:
            raise EngineError("The row cannot be written.") from exc
    except EngineError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "job %s", (7,), sys.exc_info())
    return NamedFormatter().format(record)


def test_a_traceback_names_the_place_and_the_kind_but_nobody() -> None:
    lines = logged().splitlines()
    assert all(line.startswith("syncpanel | ") for line in lines)
    assert PERSON not in logged()
    assert "syncpanel | ValueError" in lines
    assert lines[-1] == "syncpanel | EngineError: The row cannot be written."
    assert any("test_logs.py" in line for line in lines)


def test_whoever_debugs_sees_all_of_it(settings) -> None:
    settings.DEBUG = True
    assert PERSON in logged()


@pytest.mark.django_db
def test_a_stranger_who_asks_for_another_name_costs_one_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.get("/sign-in/", headers={"Host": "evil.example\nforged"}).status_code == 400
    (record,) = [record for record in caplog.records if record.name == "django.security.DisallowedHost"]
    line = NamedFormatter().format(record)
    assert "Invalid HTTP_HOST header" in line
    assert len(line.splitlines()) == 1
