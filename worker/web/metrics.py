"""The metrics, in Prometheus' text format: what is in the ledger, so that any process may be asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from worker.deps import Deps
from worker.ledger import frontier, inbox, outbox, reports, subscriptions
from worker.ledger.engine import now
from worker.standing import Standing

MEDIA_TYPE = "text/plain; version=0.0.4"


class Sample(NamedTuple):
    """One value; `labels` tell it from others of its name."""

    value: float
    labels: Mapping[str, str] = {}


def text(deps: Deps, portals: Sequence[Standing]) -> str:
    """All metrics; times are ages in seconds, by the database's clock."""
    with deps.ledger.begin() as connection:
        at = now(connection)
        depth = frontier.depth(connection)
        receivers = subscriptions.every(connection)
        backlogs = [(each, subscriptions.backlog(connection, each.id)) for each in receivers]
        singles = (
            ("reports", "Reports in the ledger.", reports.count(connection)),
            ("outbox_unsent", "Events that are not on the stream yet.", outbox.unsent(connection)),
            ("outbox_lag_seconds", "Age of the oldest event not on the stream.", outbox.lag(connection)),
            ("ingest_requests", "Webhook requests that were taken in.", inbox.count(connection)),
        )
    states = ("due", "collected", "quarantined")
    lines = _metric("frontier_rows", "Pages that wait.", (Sample(depth.get(s, 0), {"state": s}) for s in states))
    for name, about, value in singles:
        lines += _metric(name, about, [Sample(value)])
    lines += _portals(portals, at)
    left = [
        Sample(count, {"subscription": each.id, "state": state})
        for each, backlog in backlogs
        for state, count in (("pending", backlog.pending), ("dead", backlog.dead))
    ]
    lines += _metric("deliveries", "Events that a subscriber has not acknowledged.", left)
    enabled = [Sample(each.disabled_at is None, {"subscription": each.id}) for each in receivers]
    lines += _metric("subscription_enabled", "Whether events are sent to a subscriber.", enabled)
    return "\n".join(lines) + "\n"


def _portals(portals: Sequence[Standing], at: float) -> list[str]:
    ran = [Sample(at - each.last_run_at, {"portal": each.portal}) for each in portals if each.last_run_at]
    found = [Sample(at - each.last_new_at, {"portal": each.portal}) for each in portals if each.last_new_at]
    lines = _metric("portal_last_run_age_seconds", "Since the last run began.", ran)
    lines += _metric("portal_last_new_age_seconds", "Since the last new report was seen.", found)
    for name, about in (("overdue", "No good run for three intervals."), ("failing", "Run or host fails.")):
        flags = [Sample(getattr(each, name), {"portal": each.portal}) for each in portals]
        lines += _metric(f"portal_{name}", about, flags)
    return lines


def _metric(name: str, about: str, samples: Iterable[Sample]) -> list[str]:
    """The lines of one gauge."""
    lines = [f"# HELP gongbao_{name} {about}", f"# TYPE gongbao_{name} gauge"]
    for sample in samples:
        labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in sample.labels.items())
        lines.append(f"gongbao_{name}{f'{{{labels}}}' if labels else ''} {float(sample.value):.15g}")
    return lines


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
