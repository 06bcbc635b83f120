"""What is left of each connection's limits, and who uses them."""

from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations.queries.limits import ConnectionLimits, connection_limits
from syncpanel.views.rendering import is_unchanged, render_page, unchanged


@require_GET
def limit_list(request: HttpRequest) -> HttpResponse:
    """A card per connection; asks again by itself and gets the cards when a figure has changed."""
    cards = connection_limits(timezone.now())
    version = _version(cards)
    if is_unchanged(request, version):
        return unchanged()
    context = {"cards": cards, "version": version}
    return render_page(request, "limits/list.html", part="limits/_cards.html", context=context)


def _version(cards: tuple[ConnectionLimits, ...]) -> str:
    """Changes with every figure on the page, but not with the time until a window is empty again."""
    shown = [
        (
            card.connection.pk,
            [card.tier_label, card.problem, card.calls_today, card.slots],
            [(limit.name, limit.used, limit.limit, limit.state, limit.forecast) for limit in card.limits],
        )
        for card in cards
    ]
    return blake2b(repr(shown).encode(), digest_size=8).hexdigest()
