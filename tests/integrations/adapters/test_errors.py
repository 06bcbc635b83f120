"""What all platforms' error tables share."""

from datetime import UTC, datetime

import pytest

from integrations.adapters.errors import LONGEST_PAUSE, read_retry_after

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        (" 30 ", 30),
        ("", 10),
        ("-5", 10),
        ("soon", 10),
        ("²", 10),
        ("9" * 40, 10),
        ("999999999", LONGEST_PAUSE),
        ("Sun, 22 Nov 2026 12:00:05 GMT", 10),
    ],
)
def test_a_pause_a_platform_asks_for_is_never_nonsense(text: str, seconds: float) -> None:
    assert (read_retry_after({"retry-after": text}, NOW, 10) - NOW).total_seconds() == seconds
