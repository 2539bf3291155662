"""Commands that crawl: crawl, run, demo."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import typer

from config.portal import ConfigError, choose
from config.settings import Settings
from worker.cli import output
from worker.cli.output import Json
from worker.cli.serving import BIND, Bind, Portals


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (crawl, run, demo):
        app.command()(command)


def crawl(
    portals: Portals = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Fetch at most N pages of each column.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing; say what would happen.")] = False,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Read the lists back to this day.")] = None,
    json: Json = False,
) -> None:
    """Crawl portals now, in this process and without a broker; a line for each page."""
    from worker.crawl import crawl as crawl_portals
    from worker.deps import open_deps
    from worker.dry import scratch

    settings = output.set_up(quiet=True)
    day = _day(since)
    with scratch(settings, dry=dry_run) as chosen, output.progress("crawling") as step:
        deps = open_deps(chosen)
        names = [portal.name for portal in choose(dict(deps.portals), portals or [])]

        def heard(ended: Any) -> None:
            step()
            fields = ended.model_dump(mode="json", exclude={"event"})
            if json:
                output.line(fields)
            else:
                output.say(
                    f"{ended.outcome:<12}{ended.portal or '':<18}{ended.report_id or ended.reason or '':<22}{ended.url}"
                )

        reports = crawl_portals(deps, names, since=day, limit=limit, on_end=heard)
    _sum_up(reports, json)


def run(
    portals: Portals = None,
    once: Annotated[bool, typer.Option("--once", help="Make one run of each portal and exit.")] = False,
    bind: Bind = BIND,
    json: Json = False,
) -> None:
    """Run the whole system here: schedule, workers, broker, webhook and status page, until Ctrl-C."""
    from worker import embedded
    from worker.deps import read_portals

    settings = output.set_up()
    names = [portal.name for portal in choose(read_portals(settings), portals or [])]
    if not once:
        if portals:
            raise ConfigError("run watches every configured portal; name portals only together with --once")
        raise typer.Exit(_run_on(settings, bind, json))
    runs = embedded.run_once(settings, names)
    if json:
        for report in runs:
            output.line({**report.model_dump(mode="json"), **_times(report)})
    _sum_up(runs, json)


def _run_on(settings: Settings, bind: str, json: bool) -> int:
    """Run with the door open, and say for people where it is."""
    from worker import embedded
    from worker.web.server import Bound, banner

    bound = Bound(bind)
    said = banner(settings, bound)
    output.line({"url": bound.url}) if json else output.say(said)
    return embedded.run(settings, bound)


def demo(
    reports: Annotated[int, typer.Option(min=10, help="How many reports the replica publishes.")] = 40,
    seed: Annotated[int, typer.Option(help="What the replica's texts are made from.")] = 1,
    json: Json = False,
) -> None:
    """Crawl a replica of five portals on loopback with the whole embedded stack, twice, and show what happened."""
    from worker import demo as whole

    settings = output.set_up(quiet=True)
    with output.progress("demo", 2) as step:
        phases = whole.run(settings, reports, seed, on_phase=step)
    if json:
        for phase in phases:
            for ended in phase.pages:
                output.line({"phase": phase.number, **ended})
        output.line({"summary": whole.summary(phases)})
        return
    for phase in phases:
        rows = [
            (page["portal"], page["outcome"], page["published_at"] or "", page["title"] or page["reason"])
            for page in phase.pages
        ]
        output.table(
            f"Phase {phase.number}: {whole.TITLES[phase.number]}", ("portal", "outcome", "published", "title"), rows
        )
    counts = whole.summary(phases)
    outcomes = sorted({outcome for each in counts.values() for outcome in each})
    rows_ = [(portal, *(each.get(outcome, 0) for outcome in outcomes)) for portal, each in counts.items()]
    output.table("Pages by portal and outcome, both phases", ("portal", *outcomes), rows_)
    output.say(whole.verdict(phases))


def _sum_up(reports: list[Any], json: bool) -> None:
    """How each run went; a run that failed makes the exit status 1, one that was broken off 130."""
    broken_off = [report.portal for report in reports if report.state == "running"]
    failed = any(report.state == "failed" for report in reports)
    if json:
        if failed:
            for report in reports:
                if report.state == "failed":
                    typer.echo(f"gongbao: {report.portal}: {report.error}", err=True)
    else:
        rows = [
            (
                report.portal,
                report.state,
                report.pages,
                report.found,
                ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.outcomes.items())),
                report.error or "",
            )
            for report in reports
        ]
        output.table(None, ("portal", "run", "list pages", "new rows", "pages", "error"), rows)
    if broken_off:
        typer.echo(f"gongbao: broken off at {', '.join(broken_off)}; the next run goes on there", err=True)
        raise typer.Exit(130)
    if failed:
        raise typer.Exit(1)


def _times(report: Any) -> dict[str, Any]:
    return {"started_at": output.utc(report.started_at), "ended_at": output.utc(report.ended_at)}


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise ConfigError(f"--since {text} is no day; write it as 2025-03-01") from None
