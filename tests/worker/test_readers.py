"""The reading child: it answers, it is replaced when it is killed, and it ends with its input."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Settings, load_settings
from crawlers.models import Request
from worker.deps import Deps, open_deps
from worker.files import read_file
from worker.ledger import frontier
from worker.ledger.frontier import Archived, Priority, Wanted
from worker.ledger.schema import visits
from worker.readers import reader

TEXT = (
    "甲县2024年法治政府建设情况报告\n\n来源:甲县司法局 时间:2025-02-28\n\n" + "2024年，甲县扎实推进法治政府建设。" * 12
)


@pytest.fixture
def deps(tmp_path: Path) -> Deps:
    return open_deps(Settings(home=tmp_path / "home"))


def bring(deps: Deps, folder: Path, name: str) -> None:
    """Put a page on the frontier as if it had been fetched."""
    path = folder / f"{name}.txt"
    path.write_text(TEXT + name, encoding="utf-8")
    url = path.as_uri()
    raw = read_file(path, url)
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=raw.fetched_at.timestamp())
    row = Wanted(
        portal="", key=url, lane="", kind="report", priority=Priority.NEW, request=Request(url=url), run_id=None
    )
    with deps.ledger.begin() as connection:
        frontier.bring(connection, row, archived)


def outcomes(deps: Deps) -> list[str]:
    with deps.ledger.begin() as connection:
        return list(connection.execute(select(visits.c.outcome)).scalars())


def child_of(read: Callable[[int], int]) -> int:
    """The process id of the child behind a reading function."""
    process = read.__self__._process  # type: ignore[attr-defined]  # there is no other way to a child to kill
    assert process is not None
    return int(process.pid)


def test_the_child_reads_what_was_fetched_and_says_how_many_pages(deps: Deps, tmp_path: Path) -> None:
    bring(deps, tmp_path, "a")
    bring(deps, tmp_path, "b")
    with reader(deps.settings) as read:
        assert read(10) == 2
        assert read(10) == 0
    assert outcomes(deps) == ["new", "new"]


def test_a_killed_child_is_replaced(deps: Deps, tmp_path: Path) -> None:
    with reader(deps.settings) as read:
        assert read(10) == 0
        os.kill(child_of(read), signal.SIGKILL)
        bring(deps, tmp_path, "a")
        counts = [read(10), read(10)]
    assert 1 in counts
    assert outcomes(deps) == ["new"]


def test_the_child_ends_with_its_input(deps: Deps) -> None:
    with reader(deps.settings) as read:
        read(1)
        pid = child_of(read)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_setting_that_a_file_holds_reaches_the_child_once(
    deps: Deps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("a" * 20, encoding="utf-8")
    monkeypatch.setenv("GONGBAO_READ_TOKEN_FILE", str(tmp_path / "token"))
    bring(deps, tmp_path, "a")
    with reader(load_settings({**os.environ, "GONGBAO_HOME": str(deps.settings.home)}, None)) as read:
        assert read(10) == 1
    assert outcomes(deps) == ["new"]
