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
    """Events behind number `after`, oldest first; with `follow` it goes on for ever, else it ends with the last.

    The number is that of the stream and the API. By the order of their rows some would be missed: see outbox.number.
    """
    seen = 0
    while True:
        with ledger.begin() as connection:
            outbox.number(connection, _BATCH)
            found = outbox.after(connection, after, _BATCH)
        for event in found:
            yield event
            seen += 1
            if limit is not None and seen >= limit:
                return
            after = event.seq or after
        if len(found) < _BATCH:
            if not follow:
                return
            time.sleep(_POLL_SECONDS)
