"""Builds the Celery app: the muscle. Every option that is not Celery's default has its reason here."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Literal

from celery import Celery, signals
from celery.beat import EmbeddedService, Scheduler
from celery.exceptions import SecurityWarning
from celery.worker import state
from kombu import Queue

from config.settings import Settings
from worker import broker, channel, logs, tasks
from worker.letters import QUEUE_OF, QUEUES
from worker.watchdog import Watchdog, messages_wait, watching


def build(
    settings: Settings,
    url: str,
    tick_seconds: float = 5.0,
    read: Callable[[int], int] | None = None,
    beat: Literal["tick", "tend"] = "tick",
) -> Celery:
    """The app for the broker at `url`, its four queues and its beat, which ticks every `tick_seconds`.

    `read` reads a batch of pages somewhere else than in the worker's own pool. A beat that only tends opens no runs.
    """
    channel.use()
    app = Celery("gongbao", broker=broker.celery_url(url), set_as_current=False)
    app.conf.update(
        # JSON only: a pickle from the broker would run code.
        task_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        # The ledger is the result.
        task_ignore_result=True,
        result_backend=None,
        # A pulse whose worker died runs again a few times and not in a hot loop; the ledger would manage without.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_retry_on_worker_lost=True,
        task_annotations={"*": {"max_retries": 2, "default_retry_delay": 5}},
        task_acks_on_failure=True,
        task_acks_on_timeout=True,
        # Pulses end by themselves long before; the hard limit is for a parser that cannot be interrupted.
        task_soft_time_limit=60,
        task_time_limit=75,
        task_default_queue="discover",
        task_queues=[Queue(name) for name in QUEUES],
        task_routes={f"gongbao.{pulse}": {"queue": queue} for pulse, queue in QUEUE_OF.items()},
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=500,
        worker_max_memory_per_child=400_000,  # KiB; stops a slow leak, not a bomb
        # Off, a worker goes deaf for good after a short broker outage; what is commanded is refused below.
        worker_enable_remote_control=True,
        worker_soft_shutdown_timeout=8.0,
        worker_enable_soft_shutdown_on_idle=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A frozen broker must not hold up whoever sends a pulse.
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5},
        broker_transport_options={
            "visibility_timeout": 600,  # longer than any pulse with its retries
            "unacked_restore_interval": 5,  # kombu's defaults look only every 100 s
            "unacked_restore_throttle": 1,
            "socket_timeout": 15,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "global_keyprefix": broker.PREFIX,
        },
        beat_schedule={
            "tick": {
                "task": f"gongbao.{beat}",
                "schedule": tick_seconds,
                "options": {"expires": max(tick_seconds, 1.0)},  # ticks that nobody took do not pile up
            }
        },
        beat_max_loop_interval=max(tick_seconds / 2, 0.25),
        timezone="Asia/Shanghai",
    )
    signals.setup_logging.connect(lambda **_: logs.configure(settings.log_level), weak=False)
    tasks.register(app, settings, url, read)
    return app


def run_worker(app: Celery, queues: list[str], concurrency: int, pool: str, url: str | None = None) -> int:
    """Work these queues until told to stop; returns the exit status.

    With the broker's `url`, a watchdog ends the process should it go deaf; whoever runs it starts it again.
    """
    warnings.simplefilter("ignore", SecurityWarning)  # of running as root, where a pickle could run code: none is read
    worker = app.Worker(
        queues=queues,
        hostname=_node_name(queues),
        concurrency=concurrency,
        pool=pool,
        without_gossip=True,
        without_mingle=True,
        quiet=True,
        loglevel=None,
        task_events=False,
    )
    with _unheard(), _watched(url, queues) if url else nullcontext():
        worker.start()
    return int(worker.exitcode or 0)


def _node_name(queues: Sequence[str]) -> str:
    """What Celery's remote control calls this worker: its queues and its process, for two of one name answer as one.

    Containers number their processes alike, but each has a host name of its own.
    """
    return f"{'-'.join(queues)}.{os.getpid()}@{socket.gethostname()}"


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep Celery's words about its shutdown off stdout, where whoever asked for JSON reads objects."""
    stdout, sys.__stdout__ = sys.__stdout__, None  # type: ignore[misc]  # where it writes, whatever stdout is now
    try:
        yield
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]


@contextmanager
def _watched(url: str, queues: list[str]) -> Iterator[None]:
    dog = Watchdog(lambda: messages_wait(url, queues), lambda: bool(state.reserved_requests))

    def heard(**_: object) -> None:
        dog.heard()

    signals.task_received.connect(heard)
    try:
        with watching(dog):
            yield
    finally:
        signals.task_received.disconnect(heard)


def stop_worker() -> None:
    """Ask the worker of this process to end as soon as its loop comes round; callable from any thread."""
    state.should_stop = 0  # type: ignore[assignment]  # None until somebody says so, then an exit status


@contextmanager
def beat_in_thread(app: Celery) -> Iterator[None]:
    """Tick from a thread for the length of the block; the schedule is in memory, since a tick has no past."""
    beat = EmbeddedService(app, thread=True, scheduler_cls=Scheduler)
    beat.start()  # type: ignore[union-attr]  # a thread, as asked
    try:
        yield
    finally:
        beat.stop()


def run_beat(app: Celery) -> None:
    """Tick until told to stop."""
    app.Beat(scheduler="celery.beat:Scheduler", quiet=True).run()
