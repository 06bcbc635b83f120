"""Which platforms are simulated: the folders beside this file. Adding one means adding a folder, and nothing else.

A folder has a module `platform` with `PLATFORM`, `credentials` with `tell`, and, where there is something to say,
`options` with `Options`, `switches` with `SWITCHES` and `life` with `HABITS`. `credentials`, `options` and `switches` are light:
they serve no requests.
"""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

from integrations import sandbox

if TYPE_CHECKING:
    from integrations.sandbox.platform import Platform


@cache
def names() -> tuple[str, ...]:
    """Their names, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(sandbox.__path__) if module.ispkg))


def platform_classes() -> "list[type[Platform]]":
    """The servers themselves, in the order of their names."""
    return [part.PLATFORM for _, part in parts("platform")]


def parts(part: str) -> Iterator[tuple[str, ModuleType]]:
    """(platform, module) for every folder that has a module of that name."""
    for name in names():
        path = f"{sandbox.__name__}.{name}.{part}"
        if find_spec(path) is not None:
            yield name, import_module(path)
