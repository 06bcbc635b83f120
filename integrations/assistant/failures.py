"""What the client library raises, as our own errors: a sentence a person can act on, a code, and no key in either."""

import email.utils
import json
import time
from collections.abc import Mapping
from typing import Any

import openai

from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import (
    AbilityMissingError,
    ModelAnswerError,
    ModelSettingsError,
    ModelTroubleError,
)
from integrations.exceptions import SyncpanelError

_BUSY_WAIT = 1.0
_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded", "insufficient_balance"})
_TOO_LONG = ("context_length", "context length", "maximum context", "too many tokens", "prompt is too long")
_UNFIT_MODEL = ("model_not_found", "model not found", "unknown model", "invalid model", "deploymentnotfound")


def as_ours(problem: Exception, config: ModelConfig) -> SyncpanelError:
    """The error to raise in place of this one."""
    match problem:
        case openai.APITimeoutError() | TimeoutError():
            return too_slow(config, config.timeout)
        case openai.APIConnectionError():
            return _no_connection(problem, config)
        case openai.APIStatusError():
            return _by_status(problem, config)
        case openai.APIError():
            return _inside_stream(problem, config)
        case _:
            sentence = f"{config.host} sent something that is not a model's answer."
            technical = _clean(f"{type(problem).__name__}: {problem}", config)
            return ModelTroubleError(sentence, wait=_BUSY_WAIT, code="model_garbled", technical=technical)


def too_slow(config: ModelConfig, seconds: float) -> ModelTroubleError:
    """Nobody waits longer than this for one answer."""
    return ModelTroubleError(
        f"{config.name} took longer than {seconds:,.0f} s. Try again, or raise MODEL_TIMEOUT_SECONDS.",
        wait=None,
        code="model_timeout",
    )


def _no_connection(problem: openai.APIConnectionError, config: ModelConfig) -> SyncpanelError:
    cause = problem.__cause__
    technical = _clean(f"{type(cause).__name__}: {cause}", config)
    if "certificate" in technical.lower():
        return ModelSettingsError(
            f"The certificate of {config.host} is not one this machine trusts.",
            code="model_address",
            technical=technical,
        )
    if not technical.startswith("Connect"):
        sentence = f"The line to {config.host} broke. Try again."
        return ModelTroubleError(sentence, wait=_BUSY_WAIT, code="model_broke_off", technical=technical)
    sentence = f"{config.host} does not answer. Check MODEL_BASE_URL, and that this machine can reach it."
    return ModelTroubleError(sentence, wait=_BUSY_WAIT, code="model_unreachable", technical=technical)


def _by_status(problem: openai.APIStatusError, config: ModelConfig) -> SyncpanelError:
    status, said = problem.status_code, _said(problem)
    technical = _clean(f"{status}: {said}", config)
    found = _by_words(said, status, config, technical)
    if found is not None:
        return found
    if status in (400, 422):
        return AbilityMissingError(
            f"{config.host} does not understand what we ask of it.", code="model_request", technical=technical
        )
    wait = _seconds_to_wait(problem.response.headers)
    if status == 429:
        return _slow_down(wait, config, technical)
    if status in (408, 409, 425) or status >= 500:
        sentence = f"{config.host} has trouble of its own at the moment. Try again in a few minutes."
        return ModelTroubleError(
            sentence, wait=_BUSY_WAIT if wait is None else wait, code="model_trouble", technical=technical
        )
    code, sentence = _SENTENCES.get(status, _SENTENCES[404])
    return ModelSettingsError(sentence.format(host=config.host), code=code, technical=technical)


_SENTENCES = {
    401: ("model_key", "{host} does not accept the key in MODEL_API_KEY. An administrator can replace it."),
    402: ("model_quota", "The account at {host} is used up. Look at its billing, then try again."),
    403: ("model_access", "The key in MODEL_API_KEY may not use this model at {host}."),
    404: ("model_address", "At MODEL_BASE_URL there is nothing that answers like a model. It should end in /v1."),
    413: ("model_too_long", "This is more than the model can read at once. Shorten the instructions."),
}


def _by_words(said: str, status: int, config: ModelConfig, technical: str) -> SyncpanelError | None:
    """What the endpoint says counts for more than its status: they differ from endpoint to endpoint."""
    low = said.lower()
    if any(word in low for word in _QUOTA) and status in (400, 402, 403, 429):
        sentence = _SENTENCES[402][1].format(host=config.host)
        return ModelSettingsError(sentence, code="model_quota", technical=technical)
    if any(word in low for word in _TOO_LONG) and status in (400, 413, 422, 500):
        sentence = f"This is more than {config.name} can read at once. Shorten the instructions, or take another model."
        return ModelSettingsError(sentence, code="model_too_long", technical=technical)
    if "content_filter" in low or "content management policy" in low:
        return filtered(config, technical)
    is_about_the_model = status == 404 and "model" in low
    if is_about_the_model or (status in (400, 403) and any(word in low for word in _UNFIT_MODEL)):
        sentence = f"{config.host} has no model called “{config.name}” for this key. Check MODEL_NAME."
        return ModelSettingsError(sentence, code="model_unknown", technical=technical)
    return None


def filtered(config: ModelConfig, technical: str = "") -> ModelAnswerError:
    """The provider's filter stopped the question or the answer."""
    return ModelAnswerError(
        f"A content filter of {config.host} stopped this. Say it in other words.",
        code="model_filtered",
        technical=technical,
    )


def _slow_down(wait: float | None, config: ModelConfig, technical: str) -> ModelTroubleError:
    when = "in a minute" if wait is None or wait <= 60 else f"in {-(-wait // 60):.0f} minutes"
    return ModelTroubleError(
        f"{config.host} asks us to slow down. Try again {when}.",
        wait=_BUSY_WAIT if wait is None else wait,
        code="model_rate_limited",
        technical=technical,
    )


def _inside_stream(problem: openai.APIError, config: ModelConfig) -> SyncpanelError:
    said = f"{problem.code or ''} {problem.message}"
    technical = _clean(said, config)
    sentence = f"{config.host} broke off with trouble of its own. Try again in a few minutes."
    trouble = ModelTroubleError(sentence, wait=_BUSY_WAIT, code="model_trouble", technical=technical)
    return _by_words(said, 400, config, technical) or trouble


def _said(problem: openai.APIStatusError) -> str:
    """The endpoint's own words, whatever their form."""
    body = problem.body
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, default=str)
    return text[:2_000]


def _seconds_to_wait(headers: Mapping[str, Any]) -> float | None:
    for name, unit in (("retry-after-ms", 1_000), ("retry-after", 1)):
        try:
            return max(0.0, float(headers.get(name, "")) / unit)
        except ValueError:
            continue
    when = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return max(0.0, email.utils.mktime_tz(when) - time.time()) if when else None


def _clean(text: str, config: ModelConfig) -> str:
    """Endpoints quote the key they do not like."""
    return (text.replace(config.key, "…") if config.key else text)[:1_000]
