"""Puts pages before the real reading child as if they had been fetched, and says how they ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from crawlers.models import RawPage, Request
from worker.deps import Deps
from worker.ledger import frontier
from worker.ledger.frontier import Archived, Priority, Wanted
from worker.ledger.schema import frontier as rows
from worker.ledger.schema import visits

URL = "https://dxalth.gov.cn/c1/"


def bring(deps: Deps, name: str, page: str) -> None:
    """Put a page on the frontier as if it had been fetched."""
    raw = RawPage(
        url=URL + name,
        body=page.encode(),
        headers=(("content-type", "text/html; charset=utf-8"),),
        fetched_at=datetime.now(UTC),
        portal="tahe",
    )
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=raw.fetched_at.timestamp())
    row = Wanted(
        portal="tahe", key=name, lane="", kind="report", priority=Priority.NEW, request=Request(url=URL + name)
    )
    with deps.ledger.begin() as connection:
        frontier.bring(connection, row, archived)


def ended(deps: Deps, name: str) -> tuple[str, str | None]:
    """How the last visit of a page ended."""
    query = select(visits.c.outcome, visits.c.reason).where(visits.c.key == name).order_by(visits.c.id.desc())
    with deps.ledger.begin() as connection:
        row = connection.execute(query.limit(1)).one()
    return row.outcome, row.reason


@dataclass
class Reading:
    """A reading child at work."""

    deps: Deps
    read: Callable[[int], int]

    @property
    def pid(self) -> int:
        process = self.read.__self__._process  # type: ignore[attr-defined]  # there is no other way to a child to kill
        return int(process.pid) if process else 0

    def all(self) -> None:
        """Read until nothing waits."""
        while self.read(16):
            pass

    def peak(self, what: str = "VmHWM") -> int:
        """The most memory that the child ever held, in bytes; `VmPeak` counts what it only asked for, too."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def starts(deps: Deps, name: str) -> int:
    """How often the reading of a page was begun."""
    with deps.ledger.begin() as connection:
        return int(connection.execute(select(rows.c.starts).where(rows.c.key == name)).scalar_one())
