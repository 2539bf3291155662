"""What can be told of a page before it is parsed: status, size, nesting, and bytes that are no text."""

from __future__ import annotations

import re

from crawlers import guard
from crawlers.errors import Blocked, Gone, NotAReport, Transient
from crawlers.page import Page

_BLOCKED_STATUS = frozenset({401, 403, 405, 407, 412, 418, 451, 491, 521})
_GONE_STATUS = frozenset({404, 410, 550})
_FILE = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"Rar!", b"\x1f\x8b")
_SHOWN = re.compile(r"[^\ufeff\0 \t\r\n]")
_CONTROLS = bytes({*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F})  # no text has them, and no Chinese codec uses them
_CLEAN = frozenset({"utf-8", "utf-16-le", "utf-16-be"})  # random bytes hardly ever are UTF-8, and UTF-16 has any byte
_FEW_CONTROLS, _CONTROL_SHARE = 4, 50  # more than four, and one of fifty bytes: bytes at random have five of them
_LOST = 20  # unreadable characters that any page may have


def check(page: Page) -> None:
    """Refuse by status, size, nesting and unreadable bytes, before anything is parsed; lists need this, too."""
    status = page.raw.status
    if status in _GONE_STATUS:
        raise Gone("gone", f"status {status}", url=page.url)
    if status in _BLOCKED_STATUS:
        raise Blocked("challenge", f"status {status}", url=page.url)
    if status == 429 or status >= 500:
        raise Transient("server_error", f"status {status}", url=page.url)
    if page.raw.body.startswith(_FILE):
        raise NotAReport("undecodable", "a file of another kind, not a page", url=page.url)
    guard.check(page)
    if not _SHOWN.search(page.text):
        raise NotAReport("empty", "no text at all", url=page.url)
    lost = page.decoded.replaced
    if page.decoded.codec not in _CLEAN and _is_binary(page.raw.body):
        raise NotAReport("undecodable", "bytes that are no text", url=page.url)
    if b"\0" in page.raw.body and page.raw.body.count(b"\0") > _LOST and not page.decoded.codec.startswith("utf-16"):
        raise NotAReport("undecodable", "bytes that are no text", url=page.url)
    if lost > _LOST and lost * 3 > len(page.text) - len(page.text.encode("ascii", "ignore")):
        raise NotAReport("undecodable", f"{lost} characters cannot be read", url=page.url)


def _is_binary(body: bytes) -> bool:
    controls = len(body) - len(body.translate(None, _CONTROLS))
    return controls > _FEW_CONTROLS and controls * _CONTROL_SHARE > len(body)
