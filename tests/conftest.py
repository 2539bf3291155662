"""Fixtures that several test modules share; each ends what it started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine

from config.settings import Settings
from tests import databases
from worker import broker
from worker.ledger.engine import open_engine

# No test asserts seconds, and on a machine that others use an example may take any time.
hypothesis_settings.register_profile("gongbao", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("gongbao")

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with databases.sqlite_template(tmp_path_factory.mktemp("template")) as path:
        yield path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with databases.postgres_server() as url:
        yield url


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; a test that takes this runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield databases.sqlite_copy(sqlite_template, tmp_path)
        return
    with databases.postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def ledger(database: str) -> Iterator[Engine]:
    """A fresh ledger on either database."""
    engine = open_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_ledger(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh ledger on SQLite, for tests that do not depend on the database."""
    engine = open_engine(databases.sqlite_copy(sqlite_template, tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server that lives as long as the tests of this process."""
    with broker.embedded(Settings(home=tmp_path_factory.mktemp("valkey"))) as url:
        yield url


@pytest.fixture
def server(valkey: str) -> Iterator[redis.Redis]:
    """A client of an empty server."""
    with broker.client(valkey) as client:
        client.flushall()
        yield client
