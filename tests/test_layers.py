"""The shape of the program: who may import whom, what adapters may not touch, and names that must agree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from config.portal import BUILT_IN, ConfigError, load_portals
from crawlers import registry

ROOT = Path(__file__).parent.parent
LAYERS = ("config", "crawlers", "worker", "tests")

# What only some may know. An entry is a file, or a folder with everything in it.
KNOWN_TO = {
    "httpx": ("worker/fetch",),
    "httpcore": ("worker/fetch",),
    "selectolax": ("crawlers/html.py",),
    "sqlalchemy": ("worker/ledger",),
    "alembic": ("worker/ledger",),
    "celery": ("worker/app.py", "worker/tasks.py"),
    "kombu": ("worker/app.py", "worker/channel.py", "worker/tasks.py"),
    "redis": ("worker/publish.py", "worker/broker.py"),
}
# A handle that is opened once and passed down may be named where it passes, and nothing else of its library.
HANDLES = {"sqlalchemy": {"Engine", "Connection"}}
IMPURE = {
    "asyncio", "httpx", "logging", "multiprocessing", "os", "random", "requests", "secrets", "shutil", "socket",
    "sqlalchemy", "structlog", "subprocess", "tempfile", "threading", "time", "uuid",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today"}


class Import(NamedTuple):
    """One imported module, with the names taken from it."""

    path: str
    module: str
    names: tuple[str, ...]

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(*folders: str) -> Iterator[Import]:
    for path in sources(*folders):
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (Import(where, alias.name, ()) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{where}: relative import"
                yield Import(where, node.module or "", tuple(alias.name for alias in node.names))


def is_in(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_itself_and_those_below(layer: str) -> None:
    above = set(LAYERS[LAYERS.index(layer) + 1 :])
    assert [one for one in imports(layer) if one.top in above] == []


@pytest.mark.parametrize("library", KNOWN_TO)
def test_a_library_is_known_only_where_it_is_wrapped(library: str) -> None:
    allowed = HANDLES.get(library, set())
    strangers = [
        one
        for one in imports("config", "crawlers", "worker")
        if one.top == library
        and not is_in(one.path, KNOWN_TO[library])
        and not (one.module == library and one.names and set(one.names) <= allowed)
    ]
    assert strangers == []


def test_adapters_import_nothing_that_has_a_clock_a_disk_a_network_or_a_log() -> None:
    assert [one for one in imports("crawlers") if one.top in IMPURE] == []


def test_adapters_ask_for_no_time_and_open_no_file() -> None:
    asked = []
    for path in sources("crawlers"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                asked.append(f"{path.name}: {ast.unparse(called)}")
            if isinstance(called, ast.Name) and called.id in {"open", "print", "input", "exec", "eval"}:
                asked.append(f"{path.name}: {called.id}")
    assert asked == []


def test_only_one_module_configures_the_log() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in sources("config", "crawlers", "worker")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"structlog.configure", "logging.basicConfig"}
    }
    assert found == {"worker/logs.py"}


def test_every_module_opens_with_one_sentence_on_why_it_exists() -> None:
    without = [
        path.relative_to(ROOT).as_posix()
        for path in sources("config", "crawlers", "worker")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert without == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "common", "base", "manager", "helpers", "helper", "misc", "core"}
    assert [path.name for path in sources("config", "crawlers", "worker", "tests") if path.stem in nothing] == []


def families() -> set[str]:
    """Modules that read a family's or a site's pages."""
    return {path.stem for folder in ("cms", "sites") for path in (ROOT / "crawlers" / folder).glob("*.py")} - {
        "__init__"
    }


def test_every_family_module_is_registered_and_every_registered_family_is_a_module() -> None:
    portal = next(iter(load_portals().values())).model_copy(update={"family": "nobody"})
    with pytest.raises(ConfigError) as refusal:
        registry.page_key(portal, portal.url)
    _, _, known = str(refusal.value).partition("known: ")
    assert set(known.split(", ")) == families()


def test_every_portal_has_a_family_that_is_registered() -> None:
    assert {portal.family for portal in load_portals().values()} <= families()


def test_a_portal_is_named_by_its_file_and_nothing_else_lies_there() -> None:
    assert set(load_portals()) == {path.stem for path in BUILT_IN.glob("*.toml")}
    assert {path.suffix for path in BUILT_IN.iterdir() if path.is_file()} <= {".toml", ".py"}


def test_cases_are_named_after_portals_and_families() -> None:
    folders = {path.name for path in (ROOT / "tests" / "cases").iterdir() if path.is_dir()}
    assert folders <= set(load_portals()) | families() | {"generic", "text"}


def test_every_family_has_a_case() -> None:
    folders = {path.name for path in (ROOT / "tests" / "cases").iterdir() if path.is_dir()}
    assert families() - folders == set()
