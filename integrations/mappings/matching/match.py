"""What the matcher proposes: pairs of fields, each with how sure it is and why."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How sure a pair is. Low ones are suggestions to look at; the drafted code leaves them out."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @classmethod
    def of(cls, confidence: float) -> "Level":
        """The level of a confidence between 0 and 1."""
        if confidence >= 0.85:
            return cls.HIGH
        return cls.MEDIUM if confidence >= 0.6 else cls.LOW


LOWEST = 0.35
"""Below this nothing is proposed at all."""


class Conversion(StrEnum):
    """How a value must be written for its destination; the drafted code does it with the prelude."""

    TEXT = "text"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    WHOLE_NUMBER = "whole number"
    YES_NO = "yes or no"
    DATE = "date"
    MOMENT = "date and time"
    CHOICE = "choice"
    CHOICES = "choices"
    JOINED = "joined choices"
    MONTH_AND_DAY = "month and day"
    FIRST_NAME = "first name out of a whole one"
    LAST_NAME = "last name out of a whole one"
    COUNTRY_CODE = "country code"
    COUNTRY_NAME = "country name"
    STATE_CODE = "state code"
    STATE_NAME = "state name"


@dataclass(frozen=True, slots=True)
class Match:
    """A source field that seems to hold what a destination field wants. `confidence` is between 0 and 1.

    `why` is a sentence for the person who reviews it.
    """

    source_field: str
    destination_field: str
    confidence: float
    level: Level
    why: str
    conversion: Conversion = Conversion.TEXT
