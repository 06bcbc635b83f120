"""What people at the platforms do by themselves, one thing every few seconds, so that there is always something to see.

A platform's folder may have a module `life` with its `HABITS`.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.registry import parts
from integrations.sandbox.world import World

TICK = 0.5


@dataclass(frozen=True, slots=True)
class Habit:
    """Something that happens every so many `seconds`: one record of `object_name` gets new values.

    It is one of the first `most`, or of as many as there are contacts; `find_id` says its id from its number.
    """

    object_name: str
    seconds: float
    find_id: Callable[[int], str]
    values: Callable[[random.Random], dict[str, Any]]
    most: int = 10**9


class Life:
    """Runs in the event loop of the sandbox, as lively as the setting `life` says."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = random.Random(world.settings.seed)
        self.habits: list[tuple[str, Habit]] = [(name, habit) for name, part in parts("life") for habit in part.HABITS]
        self._passed = [habit.seconds * self._dice.random() for _, habit in self.habits]

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(TICK)
            self.pass_time(TICK * self._world.settings.life)

    def pass_time(self, seconds: float) -> None:
        """What is due by then is done."""
        for at, (name, habit) in enumerate(self.habits):
            self._passed[at] += seconds
            if self._passed[at] >= habit.seconds:
                self._passed[at] = 0.0
                number = self._dice.randrange(max(1, min(habit.most, self._world.settings.contacts)))
                chosen = [habit.find_id(number)]
                self._world.platforms[name].touch(habit.object_name, chosen, habit.values(self._dice))
