"""What the fault tests break: a broker of their own, and a PostgreSQL ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests import databases
from tests.faults.valkey import Valkey, valkey
from worker.ledger.engine import open_engine


@pytest.fixture
def broker_server() -> Iterator[Valkey]:
    """A running Valkey that the test may break."""
    with valkey() as server:
        yield server


@pytest.fixture
def postgres_ledger(postgres_server: str) -> Iterator[Engine]:
    """A fresh ledger on PostgreSQL, for what only it can get wrong."""
    with databases.postgres_database(postgres_server) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()
