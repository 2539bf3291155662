"""When a portal is due next: an interval or a cron expression in its TOML, with jitter, on China's clock."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from croniter import croniter

from config.portal import Portal

CHINA = timezone(timedelta(hours=8))
JITTER = 0.1
_MOST_CRON_JITTER_SECONDS = 60.0


def next_due(portal: Portal, now: float, luck: random.Random) -> float:
    """The portal's next turn after `now`, both in seconds since 1970.

    An interval is spread by a tenth either way; a cron time is late by at most a minute, and never early. A run that
    was missed while nobody worked is made up for once, since only the next turn is ever kept.
    """
    if portal.cron is None:
        return now + portal.every_minutes * 60 * (1 + luck.uniform(-JITTER, JITTER))
    turn = croniter(portal.cron, datetime.fromtimestamp(now, CHINA)).get_next(datetime)
    return float(turn.timestamp()) + luck.uniform(0, _MOST_CRON_JITTER_SECONDS)


def longest_gap(portal: Portal, now: float) -> float:
    """Seconds between two turns that are nothing unusual: the interval, or the longer of the next two cron gaps."""
    if portal.cron is None:
        return portal.every_minutes * 60.0
    turns = croniter(portal.cron, datetime.fromtimestamp(now, CHINA))
    moments = [now, *(float(turns.get_next(datetime).timestamp()) for _ in range(8))]
    return max(after - before for before, after in pairwise(moments))
