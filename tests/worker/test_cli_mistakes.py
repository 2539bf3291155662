"""A user's mistake, or trouble outside, is one line that says what to do, and never a traceback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from tests import texts
from tests.databases import postgres_database, sqlite_copy
from tests.stack import Done, environment, quick
from worker.ledger.engine import open_engine
from worker.ledger.migrate import HEAD

PORTAL = """
title = "某局"
{family} = "plain"
url = "https://some.example.gov.cn"
[[columns]]
name = "报告"
{address} = "https://some.example.gov.cn/list.html"
"""


class Mistake(NamedTuple):
    """What was typed, what was set, how it ends and what the line must say. `{here}` is the test's folder."""

    arguments: tuple[str, ...]
    said: tuple[str, ...]
    status: int = 2
    settings: tuple[tuple[str, str], ...] = ()


MISTAKES = {
    "unknown portal": Mistake(("crawl", "heilongjiang"), ("no portal is called", "did you mean heilongjiang-sft?")),
    "unknown portal for a run": Mistake(("run", "--once", "tahee"), ("did you mean tahe?",)),
    "unknown portal for a file": Mistake(("extract", "{here}/a.txt", "--portal", "nobody"), ("known: dalian-sfj",)),
    "misspelt key": Mistake(
        ("portals", "list"), ("bad-key.toml", "famly", "did you mean family?"), 2, (("portals", "{here}/misspelt"),)
    ),
    "misspelt key of a column": Mistake(
        ("portals", "list"), ("bad-column.toml", "uri", "did you mean url?"), 2, (("portals", "{here}/column"),)
    ),
    "unknown family": Mistake(
        ("extract", "{here}/a.txt"), ("no family is called plan", "known: empire"), 2, (("portals", "{here}/family"),)
    ),
    "a selector that is none": Mistake(
        ("portals", "list"), ("selectors.title", "h1[[", "no CSS selector"), 2, (("portals", "{here}/selector"),)
    ),
    "no folder of portals": Mistake(("portals", "list"), ("GONGBAO_PORTALS",), 2, (("portals", "{here}/none"),)),
    "no TOML": Mistake(("portals", "list"), ("broken.toml",), 2, (("portals", "{here}/broken"),)),
    "misspelt setting": Mistake(("settings",), ("GONGBAO_HOM;", "did you mean GONGBAO_HOME?"), 2, (("hom", "x"),)),
    "a delay against real portals": Mistake(("settings",), ("GONGBAO_CONNECT_TO",), 2, (("delay", "0"),)),
    "a replica that is not on loopback": Mistake(("settings",), ("loopback",), 2, (("connect_to", "10.0.0.1:80"),)),
    "a value that does not fit": Mistake(("settings",), ("GONGBAO_STREAM_CAP",), 2, (("stream_cap", "many"),)),
    "unreadable database path": Mistake(
        ("status",),
        ("cannot open the database", "GONGBAO_DATABASE_URL"),
        2,
        (("database_url", "sqlite:////proc/no/x"),),
    ),
    "a database that is none": Mistake(
        ("status",), ("cannot open the database",), 2, (("database_url", "sqlite:///{here}/a.txt"),)
    ),
    "no database URL": Mistake(("status",), ("GONGBAO_DATABASE_URL", "sqlite:///"), 2, (("database_url", "nonsense"),)),
    "another database": Mistake(
        ("status",), ("GONGBAO_DATABASE_URL", "or postgresql://"), 2, (("database_url", "mysql://h/d"),)
    ),
    "a PostgreSQL that is not there": Mistake(
        ("status",), ("cannot open the database",), 2, (("database_url", "postgresql://u:secret@127.0.0.1:1/d"),)
    ),
    "a home that is a file": Mistake(("status",), ("GONGBAO_HOME",), 2, (("home", "{here}/a.txt"),)),
    "broker that does not answer a run": Mistake(
        ("run", "--once"), ("does not answer", "GONGBAO_BROKER_URL"), 2, (("broker_url", "redis://:pw@127.0.0.1:1/0"),)
    ),
    "broker that does not answer a worker": Mistake(
        ("worker",), ("does not answer",), 2, (("broker_url", "unix://{here}/none.sock"),)
    ),
    "no broker URL": Mistake(("beat",), ("GONGBAO_BROKER_URL", "redis://"), 2, (("broker_url", "nonsense"),)),
    "no embedded broker to work for": Mistake(("worker",), ("does not answer",)),
    "unknown queue": Mistake(("worker", "--queues", "proces"), ("no queue is called proces", "process")),
    "no queue": Mistake(("worker", "--queues", ","), ("no queue is named", "process")),
    "a port that is none": Mistake(("replica", "--port", "99999"), ("--port",)),
    "a port below zero": Mistake(("replica", "--port", "-1"), ("--port",)),
    "--url with two files": Mistake(
        ("extract", "{here}/a.txt", "{here}/b.txt", "--url", "https://www.gszfw.gov.cn/Show/1"), ("--url", "one file")
    ),
    "--url with two files to ingest": Mistake(
        ("ingest", "{here}/a.txt", "{here}/b.txt", "--url", "https://www.gszfw.gov.cn/Show/1"), ("--url", "one file")
    ),
    "--url for an address": Mistake(
        ("extract", "https://www.gszfw.gov.cn/Show/2", "--url", "https://www.gszfw.gov.cn/Show/1"), ("--url is for a",)
    ),
    "--url that is no address": Mistake(("extract", "{here}/a.txt", "--url", "gszfw"), ("--url gszfw",)),
    "--url of another portal": Mistake(
        ("ingest", "{here}/a.txt", "--portal", "tahe", "--url", "https://www.gszfw.gov.cn/Show/1"), ("is not on tahe",)
    ),
    "--url without an end": Mistake(("extract", "{here}/a.txt", "--url", "http://[bad"), ("--url http://[bad",)),
    "--url without a host": Mistake(("ingest", "{here}/a.txt", "--url", "http://"), ("--url http://",)),
    "bad --since": Mistake(("crawl", "--since", "yesterday"), ("--since yesterday", "2025-03-01")),
    "bad --since of reports": Mistake(("reports", "list", "--since", "2025-13-01"), ("--since", "2025-03-01")),
    "address of nobody": Mistake(("ingest", "https://www.example.org/1"), ("configured portal",)),
    "no such report": Mistake(("reports", "show", "r0"), ("no report is called r0",)),
    "a name that would move the cursor": Mistake(("reports", "show", "\x1b[2Jr0"), ("is called  [2Jr0",)),
    "nothing known of an address": Mistake(("why", "https://www.example.org/1"), ("nothing is known",)),
    "reports of an unknown portal": Mistake(("reports", "list", "--portal", "taeh"), ("did you mean tahe?",)),
    "export of an unknown portal": Mistake(("reports", "export", "--portal", "nobody"), ("no portal is called",)),
    "no such kind of event": Mistake(
        ("subscriptions", "add", "https://hooks.example.com/g", "--kind", "report.nwe"), ("report.nwe", "report.new")
    ),
    "export to an unknown form": Mistake(("reports", "export", "--to", "{here}/x.doc"), (".jsonl, .csv or .parquet",)),
    "dry run over a ledger that is none": Mistake(
        ("crawl", "--dry-run", "tahe"), ("cannot copy the ledger", "GONGBAO_HOME"), 2, (("home", "{here}/no-ledger"),)
    ),
    "dry run on PostgreSQL": Mistake(
        ("crawl", "--dry-run"), ("--dry-run",), 2, (("database_url", "sqlite:///{here}/other.sqlite3"),)
    ),
    "a seed that is no number": Mistake(("replica", "--reports", "10", "--seed", "x"), ("--seed",)),
}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two texts and three kinds of bad portals."""
    folder = tmp_path_factory.mktemp("mistakes")
    for number, name in enumerate(("a.txt", "b.txt")):
        (folder / name).write_text(texts.text(number), encoding="utf-8")
    (folder / "no-ledger").mkdir()
    (folder / "no-ledger" / "gongbao.sqlite3").write_text(texts.text(1), encoding="utf-8")
    for name, file, content in (
        ("misspelt", "bad-key.toml", PORTAL.format(family="famly", address="url")),
        ("column", "bad-column.toml", PORTAL.format(family="family", address="uri")),
        ("broken", "broken.toml", "title = "),
        ("family", "some.toml", PORTAL.format(family="family", address="url").replace("plain", "plan")),
        ("selector", "some.toml", 'selectors.title = "h1[["' + PORTAL.format(family="family", address="url")),
    ):
        (folder / name).mkdir()
        (folder / name / file).write_text(content, encoding="utf-8")
    return folder


def commit(mistake: Mistake, here: Path, home: Path) -> Done:
    arguments = [argument.format(here=here) for argument in mistake.arguments]
    settings = {name: value.format(here=here) for name, value in mistake.settings}
    return quick(*arguments, env=environment(home) | {f"GONGBAO_{k.upper()}": v for k, v in settings.items()})


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_line(mistake: Mistake, here: Path, tmp_path: Path) -> None:
    done = commit(mistake, here, tmp_path / "home")
    assert "Traceback" not in done.err
    assert done.status == mistake.status, done.err
    assert not [word for word in mistake.said if word not in done.err], done.err
    if "Usage:" not in done.err:
        [line] = done.err.splitlines()
        assert line.startswith("gongbao: ")
    assert "secret" not in done.err
    assert ":pw@" not in done.err


@pytest.mark.parametrize("command", ["extract", "listing", "ingest"])
def test_a_file_that_cannot_be_read_has_its_line_and_the_others_are_done(
    command: str, here: Path, tmp_path: Path
) -> None:
    names = (here / "none.txt", here / "a.txt", here)
    done = quick(command, "--json", *names, env=environment(tmp_path / "home"))
    assert done.status == 1
    assert [line["file"] for line in done.lines] == [str(name) for name in names]
    assert [line.get("reason") == "unreadable" for line in done.lines] == [True, False, True]
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", ["extract", "listing", "ingest"])
@pytest.mark.parametrize("address", ["http://[bad", "https://", "http://a.gov.cn:x/", "http://a.gov.cn:99999/"])
def test_an_address_that_is_none_has_its_line_and_the_others_are_done(
    command: str, address: str, here: Path, tmp_path: Path
) -> None:
    done = quick(command, "--json", address, here / "a.txt", env=environment(tmp_path / "home"))
    assert done.status == 1, done.err
    first, second = done.lines
    assert (first["url"], first["outcome"], first["reason"]) == (address, "failed", "unreadable")
    assert "outcome" not in second or second["outcome"] == "new"


def test_an_address_of_nobody_has_its_line_and_the_others_are_taken_in(here: Path, tmp_path: Path) -> None:
    names = (here / "a.txt", "https://www.example.org/1", here / "b.txt")
    done = quick("ingest", "--json", *names, env=environment(tmp_path / "home"))
    assert done.status == 2
    assert [line["outcome"] for line in done.lines] == ["new", "failed", "new"]
    assert "configured portal" in done.lines[1]["error"]


def test_an_unknown_portal_is_told_before_anything_is_taken_in(here: Path, tmp_path: Path) -> None:
    done = quick("ingest", "--json", here / "a.txt", "--portal", "nobody", env=environment(tmp_path / "home"))
    assert (done.status, done.out) == (2, "")


def test_a_scheme_in_capitals_is_one(tmp_path: Path) -> None:
    done = quick("extract", "--json", "HTTP://127.0.0.1/", env=environment(tmp_path / "home"))
    [line] = done.lines
    assert (line["url"], line["outcome"]) == ("HTTP://127.0.0.1/", "blocked")


def test_a_worker_refuses_a_database_that_was_not_migrated(here: Path, tmp_path: Path, valkey: str) -> None:
    done = quick("worker", env=environment(tmp_path / "home", broker_url=valkey))
    assert done.status == 2
    assert "run gongbao migrate" in done.err


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("crawl", "tahe"),
    ("ingest", "{here}/a.txt"),
    ("reports", "list"),
    ("why", "https://www.example.gov.cn/"),
    ("pause", "tahe"),
    ("trigger", "tahe"),
    ("requeue",),
    ("tail", "--no-follow"),
    ("subscriptions", "list"),
    ("serve", "--bind", "127.0.0.1:0"),
)


def set_version(database: str, version: str) -> None:
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    engine.dispose()


def version_of(database: str) -> str:
    engine = open_engine(database)
    with engine.begin() as connection:
        found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    engine.dispose()
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("version", "said"), [("0001", "run gongbao migrate"), ("9999", "made by a newer Gongbao")])
def test_no_command_works_on_or_changes_another_schema_in_a_database_that_was_named(
    command: tuple[str, ...], version: str, said: str, here: Path, tmp_path: Path, sqlite_template: Path
) -> None:
    database = sqlite_copy(sqlite_template, tmp_path)
    set_version(database, version)
    arguments = [argument.format(here=here) for argument in command]
    done = quick(*arguments, env=environment(tmp_path / "home", database_url=database))
    [line] = done.err.splitlines()
    assert (done.status, said in line) == (2, True), done.err
    assert version_of(database) == version


@pytest.mark.postgres
def test_a_newer_status_does_not_migrate_a_production_database(tmp_path: Path, postgres_server: str) -> None:
    with postgres_database(postgres_server) as database:
        set_version(database, "0001")
        done = quick("status", env=environment(tmp_path / "home", database_url=database))
        assert (done.status, "run gongbao migrate" in done.err) == (2, True)
        assert version_of(database) == "0001"


def test_a_ledger_of_our_own_in_the_data_folder_is_made_by_the_command_that_needs_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert quick("status", env=environment(home)).status == 0
    assert version_of(f"sqlite:///{home / 'gongbao.sqlite3'}") == HEAD


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def test_a_port_that_is_taken_is_told(tmp_path: Path, taken: int) -> None:
    done = quick("replica", "--port", taken, env=environment(tmp_path / "home"))
    assert done.status == 2
    assert f"cannot listen on port {taken}" in done.err
