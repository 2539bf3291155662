"""How a page finds its reader: refusals first, then its family, and the generic reader where the family cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from crawlers import generic, plain, refuse
from crawlers.errors import Unexpected
from crawlers.models import Extract, Follow
from crawlers.page import Page

_PROSE = 80  # characters: less than this, found outside an empty container, is furniture


class Reader(NamedTuple):
    """How a family is told from others by a page and its address, and how its reports are read."""

    recognises: Callable[[Page], bool]
    report: Callable[[Page, tuple[Page, ...]], Extract | Follow]


def read(page: Page, parts: tuple[Page, ...], readers: Mapping[str, Reader]) -> Extract | Follow:
    """The report on a page by its portal's family, the family recognised from it, or generically. Raises PageError."""
    if plain.is_plain(page):
        return plain.report(page)
    refuse.refuse(page)
    name = _family(page, readers)
    if name is None:
        return generic.report(page, parts, ("no family recognised",))
    try:
        found = readers[name].report(page, parts)
    except Unexpected as error:
        return generic.report(page, parts, (f"{name}: {error.detail or error.reason}",))
    if isinstance(found, Follow) or found.body or found.attachments or found.images:
        return found
    other = generic.report(page, parts, (f"{name}: the body is empty",))
    return other if len(other.body) >= _PROSE and "。" in other.body else found


def _family(page: Page, readers: Mapping[str, Reader]) -> str | None:
    """The portal's family, or the first whose marks the page bears."""
    if page.portal and page.portal.family in readers:
        return page.portal.family
    return next((name for name, reader in readers.items() if reader.recognises(page)), None)
