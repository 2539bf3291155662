"""The schema: made once by however many at a time, the same as the tables say, and never an unknown one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from config.portal import ConfigError
from tests.conftest import BOTH
from tests.databases import postgres_database
from tests.together import at_once
from worker.ledger.engine import open_engine
from worker.ledger.migrate import HEAD, migrate
from worker.ledger.schema import metadata


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield engine
        engine.dispose()
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as url:
        administrator = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with administrator.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        administrator.dispose()
        engine = open_engine(url)
        yield engine
        engine.dispose()


def test_an_empty_database_is_brought_to_this_schema_once(empty: Engine) -> None:
    assert migrate(empty)
    assert not migrate(empty)


def test_many_at_once_migrate_once(empty: Engine) -> None:
    assert sorted(at_once(6, lambda: migrate(empty))) == [False] * 5 + [True]


def test_the_migrations_make_what_the_tables_say(ledger: Engine) -> None:
    with ledger.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    ours = [one for one in differences if "report_text" not in str(one)]
    assert ours == []


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_an_older_schema_is_brought_to_this_one_with_what_is_in_it(
    empty: Engine, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda settings, _head: upgrade(settings, version))
    assert migrate(empty)
    monkeypatch.undo()
    with empty.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == version
        connection.execute(text("INSERT INTO facts (name, value) VALUES ('kept', 'yes')"))
    assert migrate(empty)
    with empty.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        assert connection.execute(text("SELECT value FROM facts WHERE name = 'kept'")).scalar_one() == "yes"
    assert [one for one in differences if "report_text" not in str(one)] == []


def test_a_schema_of_a_newer_program_is_refused(ledger: Engine) -> None:
    with ledger.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="made by a newer Gongbao"):
        migrate(ledger)


def test_an_old_schema_is_refused_where_no_upgrade_is_wanted(empty: Engine) -> None:
    with pytest.raises(ConfigError, match=f"needs {HEAD}: run gongbao migrate"):
        migrate(empty, upgrade=False)
