"""What a person may do with a mapping. Each asks the engine and leads back to the editor."""

import re
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from integrations.assistant.config import describe
from integrations.exceptions import RefusedTransitionError, StaleDraftError
from integrations.orchestrator import drafts, examples, publishing, rehearsals, samples, writings
from integrations.orchestrator.mapping_tasks import cancel_task
from integrations.orchestrator.rules import propose_rule
from integrations.orchestrator.suggesting import suggest_draft
from syncpanel.access import needs
from syncpanel.forms.mappings import MadeUpForm
from syncpanel.views.mappings import CHANGE, draft_of, find_mapping, frame, show_editor, trial_context
from syncpanel.views.numbers import number_in, numbers_of
from syncpanel.views.rendering import render_page

PUBLISH = "integrations.publish_mapping"


def asked(request: HttpRequest, pk: int, do: Callable[[], object], said: str) -> HttpResponse:
    """Ask the engine; a refusal is a notice, a draft that moved on is shown beside what was posted."""
    find_mapping(pk)
    try:
        do()
    except StaleDraftError as stale:
        return show_editor(request, pk, stale=stale)
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
    else:
        if said:
            messages.success(request, said)
    query = request.GET.urlencode()
    return redirect(f"{_url(pk)}?{query}" if query else _url(pk))


@require_POST
@needs(CHANGE)
def mapping_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the code or the instructions as typed."""
    given = {name: _text(request, name) for name in ("code", "instructions") if name in request.POST}
    return asked(
        request, pk, lambda: drafts.save_draft(pk, _revision(request), actor=_actor(request), **given), "Saved."
    )


@require_POST
@needs(CHANGE)
def mapping_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    return asked(
        request, pk, lambda: drafts.discard_draft(pk, _revision(request), _actor(request)), "The draft is discarded."
    )


@require_POST
@needs(CHANGE)
def mapping_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it another name."""
    name = request.POST.get("name", "").strip()[:120]
    if not name:
        messages.warning(request, "A mapping needs a name.")
        return redirect("mapping-detail", pk)
    return asked(request, pk, lambda: drafts.rename_mapping(pk, name, _actor(request)), f"It is called {name} now.")


@require_POST
@needs(CHANGE)
def mapping_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a second person to look at the draft."""
    said = "It waits on top of the list of mappings for somebody to check it."
    return asked(request, pk, lambda: drafts.ask_for_review(pk, _revision(request), _actor(request)), said)


@require_POST
@needs(CHANGE)
def mapping_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch other people to try it on, or those whose ids are given."""
    ids = request.POST.get("ids", "").replace(",", " ").split()
    return asked(request, pk, lambda: samples.fetch_samples(pk, _actor(request), ids=ids), "")


@require_POST
@needs(CHANGE)
def mapping_sample_remove(request: HttpRequest, pk: int, sample: int) -> HttpResponse:
    """Leave one person out."""
    return asked(request, pk, lambda: samples.remove_sample(pk, sample), "")


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def mapping_made_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Make up a person: a field for everything the mapping reads."""
    mapping = find_mapping(pk)
    form = MadeUpForm(request.POST or None, mapping=mapping, draft=draft_of(request, mapping))
    if form.is_valid():
        samples.add_made_up(pk, form.record())
        return redirect("mapping-detail", pk)
    context = {"mapping": mapping, "form": form}
    return render_page(request, "mappings/made_up.html", context=context, status=422 if form.is_bound else 200)


@require_POST
@needs(CHANGE)
def mapping_right(request: HttpRequest, pk: int, sample: int) -> HttpResponse:
    """What the draft makes of this person is right: keep it as an example."""
    said = "Kept as an example. Later drafts are held against it."
    return asked(request, pk, lambda: examples.mark_right(pk, sample, _revision(request), _actor(request)), said)


@require_POST
@needs(CHANGE)
def mapping_example_accept(request: HttpRequest, pk: int, example: int) -> HttpResponse:
    """What the draft makes of an example's record is right from now on."""
    said = "The example is what the draft makes of it now."
    return asked(request, pk, lambda: examples.accept_output(pk, example, _revision(request), _actor(request)), said)


@require_POST
@needs(CHANGE)
def mapping_example_remove(request: HttpRequest, pk: int, example: int) -> HttpResponse:
    """No longer hold drafts against this example."""
    return asked(request, pk, lambda: examples.remove_example(pk, example, _actor(request)), "The example is removed.")


