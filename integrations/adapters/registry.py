"""Which platforms there are: the folders beside this file. Adding one means adding a folder, and nothing else."""

import pkgutil
from functools import cache
from importlib import import_module

from integrations import adapters
from integrations.adapters.base import Adapter
from integrations.types import Capabilities


@cache
def platforms() -> tuple[str, ...]:
    """Their names, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(adapters.__path__) if module.ispkg))


@cache
def adapter_class(platform: str) -> type[Adapter]:
    """The `ADAPTER` of the folder of that name; KeyError if there is none."""
    if platform not in platforms():
        raise KeyError(platform)
    found: type[Adapter] = import_module(f"{adapters.__name__}.{platform}").ADAPTER
    return found


def capabilities(platform: str) -> Capabilities:
    """What the platform's adapter declares; KeyError if there is none."""
    return adapter_class(platform).capabilities
