"""How often, how long, and what a call said, as people say it."""

import tracemalloc
from datetime import timedelta

import pytest

from integrations.incoming import WebhookSetup
from integrations.queries.incoming import Quiet
from integrations.queries.indented import MOST_DEEP
from syncpanel.words.bodies import MOST_READ, MOST_SHOWN, readable
from syncpanel.words.incoming import lasting, quiet_note, setup_steps, usually
from tests.syncpanel.words.lives import NOON


@pytest.mark.parametrize(
    ("seconds", "often", "long"),
    [
        (0, "every few seconds", "0 seconds"),
        (1, "every few seconds", "1 second"),
        (40, "every 40 seconds", "40 seconds"),
        (60, "every minute", "1 minute"),
        (240, "every 4 minutes", "4 minutes"),
        (3_600, "every hour", "1 hour"),
        (5_400, "every 90 minutes", "90 minutes"),
        (11_000, "every 3 hours", "3 hours"),
        (26 * 3_600, "every 26 hours", "26 hours"),
        (4 * 86_400, "every 4 days", "4 days"),
    ],
)
def test_how_often_and_how_long_are_said_roughly(seconds, often, long):
    assert (usually(seconds), lasting(seconds)) == (often, long)


def test_silence_is_told_beside_what_is_usual():
    note = quiet_note(Quiet(7, "HubSpot", 240, NOON - timedelta(hours=3)), NOON)
    assert note == (7, "HubSpot has gone quiet", "It usually sends every 4 minutes; nothing for 3 hours")


def test_a_step_that_names_the_address_has_it_below():
    setup = WebhookSetup(("Open Settings.", "Paste this: {address}", "Paste {address} there."))
    assert setup_steps(setup, "https://panel.example/hooks/x/") == [
        ("Open Settings.", False),
        ("Paste this:", True),
        ("Paste the address below there.", True),
    ]


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b'{"a":[1]}', "application/json", '{\n  "a": [\n    1\n  ]\n}'),
        (b'{"a":1}', "", '{\n  "a": 1\n}'),
        (b"<a><b>1</b></a>", "text/xml; charset=utf-8", "<a>\n  <b>1</b>\n</a>"),
        (b'<a b="&amp;"><c/>x &lt; y</a>', "text/xml", '<a b="&amp;">\n  <c/>x &lt; y\n</a>'),
        (b'<s:a xmlns:s="urn:x">\n\t<s:b>1</s:b>\n</s:a>', "text/xml", '<s:a xmlns:s="urn:x">\n  <s:b>1</s:b>\n</s:a>'),
        (b"<?xml version='1.0' encoding='latin-1'?><a>\xe9</a>", "text/xml", "<a>\u00e9</a>"),
        (b"<?xml version='1.0' encoding='none'?><a/>", "text/xml", "<?xml version='1.0' encoding='none'?><a/>"),
        (b"data%5Bemail%5D=a%40b&x=", "application/x-www-form-urlencoded", "data[email] = a@b\nx = "),
        (b"not json", "application/json", "not json"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "text/xml", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"),
        (b"\xff\x00", "application/json", "��"),
        (b"", "text/plain", ""),
    ],
)
def test_what_a_call_said_can_be_read(body, kind, text):
    assert readable(body, kind) == (text, False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"[" * 200_000, "application/json", id="brackets"),
        pytest.param(b"<a>" * 50_000, "text/xml", id="elements"),
        pytest.param(b"<a>" * 20_000 + b"</a>" * 20_000, "text/xml", id="closed elements"),
        pytest.param(b"a=1&" * 50_000, "application/x-www-form-urlencoded", id="pairs"),
        pytest.param(b'"' + b"x" * MOST_READ + b'"', "application/json", id="one long value"),
    ],
)
def test_what_is_too_much_is_cut(body, kind):
    shown = readable(body, kind)
    assert shown.is_cut
    assert len(shown.text) == MOST_SHOWN


def nested(levels: int, opening: bytes, closing: bytes, inner: bytes = b"1") -> bytes:
    return opening * levels + inner + closing * levels


@pytest.mark.parametrize(
    ("opening", "closing", "kind"),
    [(b"[", b"]", "application/json"), (b'{"a":', b"}", "application/json"), (b"<a>", b"</a>", "text/xml")],
    ids=["lists", "objects", "elements"],
)
@pytest.mark.parametrize("levels", [MOST_DEEP + 1, 300, 1_500])
def test_what_is_nested_deeply_is_shown_as_it_came(opening, closing, kind, levels):
    body = nested(levels, opening, closing)
    assert readable(body, kind) == (body.decode(), False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(nested(40, b"[", b"]", b"1," * 149_000 + b"1"), "application/json", id="values"),
        pytest.param(nested(40, b"<a>", b"</a>", b"<b/>" * 70_000), "text/xml", id="elements"),
        pytest.param(nested(900, b"<a>", b"</a>", b"<b/>" * 70_000), "text/xml", id="elements far inside"),
        pytest.param(
            b'<a xmlns="' + b"u" * 150_000 + b'">' + b"".join(b"<b%d/>" % n for n in range(9_000)) + b"</a>",
            "text/xml",
            id="names in a long namespace",
        ),
    ],
)
def test_what_would_be_long_indented_takes_little_memory(body, kind):
    tracemalloc.start()
    try:
        assert readable(body, kind).is_cut
        assert tracemalloc.get_traced_memory()[1] < 20 * MOST_READ
    finally:
        tracemalloc.stop()
