"""Starts what tests need for real: settings, ledger, archive, replica, broker, and the program itself as a child."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.portal import Portal
from config.settings import Settings
from worker.archive import Archive
from worker.deps import Deps, open_deps
from worker.ledger.engine import open_engine
from worker.replica.server import Replica

SECONDS = 120  # a child that takes longer hangs


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

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.status = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def command(arguments: Sequence[object]) -> list[str]:
    """The program's command line."""
    return [sys.executable, "-m", "worker", *map(str, arguments)]


def gongbao(*arguments: object, env: Mapping[str, str], cwd: Path | None = None) -> Done:
    """Run the program to its end."""
    return Done(
        subprocess.run(
            command(arguments), env=dict(env), cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    )
