"""What the fault tests break: a broker of their own and a PostgreSQL ledger; and the figures that they measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh ledger on SQLite."""
    return databases.sqlite_copy(sqlite_template, tmp_path)


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh ledger on PostgreSQL."""
    with databases.postgres_database(postgres_server) as url:
        yield url


@pytest.fixture
def postgres_ledger(postgres_database: str) -> Iterator[Engine]:
    """A fresh ledger on PostgreSQL, for what only it can get wrong."""
    engine = open_engine(postgres_database)
    yield engine
    engine.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured; figures are reported and not asserted, since machines differ."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    measured = [report for report in reports if report.when == "call" and report.user_properties]
    if measured:
        terminalreporter.section("measured under faults")
    for report in measured:
        figures = ", ".join(f"{name} {value}" for name, value in report.user_properties)
        terminalreporter.line(f"{report.nodeid.rpartition('::')[2]}: {figures}")
