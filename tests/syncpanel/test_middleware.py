"""What no page ever sees."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from syncpanel.roles import FIXER

SignIn = Callable[[str], Client]


@pytest.mark.parametrize(
    "address", ["/failures/?q=%00", "/failures/?reason=a%00:b", "/activity/?by=a%00", "/syncs/?after=%00"]
)
def test_a_nul_in_an_address_is_refused_in_our_look(signed_in: SignIn, address: str) -> None:
    answer = signed_in(FIXER).get(address)
    assert answer.status_code == 400
    assert "<html" in answer.content.decode()


def test_a_nul_in_a_form_is_refused(signed_in: SignIn) -> None:
    values = {"do": "correct", "all": "1", "value": "Ac\x00me"}
    assert signed_in(FIXER).post(reverse("failure-bulk"), values).status_code == 400
