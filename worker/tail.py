"""Follows the events from the outbox, so that it also shows what no broker has been told yet."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import Engine

from worker.ledger import outbox
from worker.ledger.outbox import Event

_BATCH = 100
_POLL_SECONDS = 0.5


def events(ledger: Engine, *, after: int = 0, limit: int | None = None, follow: bool = True) -> Iterator[Event]:
    """Events behind number `after`, oldest first; with `follow` it goes on for ever, else it ends with the last."""
    seen = 0
    while True:
        with ledger.begin() as connection:
            found = outbox.written_after(connection, after, _BATCH)
        for event in found:
            yield event
            seen += 1
            if limit is not None and seen >= limit:
                return
            after = event.id
        if len(found) < _BATCH:
            if not follow:
                return
            time.sleep(_POLL_SECONDS)
