"""How one page ended: a closed set of values that users, events and logs share."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from crawlers.errors import Blocked, Gone, NotAReport, PageError, Unexpected
from crawlers.models import Value


class Outcome(StrEnum):
    """The ends of a page; the first five are decided by identity, the others by what was fetched."""

    NEW = "new"
    DUPLICATE = "duplicate"
    UNCHANGED = "unchanged"
    REVISED = "revised"
    MOVED = "moved"
    SKIPPED = "skipped"
    GONE = "gone"
    BLOCKED = "blocked"
    QUARANTINED = "quarantined"
    FAILED = "failed"


class Ended(Value):
    """One page's end. `reason` is one word where there is no report; `error` is for people.

    `event` names what was told to the outbox, None when nothing was.
    """

    portal: str | None
    url: str
    outcome: Outcome
    reason: str | None = None
    error: str | None = None
    report_id: str | None = None
    content_hash: str | None = None
    event: str | None = None


_OUTCOMES: dict[type[PageError], Outcome] = {
    Gone: Outcome.GONE,
    Blocked: Outcome.BLOCKED,
    NotAReport: Outcome.SKIPPED,
    Unexpected: Outcome.QUARANTINED,
}


def outcome_of(error: PageError) -> Outcome:
    """The end that an error means; what was only transient, or had nothing to do with the page, failed."""
    return _OUTCOMES.get(type(error), Outcome.FAILED)


OnEnd = Callable[[Ended], None]


def ignore(_ended: Ended) -> None:
    """Where nobody watches how pages end."""
