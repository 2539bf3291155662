"""The demo shows the whole system and touches nothing of the operator's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.stack import SECONDS, command, environment


@pytest.mark.slow
def test_the_demo_leaves_the_ledger_alone_that_the_operators_env_file_names(tmp_path: Path) -> None:
    ledger = tmp_path / "mine.sqlite3"
    (tmp_path / ".env").write_text(f"GONGBAO_DATABASE_URL=sqlite:///{ledger}\n", encoding="utf-8")
    done = subprocess.run(
        command(["demo", "--json", "--reports", "10"]),
        env=environment(tmp_path / "home"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *_, last = done.stdout.splitlines()
    assert sum(sum(counts.values()) for counts in json.loads(last)["summary"].values()) == 20
    assert not ledger.exists()
