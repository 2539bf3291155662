"""Pages that are named on a command line: those that lie on disk are read as if they had been fetched."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.models import RawPage

_MEDIA_TYPES = {
    ".txt": "text/plain",
    **dict.fromkeys((".html", ".htm", ".shtml", ".xhtml", ".jsp", ".php", ".aspx"), "text/html"),
}
_TAG = re.compile(rb"<[a-zA-Z!?/]", re.IGNORECASE)
_HEAD = 65_536  # bytes in which a page has a tag


def is_url(path: str) -> bool:
    """Whether an argument is meant as an address and not as a file."""
    return path.lower().startswith(("http://", "https://"))


def is_address(url: str) -> bool:
    """Whether it is an http or https address that something could be fetched from."""
    try:
        parts = urlsplit(url)
        return is_url(url) and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # brackets without an end, a port that is none
        return False


def read_file(path: Path, url: str | None, portal: str | None = None) -> RawPage:
    """A file as if it had been fetched now; without an ending that tells it is text, unless it has a tag.

    Raises OSError.
    """
    body = path.read_bytes()
    media_type = _MEDIA_TYPES.get(path.suffix.lower()) or ("text/html" if _TAG.search(body[:_HEAD]) else "text/plain")
    return RawPage(
        url=url,
        headers=(("content-type", media_type),),
        body=body,
        fetched_at=datetime.now(UTC),
        portal=portal,
    )
