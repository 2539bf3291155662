"""A long run leaves nothing behind on the broker and does not grow in the workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stack import children_of, stack
from tests.faults.valkey import Valkey
from worker import broker
from worker.publish import STREAM
from worker.replica.site import World

Note = Callable[[str, object], None]
PAGES = 20_000
MOST_GROWTH = 512 << 10  # bytes on the broker, its own bookkeeping included
_EVERY_SECONDS = 5.0


def used(server: Valkey) -> int:
    """Bytes that the broker holds for anything but the stream of events, whose size is the operator's choice."""
    with broker.client(server.url) as client:
        memory: Any = client.info("memory")
        stream: Any = client.memory_usage(STREAM, samples=0)
    return int(memory["used_memory_dataset"]) - int(stream or 0)


def resident(pid: int) -> int:
    """A process's resident memory in MiB; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmRSS")), 0)


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_the_broker_stays_flat_over_twenty_thousand_pages(
    postgres_database: str, broker_server: Valkey, tmp_path: Path, record_property: Note
) -> None:
    bytes_used: list[int] = []
    heaviest: list[int] = []
    with stack(tmp_path, postgres_database, broker_server, World(PAGES)) as running:
        running.environment |= {"GONGBAO_EVENT_BODY": "false", "GONGBAO_STREAM_CAP": "1000"}
        running.beat()
        workers = [running.worker("discover,collect,publish"), running.worker("process")]
        looked_at = started_at = time.monotonic()

        def look() -> None:
            nonlocal looked_at
            if time.monotonic() - looked_at < _EVERY_SECONDS:
                return
            looked_at = time.monotonic()
            bytes_used.append(used(broker_server))
            heaviest.append(max(resident(pid) for worker in workers for pid in (worker.pid, *children_of(worker))))

        running.settle(3000, each=look)
        seconds = time.monotonic() - started_at
        audit = running.audit()
    record_property("pages a second", f"{PAGES / seconds:.0f}")
    record_property("most bytes beside the stream", max(bytes_used))
    record_property("heaviest process", f"{max(heaviest)} MiB, {heaviest[len(heaviest) // 4]} after a quarter")
    assert not audit.stuck
    assert max(bytes_used) - min(bytes_used) < MOST_GROWTH
