"""Commands that read single pages and store nothing: extract, listing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from config.portal import ConfigError, Portal, choose, owner
from config.settings import Settings
from crawlers import registry
from crawlers.errors import PageError
from crawlers.models import Extract, Follow, Listing, Report, Request
from crawlers.page import Page
from worker.cli import output
from worker.cli.output import Json
from worker.files import is_address, is_url, read_file

Paths = Annotated[list[str], typer.Argument(metavar="PATH|URL…", help="Files (.html or .txt) or addresses.")]
PortalName = Annotated[str | None, typer.Option("--portal", metavar="NAME", help="The portal that the pages are from.")]
Url = Annotated[str | None, typer.Option("--url", help="The address of the one file that is given.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (extract, listing):
        app.command()(command)


def extract(paths: Paths, portal: PortalName = None, url: Url = None, json: Json = False) -> None:
    """Extract reports from pages; nothing is stored."""
    _run(paths, portal, url, _Extraction(json))


def listing(paths: Paths, portal: PortalName = None, url: Url = None, json: Json = False) -> None:
    """Extract the rows of list pages; nothing is stored."""
    _run(paths, portal, url, _Listing(json))


Follower = Callable[[Follow], tuple[Page, ...]]


class _Extraction:
    """Prints the report on a page."""

    def __init__(self, json: bool) -> None:
        self.json = json

    def __call__(self, page: Page, follow: Follower) -> dict[str, Any]:
        found = registry.report(page)
        if isinstance(found, Follow):
            found = registry.report(page, follow(found) or None)
        assert isinstance(found, Extract)  # noqa: S101 - read alone or with its parts, a page is a report or an error
        return _report(page, found).model_dump(mode="json")

    def show(self, fields: dict[str, Any]) -> None:
        output.say(fields["title"])
        facts = ("published_at", "source", "issuer", "index_no", "doc_no", "region_code", "report_year", "extractor")
        output.say("  " + " · ".join(f"{name} {fields[name]}" for name in facts if fields[name] is not None))
        for paragraph in fields["body"].split("\n"):
            output.say(f"  {paragraph}")
        for warning in fields["warnings"]:
            output.say(f"  ! {warning}")


class _Listing:
    """Prints the rows of a list page."""

    def __init__(self, json: bool) -> None:
        self.json = json

    def __call__(self, page: Page, follow: Follower) -> dict[str, Any]:
        found = registry.listing(page)
        while isinstance(found, Follow):
            *_, last = follow(found) or (None,)
            found = registry.listing(last) if last else Listing(items=(), next=next(iter(found.requests)))
        items = [{"title": row.title, "url": row.url, "date": row.date} for row in found.items]
        return {"items": items, "next": found.next.url if found.next else None}

    def show(self, fields: dict[str, Any]) -> None:
        for row in fields["items"]:
            output.say(f"{row['date'] or '':<12}{row['title']}  {row['url']}")
        output.say(f"next: {fields['next'] or '–'}")


def _run(paths: Sequence[str], portal: str | None, url: str | None, command: _Extraction | _Listing) -> None:
    """Read every page and print its line, in order; refused pages have theirs too."""
    settings = output.set_up(quiet=True)
    check(paths, url)
    failed = False
    with output.progress("reading", len(paths)) as step:
        for path, page, follow in _pages(settings, paths, portal, url):
            name = {"url" if is_url(path) else "file": path}
            try:
                if isinstance(page, Exception):
                    raise page
                fields = command(page, follow)
            except PageError as error:
                ended = _refusal(error)
                failed |= ended["outcome"] in ("failed", "quarantined")
                if command.json:
                    output.line({**name, **ended})
                else:
                    output.say(f"{path}: {ended['outcome']}: {error}")
            except OSError as error:
                unreadable(path, error.strerror or str(error), command.json)
                failed = True
            else:
                if command.json:
                    output.line({**fields, **name} if "url" in name else {**name, **fields})
                else:
                    command.show(fields)
            step()
    if failed:
        raise typer.Exit(1)


def _pages(
    settings: Settings, paths: Sequence[str], name: str | None, url: str | None
) -> Iterator[tuple[str, Page | Exception, Follower]]:
    """Every page, or what kept it from being read, and how to get what belongs to it: a file stands alone."""
    from worker.deps import read_portals

    portals = read_portals(settings)
    named = next(iter(choose(portals, [name]))) if name else None
    if named and url and not named.owns(url):
        raise ConfigError(f"{url} is not on {named.name}, whose hosts are {', '.join(sorted(named.hosts))}")
    for path in paths:
        portal = named or owner(portals, path if is_url(path) else url or "")
        follow: Follower = partial(_follow, settings, portal) if is_url(path) else _stay
        try:
            if is_url(path) and not is_address(path):
                yield path, OSError("this is no address"), follow
            elif is_url(path):
                yield path, _fetched(settings, Request(url=path), portal), follow
            else:
                yield path, Page(read_file(Path(path), url, portal.name if portal else None), portal), follow
        except (OSError, PageError) as error:
            yield path, error, follow


def _fetched(settings: Settings, request: Request, portal: Portal | None) -> Page:
    from worker.visit import visit

    return Page(visit(settings, request, portal), portal)


def _follow(settings: Settings, portal: Portal | None, follow: Follow) -> tuple[Page, ...]:
    return tuple(_fetched(settings, request, portal) for request in follow.requests)


def _stay(_follow: Follow) -> tuple[Page, ...]:
    return ()


def _report(page: Page, extract: Extract) -> Report:
    from worker.fingerprint import RECIPE
    from worker.process import print_of, sha256

    raw = page.raw
    return Report.model_validate(
        {
            **extract.model_dump(),
            "content_hash": print_of(extract).content_hash,
            "recipe": RECIPE,
            "portal": raw.portal,
            "url": raw.url,
            "raw_sha256": sha256(raw),
            "fetched_at": raw.fetched_at if raw.status and raw.final_url else None,
        }
    )


def _refusal(error: PageError) -> dict[str, Any]:
    from worker.outcomes import outcome_of

    return {"outcome": outcome_of(error).value, "reason": error.reason, "error": str(error)}


def unreadable(path: str, why: str, json: bool) -> None:
    """The line of an input that could not be read."""
    if json:
        output.line(
            {"url" if is_url(path) else "file": path, "outcome": "failed", "reason": "unreadable", "error": why}
        )
    else:
        output.say(f"{path}: cannot be read: {why}; check the path")


def check(paths: Sequence[str], url: str | None) -> None:
    """Raise ConfigError for a --url that belongs to nothing, or that is none."""
    if url is not None and len(paths) > 1:
        raise ConfigError("--url belongs to one file; give one file, or leave --url out")
    if url is not None and any(map(is_url, paths)):
        raise ConfigError("--url is for a file; what is given has an address of its own")
    if url is not None and not is_address(url):
        raise ConfigError(f"--url {url} is no http or https address")
