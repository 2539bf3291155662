"""Which portal, page or file a request means, by Host header and path: the replica without its socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from config.portal import Portal
from worker.replica import jcms, show, ucap
from worker.replica.answer import Answer, Ask, missing
from worker.replica.oddities import file
from worker.replica.site import Phase, Publication, World

_ROBOTS = b"User-agent: *\nDisallow: /search/\nDisallow: /admin/\n"


class _Family(NamedTuple):
    """How a CMS family answers requests and writes the addresses of reports."""

    answer: Callable[[World, Portal, Ask], Answer | None]
    address: Callable[[Portal, Publication], str]


_FAMILIES: Mapping[str, _Family] = {
    "ucap": _Family(ucap.answer, ucap.address),
    "jcms": _Family(jcms.answer, jcms.address),
    "gszfw": _Family(show.answer, show.address),
}


class Router:
    """Finds the portal of a host and has its family answer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._portals = {host: portal for portal in world.portals for host in portal.hosts}

    def answer(self, host: str, target: str, form: str, phase: Phase, serial: int) -> Answer:
        """The answer to a request. `host` may carry a port, `target` a query; `serial` numbers the requests."""
        portal = self._portals.get(host.partition(":")[0].rstrip(".").lower())
        parts = urlsplit(target)
        if portal is None:
            return missing()
        if parts.path == "/robots.txt":
            return Answer(_ROBOTS, "text/plain")
        fields = dict(parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(form, keep_blank_values=True))
        found = _FAMILIES[portal.family].answer(self._world, portal, Ask(parts.path or "/", fields, phase, serial))
        return found or file(fields.get("filename", parts.path)) or missing()


def address(portal: Portal, page: Publication) -> str:
    """The canonical address of a page."""
    return portal.url + _FAMILIES[portal.family].address(portal, page)
