"""Pages that lie on disk, read as if they had been fetched."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawlers.models import RawPage

_MEDIA_TYPES = {".txt": "text/plain"}


def is_url(path: str) -> bool:
    """Whether an argument is an address and no file."""
    return path.startswith(("http://", "https://"))


def read_file(path: Path, url: str | None, portal: str | None = None) -> RawPage:
    """A file as if it had been fetched now. Raises OSError."""
    media_type = _MEDIA_TYPES.get(path.suffix.lower(), "text/html")
    return RawPage(
        url=url,
        headers=(("content-type", media_type),),
        body=path.read_bytes(),
        fetched_at=datetime.now(UTC),
        portal=portal,
    )
