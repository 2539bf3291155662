"""Tells subscribers of events: signed, in order for each report, repeated until acknowledged or given up.

What a receiver has not acknowledged is a row with the time of its next attempt. A receiver has a lane like any host:
one worker at a time speaks to it, and after five failures in a row it is left alone for a growing while, except for
one probe. Once it answers again, whatever its absence had put off is due at once. An event that is given up after
three days disables its subscription, and everything that waits becomes dead letters for `subscriptions redeliver`.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus

import structlog

from config.portal import ConfigError
from config.settings import Settings
from crawlers.errors import Blocked
from worker.deps import Deps
from worker.fetch import FetchPolicy
from worker.fetch.posting import Reply, allowed, post, receiver
from worker.ledger import lanes, subscriptions
from worker.ledger.lanes import BREAKER_FAILURES, Lease
from worker.ledger.subscriptions import Delivery, Subscription
from worker.publish import as_message
from worker.signing import key_of, sign

log = structlog.get_logger()

MINUTE, HOUR = 60.0, 3600.0
SCHEDULE = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
JITTER = 0.1
AT_ONCE = 16
_HEARD = frozenset({429, 502, 503, 504})  # whose Retry-After is believed

Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[Reply]]


async def deliver(deps: Deps, seconds: float, post_: Post | None = None) -> int:
    """Send what is due until nothing is or `seconds` have passed; returns how many events were acknowledged.

    `post_` replaces the network in tests.
    """
    with deps.ledger.begin() as connection:
        subscriptions.hand_out(connection)
        due = subscriptions.due(connection)
    send = post_ or poster(deps.settings)
    until = asyncio.get_running_loop().time() + seconds
    counts = await asyncio.gather(*(_serve(deps, each, send, until) for each in due[:AT_ONCE]))
    return sum(counts)


def poster(settings: Settings) -> Post:
    """The network behind its guard, with the operator's exceptions."""
    policy = FetchPolicy(user_agent=settings.user_agent)
    return partial(post, policy, excepted=allowed(settings.webhook_allow))


def check_receiver(settings: Settings, url: str) -> None:
    """Raise ConfigError unless the guard could let events go to that address."""
    try:
        receiver(url, allowed(settings.webhook_allow))
    except Blocked as refused:
        raise ConfigError(
            f"{url}: {refused.detail}; a receiver is http(s) on 80 or 443 of a public host, or in GONGBAO_WEBHOOK_ALLOW"
        ) from None


async def _serve(deps: Deps, subscription: Subscription, send: Post, until: float) -> int:
    """Send one receiver what is due for it, one event after the other; returns how many it acknowledged."""
    with deps.ledger.begin() as connection:
        lease = lanes.acquire(connection, subscriptions.lane_of(subscription.id), deps.holder)
    if lease is None:
        return 0
    count = 0
    try:
        while asyncio.get_running_loop().time() < until:
            with deps.ledger.begin() as connection:
                held = lanes.renew(connection, lease)
                delivery = subscriptions.next_delivery(connection, subscription.id) if held else None
            if delivery is None:
                break
            reply = await send(subscription.url, *_message(deps, subscription, delivery))
            if not _note(deps, lease, subscription, delivery, reply):
                break
            count += _is_taken(reply)
    finally:
        with deps.ledger.begin() as connection:
            lanes.release(connection, lease, 0.0)
    if count:
        log.info("events.delivered", subscription=subscription.id, count=count)
    return count


def _message(deps: Deps, subscription: Subscription, delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    """The body of a delivery and its signature; the event's id is the key by which repetitions are dropped."""
    event = delivery.event
    body = json.dumps(as_message(event, bodies=deps.settings.event_body), ensure_ascii=False).encode()
    return body, sign(key_of(subscription.secret), event.event_id, int(time.time()), body)


def _note(deps: Deps, lease: Lease, subscription: Subscription, delivery: Delivery, reply: Reply) -> bool:
    """Write down what the receiver said; False when it should not be asked again for now."""
    if _is_taken(reply):
        with deps.ledger.begin() as connection:
            subscriptions.delivered(connection, delivery)
            lanes.succeeded(connection, lease)
            if lease.failures >= BREAKER_FAILURES:
                subscriptions.hurry(connection, subscription.id)
        return True
    said = reply.error or f"HTTP {reply.status}"
    if reply.status == HTTPStatus.GONE:
        _disable(deps, subscription, "the receiver says that it is gone (HTTP 410)")
        return False
    if delivery.attempts >= len(SCHEDULE):
        _disable(deps, subscription, f"{delivery.event.event_id} was not taken in three days: {said}")
        return False
    wait = reply.retry_after if reply.status in _HEARD else None
    pause = max(SCHEDULE[delivery.attempts] * (1 + random.uniform(0, JITTER)), wait or 0.0)  # noqa: S311 - jitter
    with deps.ledger.begin() as connection:
        subscriptions.put_off(connection, delivery, pause, said)
        rest = lanes.failed(connection, lease, said, wait)
    event_id = delivery.event.event_id
    log.warning("delivery.deferred", subscription=subscription.id, event_id=event_id, seconds=pause, error=said)
    return reply.status is not None and rest == 0


def _is_taken(reply: Reply) -> bool:
    return reply.status is not None and 200 <= reply.status < 300


def _disable(deps: Deps, subscription: Subscription, why: str) -> None:
    with deps.ledger.begin() as connection:
        dead = subscriptions.disable(connection, subscription.id, why)
    log.error("subscription.disabled", subscription=subscription.id, dead=dead, error=why)
