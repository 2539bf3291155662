"""Who is told of events by webhook, and what have they not acknowledged yet?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, and_, delete, exists, func, literal, or_, select, update

from crawlers.models import Value
from worker.ledger.engine import insert, lock_names, now
from worker.ledger.outbox import Event
from worker.ledger.schema import deliveries, lanes, outbox, subscriptions

BATCH = 500
_LANE = "deliver "


class Subscription(Value):
    """A receiver of events; empty `kinds` and `portals` mean all. Times are seconds since 1970."""

    id: str
    url: str
    secret: SecretStr
    kinds: tuple[str, ...] = ()
    portals: tuple[str, ...] = ()
    created_at: float
    disabled_at: float | None = None
    disabled_for: str | None = None


class Delivery(Value):
    """One event on its way to one receiver; `attempts` have failed so far."""

    id: int
    subscription_id: str
    attempts: int
    event: Event


class Backlog(Value):
    """How much a receiver has not acknowledged, and what its last failure was."""

    pending: int = 0
    dead: int = 0
    error: str | None = None


def add(
    connection: Connection, url: str, secret: SecretStr, kinds: Sequence[str] = (), portals: Sequence[str] = ()
) -> Subscription:
    """A new subscription, to events from now on."""
    if every(connection):
        while hand_out(connection):
            pass
    else:
        past = update(outbox).where(outbox.c.handed_out_at.is_(None))
        connection.execute(past.values(handed_out_at=now(connection)))
    values = {"url": url, "kinds": list(kinds), "portals": list(portals), "created_at": now(connection)}
    values |= {"id": f"sub_{secrets.token_hex(6)}", "secret": secret.get_secret_value()}
    row = connection.execute(insert(connection, subscriptions).values(**values).returning(subscriptions))
    return _subscription(row.mappings().one())


def every(connection: Connection) -> list[Subscription]:
    """All subscriptions, the oldest first."""
    query = select(subscriptions).order_by(subscriptions.c.created_at, subscriptions.c.id)
    return [_subscription(row) for row in connection.execute(query).mappings()]


def remove(connection: Connection, subscription_id: str) -> bool:
    """Forget a subscription and what waits for it; False when there is none of that id."""
    connection.execute(delete(deliveries).where(deliveries.c.subscription_id == subscription_id))
    connection.execute(delete(lanes).where(lanes.c.name == lane_of(subscription_id)))
    return connection.execute(delete(subscriptions).where(subscriptions.c.id == subscription_id)).rowcount == 1


def lane_of(subscription_id: str) -> str:
    """The lane of a receiver: one worker at a time speaks to it, and a failing one is left alone for a while."""
    return _LANE + subscription_id


def hand_out(connection: Connection) -> int:
    """Note for every subscription which of the events not handed out yet it wants; returns how many events those were.

    A disabled subscription collects dead letters.
    """
    query = select(outbox).where(outbox.c.handed_out_at.is_(None)).order_by(outbox.c.id).limit(BATCH)
    rows = connection.execute(query.with_for_update(skip_locked=True)).mappings().all()
    receivers = every(connection) if rows else []
    for receiver in receivers:
        _note(connection, receiver, rows)
    ids = [row["id"] for row in rows]
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(handed_out_at=now(connection)))
    return len(ids)


def send_again(connection: Connection, subscription_id: str, since: float | None = None) -> int:
    """Enable a subscription and send its dead letters; with `since` everything that happened from then on too."""
    mine = subscriptions.c.id == subscription_id
    connection.execute(update(subscriptions).where(mine).values(disabled_at=None, disabled_for=None))
    connection.execute(delete(lanes).where(lanes.c.name == lane_of(subscription_id)))
    revived = {"state": "pending", "attempts": 0, "next_attempt_at": now(connection), "error": None}
    waiting = deliveries.c.subscription_id == subscription_id
    connection.execute(update(deliveries).where(waiting).values(**revived))
    if since is not None:
        lock_names(connection, ["outbox numbering"])  # so that none of these events is forgotten meanwhile
        receiver = _subscription(connection.execute(select(subscriptions).where(mine)).mappings().one())
        query = select(outbox).where(outbox.c.occurred_at >= since).order_by(outbox.c.id)
        _note(connection, receiver, connection.execute(query).mappings().all())
    return int(connection.execute(select(func.count()).select_from(deliveries).where(waiting)).scalar_one())


def due(connection: Connection) -> list[Subscription]:
    """Enabled subscriptions with something to be sent now whose lane is free, the one that waits longest first."""
    at = now(connection)
    mine = (deliveries.c.subscription_id == subscriptions.c.id, deliveries.c.state == "pending")
    since = select(func.min(deliveries.c.next_attempt_at)).where(*mine).scalar_subquery()
    name = literal(_LANE) + subscriptions.c.id
    busy = exists().where(lanes.c.name == name, or_(lanes.c.lease_until > at, lanes.c.not_before > at))
    query = select(subscriptions).where(subscriptions.c.disabled_at.is_(None), since <= at, ~busy)
    return [_subscription(row) for row in connection.execute(query.order_by(since)).mappings()]


def waiting(connection: Connection) -> bool:
    """Whether anything is to be handed out or sent."""
    if not connection.execute(select(subscriptions.c.id).limit(1)).first():
        return False
    fresh = connection.execute(select(outbox.c.id).where(outbox.c.handed_out_at.is_(None)).limit(1)).first()
    return bool(fresh) or bool(due(connection))


def next_delivery(connection: Connection, subscription_id: str) -> Delivery | None:
    """The oldest event due for a receiver whose report has no earlier event under way: order is kept per report."""
    earlier = deliveries.alias()
    blocked = (
        select(earlier.c.id)
        .where(
            earlier.c.subscription_id == deliveries.c.subscription_id,
            earlier.c.report_id == deliveries.c.report_id,
            earlier.c.outbox_id < deliveries.c.outbox_id,
        )
        .exists()
    )
    query = (
        select(deliveries.c.id.label("delivery_id"), deliveries.c.subscription_id, deliveries.c.attempts, outbox)
        .join(outbox, outbox.c.id == deliveries.c.outbox_id)
        .where(deliveries.c.subscription_id == subscription_id, deliveries.c.state == "pending")
        .where(deliveries.c.next_attempt_at <= now(connection), ~blocked)
        .order_by(deliveries.c.outbox_id)
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    event = Event.model_validate({name: row[name] for name in Event.model_fields})
    return Delivery(id=row["delivery_id"], subscription_id=subscription_id, attempts=row["attempts"], event=event)


def delivered(connection: Connection, delivery: Delivery) -> None:
    """The receiver has it."""
    connection.execute(delete(deliveries).where(deliveries.c.id == delivery.id))


def put_off(connection: Connection, delivery: Delivery, seconds: float, error: str) -> None:
    """Try again after `seconds`."""
    values = {"attempts": delivery.attempts + 1, "next_attempt_at": now(connection) + seconds, "error": error}
    connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(**values))


def hurry(connection: Connection, subscription_id: str) -> None:
    """The receiver is back: what its absence had put off is due at once."""
    mine = and_(deliveries.c.subscription_id == subscription_id, deliveries.c.state == "pending")
    at = now(connection)
    connection.execute(update(deliveries).where(mine, deliveries.c.next_attempt_at > at).values(next_attempt_at=at))


def disable(connection: Connection, subscription_id: str, why: str) -> int:
    """Send nothing more; what waits becomes dead letters, whose number is returned."""
    mine = subscriptions.c.id == subscription_id
    values = {"disabled_at": now(connection), "disabled_for": why}
    connection.execute(update(subscriptions).where(mine).values(**values))
    letters = update(deliveries).where(deliveries.c.subscription_id == subscription_id).values(state="dead")
    return connection.execute(letters).rowcount


def backlog(connection: Connection, subscription_id: str) -> Backlog:
    """What a receiver has not acknowledged."""
    mine = deliveries.c.subscription_id == subscription_id
    counts = select(deliveries.c.state, func.count()).where(mine).group_by(deliveries.c.state)
    last = select(deliveries.c.error).where(mine, deliveries.c.error.is_not(None)).order_by(deliveries.c.id).limit(1)
    found = {str(state): int(count) for state, count in connection.execute(counts)}
    return Backlog(**found, error=connection.execute(last).scalar())


def _note(connection: Connection, receiver: Subscription, rows: Sequence[Any]) -> None:
    """Note for one subscription which of these events it wants."""
    state = "dead" if receiver.disabled_at else "pending"
    at = now(connection)
    for row in rows:
        if receiver.kinds and row["kind"] not in receiver.kinds:
            continue
        if receiver.portals and row["payload"].get("portal") not in receiver.portals:
            continue
        values = {"subscription_id": receiver.id, "outbox_id": row["id"], "report_id": row["report_id"]}
        statement = insert(connection, deliveries).values(**values, state=state, next_attempt_at=at)
        connection.execute(statement.on_conflict_do_nothing())


def _subscription(row: Any) -> Subscription:
    return Subscription.model_validate({name: row[name] for name in Subscription.model_fields})
