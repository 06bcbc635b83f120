"""Writes a mapping's code: asks the model, checks and tries what it wrote, has it mended at most twice, hands back the best.

Nothing it wrote runs anywhere but in the sandbox, and nothing of it counts before a person has published it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.assistant import config
from integrations.assistant.abilities import Form
from integrations.assistant.answers import Written, read_answer
from integrations.assistant.asking import Asker
from integrations.assistant.errors import ModelAnswerError, ModelSettingsError, ModelTroubleError
from integrations.assistant.exchanges import note_problem, spent_on
from integrations.assistant.handover import asked_of, hand_over
from integrations.assistant.judging import Finding, judge_code
from integrations.assistant.material import gather
from integrations.assistant.prompt import Messages, Prompt
from integrations.models.blobs import unpack
from integrations.orchestrator.mapping_tasks import TaskHold

MOST_MENDS = 2
SLICE_SECONDS = 270.0
"""The queue ends a task after 300."""
PUT_BACK_AFTER = 25.0
"""Seconds after which a repair is left to the next slice: each call may take as long as the longest may."""


def write_code(hold: TaskHold, *, put_back_after: float = PUT_BACK_AFTER) -> dict[str, Any]:
    """Do a task of the kind WRITE, whose request `material.gather` describes. Returns what `handover.hand_over` does, and
    "rounds": how often the model answered, "findings" that are left: [{"message", "line", "field", "people"}], "problem":
    why they were not mended, "tokens" and "cost" of the whole task.

    Our own errors, each with a sentence, when there is nothing to hand over.
    """
    return _Writing(hold, put_back_after).run()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One answer and what is wrong with it; `written` is None when it cannot be read."""

    text: str
    written: Written | None
    findings: tuple[Finding, ...] = ()
    runs: bool = False

    def badness(self) -> tuple[bool, bool, int]:
        """The less the better: can be read, passes the checks, goes wrong for few."""
        return self.written is None, not self.runs, sum(max(1, found.people) for found in self.findings)


class _Writing:
    """One task, or a slice of it."""

    def __init__(self, hold: TaskHold, put_back_after: float) -> None:
        self._hold = hold
        self._put_back_after = put_back_after
        self._started = time.monotonic()
        self._asker = Asker(hold, config.current(), self._started + SLICE_SECONDS)
        hold.tell("Reading the fields")
        self._material = gather(hold.task)
        self._prompt = Prompt(self._material)

    def run(self) -> dict[str, Any]:
        """From the first question, or from where an earlier slice ended, to what is handed over."""
        so_far = unpack(self._hold.task.result) or {"rounds": 0, "texts": []}
        attempts = [self._judge(text) for text in so_far["texts"]]
        rounds = begun_with = int(so_far["rounds"])
        problem = ""
        while not attempts or (attempts[-1].findings and rounds <= MOST_MENDS):
            if rounds > begun_with:  # a slice that only gave back what it took would go on for ever
                self._yield_to_others(rounds, attempts)
            try:
                attempts.append(self._ask(rounds, attempts))
            except (ModelSettingsError, ModelTroubleError, ModelAnswerError) as caught:
                if not attempts:
                    raise
                problem = caught.message
                break
            rounds += 1
        return self._result(_best(attempts), rounds, problem)

    def _yield_to_others(self, rounds: int, attempts: Sequence[_Attempt]) -> None:
        if time.monotonic() - self._started > self._put_back_after:
            best, last = _best(attempts), attempts[-1]
            texts = [last.text] if best is last else [best.text, last.text]
            self._hold.put_back({"rounds": rounds, "texts": texts})

    def _ask(self, rounds: int, attempts: Sequence[_Attempt]) -> _Attempt:
        step = f"Asking the model to mend it ({rounds} of {MOST_MENDS})" if attempts else "Asking the model"
        answer = self._asker.ask(step, lambda form: self._say(form, attempts))
        attempt = self._judge(answer.text)
        if attempt.findings:
            note_problem(answer.exchange, _in_words(attempt.findings))
        return attempt

    def _say(self, form: Form, attempts: Sequence[_Attempt]) -> Messages:
        if not attempts:
            return self._prompt.first(form)
        last = attempts[-1]
        return self._prompt.repair(form, last.text, [self._show(finding) for finding in last.findings])

    def _show(self, finding: Finding) -> dict[str, Any]:
        """A finding as the model sees it: with somebody it happens to, masked."""
        told = {
            **finding.dump(),
            "received": self._prompt.show_received(finding.received) if finding.received else None,
            "your_output": self._prompt.show_sent(finding.sent),
        }
        return {name: value for name, value in told.items() if value}

    def _judge(self, text: str) -> _Attempt:
        try:
            written = read_answer(text)
        except ModelAnswerError as problem:
            return _Attempt(text, None, (Finding(problem.message),))
        if not written.code:
            return _Attempt(text, written, runs=True)
        self._hold.tell("Checking the code")
        found, runs = judge_code(
            self._hold.task.mapping,
            self._material,
            written.code,
            free=frozenset(asked_of(self._material)),
            before_trial=self._tell_trial,
        )
        return _Attempt(text, written, tuple(found), runs)

    def _tell_trial(self) -> None:
        self._hold.tell(f"Trying it on {len(self._material.samples):,} {self._material.source.many}")

    def _result(self, best: _Attempt, rounds: int, problem: str) -> dict[str, Any]:
        if best.written is None:
            raise ModelAnswerError(
                "The model's answers hold no code that could be read. Try again, or take another model.",
                code="model_malformed",
            )
        return {
            **hand_over(self._material, best.written),
            "rounds": rounds,
            "findings": [finding.dump() for finding in best.findings],
            "problem": problem,
            **spent_on(self._hold.task),
        }


def _best(attempts: Sequence[_Attempt]) -> _Attempt:
    """The least bad one; of two alike the later."""
    return min(reversed(attempts), key=_Attempt.badness)


def _in_words(findings: Sequence[Finding]) -> str:
    more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
    return f"{findings[0].message}{more}"
