"""Measures what the page on scale in deploy/README.md rests on: a crawl of many hosts by the deployed processes.

`python -m tests.deploy.scale --hosts 200 --pages 20000` prints the figures as JSON. The portals are simulated on
loopback and answer at once, so that the figure for pages a second is that of this machine, not of politeness. Where
what was stored is not what the portals published, it prints all that the ledger knows of the difference, and fails.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import redis
from pydantic import BaseModel
from sqlalchemy import Connection, Engine, func, select, text

from config.portal import BUILT_IN, Portal, load_portals
from tests import databases
from tests.deploy import evidence, running
from tests.deploy.recipes import adapted, in_compose
from tests.deploy.running import Process
from worker.broker import PREFIX
from worker.ledger import library, schedule
from worker.ledger.engine import open_engine
from worker.ledger.schema import outbox, runs
from worker.letters import QUEUES
from worker.publish import STREAM
from worker.replica.server import serve
from worker.replica.site import World
from worker.replica.truth import truth

PLAYED = ("heilongjiang-sft", "harbin-pingfang", "dalian-sfj", "tahe")  # whose lists go as deep as they are long
STREAM_CAP = 1000
_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_SECONDS = 1.0


class Sample(BaseModel):
    """The broker at one moment: bytes in use, bytes and entries of the stream, waiting pulses, the longest of them."""

    seconds: float
    used: int
    stream: int
    entries: int
    pulses: int
    longest: int

    @property
    def rest(self) -> int:
        """What is not the stream."""
        return self.used - self.stream


class Figures(BaseModel):
    """What was measured. `cpu` and `memory` are by process: seconds a thousand pages, and MiB at most."""

    hosts: int
    pages: int
    seconds: float
    pages_a_second: float
    requests: int
    runs: dict[str, int]
    errors: list[str]
    warnings: dict[str, int]
    cpu_seconds_a_thousand: dict[str, float]
    memory_mib: dict[str, float]
    broker_rest_first_mib: float
    broker_rest_most_mib: float
    broker_rest_last_mib: float
    bytes_an_event: int
    most_pulses_waiting: int
    longest_payload: int
    database_bytes_a_page: int
    tables_bytes_a_page: dict[str, int]
    archive_bytes_a_page: int
    archive_blocks_a_page: int
    html_bytes_a_page: int


class Crawl(BaseModel):
    """The figures, the hashes that were stored, and what is known of each page that was not stored as it should be."""

    figures: Figures
    hashes: set[str]
    evidence: list[dict[str, Any]]


def portals(folder: Path, hosts: int) -> list[Portal]:
    """So many portals on hosts of their own, as TOML in `folder`, each made after a built-in one."""
    for number in range(hosts):
        name = PLAYED[number % len(PLAYED)]
        facts = (BUILT_IN / f"{name}.toml").read_text()
        host = load_portals()[name].host
        (folder / f"{name}-{number:05}.toml").write_text(facts.replace(host, f"p{number:05}.{host}"))
    return [portal for portal in load_portals(folder).values() if portal.name not in load_portals()]


def measure(server: str, folder: Path, hosts: int, pages: int) -> tuple[Crawl, World]:
    """Crawl `pages` pages on `hosts` hosts with what compose.yaml starts, on the PostgreSQL at `server`."""
    for name in ("home", "portals", "only"):
        (folder / name).mkdir()
    world = World(pages, 1, [*load_portals().values(), *portals(folder / "portals", hosts - len(load_portals()))])
    with (
        running.empty_database(server) as database,
        running.broker(folder) as broker,
        serve(world) as replica,
        _processes(folder, broker, database, replica.port) as processes,
    ):
        ledger = open_engine(database)
        started = time.monotonic()
        with _sampling(broker) as samples:
            _wait(ledger, hosts, processes)
        seconds = time.monotonic() - started
        cpu = {process.recipe.name: _cpu(process.pid) for process in processes}
        with ledger.begin() as connection:
            figures = Figures(
                hosts=hosts,
                pages=pages,
                seconds=round(seconds, 1),
                pages_a_second=round(pages / seconds, 1),
                requests=len(replica.requests),
                **_of_runs(connection, processes),
                cpu_seconds_a_thousand={name: round(1000 * used / pages, 2) for name, used in cpu.items()},
                memory_mib={process.recipe.name: _memory(process.pid) for process in processes},
                **_of_broker(broker, samples),
                **_of_database(connection, pages),
                **_of_archive(folder / "home" / "archive", pages),
            )
            hashes = {str(report["content_hash"]) for report in library.every(ledger)}
            said = [line for process in processes for line in process.lines]
            difference = evidence.of_difference(connection, truth(world, 1), said)
        ledger.dispose()
    return Crawl(figures=figures, hashes=hashes, evidence=difference), world


@contextmanager
def _processes(folder: Path, broker: str, database: str, port: int) -> Iterator[list[Process]]:
    values = {
        "redis://broker:6379/0": broker,
        "postgresql://gongbao@database/gongbao": database,
        "/data": str(folder / "home"),
        "/portals": str(folder / "portals"),
        "0.0.0.0:8000": f"127.0.0.1:{running.free_port()}",
    }
    env = {
        "GONGBAO_CONNECT_TO": f"127.0.0.1:{port}",
        "GONGBAO_DELAY": "0",
        "GONGBAO_STREAM_CAP": str(STREAM_CAP),
        "GONGBAO_LOG_LEVEL": "warning",
        "PYTHONPATH": running.only_the_image(folder / "only"),
    }
    migrate, *others = [adapted(recipe, values, **env) for recipe in in_compose()]
    with ExitStack() as stack:
        with Process(migrate, folder) as process:
            assert process.wait(running.SECONDS) == 0, process.lines
        processes = [stack.enter_context(Process(recipe, folder)) for recipe in others]
        yield processes
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(process.recipe.grace)


def _wait(ledger: Engine, hosts: int, processes: list[Process]) -> None:
    """Until every portal has had a good run, no page waits and every event is on the stream.

    A run that failed is asked for again. A page that was put off waits past its run, so good runs alone are no end.
    """
    done: set[str] = set()
    while len(done) < hosts:
        time.sleep(_EVERY_SECONDS)
        for process in processes:
            assert process.running, (process.recipe.name, process.lines[-20:])
        with ledger.begin() as connection:
            last = dict(
                tuple(row) for row in connection.execute(select(runs.c.portal, runs.c.state).order_by(runs.c.id))
            )
            waits = connection.execute(select(func.count()).where(outbox.c.sent_at.is_(None))).scalar_one()
            waits += evidence.left(connection)
            bad = [portal for portal, state in last.items() if state in ("failed", "short")]
            schedule.ask_all(connection, bad, schedule.BY_HAND)
        done = set() if waits else {portal for portal, state in last.items() if state == "done"}


@contextmanager
def _sampling(broker: str) -> Iterator[list[Sample]]:
    samples: list[Sample] = []
    stop = threading.Event()

    def sample() -> None:
        began = time.monotonic()
        with redis.Redis.from_url(broker) as client:
            while not stop.wait(_EVERY_SECONDS):
                samples.append(_sample(client, time.monotonic() - began))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        stop.set()
        thread.join(30)


def _sample(client: Any, seconds: float) -> Sample:
    waiting = [message for queue in QUEUES for message in client.lrange(f"{PREFIX}{queue}", 0, 100)]
    return Sample(
        seconds=seconds,
        used=client.info("memory")["used_memory"],
        stream=client.memory_usage(STREAM, samples=0) or 0,
        entries=client.xlen(STREAM),
        pulses=sum(client.llen(f"{PREFIX}{queue}") for queue in QUEUES),
        longest=max(map(len, waiting), default=0),
    )


def _of_broker(broker: str, samples: list[Sample]) -> dict[str, Any]:
    with redis.Redis.from_url(broker) as client:
        last = _sample(client, 0)
    settled = samples[len(samples) // 10 :]  # the first tenth is connecting and filling the stream
    return {
        "broker_rest_first_mib": _mib(next(iter(settled)).rest),
        "broker_rest_most_mib": _mib(max(sample.rest for sample in settled)),
        "broker_rest_last_mib": _mib(settled[-1].rest),
        "bytes_an_event": last.stream // max(last.entries, 1),
        "most_pulses_waiting": max(sample.pulses for sample in samples),
        "longest_payload": max(sample.longest for sample in samples),
    }


def _of_runs(connection: Connection, processes: list[Process]) -> dict[str, Any]:
    states = connection.execute(select(runs.c.state, func.count()).group_by(runs.c.state)).all()
    errors = connection.execute(select(runs.c.portal, runs.c.error).where(runs.c.error.is_not(None))).all()
    said = Counter(json.loads(line)["event"] for each in processes for line in each.lines if line.startswith("{"))
    return {
        "runs": dict(tuple(row) for row in states),
        "errors": [f"{row.portal}: {row.error}" for row in errors[:20]],
        "warnings": dict(said),
    }


def _of_database(connection: Connection, pages: int) -> dict[str, Any]:
    connection.execute(text("ANALYZE"))
    sizes = text("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = :of")
    public = connection.execute(text("SELECT 'public'::regnamespace::oid")).scalar_one()
    tables = {name: int(size) // pages for name, size in connection.execute(sizes, {"of": public})}
    whole = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    shown = sorted(((name, size) for name, size in tables.items() if size), key=lambda pair: -pair[1])
    return {"database_bytes_a_page": whole // pages, "tables_bytes_a_page": dict(shown)}


def _of_archive(folder: Path, pages: int) -> dict[str, Any]:
    files = list(folder.rglob("*.gz"))
    some = files[:: max(1, len(files) // 500)]
    return {
        "archive_bytes_a_page": sum(path.stat().st_size for path in files) // pages,
        "archive_blocks_a_page": sum(path.stat().st_blocks * 512 for path in files) // pages,
        "html_bytes_a_page": sum(len(gzip.decompress(path.read_bytes())) for path in some) // max(len(some), 1),
    }


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _cpu(pid: int) -> float:
    """Seconds of processor that a process has used, its children, living and gone, included."""
    used = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        mine, gone = fields[11:13], fields[13:15]
        used += sum(map(int, mine + gone))
    return used / _TICKS


def _memory(pid: int) -> float:
    """MiB that a process and its children have had in memory at most, shared pages counted in each."""
    peaks = [
        int(line.split()[1])
        for one in _family(pid)
        for line in Path(f"/proc/{one}/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    ]
    return round(sum(peaks) / 1024, 1)


def _mib(size: int) -> float:
    return round(size / 2**20, 2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=20_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gongbao-scale-") as folder, databases.postgres_server() as server:
        crawl, _ = measure(server, Path(folder), chosen.hosts, chosen.pages)
    sys.stdout.write(json.dumps(crawl.figures.model_dump(), indent=2) + "\n")
    if crawl.evidence:
        sys.exit(json.dumps(crawl.evidence, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
