"""Headers in both directions: what a request says, and what of an answer's headers may be believed and kept."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, urlencode

import httpx

from crawlers.errors import PageError
from worker.fetch.guard import Target, aim
from worker.fetch.values import FetchPolicy

_ASCII = "".join(map(chr, range(0x21, 0x7F)))
# What describes the transfer is true of the bytes on the wire only, and a session is nobody's business later.
_NOT_KEPT = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})
_COOKIE = re.compile(r"[\x21-\x7e]{1,4096}")

Form = tuple[tuple[str, str], ...]


def compose(policy: FetchPolicy, target: Target, form: Form, extra: dict[str, str]) -> httpx.Request:
    """The request as it goes out; with `connect_to` it is plain HTTP and says what it would have been."""
    headers = {
        "host": target.authority,
        "user-agent": policy.user_agent,
        "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "accept-language": "zh-CN,zh;q=0.9",
        "accept-encoding": "gzip, deflate",
        **extra,
    }
    scheme, port = target.scheme, target.port
    if policy.endpoint is not None:
        headers["x-forwarded-proto"] = scheme
        scheme, port = "http", 80
    if form:
        headers["content-type"] = "application/x-www-form-urlencoded"
    timeout = httpx.Timeout(policy.idle_seconds, connect=policy.connect_seconds, pool=None)
    return httpx.Request(
        "POST" if form else "GET",
        httpx.URL(scheme=scheme, host=target.host, port=port, raw_path=target.path.encode("ascii")),
        headers=headers,
        content=urlencode(form).encode("ascii") if form else None,
        extensions={"timeout": timeout.as_dict()},
    )


def referer_for(target: Target, referer: str | None) -> dict[str, str]:
    """The Referer header, only for the host that it names."""
    if referer is None:
        return {}
    try:
        source = aim(referer)
    except PageError:
        return {}
    return {"referer": source.url} if source.host == target.host else {}


def cookie_for(jar: dict[str, str]) -> dict[str, str]:
    """The Cookie header for what one host has set."""
    return {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}


def take_cookies(response: httpx.Response, jar: dict[str, str]) -> None:
    """Remember what a host sets, for that host alone and for a few hops, so that scope and age need no reading.

    The standard library's jar prints a stack trace for an age that is no number.
    """
    for line in response.headers.get_list("set-cookie"):
        name, equals, value = line.partition(";")[0].partition("=")
        if equals and _COOKIE.fullmatch(name.strip() + value.strip()):
            jar[name.strip()] = value.strip()


def location(response: httpx.Response) -> str | None:
    """The Location header with its bytes kept, whatever charset they were meant in."""
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), None)
    return None if raw is None else quote_from_bytes(raw, safe=_ASCII)


def promised(response: httpx.Response) -> int | None:
    """Content-Length in bytes where it rules; h11 has refused one that is no number or says two things."""
    if "transfer-encoding" in response.headers or "content-length" not in response.headers:
        return None
    length, _, _ = response.headers["content-length"].partition(",")
    return int(length)


def kept(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers that belong to the page, names in lower case."""
    pairs = ((name.lower().decode("ascii"), _text(value)) for name, value in response.headers.raw)
    return tuple(pair for pair in pairs if pair[0] not in _NOT_KEPT)


def _text(value: bytes) -> str:
    """A header value; portals put Chinese in them, in UTF-8 if it is any charset at all."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
