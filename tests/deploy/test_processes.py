"""Each command line of compose.yaml and of the units, run outside a container with its arguments and environment.

What only exists in a deployment is replaced: names of hosts, folders and the one port. What the image does not install
is hidden from the processes.
"""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import Engine

from tests.deploy import running
from tests.deploy.recipes import GONGBAO, Recipe, adapted, compose, in_compose, in_units
from tests.deploy.running import Process, until
from worker.broker import PREFIX
from worker.ledger import library
from worker.ledger.engine import open_engine
from worker.replica.server import Replica, serve
from worker.replica.site import World
from worker.replica.truth import truth

WORLD = World(20)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    with running.broker(tmp_path) as url:
        yield url


@pytest.fixture
def replica() -> Iterator[Replica]:
    with serve(WORLD) as server:
        yield server


@pytest.mark.postgres
@pytest.mark.slow
def test_what_the_compose_file_starts_ingests_every_page_and_ends_softly(
    tmp_path: Path, broker: str, replica: Replica, postgres_server: str
) -> None:
    with running.empty_database(postgres_server) as database:
        values = {
            "redis://broker:6379/0": broker,
            "postgresql://gongbao@database/gongbao": database,
            "/data": str(tmp_path / "home"),
            "/portals": str(tmp_path / "portals"),
            "0.0.0.0:8000": f"127.0.0.1:{running.free_port()}",
        }
        recipes = [adapted(recipe, values, **_outside(tmp_path, replica)) for recipe in in_compose()]
        for folder in ("home", "portals"):
            (tmp_path / folder).mkdir()  # volumes
        _see_them_work(recipes, tmp_path, broker, database, _health_checks(values))


@pytest.mark.slow
def test_what_the_units_start_ingests_every_page_and_ends_softly(tmp_path: Path, broker: str, replica: Replica) -> None:
    home = tmp_path / "home"
    values = {"/var/lib/gongbao": str(home), "127.0.0.1:8000": f"127.0.0.1:{running.free_port()}"}
    here = _outside(tmp_path, replica) | {"GONGBAO_BROKER_URL": broker}  # as an operator's gongbao.env names it
    recipes = [adapted(recipe, values, **here) for recipe in in_units()]
    _see_them_work(recipes, tmp_path, broker, f"sqlite:///{home / 'gongbao.sqlite3'}", {})


def _outside(folder: Path, replica: Replica) -> dict[str, str]:
    """What a process needs to be run by a test: the replica for the portals, and nothing that the image lacks."""
    return {
        "GONGBAO_CONNECT_TO": f"127.0.0.1:{replica.port}",
        "GONGBAO_DELAY": "0",
        "PYTHONPATH": running.only_the_image(folder),
    }


def _see_them_work(
    recipes: list[Recipe], folder: Path, broker: str, database: str, checks: Mapping[str, list[str]]
) -> None:
    migrate, *others = recipes
    assert _status(migrate.argv, migrate, folder) == 0
    ledger = open_engine(database)
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(recipe, folder)) for recipe in others]
        for process in processes:
            until(lambda process=process: _ready(process, broker), *processes)
        until(lambda: _published(broker) == _expected_events(), *processes)
        failed = [recipe.name for recipe in others if _status(checks.get(recipe.name, ["/bin/true"]), recipe, folder)]
        for process in processes:
            process.terminate()
        ends = {process.recipe.name: process.wait(process.recipe.grace) for process in processes}
    stored = _stored(ledger)
    ledger.dispose()
    assert failed == []
    assert ends == dict.fromkeys(ends, 0)
    assert stored == {page.content_hash for page in truth(WORLD, 1) if page.content_hash}


def _ready(process: Process, broker: str) -> bool:
    """Whether it does what it is for: a worker listens, beat has ticked, the web answers."""
    argv = process.recipe.argv
    if "worker" in argv:
        return process.said("ready.")
    if "beat" in argv:
        with redis.Redis.from_url(broker) as client:
            return bool(client.exists(f"{PREFIX}discover", f"{PREFIX}unacked")) or _published(broker) > 0
    try:
        with urllib.request.urlopen(f"http://{argv[argv.index('--bind') + 1]}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _health_checks(values: Mapping[str, str]) -> dict[str, list[str]]:
    """The check of every service that has one of its own, else the image's."""
    image = [GONGBAO, "reports", "list", "--limit", "1", "--json"]
    checks = {}
    for name, service in compose()["services"].items():
        test = service.get("healthcheck", {}).get("test", ["CMD", *image])
        port = values["0.0.0.0:8000"].rpartition(":")[2]
        checks[name] = [part.replace(":8000/", f":{port}/") for part in test[1:]]
    return checks


def _status(argv: list[str], recipe: Recipe, folder: Path) -> int:
    """How a command ends that is run beside a process, in its environment."""
    env = {"PATH": str(Path(GONGBAO).parent)} | recipe.env
    return subprocess.run(argv, env=env, cwd=folder, capture_output=True, timeout=60, check=False).returncode


def _published(broker: str) -> int:
    with redis.Redis.from_url(broker) as client:
        return int(client.xlen("gongbao:events"))


def _expected_events() -> int:
    """One event for each new report and one for each sighting of a known one."""
    return sum(page.outcome in ("new", "duplicate") for page in truth(WORLD, 1))


def _stored(ledger: Engine) -> set[Any]:
    return {report["content_hash"] for report in library.every(ledger)}
