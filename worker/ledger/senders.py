"""How often may a sender ask? One allowance a sender, whichever process it asks, by the database's clock."""

from __future__ import annotations

from sqlalchemy import Connection, case, or_, select

from worker.ledger.engine import insert, now
from worker.ledger.schema import senders

MINUTE = 60.0
_ROUNDING = 0.001


class TooOften(Exception):
    """A sender has used up its allowance; `seconds` until it may ask again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f} seconds too soon")
        self.seconds = seconds


def spend(connection: Connection, sender: str, per_minute: int) -> None:
    """Take one request from a sender's allowance of `per_minute`, which refills evenly. Raises TooOften.

    One statement tells and takes, so that requests at the same time cannot both have the last one (this is the
    generic cell rate algorithm: a row is a bucket, told as the time at which it will be full again).
    """
    at, step = now(connection), MINUTE / per_minute
    full_at, most = senders.c.full_at, at + MINUTE + _ROUNDING
    since = case((or_(full_at < at, full_at > most), at), else_=full_at)  # later than `most`: the clock was put back
    statement = insert(connection, senders).values(name=sender, full_at=at + step)
    statement = statement.on_conflict_do_update(
        index_elements=[senders.c.name], set_={"full_at": since + step}, where=since + step <= most
    )
    if connection.execute(statement.returning(senders.c.name)).first() is None:
        held = connection.execute(select(full_at).where(senders.c.name == sender)).scalar_one()
        raise TooOften(float(held) + step - most)
