"""Many workers on one ledger store what one process would have stored alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, select

from config.portal import load_portals
from tests.faults.stack import stack
from tests.faults.valkey import Valkey
from tests.stack import deps_of
from worker.broker import PREFIX
from worker.crawl import crawl
from worker.ledger.schema import reports
from worker.replica.server import serve
from worker.replica.site import World


def hashes(ledger: Engine) -> set[str]:
    """The content hashes that a ledger knows."""
    with ledger.begin() as connection:
        return set(connection.execute(select(reports.c.content_hash)).scalars())


@pytest.mark.slow
def test_workers_of_one_machine_have_names_of_their_own(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path
) -> None:
    with stack(tmp_path, sqlite_database, broker_server, World(10)) as running:
        workers = [running.worker("discover,collect"), running.worker("discover,collect"), running.worker("publish")]
        until, names = time.monotonic() + 60, set()
        with redis.Redis.from_url(broker_server.url) as client:
            while len(names) < 3 and time.monotonic() < until:
                time.sleep(0.2)
                bound = client.smembers(f"{PREFIX}_kombu.binding.celery.pidbox")
                names = {binding.rpartition(b"\x16")[2].decode().partition("@")[0] for binding in bound}
        pids = {int(name.rpartition(".")[2]) for name in names}
    assert pids == {worker.pid for worker in workers}


@pytest.mark.postgres
@pytest.mark.slow
def test_two_workers_and_one_postgres_ingest_the_same_hashes_as_one_inline_crawl(
    postgres_database: str, broker_server: Valkey, tmp_path: Path
) -> None:
    world = World(60)
    with serve(world) as replica:
        inline = deps_of(tmp_path / "inline", replica)
        crawl(inline, list(load_portals()))
        alone = hashes(inline.ledger)
        inline.ledger.dispose()
    home = tmp_path / "workers"
    home.mkdir()
    with stack(home, postgres_database, broker_server, world) as running:
        running.beat(1.0)
        running.worker("discover,collect")
        running.worker("process,publish")
        running.settle()
        running.check()
        assert hashes(running.ledger) == alone
