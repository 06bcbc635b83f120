"""Error pages in our look, that say no more than a stranger may know."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client, override_settings
from django.urls import include, path

from syncpanel import urls


class UnlikelyError(Exception):
    """With a secret in its message."""


def raising(problem: Exception):
    @login_not_required
    def view(request):
        raise problem

    return view


urlpatterns = [
    path("bad/", raising(SuspiciousOperation("secret"))),
    path("forbidden/", raising(PermissionDenied("secret"))),
    path("missing/", raising(Http404("secret"))),
    path("broken/", raising(UnlikelyError("secret"))),
    path("", include(urls.urlpatterns)),
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.mark.parametrize(
    ("where", "status", "says"),
    [
        ("/bad/", 400, "did not make sense"),
        ("/forbidden/", 403, "You may not do this"),
        ("/missing/", 404, "There is nothing here"),
        ("/broken/", 500, "Something broke on our side"),
    ],
)
@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_an_error_page_is_ours_and_says_nothing_secret(where, status, says):
    answer = Client(raise_request_exception=False).get(where)
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert "Content-Security-Policy" in answer


@override_settings(ROOT_URLCONF=__name__)
def test_the_page_for_our_own_faults_needs_no_database():
    answer = Client(raise_request_exception=False).get("/broken/")
    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()
