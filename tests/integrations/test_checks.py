"""Queue settings under which the engine would lose or double work are refused at start."""

import pytest

from integrations.checks import check_queue


def test_the_settings_we_ship_are_accepted() -> None:
    assert check_queue() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("queue_limit", 4, "E001"),
        ("bulk", 10, "E001"),
        ("max_attempts", 0, "E001"),
        ("ack_failures", False, "E001"),
        ("save_limit", 250, "E001"),
        ("scheduler", True, "E001"),
        ("timeout", 60, "E002"),
        ("retry", 400, "E003"),
        ("guard_cycle", 2, "E004"),
    ],
)
def test_a_dangerous_setting_is_refused(settings, name: str, value: object, code: str) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {name: value}
    assert f"integrations.{code}" in {error.id for error in check_queue()}
