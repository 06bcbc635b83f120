"""What the simulated platforms share: the settings, the time, the people, and who calls others."""

from dataclasses import dataclass

from integrations.sandbox.clock import Clock
from integrations.sandbox.generate import People
from integrations.sandbox.sender import Sender
from integrations.sandbox.settings import Settings


@dataclass(frozen=True, slots=True)
class Scene:
    """Handed to every platform when it is set up, and anew on a reset."""

    settings: Settings
    clock: Clock
    people: People
    sender: Sender
