"""Commands that are processes: worker, beat, replica; and migrate."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from config.portal import ConfigError
from worker.cli import output
from worker.cli.output import Json

Silent = Annotated[bool, typer.Option("--json", help="Nothing is printed in any case; the log is JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (worker, beat, migrate, replica):
        app.command()(command)


def worker(
    queues: Annotated[
        str, typer.Option(help="Comma-separated: discover, collect, process, publish.")
    ] = "discover,collect,process,publish",
    concurrency: Annotated[int, typer.Option(min=1, help="How many pulses at once.")] = 2,
    json: Silent = False,
) -> None:
    """Work queues of the broker until told to stop. Pages are read in child processes with enforced time limits."""
    # SIGTERM ends softly: what runs gets eight seconds, then goes back to the queue. Read when Celery is imported.
    os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")
    from worker import broker
    from worker.app import build, run_worker
    from worker.deps import open_deps
    from worker.letters import QUEUES

    settings = output.set_up()
    names = [name.strip() for name in queues.split(",") if name.strip()]
    if not names:
        raise ConfigError(f"no queue is named; the queues are {', '.join(QUEUES)}")
    for name in names:
        if name not in QUEUES:
            raise ConfigError(f"no queue is called {name}; the queues are {', '.join(QUEUES)}")
    url = broker.url_of(settings)
    broker.require(url)
    open_deps(settings, upgrade=False).ledger.dispose()
    pool = "prefork" if "process" in names else "threads"
    raise typer.Exit(run_worker(build(settings, url), names, concurrency, pool, url))


def beat(
    seconds: Annotated[float, typer.Option(min=0.5, help="Seconds between ticks.")] = 5.0,
    json: Silent = False,
) -> None:
    """Tick: open the runs that are due. Two at once do no harm."""
    from worker import broker
    from worker.app import build, run_beat

    settings = output.set_up()
    url = broker.url_of(settings)
    broker.require(url)
    run_beat(build(settings, url, seconds))


def migrate(json: Json = False) -> None:
    """Bring the database to this version's schema."""
    from worker.deps import make_home
    from worker.ledger.engine import open_engine
    from worker.ledger.migrate import HEAD
    from worker.ledger.migrate import migrate as bring

    settings = output.set_up()
    if settings.database_url is None:
        make_home(settings)
    changed = bring(open_engine(settings.database))
    if json:
        output.line({"schema": HEAD, "changed": changed})
    else:
        output.say(f"the database {'now has' if changed else 'had'} schema {HEAD}")


def replica(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Loopback port to listen on; 0 takes a free one.")] = 0,
    reports: Annotated[int, typer.Option(min=10, help="How many reports in all.")] = 40,
    seed: Annotated[int, typer.Option(help="What the texts are made from.")] = 1,
    delay: Annotated[float, typer.Option(min=0, help="Seconds that every answer takes longer.")] = 0.0,
    phase: Annotated[int, typer.Option(min=1, max=2, help="The portals before (1) or after (2) their changes.")] = 1,
    truth: Annotated[
        bool, typer.Option("--truth", help="Serve nothing; print how a right crawl ends, a line a page.")
    ] = False,
    json: Json = False,
) -> None:
    """Serve a replica of the five portals on loopback, by Host header."""
    from worker.replica.server import serve
    from worker.replica.site import Phase, World
    from worker.replica.truth import truth as truth_of

    output.set_up()
    try:
        world = World(reports, seed)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    chosen: Phase = 2 if phase == 2 else 1
    if truth:
        for page in truth_of(world, chosen):
            output.line(page.model_dump(mode="json"))
        return
    try:
        server = serve(world, port=port, delay=delay, phase=chosen)
    except OSError as error:
        raise ConfigError(f"cannot listen on port {port}: {error.strerror}; choose another --port") from error
    with server:
        if json:
            output.line({"port": server.port, "phase": chosen, "portals": [portal.name for portal in world.portals]})
        else:
            output.say(f"replica, phase {chosen}; crawl it with GONGBAO_CONNECT_TO=127.0.0.1:{server.port}")
        server.wait()
