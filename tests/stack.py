"""Starts what tests need for real: settings, ledger, archive, replica, broker, and the program itself as a child."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.portal import Portal
from config.settings import Settings
from tests import fork
from worker.archive import Archive
from worker.deps import Deps, open_deps
from worker.ledger.engine import open_engine
from worker.replica.server import Replica

SECONDS = 120  # a child that takes longer hangs
_FORKS = multiprocessing.get_context("forkserver")  # has imported the program once, for children that begin at once
_FORKS.set_forkserver_preload(["worker.cli", "worker.deps", "worker.ingest", "worker.crawl", "worker.visit"])


def settings_of(home: Path, replica: Replica | None = None, **chosen: Any) -> Settings:
    """Settings with this data folder, and with every fetch sent to `replica` without a delay, if one is given."""
    if replica is not None:
        chosen = {"connect_to": f"127.0.0.1:{replica.port}", "delay": 0.0, **chosen}
    return Settings(home=home, **chosen)


def deps_of(home: Path, replica: Replica | None = None, **chosen: Any) -> Deps:
    """Everything opened in that data folder; the test disposes of `ledger`."""
    return open_deps(settings_of(home, replica, **chosen))


def deps_on(database: str, home: Path, portals: Mapping[str, Portal], **chosen: Any) -> Deps:
    """Deps over a database that is migrated already, with portals of the test's own."""
    settings = settings_of(home, **chosen)
    return Deps(settings, portals, open_engine(database), Archive(home / "archive"))


def environment(home: Path, replica: Replica | None = None, **chosen: object) -> dict[str, str]:
    """The environment of a child: nobody else's GONGBAO_*, this home, this replica, and `GONGBAO_<CHOSEN>`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GONGBAO_")}
    mine = {"GONGBAO_HOME": str(home)}
    if replica is not None:
        mine |= {"GONGBAO_CONNECT_TO": f"127.0.0.1:{replica.port}", "GONGBAO_DELAY": "0"}
    return {**kept, **mine, **{f"GONGBAO_{name.upper()}": str(value) for name, value in chosen.items()}}


class Done:
    """A command that has ended: its status, what it printed, and its JSON lines."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def command(arguments: Sequence[object]) -> list[str]:
    """The program's command line."""
    return [sys.executable, "-m", "worker", *map(str, arguments)]


def gongbao(*arguments: object, env: Mapping[str, str]) -> Done:
    """Run the program to its end, as a user would."""
    done = subprocess.run(
        command(arguments), env=dict(env), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def quick(*arguments: object, env: Mapping[str, str]) -> Done:
    """The same in a fork that has the program imported already: for commands that start no process of their own."""
    with tempfile.TemporaryDirectory(prefix="gongbao-cli-") as folder:
        said = Path(folder)
        for name in ("out", "err"):
            (said / name).touch()
        child = _FORKS.Process(target=fork.run, args=([str(argument) for argument in arguments], dict(env), said))
        child.start()
        child.join(SECONDS)
        if child.exitcode is None:
            child.kill()
            child.join()
        return Done(
            child.exitcode if child.exitcode is not None else -1,
            (said / "out").read_text(encoding="utf-8"),
            (said / "err").read_text(encoding="utf-8"),
        )
