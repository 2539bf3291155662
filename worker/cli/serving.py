"""Commands that serve others and steer: serve, trigger, pause, resume, requeue."""

from __future__ import annotations

import signal
import sys
import time
from typing import Annotated, Any

import typer

from config.portal import choose
from worker.cli import output
from worker.cli.output import Json

Portals = Annotated[list[str] | None, typer.Argument(metavar="[PORTAL…]", help="Names of portals; all by default.")]
Bind = Annotated[str, typer.Option("--bind", metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")]
BIND = "127.0.0.1:8000"

_POLL_SECONDS = 0.5
_PATIENCE_SECONDS = 30.0


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (serve, trigger, pause, resume, requeue):
        app.command()(command)


def serve(bind: Bind = BIND, json: Json = False) -> None:
    """Serve webhook, API, feeds and status page; broker, database and home from the settings."""
    from worker import broker
    from worker.deps import open_deps
    from worker.web.server import Bound, banner, server

    settings = output.set_up()
    bound = Bound(bind)
    deps = open_deps(settings)
    serving = server(deps, settings, bound, broker.url_of(settings))
    said = banner(settings, bound)
    output.line({"url": bound.url}) if json else output.say(said)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the server ends by it in order, and then raises it again
    serving.run([bound.socket])


def trigger(
    portals: Portals = None,
    wait: Annotated[bool, typer.Option("--wait", help="Return when these runs are over.")] = False,
    json: Json = False,
) -> None:
    """Ask the workers for a run of these portals now. What asks twice before a run begins is one run."""
    from worker.deps import open_deps
    from worker.ledger import schedule

    deps = open_deps(output.set_up(quiet=True))
    names = [portal.name for portal in choose(dict(deps.portals), portals or [])]
    with deps.ledger.begin() as connection:
        schedule.enrol(connection, deps.portals.values())
        stand = schedule.standings(connection, [deps.portals[name] for name in names])
        before = {each.portal: each.last_run.id if each.last_run else 0 for each in stand}
        schedule.ask_all(connection, names, schedule.BY_HAND)
    if not wait:
        for name in names:
            output.line({"portal": name, "asked": True}) if json else output.say(f"{name}: asked for")
        return
    failed = [run for run in _wait(deps, before, json) if run.state == "failed"]
    if failed:
        raise typer.Exit(1)


def pause(portals: Portals = None, json: Json = False) -> None:
    """Run these portals no more by the clock, until they are resumed; whoever triggers one still gets its run."""
    _pause(portals, paused=True, json=json)


def resume(portals: Portals = None, json: Json = False) -> None:
    """Run these portals by the clock again."""
    _pause(portals, paused=False, json=json)


def requeue(
    portals: Portals = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch the pages again, too.")] = False,
    json: Json = False,
) -> None:
    """Read the pages again that were set aside because nobody could read them."""
    from worker.deps import open_deps
    from worker.ledger import frontier

    deps = open_deps(output.set_up(quiet=True))
    names = [portal.name for portal in choose(dict(deps.portals), portals or [])] if portals else []
    with deps.ledger.begin() as connection:
        count = frontier.requeue(connection, frontier.Scope(portals=tuple(names)), fetch=fetch)
    output.line({"requeued": count}) if json else output.say(f"{count} pages wait again")


def _pause(portals: list[str] | None, *, paused: bool, json: bool) -> None:
    from worker.deps import open_deps
    from worker.ledger import schedule

    deps = open_deps(output.set_up(quiet=True))
    names = [portal.name for portal in choose(dict(deps.portals), portals or [])]
    with deps.ledger.begin() as connection:
        schedule.enrol(connection, deps.portals.values())
        schedule.pause(connection, names, paused=paused)
    for name in names:
        if json:
            output.line({"portal": name, "paused": paused})
        else:
            output.say(f"{name}: {'paused' if paused else 'resumed'}")


def _wait(deps: Any, before: dict[str, int], json: bool) -> list[Any]:
    """Wait until a run that began after the asking is over, for each portal; returns how they went."""
    from worker.ledger import schedule

    left, runs, asked_at = dict(before), [], time.monotonic()
    while left:
        with deps.ledger.begin() as connection:
            stand = schedule.standings(connection, [deps.portals[name] for name in left])
        for name, run in [(each.portal, each.last_run) for each in stand]:
            if run is None or run.id <= left[name] or run.state == "running":
                continue
            del left[name]
            runs.append(run)
            said = {**run.model_dump(mode="json"), "started_at": output.utc(run.started_at)}
            counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.outcomes.items()))
            if json:
                output.line({**said, "ended_at": output.utc(run.ended_at)})
            else:
                output.say(f"{name}: {run.state}  {counts}  {run.error or ''}".rstrip())
        if left and time.monotonic() - asked_at > _PATIENCE_SECONDS:
            asked_at = float("inf")
            typer.echo("gongbao: still waiting; is gongbao run, or a worker and a beat, at work?", err=True)
        time.sleep(_POLL_SECONDS if left else 0)
    return runs
