"""Keeps every fetched page, bytes and headers, under the hash of what it holds; the same page is kept once.

An entry is gzip over one line of JSON (url, final_url, status, headers that describe the body) and the raw body. Its
name is the SHA-256 of that, uncompressed; the time of the fetch is the ledger's to know.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from crawlers.models import RawPage

# Other headers change at each request (date, cookies, request ids) or say nothing about the bytes.
_KEPT = frozenset({"content-type", "content-language", "last-modified", "etag", "location", "server"})


class Lost(Exception):
    """An entry that the ledger names is not in the archive, or not as it was written."""


class Put(NamedTuple):
    """Where a page was put, and the SHA-256 of its body alone."""

    key: str
    raw_sha256: str


class Archive:
    """A content-addressed folder; safe for any number of writers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, page: RawPage) -> Put:
        """Keep a page. Written aside, synced and renamed, so that a crash leaves no half entry under a final name."""
        line = {
            "url": page.url,
            "final_url": page.final_url,
            "status": page.status,
            "headers": sorted((key, value) for key, value in page.headers if key in _KEPT),
        }
        entry = json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n" + page.body
        key = hashlib.sha256(entry).hexdigest()
        path = self._path(key)
        if not path.exists():
            _write(path, gzip.compress(entry, compresslevel=6, mtime=0))
        return Put(key, hashlib.sha256(page.body).hexdigest())

    def get(self, key: str, fetched_at: float, portal: str | None) -> RawPage:
        """Read a page back as it was fetched at that time (seconds since 1970). Raises Lost."""
        try:
            entry = gzip.decompress(self._path(key).read_bytes())
            line, _, body = entry.partition(b"\n")
            about = json.loads(line)
        except FileNotFoundError as error:
            raise Lost(f"the archive has no entry {key}") from error
        except (EOFError, ValueError, gzip.BadGzipFile, zlib.error) as error:
            raise Lost(f"the archive's entry {key} is damaged: {error}") from error
        return RawPage.model_validate(
            {
                **about,
                "body": body,
                "fetched_at": datetime.fromtimestamp(fetched_at, UTC),
                "portal": portal,
            }
        )

    def drop(self, key: str) -> None:
        """Remove an entry that nothing refers to, such as a list page that was read."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:4] / f"{key}.gz"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