@require_POST
@needs(CHANGE)
def mapping_task_cancel(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Stop what a worker is doing for this mapping."""
    return asked(request, pk, lambda: cancel_task(task), "Stopped. The draft is as it was.")


@require_POST
@needs(CHANGE)
def mapping_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep answers to the draft's questions; nothing is written from them by itself."""
    answers, actor = _answers(request), _actor(request)
    return asked(request, pk, lambda: writings.answer_questions(pk, _revision(request), answers, actor), "Kept.")


@require_POST
@needs(CHANGE)
def mapping_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the model write the code: from the instructions, with one more wish, with its questions answered."""
    change, problem = request.POST.get("change", ""), describe().problem

    def ask() -> None:
        try:
            if problem:
                raise RefusedTransitionError(problem)
            writings.ask_model(pk, _revision(request), change=change, answers=_answers(request), actor=_actor(request))
        except RefusedTransitionError:
            _keep_wish(request, pk, change)
            raise

    return asked(request, pk, ask, "")


@require_POST
@needs(CHANGE)
def mapping_suggest(request: HttpRequest, pk: int) -> HttpResponse:
    """Start from what the fields' names suggest."""
    said = "This is a suggestion, made by matching fields. Check it and say what should be different."
    return asked(request, pk, lambda: suggest_draft(pk, _revision(request), _actor(request)), said)


@require_POST
@needs(CHANGE)
def mapping_use(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Use what the model wrote although somebody changed the draft meanwhile."""
    said = "The draft is what the model wrote."
    return asked(request, pk, lambda: writings.use_waiting(task, _revision(request), _actor(request)), said)


@require_POST
@needs(CHANGE)
def mapping_rule(request: HttpRequest) -> HttpResponse:
    """Make a rule of what was done with failed records: leads to their mapping with the wish filled in."""
    ids = numbers_of(request.POST.getlist("ids"))
    try:
        rule = propose_rule(ids, _actor(request))
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
        return redirect("failure-list")
    _keep_wish(request, rule.mapping_id, rule.wish)
    messages.success(request, "Look at the rule, then have it written. These people are among those it is tried on.")
    return redirect("mapping-detail", rule.mapping_id)


@require_POST
@needs(CHANGE)
def mapping_rehearse(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the draft over all that one job fetched."""
    job = number_in(request.POST, "job") or 0
    find_mapping(pk)
    try:
        rehearsals.start_rehearsal(pk, job, _actor(request))
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
    return redirect("mapping-rehearsal", pk)


@require_http_methods(["GET", "POST"])
@needs(PUBLISH)
def mapping_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What speaks for and against it, and the button. Warnings want a sentence why."""
    mapping = find_mapping(pk)
    if request.method == "POST":
        try:
            version = _publish(request, pk)
        except StaleDraftError as stale:
            return show_editor(request, pk, stale=stale)
        except RefusedTransitionError as refusal:
            messages.warning(request, refusal.message)
        else:
            messages.success(request, f"Version {version} is published. You can go back any time.")
            return redirect("mapping-detail", pk)
    draft = draft_of(request, mapping)
    context = {
        **frame(request, mapping, draft),
        **trial_context(request, mapping, draft),
        "note": request.POST.get("note", ""),
        "accepted": _accepted(request),
    }
    return render_page(request, "mappings/publish.html", context=context)


@require_POST
@needs(PUBLISH)
def mapping_restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Go back to an older version."""
    note = request.POST.get("note", "")
    said = f"Version {number} is used again, from the next job on."
    return asked(request, pk, lambda: publishing.restore_version(pk, number, actor=_actor(request), note=note), said)


def _publish(request: HttpRequest, pk: int) -> int:
    note, accepted, actor = request.POST.get("note", ""), _accepted(request), _actor(request)
    version = publishing.publish_draft(pk, _revision(request), actor=actor, note=note, accepted=accepted)
    return version.number


def _accepted(request: HttpRequest) -> set[int]:
    """The examples whose new result is right."""
    return set(numbers_of(request.POST.getlist("accepted")))


def _keep_wish(request: HttpRequest, pk: int, wish: str) -> None:
    """For the page that comes next. In the session and not in the address: it may quote values."""
    request.session[f"wish:{pk}"] = wish[: writings.MOST_CHANGE]


def _url(pk: int) -> str:
    return redirect("mapping-detail", pk)["Location"]


def _actor(request: HttpRequest) -> str:
    return request.user.get_username()


def _revision(request: HttpRequest) -> int:
    return number_in(request.POST, "revision") or 0


def _answers(request: HttpRequest) -> dict[int, str]:
    """What was typed in answer to each question, by its place."""
    return {int(name[7:]): text for name, text in request.POST.items() if re.fullmatch(r"answer-\d{1,4}", name)}


def _text(request: HttpRequest, name: str) -> str:
    """As typed; a form sends line ends the way mail does."""
    return request.POST[name].replace("\r\n", "\n")
