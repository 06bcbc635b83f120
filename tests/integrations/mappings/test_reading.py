"""What the sandbox hands back is not trusted: one outcome per record or nothing."""

import pytest

from integrations.mappings.reading import read_batch
from integrations.mappings.session import LimitTripError

PROBLEM = {"kind": "wrong_type", "type": "str", "text": "", "field": ""}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "[]",
        ("[]", {}),
        (["a"], {}, {}),
        ("[", {}, {}),
        ("[NaN]", {}, {}),
        ("[1]", {}, {}),
        ("[null]", {}, {}),
        ("[null]", {0: None}, {0: PROBLEM}),
        ("[null]", {1: None}, {}),
        ("[{}]", {0: "left out"}, {}),
        ("[null]", {0: 5}, {}),
        ("[null]", {}, {0: "a failure"}),
        ("[null]", {}, {0: {"kind": "raised"}}),
        ("[null]", {}, {0: {**PROBLEM, "text": 5}}),
    ],
)
def test_an_answer_that_does_not_add_up_is_refused(raw):
    with pytest.raises(LimitTripError) as caught:
        read_batch(raw, "[{}]", session=None)
    assert caught.value.code == "mapping_crashed"


def test_an_answer_that_adds_up_is_taken():
    batch = read_batch(('[{"a":1},null,null]', {1: "no"}, {2: PROBLEM}), "[{},{},{}]", session=None)
    assert batch.outputs == [{"a": 1}, None, None] and batch.left_out == {1: "no"}
    assert batch.failed[2].message == "The mapping returns text where it should return fields and values."
