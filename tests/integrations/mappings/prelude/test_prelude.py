"""The prelude as a whole: documented, true to its documentation, without clashes, and the same here as in the sandbox."""

import ast
import importlib
import math

import pytest
from pydantic_monty import Monty, MontyRuntimeError, MontyTypingError

from integrations.mappings import prelude
from integrations.mappings.checks import check_code

MODULES = [*prelude.MODULES, "batch"]
EXAMPLES = [(doc, example) for chapter in prelude.catalogue() for doc in chapter.functions for example in doc.examples]


@pytest.mark.parametrize(("doc", "example"), EXAMPLES, ids=[example.call for _, example in EXAMPLES])
def test_the_examples_of_the_catalogue_are_true(ask, doc, example):
    expected = ast.literal_eval(example.result)
    answer = ask(example.call)
    assert answer == (list(expected) if isinstance(expected, tuple) else expected)


def test_the_catalogue_has_what_a_mapping_needs():
    assert [chapter.title for chapter in prelude.catalogue()] == [
        "Values, choices and lists",
        "Text, names and e-mail addresses",
        "Countries and states",
        "States of Australia, Brazil, Canada, Germany, India, Mexico and the United States",
        "Phone numbers",
        "Dates, times and time zones",
    ]
    wanted = {"skip", "choose", "split_name", "name_case", "clean_phone", "country_code", "to_date", "to_local"}
    assert prelude.functions().keys() > wanted
    assert not prelude.functions().keys() & {"print", "pick"}


@pytest.mark.parametrize("doc", prelude.functions().values(), ids=prelude.functions())
def test_every_function_is_described_in_a_sentence_and_by_examples(doc):
    assert doc.signature.startswith(f"{doc.name}(") and doc.signature.endswith(")")
    assert doc.summary.endswith((".", "?")) and "\n" not in doc.summary and len(doc.summary) <= 130
    assert doc.words and doc.words[0].islower() and not doc.words.endswith(".")
    assert len(doc.examples) in (2, 3) or doc.name == "skip"
    assert all(example.call.count(f"{doc.name}(") == 1 for example in doc.examples)


def test_signatures_show_defaults_and_no_types():
    assert prelude.functions()["clean_phone"].signature == "clean_phone(value, default_country='')"
    assert prelude.functions()["first_of"].signature == "first_of(*values)"


def test_the_catalogue_as_text_has_every_function_and_example():
    text = prelude.catalogue_text()
    lines = text.splitlines()
    for name, doc in prelude.functions().items():
        assert sum(line.startswith(f"{name}(") for line in lines) == 1
        assert all(f"    {example.call} == {example.result}" in lines for example in doc.examples)
    assert len(text) < 12_000


@pytest.mark.parametrize("name", ["first_of", "to_number", "choose_each", "split_name", "to_local"])
def test_the_checks_let_a_mapping_call_it(name):
    call = prelude.functions()[name].examples[0].call
    assert check_code(f"def map_record(record):\n    return {{'x': {call}}}") == []


def test_code_gets_only_what_it_names_and_what_that_needs():
    part = prelude.source_for("def map_record(record):\n    return {'x': clean_phone(record['x'])}")
    assert {"clean_phone", "_dial_abroad", "country_code", "_COUNTRIES", "_ACCENT"} <= defined(part)
    assert not {"to_date", "_ZONES", "clean_text", "choose"} & defined(part)
    assert prelude.source_for("x = 1") == ""


@pytest.mark.parametrize("name", prelude.functions())
def test_each_function_works_with_only_what_it_needs(name):
    calls = "\n".join(f"try:\n    {e.call}\nexcept SystemExit:\n    pass" for e in prelude.functions()[name].examples)
    with Monty(min_processes=1, max_processes=1) as pool, pool.checkout() as session:
        session.feed_run(prelude.source_for(calls + name))
        session.feed_run(calls or name)


def defined(code):
    tree = ast.parse(code)
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return names | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


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


def test_the_type_checker_knows_every_function_by_its_stub():
    calls = "\n".join(example.call for _, example in EXAMPLES)
    with Monty(min_processes=1, max_processes=1) as pool:
        with pool.checkout() as session:
            session.feed_run(prelude.source())
            session.feed_run(calls)
        with pool.checkout(type_check=True, type_check_stubs=prelude.stubs()) as session:
            with pytest.raises(MontyRuntimeError, match="NameError"):
                session.feed_run(calls)
            with pytest.raises(MontyTypingError, match="clean_phone"):
                session.feed_run("clean_phone('+1 415 555 0132', country='US')")


ODD = ["", " ", 0, -1, 1.5, 2**62, True, [], ["a", None], {"a": 1}, "\x00", "ß", "İ", "😀" * 3, "9" * 18, "-" * 50]


@pytest.mark.parametrize("name", prelude.functions())
def test_odd_values_never_stop_a_function_and_give_what_plain_python_gives(ask, name):
    if name == "skip":
        return
    module = next(found for found in MODULES if hasattr(importlib.import_module(f"{prelude.__name__}.{found}"), name))
    function = getattr(importlib.import_module(f"{prelude.__name__}.{module}"), name)
    more = {
        "choose": ["['a']"],
        "choose_each": ["['a']"],
        "cut_text": ["3"],
        "to_local": ["'UTC'"],
        "format_date": ["'%Y'"],
    }
    arguments = more.get(name, [])
    for value in ODD:
        here = function(value, *map(ast.literal_eval, arguments))
        there = ask(f"{name}({', '.join([repr(value), *arguments])})")
        assert there == (list(here) if isinstance(here, tuple) else here), value
        assert not (isinstance(here, float) and not math.isfinite(here))
