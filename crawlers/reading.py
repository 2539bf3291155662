"""How a page finds its reader: refusals first, then its family, and the generic reader where the family cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from crawlers import generic, plain, readable, refuse
from crawlers.errors import Unexpected
from crawlers.marks import Marks, recognised
from crawlers.models import Extract, Follow
from crawlers.page import Page
from crawlers.split import further

_EVIDENT = 300  # characters of a body
_FEW = 20  # characters of a body: fewer, with neither file nor picture, may be a button in a box of the same name
_PROSE = 80  # characters: less than this, found outside an empty container, is furniture


class Reader(NamedTuple):
    """How a family is told from others, and how its reports are read."""

    marks: Marks
    report: Callable[[Page, tuple[Page, ...]], Extract | Follow]


def read(page: Page, parts: tuple[Page, ...] | None, readers: Mapping[str, Reader]) -> Extract | Follow:
    """The report on a page by its portal's family, the family recognised from it, or generically. Raises PageError."""
    readable.check(page)
    if plain.is_plain(page):
        return plain.report(page)
    rest = () if parts else further(page)
    if rest and parts is not None:
        return Follow(requests=rest)
    found = _read(page, parts or (), readers)
    if rest and isinstance(found, Extract):
        return found.model_copy(update={"warnings": (*found.warnings, f"{len(rest)} further parts were not read")})
    return found


def _read(page: Page, parts: tuple[Page, ...], readers: Mapping[str, Reader]) -> Extract | Follow:
    """The report on a page with all its parts: by its family, else generically."""
    name = _family(page, readers)
    found, doubt = _by_family(page, parts, name, readers) if name else (None, "no family recognised")
    if found is None or isinstance(found, Follow) or not _is_evident(found):
        refuse.refuse(page)
    if found is None:
        return generic.report(page, parts, (doubt,))
    if isinstance(found, Follow) or len(found.body) >= _FEW or found.attachments or found.images:
        return found
    other = generic.report(page, parts, (f"{name}: the body is empty" if not found.body else f"{name}: hardly a body",))
    return other if len(other.body) >= _PROSE and "。" in other.body else found


def _by_family(
    page: Page, parts: tuple[Page, ...], name: str, readers: Mapping[str, Reader]
) -> tuple[Extract | Follow | None, str]:
    """What the family reads, or why it could not."""
    try:
        return readers[name].report(page, parts), ""
    except Unexpected as error:
        return None, f"{name}: {error.detail or error.reason}"


def _is_evident(found: Extract) -> bool:
    """Whether there can be no doubt that this is a report: a container with a date and a source, or much text."""
    if found.published_from != "page" or not found.body:
        return False
    return found.source is not None or (len(found.body) >= _EVIDENT and found.body.count("。") >= 3)


def _family(page: Page, readers: Mapping[str, Reader]) -> str | None:
    """The portal's family, or the first whose marks the page bears."""
    if page.portal and page.portal.family in readers:
        return page.portal.family
    return recognised(page, {name: reader.marks for name, reader in readers.items()})
