"""Commands that read: reports, status, why, portals, settings, tail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.portal import ConfigError, choose
from worker.cli import output
from worker.cli.output import Json
from worker.logs import hidden

if TYPE_CHECKING:
    from sqlalchemy import Connection

reports = typer.Typer(help="Read the store: list, show, search, export.", no_args_is_help=True)
portals = typer.Typer(help="The configured portals.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, help="At most N lines.")]
PortalName = Annotated[str | None, typer.Option("--portal", metavar="NAME", help="Only this portal's.")]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Only those first seen on or after this day.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(reports, name="reports")
    app.add_typer(portals, name="portals")
    for command in (status, why, settings, tail):
        app.command()(command)


@reports.command("list")
def list_reports(limit: Limit = 50, portal: PortalName = None, since: Since = None, json: Json = False) -> None:
    """The newest reports first."""
    from worker.ledger import library

    with _ledger(portal) as connection:
        found = library.newest(connection, limit, portal, seconds_of(since))
    _print_reports(found, json)


@reports.command()
def search(text: str, limit: Limit = 20, json: Json = False) -> None:
    """Reports that contain these words, each of which may be a phrase; spaces part them."""
    from worker.ledger import library
    from worker.ledger import search as index

    with _ledger() as connection:
        found = library.by_ids(connection, index.find(connection, text, limit))
    _print_reports(found, json)


@reports.command()
def show(report_id: Annotated[str, typer.Argument(metavar="ID")], json: Json = False) -> None:
    """One report, whole, with its publications."""
    from worker.ledger import library

    with _ledger() as connection:
        report = library.whole(connection, report_id)
    if report is None:
        raise ConfigError(f"no report is called {report_id}; see gongbao reports list")
    if json:
        output.line(report)
        return
    for name, value in report.items():
        if name not in ("body", "sections", "publications") and value not in (None, [], ()):
            output.say(f"{name:<16}{value}")
    for page in report["publications"]:
        output.say(f"{'publication':<16}{page['portal'] or '–'}  {page['first_seen_at']}  {page['url']}")
    output.say("")
    output.say(report["body"])


@reports.command()
def export(
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE", help="A .jsonl, .csv or .parquet file; - for stdout.")
    ] = Path("-"),
    portal: PortalName = None,
    since: Since = None,
    json: Json = False,
) -> None:
    """All reports as JSONL, CSV or Parquet."""
    from worker.export import export as write
    from worker.ledger import library

    with _ledger(portal) as connection:
        found = library.every(connection.engine, portal, seconds_of(since))
    with output.until_nobody_reads():
        count = write(found, to)
    if json and str(to) != "-":  # on stdout the reports are the lines already
        output.line({"file": str(to), "reports": count})
    else:
        typer.echo(f"{count} reports exported", err=True)


@portals.command("list")
def list_portals(json: Json = False) -> None:
    """Every configured portal, with its columns."""
    from worker.deps import read_portals

    known = read_portals(output.set_up(quiet=True))
    if json:
        for portal in known.values():
            output.line(portal.model_dump(mode="json"))
        return
    rows = [
        (portal.name, portal.title, portal.family, portal.url, len(portal.columns), "yes" if portal.verified else "no")
        for portal in known.values()
    ]
    output.table(None, ("name", "title", "family", "address", "columns", "verified"), rows)


def status(json: Json = False) -> None:
    """One line a portal: last run, last new report, overdue or not, failing or not and why."""
    from worker.deps import open_deps
    from worker.standing import standings

    rows = []
    for stand in standings(open_deps(output.set_up(quiet=True))):
        if json:
            times = {name: output.utc(getattr(stand, name)) for name in ("last_run_at", "last_new_at", "next_due_at")}
            output.line({**stand.model_dump(exclude={"title"}), **times})
        started = output.local(stand.last_run_at) if stand.last_run_at else "never"
        found = output.local(stand.last_new_at)
        rows.append((stand.portal, stand.state, started, stand.last_run or "", found, stand.reports, stand.why or ""))
    if not json:
        output.table(None, ("portal", "state", "last run", "run", "last new report", "reports", "why"), rows)


def why(url: Annotated[str, typer.Argument(metavar="URL")], json: Json = False) -> None:
    """The whole story of an address: where it was seen, each attempt, its versions and report, when it is due next."""
    from config.portal import owner
    from crawlers import registry
    from worker.deps import open_deps
    from worker.ledger import history

    deps = open_deps(output.set_up(quiet=True))
    portal = owner(dict(deps.portals), url)
    key = (portal.name, registry.page_key(portal, url)) if portal else ("", url)
    with deps.ledger.begin() as connection:
        names = [key, *history.pages_at(connection, [url])]
        stories = [found for name in dict.fromkeys(names) if (found := history.story(connection, *name))]
    if not stories:
        raise ConfigError(f"nothing is known of {url}: no list showed it and nobody asked for it")
    for found in stories:
        if json:
            output.line(found)
        else:
            _tell(found)


def settings(json: Json = False) -> None:
    """Every setting, its value and what it means."""
    current = output.set_up(quiet=True)
    rows = []
    for name, field in type(current).model_fields.items():
        value = getattr(current, name)
        shown = None if value is None else value if isinstance(value, int | float | bool) else hidden(str(value))
        default = None if field.default is None else str(field.default)
        fields = {"name": f"GONGBAO_{name.upper()}", "value": shown, "default": default, "meaning": field.description}
        if json:
            output.line(fields)
        rows.append((fields["name"], "" if shown is None else shown, field.description))
    if not json:
        output.table(None, ("setting", "value", "meaning"), rows)


def tail(
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for what comes next.")] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="End after N events.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Begin behind this number, as in /v1/events.")] = 0,
    json: Json = False,
) -> None:
    """Follow the events, from the first that is kept; those that wait for the broker are shown as well."""
    from worker.deps import open_deps
    from worker.publish import as_message
    from worker.tail import events

    chosen = output.set_up(quiet=True)
    deps = open_deps(chosen)
    for event in events(deps.ledger, after=after, limit=limit, follow=follow):
        message = as_message(event, bodies=chosen.event_body)
        if json:
            output.line(message)
        else:
            report = message["report"]
            output.say(f"{message['occurred_at']}  {message['kind']:<16}{report['portal'] or '–':<18}{report['title']}")


@contextmanager
def _ledger(portal: str | None = None) -> Iterator[Connection]:
    """A transaction. Raises ConfigError for a portal that is neither configured nor has reports from before."""
    from worker.deps import open_deps
    from worker.ledger import library

    deps = open_deps(output.set_up(quiet=True))
    with deps.ledger.begin() as connection:
        if portal is not None and not library.newest(connection, 1, portal):
            choose(dict(deps.portals), [portal])
        yield connection


def _print_reports(found: list[dict[str, Any]], json: bool) -> None:
    if json:
        for report in found:
            output.line(report)
        return
    rows = [(report["id"], report["published_at"] or "", report["portal"] or "–", report["title"]) for report in found]
    output.table(None, ("id", "published", "portal", "title"), rows)


def _tell(found: dict[str, Any]) -> None:
    page, report, waiting = found["page"], found["report"], found["waiting"]
    output.say(f"{found['url']}  ({found['portal'] or 'no portal'}, {found['key']})")
    if page:
        output.say(f"  first seen {page['first_seen_at']}, last seen {page['last_seen_at']}, now {page['state']}")
    for version in found["versions"]:
        said = f"{version['seen_at']}  {version['content_hash'][:12]}  {version['extractor']}"
        output.say(f"  version {version['number']}  {said}")
    for visit in found["visits"]:
        output.say(f"  visit      {visit['at']}  {visit['outcome']}  {visit['detail'] or ''}".rstrip())
    if report:
        output.say(f"  report {report['id']}  {report['title']}")
    if waiting:
        output.say(f"  waits as {waiting['state']}, next at {waiting['next_attempt_at']}  {waiting['error'] or ''}")
    elif page:
        output.say(f"  due next at {page['next_visit_at'] or 'no time'}")


def seconds_of(day: str | None) -> float | None:
    """The beginning of a day in China, seconds since 1970. Raises ConfigError."""
    if day is None:
        return None
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() - 8 * 3600
    except ValueError:
        raise ConfigError(f"--since {day} is no day; write it as 2025-03-01") from None
