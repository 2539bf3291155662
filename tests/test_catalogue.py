"""Every event that the program logs is in the catalogue with its meaning, and nothing else is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.events import EVENTS
from worker.outcomes import Outcome

WORKER = Path(__file__).parent.parent / "worker"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGERS = {"log", "say"}
IDENTITY = {Outcome.NEW, Outcome.DUPLICATE, Outcome.UNCHANGED, Outcome.REVISED, Outcome.MOVED}
WITHOUT_REPORT = [outcome.value for outcome in Outcome if outcome not in IDENTITY]
NAME = re.compile(r"[a-z]+\.[a-z_]+")


def functions(tree: ast.Module) -> Iterator[ast.AST]:
    """Every function, and the module for what stands outside of them."""
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_log_call(node: ast.AST) -> bool:
    """`log.info(…)` or that of a logger with bound facts, or `level(…)` where a level was chosen before."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    called = node.func
    if isinstance(called, ast.Attribute):
        return called.attr in LEVELS and isinstance(called.value, ast.Name) and called.value.id in LOGGERS
    return isinstance(called, ast.Name) and called.id == "level"


def texts(node: ast.AST) -> Iterator[str]:
    """The strings that an expression may come to; the one thing that is filled in is an outcome without a report."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        fixed = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        yield from (fixed.replace("{}", outcome) for outcome in WITHOUT_REPORT)


def events_in(tree: ast.Module) -> Iterator[str]:
    """The events that a module logs; a name that was given before is looked up in its function."""
    for function in functions(tree):
        given: dict[str, list[str]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        given.setdefault(target.id, []).extend(texts(node.value))
                    elif isinstance(target, ast.Subscript) and list(texts(target.slice)) == ["event"]:
                        yield from texts(node.value)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and is_log_call(node):
                event = next(iter(node.args))
                names = given.get(event.id, []) if isinstance(event, ast.Name) else list(texts(event))
                assert names or function is tree, ast.unparse(node)
                yield from names


def logged() -> dict[str, set[str]]:
    """Every event in the source, with the files that log it."""
    found: dict[str, set[str]] = {}
    for path in sorted(WORKER.rglob("*.py")):
        for event in events_in(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(event, set()).add(str(path.relative_to(WORKER)))
    return found


def test_every_event_that_is_logged_is_in_the_catalogue() -> None:
    missing = {event: files for event, files in logged().items() if event not in EVENTS}
    assert missing == {}


def test_every_event_of_the_catalogue_is_logged_somewhere() -> None:
    assert set(EVENTS) - set(logged()) == set()


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_a_noun_and_a_participle_with_one_sentence_of_meaning(event: str) -> None:
    assert NAME.fullmatch(event)
    meaning = EVENTS[event]
    assert meaning.endswith(".")
    assert meaning.count(". ") == 0


def test_the_catalogue_is_sorted() -> None:
    assert list(EVENTS) == sorted(EVENTS)
