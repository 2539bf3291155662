"""Takes in what another system asks for: addresses of configured portals go on the frontier, all others are refused."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import structlog

from config.portal import owner
from crawlers import registry
from crawlers.errors import Blocked
from crawlers.models import Request
from worker.deps import Deps
from worker.discover import LONGEST_ADDRESS, lane_of
from worker.fetch.guard import aim, ports
from worker.ledger import frontier, inbox, senders
from worker.ledger.frontier import Priority, Wanted
from worker.ledger.inbox import Arrival, Asked, Received, Standing

log = structlog.get_logger()


class Conflict(Exception):
    """The same sender has used this id for another body."""


def accept(deps: Deps, sender: str, message_id: str, body: bytes, urls: Sequence[str]) -> Received:
    """Keep a request and queue its pages, in one transaction. Raises Conflict, and senders.TooOften.

    A repetition is answered as the first time and queues nothing; like a conflict it counts as a request.
    """
    sorted_out = tuple(_sort_out(deps, url) for url in urls)
    digest = hashlib.sha256(body).hexdigest()
    arrival = Arrival(sender=sender, message_id=message_id, digest=digest, urls=sorted_out)
    with deps.ledger.begin() as connection:
        senders.spend(connection, sender, deps.settings.webhook_rate)
        received = inbox.receive(connection, arrival)
        if received and not received.repeated:
            rows = [_wanted(deps, asked) for asked in received.urls if asked.portal]
            frontier.take_turns(connection, (row.portal for row in rows))
            frontier.add(connection, rows)
    if received is None:
        raise Conflict(message_id)
    refused = sum(asked.portal is None for asked in received.urls)
    say = log.bind(sender=sender, request_id=received.id, urls=len(received.urls), refused=refused)
    if received.repeated:
        say.info("webhook.repeated")
    else:
        say.info("webhook.accepted")
    return received


def follow(deps: Deps, request_id: str) -> tuple[Received, list[Standing]] | None:
    """How far a request has come; None for an id that was never given out."""
    if not inbox.ID.fullmatch(request_id):
        return None
    with deps.ledger.begin() as connection:
        received = inbox.find(connection, request_id)
        return (received, inbox.standings(connection, received)) if received else None


def _sort_out(deps: Deps, url: str) -> Asked:
    """The page that an address names, or why it is refused; nothing is resolved or fetched for that."""
    if len(url) > LONGEST_ADDRESS:
        return Asked(url=url, reason="too_long")
    portal = owner(dict(deps.portals), url.strip())
    if portal is None:
        return Asked(url=url, reason="not_configured")
    try:
        aim(url.strip(), ports(portal))
    except Blocked:
        return Asked(url=url, reason="not_allowed")
    return Asked(url=url, portal=portal.name, key=registry.page_key(portal, url))


def _wanted(deps: Deps, asked: Asked) -> Wanted:
    portal = deps.portals[asked.portal or ""]
    return Wanted(
        portal=portal.name,
        key=asked.key or "",
        lane=lane_of(portal),
        kind="report",
        priority=Priority.WEBHOOK,
        request=Request(url=registry.canonical(portal, asked.url)),
    )
