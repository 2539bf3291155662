"""What an answer that is no page means: one error class for each reaction, by status and by what broke."""

from __future__ import annotations

import math
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from crawlers.errors import Blocked, Gone, NotAReport, PageError, Transient, Unexpected

LONGEST_RETRY_AFTER = 6 * 3600.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_GONE = frozenset({404, 410})
_LATER = {408: "timeout", 425: "server_error", 429: "rate_limited"}
_BLOCKED = {
    401: "login",
    403: "forbidden",
    405: "forbidden",
    412: "challenge",
    451: "forbidden",
    491: "challenge",
    521: "challenge",
}


def refusal(status: int, retry_after: str | None, url: str, now: datetime) -> PageError:
    """The error that a status other than 2xx stands for."""
    error = _refusal(status, retry_after, url, now)
    error.status = status
    return error


def _refusal(status: int, retry_after: str | None, url: str, now: datetime) -> PageError:
    said = f"HTTP {status}"
    if status in _GONE:
        return Gone("gone", said, url=url)
    if status in _BLOCKED:
        return Blocked(_BLOCKED[status], said, url=url)
    if status in _LATER or status >= 500:
        wait = seconds_until(retry_after, now)
        return Transient(_LATER.get(status, "server_error"), said, url=url, retry_after=wait)
    if 300 <= status < 400:
        return NotAReport("redirect", said, url=url)
    if status >= 400:
        return Blocked("forbidden", said, url=url)  # firewalls invent numbers, and 400 is a favourite
    return Unexpected("status", said, url=url)


def seconds_until(retry_after: str | None, now: datetime) -> float | None:
    """Retry-After in seconds, at most six hours; None for a missing, past or unreadable one."""
    value = (retry_after or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), LONGEST_RETRY_AFTER)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    seconds = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
    return min(math.ceil(seconds), LONGEST_RETRY_AFTER) if seconds > 0 else None


def broken(error: httpx.TransportError | OSError, url: str, *, in_body: bool) -> PageError:
    """The error that a failed connection stands for."""
    said = str(error) or type(error).__name__
    match error:
        case httpx.TimeoutException():
            reason = "timeout"
        case httpx.LocalProtocolError():
            return Unexpected("request", said, url=url)
        case _ if _is_tls(error):
            reason = "tls"
        case httpx.ConnectError():
            reason = "connect"
        case httpx.RemoteProtocolError():
            reason = "truncated" if in_body else "protocol"
        case _:
            reason = "reset"
    return Transient(reason, said, url=url)


def _is_tls(error: BaseException | None) -> bool:
    """Whether TLS broke, as far down as httpx wraps what happened."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
