"""A command that is stopped says so by its exit status, and prints nothing but its objects even then."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack import SECONDS, command, environment, gongbao
from worker.replica.server import Replica, serve
from worker.replica.site import World

pytestmark = pytest.mark.slow


@pytest.fixture
def replica() -> Iterator[Replica]:
    """Portals so slow that no run is over before it is stopped."""
    with serve(World(20), delay=0.4) as served:
        yield served


def stopped(arguments: list[str], env: dict[str, str], when: Callable[[str], bool]) -> tuple[int, str, str]:
    """Start it, press Ctrl-C at the first line on stderr for which `when` holds; its status, stdout and last stderr."""
    with subprocess.Popen(
        command(arguments), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stderr is not None
            assert any(when(line) for line in child.stderr)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=SECONDS)
        finally:
            child.kill()
    return child.returncode, out, err


def test_a_run_that_is_stopped_prints_nothing_but_objects(tmp_path: Path, replica: Replica) -> None:
    env = environment(tmp_path / "home", replica)
    status, out, err = stopped(["run", "--json", "--bind", "127.0.0.1:0"], env, lambda line: "list.read" in line)
    assert (status, "Traceback" in err) == (0, False)
    assert [sorted(json.loads(line)) for line in out.splitlines()] == [["url"]]


def test_one_run_that_is_broken_off_is_not_done_and_the_next_one_goes_on(tmp_path: Path, replica: Replica) -> None:
    env = environment(tmp_path / "home", replica)
    status, out, err = stopped(["run", "--once", "tahe", "--json"], env, lambda line: "list.read" in line)
    assert status == 130, err
    assert [json.loads(line)["state"] for line in out.splitlines()] == ["running"]
    assert err.splitlines()[-1] == "gongbao: broken off at tahe; the next run goes on there"
    [done] = gongbao("run", "--once", "tahe", "--json", env=env).lines
    assert (done["state"], sum(done["outcomes"].values())) == ("done", 4)
