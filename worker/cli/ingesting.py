"""The command that takes pages in: ingest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from config.portal import ConfigError
from worker.cli import output
from worker.cli.output import Json
from worker.cli.pages import Paths, PortalName, Url, check, unreadable
from worker.files import is_address, is_url


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(ingest)


def ingest(paths: Paths, portal: PortalName = None, url: Url = None, json: Json = False) -> None:
    """Archive, read and store pages, as a crawl would."""
    from worker.deps import open_deps
    from worker.ingest import portal_of

    settings = output.set_up(quiet=True)
    check(paths, url)
    deps = open_deps(settings)
    portal_of(deps, portal, url)
    failed, wrong = False, None
    with output.progress("ingesting", len(paths)) as step:
        for path in paths:
            try:
                failed |= _ingest(deps, path, portal, url, json)
            except OSError as error:
                unreadable(path, error.strerror or str(error), json)
                failed = True
            except ConfigError as error:  # one address of nobody; the other inputs are done all the same
                wrong = wrong or error
                _refused(path, error, json)
            step()
    if wrong:
        raise wrong
    if failed:
        raise typer.Exit(1)


def _ingest(deps: Any, path: str, portal: str | None, url: str | None, json: bool) -> bool:
    """Take one page in and print its line; returns whether it failed. Raises OSError and ConfigError."""
    from worker.ingest import ingest_file, ingest_urls
    from worker.outcomes import Ended

    ends: list[Ended] = []
    if not is_url(path):
        ends.append(ingest_file(deps, Path(path), portal=portal, url=url))
    elif is_address(path):
        ingest_urls(deps, [path], portal=portal, on_end=ends.append)
    else:
        raise OSError("this is no address")
    for ended in ends:
        fields = {"url" if is_url(path) else "file": path, **ended.model_dump(mode="json", exclude={"event"})}
        if json:
            output.line(fields)
        else:
            output.say(f"{ended.outcome:<12}{ended.report_id or ended.reason or '':<22}{path}")
    return any(ended.outcome in ("failed", "quarantined") for ended in ends)


def _refused(path: str, error: ConfigError, json: bool) -> None:
    if json:
        output.line({"url": path, "outcome": "failed", "reason": "no_portal", "error": str(error)})
    else:
        output.say(f"{'failed':<12}{'no_portal':<22}{path}")
