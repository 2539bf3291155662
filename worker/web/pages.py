"""The two pages for people: how the portals are, and what the API offers; all escaped, and no script in them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote

from worker.standing import Standing
from worker.timetable import CHINA

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8884; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.ok { color: #1a7f37; } .paused { color: #777; } .overdue, .failing { color: #c0392b; font-weight: 600; }
code { font-size: .95em; } small { color: #777; }
"""


def policy() -> str:
    """The Content-Security-Policy of every answer: our own style, by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def status(portals: Sequence[Standing], at: float) -> str:
    """The status page; `at` is the time, seconds since 1970."""
    rows = "".join(_portal(portal) for portal in portals)
    wrong = [portal for portal in portals if portal.state in ("failing", "overdue")]
    said = f"{len(wrong)} of {len(portals)} portals need attention" if wrong else f"{len(portals)} portals, none fails"
    head = "<th>portal<th>state<th>last run<th>last new report<th>next run<th>reports<th>why"
    table = f"<table><thead><tr>{head}</thead><tbody>{rows}</tbody></table>"
    links = "<p><a href='/docs'>API</a> · <a href='/metrics'>metrics</a> · <a href='/v1/reports'>reports</a></p>"
    return _page("Gongbao 公报", f"<p>{said}. <small>{_time(at)}, China</small></p>{table}{links}")


def docs(schema: Mapping[str, Any]) -> str:
    """The OpenAPI document for people, without the scripts from elsewhere that viewers of it are made of."""
    sections = [
        _operation(method.upper(), path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    about = f"<p>{escape(schema['info'].get('description', ''))} The same for programs: "
    return _page("Gongbao API", f"{about}<a href='/openapi.json'>openapi.json</a>.</p>{''.join(sections)}")


def _portal(portal: Standing) -> str:
    feed = f"<a href='/v1/feeds/{quote(portal.portal)}.atom'>{escape(portal.portal)}</a>"
    cells: Iterable[str] = (
        f"<td>{escape(portal.title)}<br><small>{feed}</small>",
        f"<td class='{portal.state}'>{portal.state}",
        f"<td>{_time(portal.last_run_at)}<br><small>{escape(portal.last_run or '')}</small>",
        f"<td>{_time(portal.last_new_at)}",
        f"<td>{_time(portal.next_due_at)}",
        f"<td class='number'>{portal.reports}",
        f"<td>{escape(portal.why or '')}",
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


def _page(title: str, body: str) -> str:
    head = f"<meta charset='utf-8'><title>{title}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body><h1>{title}</h1>{body}</body></html>"


def _time(seconds: float | None) -> str:
    """Seconds since 1970 as people in China read it."""
    return "never" if seconds is None else datetime.fromtimestamp(seconds, CHINA).strftime("%Y-%m-%d %H:%M")
