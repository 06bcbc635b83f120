"""Asks the model until there is an answer or no point in asking: within the budget, within the time, a few times at most.

An endpoint that does not know a form of answers is asked in the next simpler one. One that has trouble, or wants a short
pause, is asked again. Every call is kept, and looks a few times a second whether anybody still wants to know.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from integrations.assistant import abilities
from integrations.assistant.abilities import Abilities, Form
from integrations.assistant.budget import estimate_tokens, refuse_overspending
from integrations.assistant.client import LOOK_EVERY, Heard, Messages, ModelClient
from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import AbilityMissingError, ModelTroubleError
from integrations.assistant.exchanges import begin_exchange, end_exchange
from integrations.assistant.failures import too_slow
from integrations.models import ModelExchange
from integrations.orchestrator.mapping_tasks import TaskHold

MOST_REPEATS = 2
LONGEST_WAIT = 20.0
_TELL_EVERY = 2.0
_SHORTEST_CALL = 1.0

Say = Callable[[Form], Messages]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, and the exchange it is kept in."""

    text: str
    exchange: ModelExchange


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks on behalf of one task, until the monotonic time `deadline`."""

    hold: TaskHold
    config: ModelConfig
    deadline: float
    sleep: Callable[[float], None] = time.sleep

    def ask(self, step: str, say: Say) -> Answer:
        """The model's whole answer to what `say` says in the form the endpoint knows; our own errors when there is none."""
        able, repeats = abilities.known(self.config), 0
        while True:
            try:
                answer = self._ask_once(step, say(able.form), able)
            except AbilityMissingError as problem:
                weaker = able.without(problem.technical)
                if weaker is None:
                    raise
                able = weaker
            except ModelTroubleError as problem:
                repeats += 1
                if problem.wait is None or repeats > MOST_REPEATS or not self._has_time_for(problem.wait * repeats):
                    raise
                self._wait(problem.wait * repeats)
            else:
                abilities.remember(self.config, able)
                return answer

    def _ask_once(self, step: str, messages: Messages, able: Abilities) -> Answer:
        seconds = min(self.config.timeout, self.deadline - time.monotonic())
        if seconds < _SHORTEST_CALL:
            raise too_slow(self.config, self.config.timeout)
        self.hold.tell(step)
        tokens = sum(estimate_tokens(message["content"]) for message in messages)
        refuse_overspending(self.config, tokens, timezone.now())
        heard = Heard()
        problem: BaseException | None = None
        exchange = begin_exchange(self.hold.task, self.config, messages, tokens)
        try:
            ModelClient(self.config).ask(messages, able, heard, seconds=seconds, check=self._looker(step, heard))
        except BaseException as caught:
            problem = caught
            raise
        finally:
            end_exchange(exchange, self.config, heard, problem)
        return Answer(heard.text, exchange)

    def _looker(self, step: str, heard: Heard) -> Callable[[], None]:
        """Looks whether to go on; shows now and then how far the answer is."""
        told_at, told = time.monotonic(), 0

        def look() -> None:
            nonlocal told_at, told
            self.hold.check()
            if heard.length > told and time.monotonic() - told_at > _TELL_EVERY:
                told_at, told = time.monotonic(), heard.length
                self.hold.tell(f"{step} ({told:,} characters so far)")

        return look

    def _has_time_for(self, wait: float) -> bool:
        return wait <= LONGEST_WAIT and time.monotonic() + wait + _SHORTEST_CALL < self.deadline

    def _wait(self, seconds: float) -> None:
        while seconds > 0:
            self.hold.check()
            self.sleep(min(seconds, LOOK_EVERY))
            seconds -= LOOK_EVERY
