"""The prelude as a whole: documented, without clashes, and cheap to load."""

import ast

import pytest
from pydantic_monty import Monty

from integrations.mappings import prelude

MODULES = [*prelude.MODULES, "batch"]


def test_every_function_is_described_in_one_sentence():
    docs = prelude.docs()
    assert {doc.name for doc in docs} >= {"clean_name", "clean_phone", "pick", "skip", "to_date", "first_of"}
    for doc in docs:
        assert doc.signature.startswith(f"{doc.name}(") and doc.signature.endswith(")")
        assert doc.summary.endswith((".", "?")) and "\n" not in doc.summary and len(doc.summary) <= 130


def test_signatures_show_defaults_and_no_types():
    signatures = {doc.name: doc.signature for doc in prelude.docs()}
    assert signatures["clean_phone"] == "clean_phone(value, default_country='')"
    assert signatures["first_of"] == "first_of(*values)"


def test_no_two_modules_define_the_same_name():
    seen: dict[str, str] = {}
    trees = {name: ast.parse((prelude.FOLDER / f"{name}.py").read_text()) for name in MODULES}
    for module, tree in trees.items():
        for node in tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            names = [node.name] if isinstance(node, ast.FunctionDef) else [t.id for t in targets if t is not None]
            for name in names:
                assert name not in seen, f"{name} is in {module} and in {seen[name]}"
                seen[name] = module


@pytest.mark.parametrize("module", prelude.MODULES)
def test_each_function_says_what_it_does_or_starts_with_an_underscore(module):
    tree = ast.parse((prelude.FOLDER / f"{module}.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def test_the_prelude_passes_the_type_checker_of_the_sandbox():
    with Monty(min_processes=1, max_processes=1) as pool, pool.checkout(type_check=True) as session:
        session.feed_run(prelude.source())
