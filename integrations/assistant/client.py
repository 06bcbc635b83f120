"""One call to the model, through `openai`. It can be dropped at any moment, also while nothing comes: a person who
cancels and a worker that must end are not kept waiting. Nothing is tried twice here."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import openai

from integrations.assistant.abilities import Abilities
from integrations.assistant.answers import response_format
from integrations.assistant.config import ModelConfig
from integrations.assistant.errors import ModelAnswerError, ModelTroubleError
from integrations.assistant.failures import as_ours, filtered, too_slow
from integrations.exceptions import SyncpanelError

LOOK_EVERY = 0.25
LONGEST_ANSWER = 400_000
"""Characters. The longest code that may be used has 100,000."""
_CONNECT_SECONDS = 10.0
_CLEAN_UP_SECONDS = 5.0

Messages = list[dict[str, str]]


@dataclass(slots=True)
class Heard:
    """What has come of an answer so far; still there when the call fails. Tokens are None until the endpoint tells.

    `length` in characters. `ended` is the reason the endpoint gives for having ended, empty when it gives none.
    """

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    refusal: str = ""
    ended: str = ""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """All of it, put together."""
        return "".join(self.pieces)

    def take(self, choices: Any, usage: Any) -> None:
        """A part of an answer, or all of it: the protocol's `choices` and `usage`, of which any may be missing."""
        first = choices[0] if isinstance(choices, list) and choices else {}
        said = first.get("delta") or first.get("message") or {}
        piece = said.get("content") or ""
        self.pieces.append(piece)
        self.length += len(piece)
        self.refusal += said.get("refusal") or ""
        self.ended = first.get("finish_reason") or self.ended
        if usage:
            self.prompt_tokens = int(usage.get("prompt_tokens") or 0) or self.prompt_tokens
            self.answer_tokens = int(usage.get("completion_tokens") or 0) or self.answer_tokens
        if self.length > LONGEST_ANSWER:
            raise ModelAnswerError("The model's answer is far too long to be a mapping.", code="model_too_much")


@dataclass(frozen=True, slots=True)
class ModelClient:
    """Asks the configured endpoint."""

    config: ModelConfig

    def ask(
        self,
        messages: Messages,
        abilities: Abilities,
        heard: Heard,
        *,
        seconds: float,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask once and wait for the whole answer in `heard`; our own errors when there is none.

        `check` is called a few times a second, in this thread; what it raises ends the call at once and comes out here.
        """
        started = time.monotonic()
        call = _Call(lambda: self._talk_in_time(messages, abilities, heard, seconds))
        call.start()
        try:
            while call.is_alive():
                call.join(LOOK_EVERY)
                check()
        except BaseException:
            call.drop()
            raise
        finally:
            heard.seconds = time.monotonic() - started
        if call.problem is not None:
            raise call.problem
        self._conclude(heard)

    async def _talk_in_time(self, messages: Messages, abilities: Abilities, heard: Heard, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._talk(messages, abilities, heard, seconds)
        except SyncpanelError:
            raise
        except (openai.APITimeoutError, TimeoutError) as problem:
            raise too_slow(self.config, seconds) from problem
        except Exception as problem:
            raise as_ours(problem, self.config) from problem

    async def _talk(self, messages: Messages, abilities: Abilities, heard: Heard, seconds: float) -> None:
        request = _request(self.config.name, messages, abilities)
        async with _open(self.config, seconds) as client:
            if not abilities.streams:
                async with client.chat.completions.with_streaming_response.create(**request) as answer:
                    await _take_whole(answer.iter_bytes(), heard)
                return
            stream = await client.chat.completions.create(**request, stream=True)
            async with stream:
                if "json" in stream.response.headers.get("content-type", ""):
                    await _take_whole(stream.response.aiter_bytes(), heard)
                    return
                async for chunk in stream:
                    heard.take(*_parts(chunk.to_dict()))

    def _conclude(self, heard: Heard) -> None:
        """An answer that is there, and whole."""
        if heard.refusal:
            raise ModelAnswerError(
                "The model refuses to write this.", code="model_refused", technical=heard.refusal[:500]
            )
        if heard.ended == "content_filter":
            raise filtered(self.config)
        if heard.ended == "length":
            raise ModelAnswerError(
                f"{self.config.name} broke off before the end: it may not answer at such length. "
                "Ask for less at once, or take another model.",
                code="model_cut_off",
            )
        if not heard.text.strip():
            raise ModelTroubleError(f"{self.config.name} answered with nothing.", wait=1.0, code="model_empty")


class _Call(threading.Thread):
    """Runs a coroutine in a thread and a loop of its own, from where it can be dropped."""

    def __init__(self, talk: Callable[[], Any]) -> None:
        super().__init__(daemon=True, name="model-call")
        self.problem: BaseException | None = None
        self._talk = talk
        self._begun = threading.Event()
        self._drop: Callable[[], object] = bool

    def run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as problem:  # it is raised in the thread that waits
            self.problem = problem

    async def _main(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._drop = lambda: loop.call_soon_threadsafe(task.cancel)
        self._begun.set()
        await self._talk()

    def drop(self) -> None:
        """End the call and close its connection, unless it has ended by itself."""
        self._begun.wait(_CLEAN_UP_SECONDS)
        if self.is_alive():
            try:
                self._drop()
            except RuntimeError:
                return  # its loop has just ended
            self.join(_CLEAN_UP_SECONDS)


def _open(config: ModelConfig, seconds: float) -> openai.AsyncOpenAI:
    """A client that asks this address only, once, with this key or with none."""
    given: dict[str, Any] = {
        "api_key": config.key or "none",
        "timeout": openai.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
        "max_retries": 0,
        "http_client": openai.DefaultAsyncHttpxClient(follow_redirects=False),
    }
    if config.api_version:
        return openai.AsyncAzureOpenAI(azure_endpoint=config.base_url, api_version=config.api_version, **given)
    return openai.AsyncOpenAI(base_url=config.base_url, **given)


def _request(name: str, messages: Messages, abilities: Abilities) -> dict[str, Any]:
    """Nothing but what every endpoint knows, beside what this one is believed to."""
    request: dict[str, Any] = {"model": name, "messages": messages}
    form = response_format(abilities.form)
    if form is not None:
        request["response_format"] = form
    if abilities.streams and abilities.counts:
        request["stream_options"] = {"include_usage": True}
    return request


def _parts(told: dict[str, Any]) -> tuple[Any, Any]:
    return told.get("choices"), told.get("usage")


async def _take_whole(pieces: AsyncIterator[bytes], heard: Heard) -> None:
    """An answer in one piece of JSON."""
    body = b""
    async for piece in pieces:
        body += piece
        if len(body) > 4 * LONGEST_ANSWER:
            raise ModelAnswerError("The model's answer is far too long to be a mapping.", code="model_too_much")
    told = json.loads(body)
    heard.take(*_parts(told))
