"""A webhook that comes while something is away: kept and done later without the broker, refused without the store."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.faults.stack import Stack, stack
from tests.faults.valkey import Valkey
from tests.serving import SECRET, Service
from worker.replica.site import World
from worker.replica.truth import truth


def served(running: Stack) -> Service:
    """A `gongbao serve` beside the workers."""
    number = len(running.processes)
    running.start("serve", "--bind", "127.0.0.1:0", "--json", webhook_secrets=f"sender={SECRET}")
    said, until = running.home / f"{number}.log", time.monotonic() + 60
    while True:
        urls = [line for line in said.read_text(encoding="utf-8").splitlines() if line.startswith('{"url"')]
        if urls:
            return Service(int(json.loads(urls.pop())["url"].rpartition(":")[2]))
        assert time.monotonic() < until, running.logs()
        time.sleep(0.1)


@pytest.mark.slow
def test_a_webhook_without_a_broker_is_taken_at_once_and_done_when_the_broker_is_back(
    sqlite_database: str, broker_server: Valkey, tmp_path: Path
) -> None:
    world = World(10)
    page = next(page for page in truth(world, 1) if page.outcome == "new")
    with stack(tmp_path, sqlite_database, broker_server, world) as running:
        service = served(running)
        running.beat(1.0)
        running.worker()
        running.settle()
        broker_server.end()
        taken = service.ingest(page.url)
        assert (taken.status, service.get("/readyz").status) == (202, 503)
        assert [each["outcome"] for each in service.get(taken.json["status_url"]).json["urls"]] == ["queued"]
        broker_server.start()
        until = time.monotonic() + 90
        while not service.get(taken.json["status_url"]).json["done"]:
            running.revive()
            assert time.monotonic() < until, running.logs()
            time.sleep(0.2)
        assert [each["outcome"] for each in service.get(taken.json["status_url"]).json["urls"]] == ["unchanged"]


@contextmanager
def closed(database: str) -> Iterator[None]:
    """Nobody reaches this PostgreSQL database during the block, and who was in it is thrown out."""
    url = make_url(database)
    outside = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT")
    out = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    with outside.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS false'))
        connection.execute(out, {"name": url.database})
        try:
            yield
        finally:
            connection.execute(text(f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS true'))
    outside.dispose()


@pytest.mark.postgres
def test_a_webhook_without_a_store_is_told_when_to_come_back_and_then_taken(
    postgres_database: str, broker_server: Valkey, tmp_path: Path
) -> None:
    with stack(tmp_path, postgres_database, broker_server, World(10)) as running:
        service = served(running)
        assert service.ingest("https://clone.example.com/", message_id="before").status == 202
        with closed(postgres_database):
            refused = service.ingest("https://clone.example.com/", message_id="during")
            ready, alive = service.get("/readyz"), service.get("/healthz")
        taken = service.ingest("https://clone.example.com/", message_id="during")
    assert (refused.status, refused.headers["content-type"]) == (503, "application/problem+json")
    assert (refused.headers["retry-after"], refused.json["reason"]) == ("5", "ledger_away")
    assert (ready.status, ready.json["ledger"], alive.status) == (503, False, 200)
    assert taken.status == 202
