"""One spelling for each address, so that a page reached by several spellings is one publication.

What may be folded is what the portal declares (its aliases, twins and ignored query) and what no server can tell apart
(host case, a trailing dot, default ports, fragments). Path case and query order are kept: servers do tell them apart.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from config.portal import Portal

_DEFAULT_PORTS = frozenset({None, 80, 443})
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def canonical(portal: Portal, url: str) -> str:
    """The portal's spelling of one of its addresses; an address of another host is kept as it is. Never raises."""
    url = url.strip()
    parts = split(url)
    if parts is None or not portal.owns(url):
        return url
    home = urlsplit(portal.url)
    port = _port(parts)
    netloc = home.netloc if port in _DEFAULT_PORTS or port == home.port else f"{home.hostname}:{port}"
    path, query = _quoted(parts.path, _without(parts.query, portal.ignored_query))
    return urlunsplit((home.scheme, netloc, _desktop(portal, _resolved(path)), query, ""))


def path_key(url: str) -> str:
    """Path and query of an address: the name of a page whose family gives it no id."""
    parts = split(url)
    if parts is None:
        return url
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def absolute(base: str | None, href: str) -> str:
    """A link's address seen from its page; unchanged where it is no address (javascript:) or cannot be joined."""
    href = href.strip()
    if _SCHEME.match(href) and not href.lower().startswith(("http:", "https:")):
        return href
    try:
        return urljoin(base or "", href)
    except ValueError:
        return href


def split(url: str) -> SplitResult | None:
    """The parts of an address, None for what is none (a bracket that never closes, a port that is no number)."""
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _port(parts: SplitResult) -> int | None:
    return parts.port


def _resolved(path: str) -> str:
    """The path without `.` and `..`, which some portals write into their links."""
    if "/." not in path:
        return path or "/"
    return urlsplit(urljoin("http://host/", path)).path or "/"


def _desktop(portal: Portal, path: str) -> str:
    for prefix in portal.twins:
        if path.startswith(prefix + "/"):
            return path[len(prefix) :]
    return path


def _without(query: str, names: tuple[str, ...]) -> str:
    return "&".join(pair for pair in query.split("&") if pair and pair.partition("=")[0] not in names)


def _quoted(path: str, query: str) -> tuple[str, str]:
    """Path and query with everything outside ASCII percent-encoded as UTF-8."""
    parts = urlsplit(safe_url_string(urlunsplit(("http", "host", path, query, ""))))
    return parts.path, parts.query
