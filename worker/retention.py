"""Forgets what nobody needs any more, a little at each tick, so that the ledger grows with its reports alone."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from config.settings import Settings
from worker.deps import Deps
from worker.ledger import outbox, retention
from worker.publish import first_needed

log = structlog.get_logger()

SECONDS = 1.0  # of a tick
_DAY = 86400.0


def forget(deps: Deps, url: str, seconds: float = SECONDS) -> dict[str, int]:
    """Remove old events, visits and runs as the settings say, for about so long; returns how many rows of each.

    While the broker at `url` is away, or its stream lacks something, nobody knows what its consumers need, and no event
    is forgotten.
    """
    until, done = time.monotonic() + seconds, {}
    for name, batch in _batches(deps, deps.settings, url):
        count = 0
        while time.monotonic() < until:
            with deps.ledger.begin() as connection:
                removed = batch(connection)
            count += removed
            if removed < retention.BATCH:
                break
        done[name] = count
    if any(done.values()):
        log.info("history.forgotten", **done)
    return done


def _batches(deps: Deps, settings: Settings, url: str) -> list[tuple[str, Callable[[Connection], int]]]:
    """What is to be done, by name; a setting of 0 days means never."""
    batches: list[tuple[str, Callable[[Connection], int]]] = []
    if settings.history_days:
        age = settings.history_days * _DAY
        batches.append(("visits", lambda connection: retention.forget_visits(connection, age)))
        batches.append(("runs", lambda connection: retention.forget_runs(connection, age)))
    if settings.event_days:
        with deps.ledger.begin() as connection:
            sent = outbox.last_sent(connection)
        needed = first_needed(url, sent) if sent else None
        if needed is not None:
            kept = settings.event_days * _DAY
            batches.append(("events", lambda connection: retention.forget_events(connection, kept, needed)))
    return batches
