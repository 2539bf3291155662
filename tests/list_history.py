"""A list as a portal keeps it over weeks: rows come, come late, move, vanish and return, also while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

from config.portal import Column
from crawlers.models import Listing, Request
from worker.ledger.history import Mark
from worker.walk import CHINA, Sight, Walk, advance, begin, row_mark

Order = Literal["recency", "date", "none"]
PAGE = 8
FIRST_DAY = date(2025, 1, 1)
OVERLAP = 10


@dataclass
class Row:
    """One row: when it appeared (a running number), and the day it shows, None for none."""

    key: str
    appeared: int
    day: date | None
    pinned: bool = False
    title: str = ""

    def request(self) -> Request:
        day = self.day.isoformat() if self.day else None
        return Request(url=f"https://a.example/{self.key}", title=self.title, date=day, pinned=self.pinned)


@dataclass
class PortalList:
    """The list of one column; `today` goes on between runs. `removals` counts rows that went while somebody read."""

    order: Order
    chance: Random
    today: date = FIRST_DAY
    rows: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    serial: int = 0
    removals: int = 0

    def publish(self, days_ago: int = 0, *, undated: bool = False) -> None:
        """A row appears, perhaps with a day that is past."""
        self.serial += 1
        day = None if undated else self.today - timedelta(days=days_ago)
        self.rows.append(Row(f"r{self.serial}", self.serial, day, title=f"row {self.serial}"))

    def remove(self) -> None:
        """A row vanishes."""
        if len(self.rows) > 3 * PAGE:
            self.gone.append(self.rows.pop(self.chance.randrange(len(self.rows))))
            self.removals += 1

    def restore(self) -> None:
        """A row that had vanished is back where it was."""
        if self.gone:
            self.rows.append(self.gone.pop(self.chance.randrange(len(self.gone))))

    def reorder(self) -> None:
        """A row gets another day inside the overlap, or a list without an order is shuffled."""
        if self.order == "none":
            self.chance.shuffle(self.rows)
            return
        row = self.chance.choice(self.rows)
        if row.day and (self.today - row.day).days < OVERLAP - 1:
            row.day = self.today - timedelta(days=self.chance.randrange(OVERLAP - 1))

    def pin(self) -> None:
        """An old row is put on top, another one is put back."""
        for row in self.rows:
            row.pinned = False
        self.chance.choice(self.rows).pinned = True

    def shown(self) -> list[Row]:
        """All rows as the portal sorts them, the pinned one first."""
        rows = list(self.rows)
        if self.order == "date":
            rows.sort(key=lambda row: (row.day or self.today, row.appeared), reverse=True)
        if self.order == "recency":
            rows.sort(key=lambda row: row.appeared, reverse=True)
        return sorted(rows, key=lambda row: not row.pinned)

    def page(self, number: int) -> tuple[list[Row], bool]:
        """The rows of a page, from 0, and whether there is another behind it."""
        rows = self.shown()
        return rows[number * PAGE : (number + 1) * PAGE], len(rows) > (number + 1) * PAGE


def live(column: PortalList, chance: Random) -> None:
    """What happens to a list in some hours."""
    for _ in range(chance.choice((0, 1, 2, 3, 12))):
        column.publish(undated=column.order == "recency" and chance.random() < 0.2)
    if chance.random() < 0.5:
        column.publish(days_ago=chance.randrange(1, OVERLAP - 1))
    if chance.random() < 0.1:
        for _ in range(PAGE + 3):
            column.publish(days_ago=OVERLAP - 2 if column.order == "date" else 300)
    for happens, odds in ((column.remove, 0.3), (column.restore, 0.2), (column.reorder, 0.3), (column.pin, 0.1)):
        if chance.random() < odds:
            happens()


def stir(column: PortalList, chance: Random) -> None:
    """What may happen to a list between two page reads."""
    if chance.random() < 0.15:
        column.publish()
    if chance.random() < 0.1:
        column.publish(days_ago=chance.randrange(1, OVERLAP - 1))
    if chance.random() < 0.04:
        column.remove()


@dataclass
class Reader:
    """Discovery as it is, with a ledger in memory: what is known since when, and the day of the last whole walk."""

    column: Column
    known: dict[str, Mark] = field(default_factory=dict)
    walked_at: float | None = None
    reads: int = 0

    def run(self, listed: PortalList, chance: Random, *, breaks_after: int | None = None) -> Iterator[str | None]:
        """One run, a page at a time with changes in between; the last thing yielded is how it went (None is well)."""
        walk: Walk | None = begin(self.column, 1, walked_at=self.walked_at, since=None, revisit=False, limit=None)
        number, read = 0, 0
        while walk is not None:
            if breaks_after is not None and read >= breaks_after:
                yield "broken off"
                return
            rows, more = listed.page(number)
            step = advance(walk, self.column, _listing(rows, more), _named(rows), self._sight(listed.today))
            for found in step.found:
                self.known[found.key] = Mark(
                    key=found.key, row_mark=row_mark(found.request), first_seen_at=self._clock(listed), state="live"
                )
            if step.error:
                yield step.error
                return
            number = 0 if walk.phase == "walk" and step.walk is not None and step.next is None else number + 1
            walk, read, self.reads = step.walk, read + 1, self.reads + 1
            if walk is not None:
                stir(listed, chance)
        self.walked_at = self._clock(listed)
        yield None

    @property
    def walked(self) -> date | None:
        """The day of the last whole walk."""
        return None if self.walked_at is None else datetime.fromtimestamp(self.walked_at, CHINA).date()

    def _clock(self, listed: PortalList) -> float:
        """Noon of the day, and a second for each page that was read so far."""
        return seconds(listed.today) + self.reads

    def _sight(self, today: date) -> Sight:
        return Sight(known=dict(self.known), today=today)


@dataclass
class NaiveReader:
    """The usual rule: from the top until `enough` rows in a row were known."""

    enough: int = 3
    known: set[str] = field(default_factory=set)

    def run(self, listed: PortalList, chance: Random) -> None:
        number, met, more = 0, 0, True
        while more:
            rows, more = listed.page(number)
            for row in rows:
                met = met + 1 if row.key in self.known else 0
                if met >= self.enough:
                    return
                self.known.add(row.key)
            number += 1
            stir(listed, chance)


def seconds(day: date) -> float:
    """Noon of a day, China time, as seconds since 1970."""
    return (day - date(1970, 1, 1)).days * 86400.0 + 4 * 3600


def _listing(rows: list[Row], more: bool) -> Listing:
    following = Request(url="https://a.example/list?page=next") if more else None
    return Listing(items=tuple(row.request() for row in rows), next=following)


def _named(rows: list[Row]) -> list[tuple[str, Request]]:
    return [(row.key, row.request()) for row in rows]
