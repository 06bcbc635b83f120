"""How many a sync would include, in words."""

import pytest

from integrations.orchestrator.previews import Counted
from integrations.orchestrator.sync_drafts import End
from integrations.queries.connections import capabilities
from syncpanel.words.previews import count_words
from tests.factories import make_connection


@pytest.mark.parametrize(("counted", "words"), [
    (Counted(None, None), "The list does not say how many people it has."),
    (Counted(450, 450), "450 people match."),
    (Counted(1, 1), "1 person matches."),
    (Counted(1, 450), "1 of 450 people matches."),
    (Counted(18_204, 47_000), "18,204 of 47,000 people match."),
    (Counted(18_249, 47_000, is_exact=False, sample=1_000), "About 18,200 of 47,000 people match, going by the first 1,000."),
    (Counted(348, 450, is_exact=False, sample=400), "About 350 of 450 people match, going by the first 400."),
    (Counted(450, 450, is_exact=False, sample=400), "About 450 people match, going by the first 400."),
    (Counted(7, 450, is_exact=False, sample=400), "About 7 of 450 people match, going by the first 400."),
])  # fmt: skip
def test_how_many_is_said_as_exactly_as_it_is_known(db, counted, words):
    connection = make_connection("hubspot", name="The list")
    source = End(connection, capabilities("hubspot").object("contacts"))
    assert count_words(counted, source) == words
