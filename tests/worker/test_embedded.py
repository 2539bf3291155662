"""The embedded system: a broker that starts and ends with the block, private, one for a home; when a run is over."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from config.portal import ConfigError
from config.settings import Settings
from worker import broker, embedded


def pid_of(url: str) -> int:
    with broker.client(url) as server:
        return int(server.info("server")["process_id"])  # type: ignore[index]


def test_a_server_lives_as_long_as_the_block(tmp_path: Path) -> None:
    with broker.embedded(Settings(home=tmp_path)) as url:
        assert broker.answers(url)
        pid = pid_of(url)
    assert not broker.answers(url)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_that_runs_for_this_home_is_used_and_left_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with broker.embedded(settings) as url:
        with broker.embedded(settings) as again:
            assert pid_of(again) == pid_of(url)
        assert broker.answers(url)


def test_a_socket_that_a_dead_server_left_is_no_obstacle(tmp_path: Path) -> None:
    path = broker.socket_path(tmp_path)
    path.parent.mkdir(parents=True)
    path.touch()
    with broker.embedded(Settings(home=tmp_path)) as url:
        assert broker.answers(url)


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with broker.embedded(settings) as url, broker.client(url) as server:
        server.set("k", "v")
    with broker.embedded(settings) as url, broker.client(url) as server:
        assert server.get("k") == "v"


def test_nobody_else_may_use_the_socket(tmp_path: Path) -> None:
    with broker.embedded(Settings(home=tmp_path)) as url:
        mode = Path(url.removeprefix("unix://")).stat().st_mode
    assert stat.S_IMODE(mode) == 0o700


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    path = broker.socket_path(home)
    assert len(os.fsencode(path)) < 108
    assert path != broker.socket_path(tmp_path / ("else" * 30))
    with broker.embedded(Settings(home=home)) as url:
        assert broker.answers(url)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_operators_broker_is_used_and_has_to_answer(tmp_path: Path, valkey: str) -> None:
    with broker.embedded(Settings(home=tmp_path, broker_url=valkey)) as url:
        assert url == valkey
    assert broker.answers(valkey)
    away = Settings(home=tmp_path, broker_url=f"unix://{tmp_path / 'none.sock'}")
    with pytest.raises(ConfigError, match="does not answer"), broker.embedded(away):
        pass


def test_a_ledger_that_is_away_for_a_while_does_not_keep_a_run_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, ends = ["away", "running", "over"], []

    def over() -> bool:
        answer = answers.pop(0)
        if answer == "away":
            raise OperationalError("SELECT", None, Exception("database is locked"))
        return answer == "over"

    monkeypatch.setattr(embedded, "stop_worker", lambda: ends.append("stopped"))
    embedded._watch(over, threading.Event())
    assert (answers, ends) == ([], ["stopped"])
