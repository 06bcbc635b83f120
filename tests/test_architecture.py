"""House rules a test can keep: who imports whom, one door per dependency, sizes, platforms named only at home."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("integrations", "syncpanel")

# From the bottom up: a module may import its own layer and those before it.
LAYERS = [
    {"enums", "exceptions", "types", "incoming", "reasons", "timetables", "comparing"},
    {"mappings", "adapters", "sandbox"},
    {"models", "migrations"},
    {"queries", "rate_limits"},
    {"orchestrator"},
    {"assistant", "webhooks", "alerts"},
    {"tasks", "schedules", "retention", "beat", "checks", "management", "supervisor", "bench", "demo", "apps"},
]
DOORS = {
    "httpx": ("integrations/adapters/",),
    "openai": ("integrations/assistant/",),
    "aiohttp": ("integrations/sandbox/",),
    "cronsim": ("integrations/timetables/",),
    "pydantic_monty": ("integrations/mappings/",),
    "django_q": (
        "integrations/orchestrator/hints.py",
        "integrations/beat.py",
        "integrations/checks.py",
        "integrations/management/commands/worker.py",
        "integrations/supervisor/",
    ),
}
PLATFORMS = ("hubspot", "salesforce", "mailchimp", "segment", "google_analytics")
PLATFORM_HOMES = (
    "integrations/adapters/{0}/",
    "integrations/sandbox/",
    "integrations/rate_limits/policies/",
    "integrations/management/commands/sandbox.py",
)
SEEDS = (
    "integrations/demo/",
    "integrations/management/commands/bench.py",
    "syncpanel/management/commands/",
    "integrations/mappings/examples/",
    "integrations/bench/",
    "syncpanel/demo/",
)


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path


class Facts(NamedTuple):
    """What the rules look at in a module: what it imports, its functions with their lines, whether it says what it is."""

    imports: tuple[str, ...]
    functions: tuple[tuple[str, int], ...]
    lines: int
    is_told: bool


@cache
def read(path: Path) -> Facts:
    """Each module is parsed once for all rules."""
    text = path.read_text()
    tree = ast.parse(text)
    imports: list[str] = []
    functions: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append((node.name, (node.end_lineno or node.lineno) - node.lineno + 1))
    is_told = not text.strip() or bool(ast.get_docstring(tree))
    return Facts(tuple(imports), tuple(functions), len(text.splitlines()), is_told)


def layer_of(name: str) -> int | None:
    parts = name.split(".")
    if parts[0] != "integrations" or len(parts) < 2:
        return None
    return next((at for at, layer in enumerate(LAYERS) if parts[1] in layer), None)


ALL = list(modules())
IDS = [name for name, _ in ALL]


@pytest.mark.parametrize(("name", "path"), ALL, ids=IDS)
def test_imports_point_down(name: str, path: Path) -> None:
    own = layer_of(name.removesuffix(".py").replace("/", "."))
    for imported in read(path).imports:
        if name.startswith("integrations/"):
            assert not imported.startswith("syncpanel"), f"the engine imports the web: {imported}"
        other = layer_of(imported)
        if own is not None and other is not None:
            assert other <= own, f"{name} imports {imported}, which is above it"


@pytest.mark.parametrize(("name", "path"), ALL, ids=IDS)
def test_each_dependency_has_one_door(name: str, path: Path) -> None:
    for imported in read(path).imports:
        doors = DOORS.get(imported.split(".")[0])
        assert doors is None or name.startswith(doors), f"{name} imports {imported}"


@pytest.mark.parametrize(("name", "path"), ALL, ids=IDS)
def test_modules_and_functions_stay_small(name: str, path: Path) -> None:
    facts = read(path)
    assert facts.lines <= 350, f"{name} has {facts.lines} lines"
    for function, size in facts.functions:
        assert size <= 50, f"{name}: {function} has {size} lines"


@pytest.mark.parametrize(("name", "path"), ALL, ids=IDS)
def test_every_module_says_what_it_is(name: str, path: Path) -> None:
    assert read(path).is_told, f"{name} has no docstring"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform_is_named_only_at_home(platform: str) -> None:
    homes = (*(home.format(platform) for home in PLATFORM_HOMES), *SEEDS)
    for name, path in ALL:
        if not name.startswith(homes):
            words = _code_words(path)
            assert platform not in words, f"{name} names {platform}"


@cache
def _code_words(path: Path) -> str:
    """The module's code in lower case, without comments and docstrings: names and strings are what counts."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                body[0].value.value = ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    return ast.unparse(tree).lower()
