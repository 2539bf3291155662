"""What one pulse of each verb does: work from the ledger for a while, then pulse whoever has work because of it.

A pulse says "there may be work of this kind" and carries nothing. A lost one costs a tick, a doubled one finds
nothing to claim, and no more wait in a queue than there are slots for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from config.settings import Settings
from worker import broker
from worker.collect import collect
from worker.crawl import close_runs
from worker.deliver import deliver
from worker.deps import Deps
from worker.discover import open_runs, revisit
from worker.lanes import free_lanes_of_the_dead
from worker.ledger import clock, fetching, frontier, outbox, retention, subscriptions
from worker.ledger.frontier import EVERYTHING
from worker.letters import QUEUE_OF
from worker.process import process
from worker.publish import Stream, lags, publish
from worker.retention import forget
from worker.similar import flag
from worker.troubles import Troubles, require_room

log = structlog.get_logger()

SECONDS = 20.0
BATCH = 16
SLOTS = 2
MOST_RUNS = 200  # opened by one tick, which has more to do; the next one goes on
FORGET_SECONDS = 60.0
DELIVER_SECONDS = 10.0


class PageTooHeavy(Exception):
    """A page needed more memory than there is. A MemoryError that escaped a task would end the whole worker."""


class Pulses:
    """The verbs as pulses.

    `deps` are opened when first needed. `send` puts a pulse of that name on its queue. `read` reads a batch of pages
    elsewhere and returns how many it claimed; without it they are read here.
    """

    def __init__(
        self,
        deps: Callable[[], Deps],
        settings: Settings,
        url: str,
        send: Callable[[str], None],
        read: Callable[[int], int] | None = None,
    ) -> None:
        self._deps = deps
        self._read = read or (lambda limit: process(deps(), limit))
        self._url = url
        self._send = send
        self._home = settings.home
        self._backlog = settings.backlog
        self._troubles = Troubles()
        self._forget_at = 0.0  # of time.monotonic
        self._stream = Stream(url=url, cap=settings.stream_cap, bodies=settings.event_body)

    def tick(self) -> None:
        """Open what is due, close what is over, and pulse whatever has work waiting."""
        with self._troubles.waited_out("tick"):
            deps = self._deps()
            self._mend_clock(deps)
            open_runs(deps, most=MOST_RUNS)
            revisit(deps)
            self._tend(deps)

    def tend(self) -> None:
        """The same for somebody who has opened the runs that he wants, and wants no other."""
        with self._troubles.waited_out("tend"):
            deps = self._deps()
            self._mend_clock(deps)
            self._tend(deps)

    def collect(self) -> None:
        """Fetch what is due."""
        with self._troubles.waited_out("collect"):
            require_room(self._home)
            if asyncio.run(collect(self._deps(), SECONDS, on_collected=lambda: self._pulse("process"))):
                self._pulse_all()

    def process(self) -> None:
        """Read what was fetched."""
        with self._troubles.waited_out("process"):
            require_room(self._home)
            if self._read_for_a_while():
                close_runs(self._deps())
                self._pulse_all()
            flag(self._deps())

    def publish(self) -> None:
        """Relay the outbox."""
        with self._troubles.waited_out("publish"):
            publish(self._deps().ledger, self._stream)

    def deliver(self) -> None:
        """Tell subscribers of events."""
        with self._troubles.waited_out("deliver"):
            asyncio.run(deliver(self._deps(), DELIVER_SECONDS))

    def _tend(self, deps: Deps) -> None:
        left_behind = free_lanes_of_the_dead(deps)
        close_runs(deps)
        self._pulse_all()
        if left_behind:
            self._pulse("collect")
        if self._stream_lags(deps):
            self._pulse("publish")
        flag(deps)
        self._forget(deps)

    def _stream_lags(self, deps: Deps) -> bool:
        """Whether events that had been told are missing on the stream; they need not wait for the next one."""
        with deps.ledger.begin() as connection:
            sent = outbox.last_sent(connection)
        return sent > 0 and lags(self._url, sent)

    def _forget(self, deps: Deps) -> None:
        """Now and then: there is little to forget at each tick, and looking costs as much as removing."""
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_SECONDS
            if sum(forget(deps, self._url).values()) >= retention.BATCH:
                self._forget_at = 0.0  # there is more

    def _mend_clock(self, deps: Deps) -> None:
        with deps.ledger.begin() as connection:
            back = clock.mend(connection)
        if back:
            log.warning("clock.mended", seconds=round(back, 1))

    def _read_for_a_while(self) -> int:
        until, count = time.monotonic() + SECONDS, 0
        try:
            while time.monotonic() < until and (read := self._read(BATCH)):
                count += read
        except MemoryError as error:
            raise PageTooHeavy from error
        return count

    def _pulse(self, verb: str) -> None:
        waiting = broker.depth(self._url, f"{broker.PREFIX}{QUEUE_OF[verb]}")
        if waiting is not None and waiting < SLOTS:
            self._send(verb)

    def _pulse_all(self) -> None:
        """One pulse for every verb that has something to do."""
        with self._deps().ledger.begin() as connection:
            room = fetching.with_room(connection, EVERYTHING, self._backlog)
            waits = {
                "collect": bool(fetching.due_lanes(connection, 1, room)),
                "process": frontier.depth(connection).get("collected", 0) > 0,
                "publish": outbox.unsent(connection) > 0,
                "deliver": subscriptions.waiting(connection),
            }
        for verb, something in waits.items():
            if something:
                self._pulse(verb)
