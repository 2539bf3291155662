"""The two pages for people: how the portals are, and what the API offers; all escaped, and no script in them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote

from crawlers.models import Value
from worker.standing import Standing
from worker.timetable import CHINA

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8884; }
th { font-weight: 600; white-space: nowrap; }
.why, code { overflow-wrap: anywhere; }
.portals td:first-child { min-width: 11rem; }
.time small { display: block; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.ok { color: #1a7f37; } .paused, .new { color: #767676; } .overdue, .failing { color: #c0392b; font-weight: 600; }
code { font-size: .95em; } small { color: #767676; }
@media (prefers-color-scheme: dark) { .ok { color: #4fc36e; } .overdue, .failing { color: #ff7b6b; } }
@media (max-width: 48rem) {
  .portals thead { display: none; }
  .portals tr { display: block; padding: .6rem 0; border-bottom: 1px solid #8886; }
  .time small { display: inline; }
  .portals td { display: flex; gap: .8rem; padding: .1rem 0; border: 0; text-align: left; }
  .portals td[data-of]::before { content: attr(data-of); flex: 0 0 8rem; color: #767676; }
  .portals td:empty, .portals td.none { display: none; }
}
"""
_REFRESH_SECONDS = 60
_WRONG = ("failing", "overdue")
_STATES = {"new": "no run yet"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Work(Value):
    """What waits: pages to be fetched, read, or looked at by a person; events; and subscribers that took none."""

    due: int = 0
    collected: int = 0
    quarantined: int = 0
    unsent: int = 0
    disabled: tuple[str, ...] = ()


def policy() -> str:
    """The Content-Security-Policy of every answer: our own style, by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def status(portals: Sequence[Standing], at: float, work: Work) -> str:
    """The status page, the portals that need attention first; `at` is the time, seconds since 1970."""
    wrong = [portal for portal in portals if portal.state in _WRONG]
    said = f"{len(wrong)} of {len(portals)} portals need attention" if wrong else f"{len(portals)} portals, none fails"
    if not any(portal.last_run for portal in portals):
        said = f"{len(portals)} portals, and no run yet: <code>gongbao run</code>, or a worker and a beat, begin them"
    rows = "".join(_portal(portal, at) for portal in sorted(portals, key=lambda each: each.state not in _WRONG))
    heads = "<th>portal<th>state<th>last run<th>last new report<th>next run<th class='number'>reports<th>why"
    table = f"<table class='portals'><thead><tr>{heads}</thead><tbody>{rows}</tbody></table>"
    links = "<p><a href='/docs'>API</a> · <a href='/metrics'>metrics</a> · <a href='/v1/reports'>reports (JSON)</a></p>"
    body = f"<p>{said}. <small>{_time(at)}, China</small></p>{table}{_work(work)}{links}"
    return _page("Gongbao 公报", body, f"<meta http-equiv='refresh' content='{_REFRESH_SECONDS}'>")


def _work(work: Work) -> str:
    """What waits, and what somebody should look at."""
    waits = f"Waiting: {work.due} to be fetched, {work.collected} to be read, {work.unsent} events to be sent."
    more = []
    if work.quarantined:
        more.append(
            f"<p class='failing'>Pages that could not be read and are set aside: {work.quarantined}. <code>gongbao why"
            "</code> tells of each, <code>gongbao requeue</code> reads them again.</p>"
        )
    more += [
        f"<p class='failing'>The subscription {escape(each)} takes no events any more: <code>gongbao subscriptions"
        f" redeliver {escape(each)}</code> sends what it has missed.</p>"
        for each in work.disabled
    ]
    return f"<p>{waits}</p>{''.join(more)}"


def docs(schema: Mapping[str, Any]) -> str:
    """The OpenAPI document for people, without the scripts from elsewhere that viewers of it are made of."""
    sections = [
        _operation(method.upper(), path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    about = f"<p>{escape(schema['info'].get('description', ''))} The same for programs: "
    return _page("Gongbao API", f"{about}<a href='/openapi.json'>openapi.json</a>.</p>{''.join(sections)}")


def _portal(portal: Standing, at: float) -> str:
    feed = f"<a href='/v1/feeds/{quote(portal.portal)}.atom'>{escape(portal.portal)}</a>"
    run = f"<small>{escape(portal.last_run)}</small>" if portal.last_run else ""
    why = f"<td data-of='why' class='why'><span>{escape(portal.why)}</span>" if portal.why else "<td class='none'>"
    following = "none while paused" if portal.paused else _ago(portal.next_due_at, at)
    cells: Iterable[str] = (
        f"<td><span>{escape(portal.title)}<br><small>{feed}</small></span>",
        f"<td data-of='state'><span class='{portal.state}'>{_STATES.get(portal.state, portal.state)}</span>",
        f"<td data-of='last run' class='time'><span>{_ago(portal.last_run_at, at)} {run}</span>",
        f"<td data-of='last new report' class='time'><span>{_ago(portal.last_new_at, at)}</span>",
        f"<td data-of='next run' class='time'><span>{following}</span>",
        f"<td data-of='reports' class='number'><span>{portal.reports}</span>",
        why,
    )
    return f"<tr>{''.join(cells)}"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    rows = [
        (f"{given['name']} <small>{given['in']}</small>", given.get("description", ""))
        for given in operation.get("parameters", ())
    ]
    rows += [(code, said.get("description", "")) for code, said in operation["responses"].items()]
    cells = "".join(f"<tr><td><code>{name}</code><td>{escape(about)}" for name, about in rows)
    about = escape(operation.get("description", ""))
    return f"<h2><code>{method} {escape(path)}</code></h2><p>{about}</p><table>{cells}</table>"


def _page(title: str, body: str, more: str = "") -> str:
    fit = "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    head = f"<meta charset='utf-8'>{fit}{more}<title>{title}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body><h1>{title}</h1>{body}</body></html>"


def _ago(seconds: float | None, at: float) -> str:
    """A time, and how far it is from now."""
    if seconds is None:
        return "never"
    gap = abs(at - seconds)
    unit, name = next((u, n) for u, n in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s")) if gap >= u or u == 1)
    far = f"{gap / unit:.0f} {name}"
    return f"{f'{far} ago' if seconds <= at else f'in {far}'} <small>{_time(seconds)}</small>"


def _time(seconds: float) -> str:
    """Seconds since 1970 as people in China read it."""
    return datetime.fromtimestamp(seconds, CHINA).strftime("%Y-%m-%d %H:%M")
