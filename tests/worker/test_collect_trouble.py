"""A store that goes away while pages are under way: every lane ends by itself, and the pulse says so once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.stack import deps_of
from worker import collect as collecting
from worker.collect import collect
from worker.deps import Deps
from worker.discover import open_runs
from worker.ledger import fetching
from worker.replica.server import serve
from worker.replica.site import World

AWAY = OperationalError("SELECT", {}, Exception("server closed the connection"))


@pytest.fixture
def deps(tmp_path: Path) -> Iterator[Deps]:
    with serve(World()) as replica:
        opened = deps_of(tmp_path / "home", replica)
        yield opened
        opened.ledger.dispose()


def test_lanes_under_way_end_before_the_failure_is_raised(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    open_runs(deps)
    lanes, begun, ended, unheard = fetching.due_lanes, [], [], []

    def once(*args: Any) -> list[str]:
        if begun:
            raise AWAY
        return lanes(*args)

    async def slowly(_: object, lane: object, __: object) -> None:
        begun.append(lane)
        await asyncio.sleep(0.6)  # longer than the collection waits before it looks for more lanes
        ended.append(lane)
        raise AWAY

    async def pulse() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        await collect(deps, 30)

    monkeypatch.setattr(fetching, "due_lanes", once)
    monkeypatch.setattr(collecting._Collection, "_fetch", slowly)
    with pytest.raises(OperationalError):
        asyncio.run(pulse())
    assert len(begun) > 1
    assert len(ended) == len(begun)
    assert unheard == []
