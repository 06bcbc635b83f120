"""What every adapter promises of its test, its fields and its end, run against every platform over real HTTP."""

import pytest

from integrations.exceptions import (
    ConfigurationError,
    SignInError,
    SyncpanelError,
)
from tests.integrations.adapters.contract import everything


class TestCheck:
    def test_a_good_connection_has_four_good_lines_and_a_name(self, connect, case):
        found = connect(case).check()
        assert [line.ok for line in found.lines] == [True] * case.check_lines
        assert found.ok and found.account and found.account_id and found.facts

    @pytest.mark.needs("refuses")
    def test_a_wrong_secret_fails_the_second_line_and_says_what_to_do(self, connect, case):
        found = connect(case, secrets={case.wrong_secret: "wrong"}).check()
        assert [line.ok for line in found.lines] == [True] + [False] * (case.check_lines - 1)
        assert found.lines[1].fix.endswith(".") and "wrong" not in found.lines[1].fix

    def test_a_missing_secret_is_a_line_too(self, connect, case):
        found = connect(case, secrets={case.wrong_secret: ""}).check()
        assert "is missing" in found.lines[1].fix

    def test_a_platform_that_is_away_fails_the_first_line(self, connect, case, sandbox):
        sandbox.fault(platform=case.platform, kind="reset")
        found = connect(case).check()
        assert [line.ok for line in found.lines] == [False] * case.check_lines
        assert "Try again" in found.lines[0].fix


class TestDescribe:
    def test_the_key_is_offered_and_the_required_fields_are_known(self, connect, case):
        schema = connect(case).describe(case.object_name)
        assert schema.field(case.key).is_key
        assert {field.name for field in schema.fields if field.required} == case.required

    @pytest.mark.needs("picklists")
    def test_choices_come_with_labels(self, connect, case):
        schema = connect(case).describe(case.object_name)
        lists = [field for field in schema.fields if field.choices]
        assert lists and all(len(field.choices) == len(field.choice_labels) for field in lists)

    @pytest.mark.needs("schema_errors")
    def test_an_object_that_is_not_there_is_a_matter_of_configuration(self, connect, case):
        with pytest.raises(ConfigurationError):
            connect(case).describe("Nonsense")


class TestClosing:
    def test_a_closed_adapter_can_be_closed_again(self, connect, case):
        adapter = connect(case)
        adapter.count(case.object_name, everything())
        adapter.close()
        adapter.close()


class TestHandleError:
    @pytest.mark.parametrize("problem", [ValueError("x"), KeyError("y"), OSError("z"), SignInError("A sentence.")])
    def test_anything_becomes_one_of_our_families(self, connect, case, problem):
        error = connect(case).handle_error(problem)
        assert isinstance(error, SyncpanelError) and error.message.endswith(".")
