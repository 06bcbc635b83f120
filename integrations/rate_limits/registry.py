"""What each platform allows: one JSON file per platform in `policies/`, checked when it is read.

A limit without a source and the month it was checked is refused, and so is a group that names a limit there is not.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from integrations.exceptions import ConfigurationError

POLICIES = Path(__file__).parent / "policies"
UNLIMITED = "unlimited"
"""The tier of simulations: nothing is limited, nothing is written per call."""
DAY_SECONDS = 86_400

Scope = Literal["connection", "account"]
Source = Annotated[str, Field(pattern=r"^https://\S+$")]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Headers(_Strict):
    """Where an answer tells the state of a limit: two headers with counts, or a part "used/limit" of a list."""

    limit: str = ""
    remaining: str = ""
    usage: str = ""
    part: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> "Headers":
        counts, listed = (self.limit, self.remaining), (self.usage, self.part)
        if not (all(counts) and not any(listed)) and not (all(listed) and not any(counts)):
            raise ValueError("give either limit and remaining, or usage and part")
        return self


class Limit(_Strict):
    """So many calls in a window. `permits` is per tier; null says that the tier has no such limit."""

    label: str = Field(min_length=1)
    window_seconds: float = Field(gt=0)
    resets: Literal["rolling", "midnight"]
    scope: Scope
    permits: dict[Name, Count | None]
    headers: Headers | None = None
    source: Source
    checked: Month

    @model_validator(mode="after")
    def _midnight_is_daily(self) -> "Limit":
        if self.resets == "midnight" and self.window_seconds != DAY_SECONDS:
            raise ValueError(f"a limit that resets at midnight has window_seconds {DAY_SECONDS}")
        return self


class Concurrency(_Strict):
    """So many calls at one time. A slot is free again `lease_seconds` after its holder died; with `keeps_after_timeout` also
    after a call that took too long: some platforms go on with a call that nobody waits for any more. For `reuse_seconds` a
    worker may make one call after the other on the same slot; worth it where calls are short and many."""

    label: str = Field(min_length=1)
    scope: Scope
    slots: dict[Name, Count | None]
    lease_seconds: float = Field(gt=0)
    keeps_after_timeout: bool = False
    reuse_seconds: float = Field(default=0.0, ge=0)
    source: Source
    checked: Month

    @model_validator(mode="after")
    def _is_leased_long_enough(self) -> "Concurrency":
        if self.reuse_seconds * 2 > self.lease_seconds:
            raise ValueError("a slot is leased for at least twice as long as it is used again")
        return self


class Group(_Strict):
    """A group of endpoints and the limits that count its calls."""

    limits: tuple[Name, ...]
    concurrency: tuple[Name, ...] = ()


class Policy(_Strict):
    """All limits of one platform."""

    platform: Name
    label: str = Field(min_length=1)
    tiers: dict[Name, str]
    default_tier: Name
    limits: dict[Name, Limit]
    concurrency: dict[Name, Concurrency] = Field(default_factory=dict)
    groups: dict[Name, Group]

    @model_validator(mode="after")
    def _names_exist(self) -> "Policy":
        for problem in self._wrong_names():
            raise ValueError(problem)
        return self

    def _wrong_names(self) -> list[str]:
        problems = [] if self.default_tier in self.tiers else [f"default_tier {self.default_tier} is not in tiers"]
        if UNLIMITED in self.tiers:
            problems.append(f"tiers may not hold {UNLIMITED}, which every platform has")
        for name, per_tier in self._per_tier().items():
            if per_tier.keys() != self.tiers.keys():
                problems.append(f"{name} must name every tier: {', '.join(self.tiers)}")
        for name, group in self.groups.items():
            missing = {*group.limits} - {*self.limits} | {*group.concurrency} - {*self.concurrency}
            problems += [f"groups.{name} names {word}, which is not described" for word in sorted(missing)]
        return problems

    def _per_tier(self) -> dict[str, dict[str, int | None]]:
        limits = {f"limits.{name}.permits": limit.permits for name, limit in self.limits.items()}
        return limits | {f"concurrency.{name}.slots": bound.slots for name, bound in self.concurrency.items()}

    @property
    def tier_choices(self) -> tuple[tuple[str, str], ...]:
        """For a form: what the account pays for. The empty choice is the default, corrected by what answers say."""
        return (
            ("", "Learn it from the answers"),
            *self.tiers.items(),
            (UNLIMITED, "No limits (only for simulations)"),
        )


@lru_cache(maxsize=64)
def policy(platform: str) -> Policy | None:
    """The platform's policy, or None when it has none: then nothing is limited. ConfigurationError when it is wrong."""
    path = POLICIES / f"{platform}.json"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", platform) or not path.is_file():
        return None
    return read_policy(path)


def read_policy(path: Path) -> Policy:
    """A policy file, checked; ConfigurationError names the file and the field."""
    try:
        found = Policy.model_validate_json(path.read_bytes())
    except ValidationError as exc:
        raise ConfigurationError(_sentence(path, exc), code="rate_policy", technical=str(exc)) from exc
    if found.platform != path.stem:
        raise ConfigurationError(
            f"The rate-limit policy {path.name} is for {found.platform}; the file's name must be the platform's.",
            code="rate_policy",
        )
    return found


def _sentence(path: Path, problem: ValidationError) -> str:
    first = problem.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    where = f" at {field}" if field else ""
    return f"The rate-limit policy {path.name} is wrong{where}: {first['msg'].removeprefix('Value error, ')}."
