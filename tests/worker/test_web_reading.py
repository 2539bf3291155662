"""What readers get over a real server: paging, events, feeds, the pages for people, and who may read at all."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import SecretStr

from config.portal import ConfigError
from config.settings import Settings
from tests.databases import sqlite_copy
from tests.papers import paper, reading
from tests.serving import SECRET, Service, serving
from tests.stack import deps_on
from tests.wanted import PAGE, portal, wanted
from worker.deps import Deps
from worker.discover import lane_of
from worker.ledger import claims, frontier, lanes, outbox, reports, schedule, subscriptions
from worker.signing import new_secret
from worker.standing import Standing
from worker.web.doors import Doors
from worker.web.pages import Work, status
from worker.web.problems import Problem
from worker.web.server import Bound, banner

HOSTILE = "</td><script>alert(1)</script>&\x1b[31m\u202e'\""
PORTALS = {"example": portal(title=f"门户{HOSTILE}"), "second": portal("second")}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def deps(database: str, tmp_path: Path) -> Iterator[Deps]:
    made = deps_on(database, tmp_path, PORTALS)
    yield made
    made.ledger.dispose()


@pytest.fixture
def service(deps: Deps, valkey: str) -> Iterator[Service]:
    with serving(deps, valkey) as started:
        yield started


@pytest.fixture(scope="module")
def idle(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One server for the many questions that change nothing."""
    home = tmp_path_factory.mktemp("idle")
    made = deps_on(sqlite_copy(sqlite_template, home), home, PORTALS)
    with serving(made) as started:
        yield started
    made.ledger.dispose()


def store(deps: Deps, *keys: str, **facts: Any) -> list[str]:
    """Reports, one after the other; returns their ids."""
    ids = []
    for key in keys:
        with deps.ledger.begin() as connection:
            ids.append(reports.store(connection, paper_of(key, **facts)).report_id)
    return ids


def paper_of(key: str, **facts: Any) -> reports.Reading:
    return reading("example", key, paper(body=f"第{key}号报告的正文，内容各不相同。", **facts))


def test_reports_come_newest_first_page_by_page_without_gap_or_repetition(deps: Deps, service: Service) -> None:
    ids = store(deps, *(f"/{n}.html" for n in range(7)))
    found, after = [], ""
    while True:
        page = service.get(f"/v1/reports?limit=3{after}").json
        found += [report["id"] for report in page["reports"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == ids[::-1]


def test_reports_are_filtered_by_portal_and_by_day(deps: Deps, service: Service) -> None:
    store(deps, "/1.html")
    counts = [
        len(service.get(f"/v1/reports?{query}").json["reports"])
        for query in ("portal=example", "portal=second", "since=2025-01-01", "since=2999-01-01")
    ]
    assert counts == [1, 0, 1, 0]


def test_a_report_is_shown_whole_with_its_publications(deps: Deps, service: Service) -> None:
    [report_id] = store(deps, "/1.html")
    report = service.get(f"/v1/reports/{report_id}").json
    assert (report["id"], len(report["publications"])) == (report_id, 1)
    assert report["body"].startswith("第/1.html号")


def test_events_are_read_in_order_behind_a_number_while_no_broker_was_ever_told(deps: Deps, service: Service) -> None:
    ids = store(deps, "/1.html", "/2.html", "/3.html")
    first = service.get("/v1/events?limit=2").json
    rest = service.get(f"/v1/events?after={first['next']}").json
    assert [event["report"]["id"] for event in first["events"] + rest["events"]] == ids
    assert [event["seq"] for event in first["events"] + rest["events"]] == [1, 2, 3]
    assert service.get(f"/v1/events?after={rest['next']}").json == {"events": [], "next": 3}


def test_an_event_keeps_its_number_when_the_relay_comes_later(deps: Deps, service: Service) -> None:
    store(deps, "/1.html")
    [before] = service.get("/v1/events").json["events"]
    with deps.ledger.begin() as connection:
        outbox.number(connection, 10)
        [after] = outbox.after(connection, 0, 10)
    assert (before["event_id"], before["seq"]) == (after.event_id, after.seq)


WRONG = {
    "/v1/reports?portal=third": 404,
    "/v1/reports?portal=%00": 404,
    "/v1/reports?limit=0": 422,
    "/v1/reports?limit=201": 422,
    "/v1/reports?limit=9999999999999999999999": 422,
    "/v1/reports?since=yesterday": 422,
    "/v1/reports?since=0001-01-01": 200,
    "/v1/reports?after=1": 422,
    "/v1/reports?after=%00": 422,
    "/v1/reports?after=nan_r0123456789abcdef012": 422,
    "/v1/reports/r0": 404,
    "/v1/reports/%00": 404,
    "/v1/reports/..%2f..%2fetc%2fpasswd": 404,
    "/v1/events?after=-1": 422,
    "/v1/events?after=99999999999999999999": 422,
    "/v1/events?after=9007199254740992": 200,
    "/v1/feeds/third.atom": 404,
    "/v1/feeds/..%2f..%2fexample.atom": 404,
    "/v1/feeds/%00.atom": 404,
    "/%2e%2e/%2e%2e/etc/passwd": 404,
    "/static/": 404,
}


@pytest.mark.parametrize(("path", "status"), WRONG.items(), ids=WRONG.keys())
def test_a_question_that_makes_no_sense_is_a_problem(idle: Service, path: str, status: int) -> None:
    answer = idle.get(path)
    assert answer.status == status
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json.keys() == {"type", "title", "status", "reason", "detail"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_a_method_that_is_not_offered_is_a_problem(idle: Service, method: str) -> None:
    assert idle.ask(method, "/v1/reports").status == 405


def test_a_feed_is_atom_whatever_a_title_holds(deps: Deps, service: Service) -> None:
    store(deps, "/1.html", title=f"报告{HOSTILE}\x0b\ufffe", published_at="2025-03-01")
    answer = service.get("/v1/feeds/example.atom")
    feed = ElementTree.fromstring(answer.body)  # noqa: S314 - what we have written ourselves
    assert answer.headers["content-type"] == "application/atom+xml"
    assert [feed.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated", "author")] == [True] * 4
    [entry] = feed.iter(f"{ATOM}entry")
    assert "<script>" in (entry.findtext(f"{ATOM}title") or "")
    assert b"<script>" not in answer.body
    instant = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    for name in ("updated", "published"):
        assert re.fullmatch(instant, entry.findtext(f"{ATOM}{name}") or "")


def test_the_status_page_says_how_each_portal_is_and_escapes_it(deps: Deps, service: Service) -> None:
    with deps.ledger.begin() as connection:
        schedule.enrol(connection, PORTALS.values())
        lease = lanes.acquire(connection, lane_of(PORTALS["example"]), "test")
        assert lease is not None
        lanes.failed(connection, lease, f"HTTP 500 {HOSTILE}", None)
    answer = service.get("/")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "failing" in answer.text
    assert "HTTP 500" in answer.text
    assert "<script" not in answer.text


def test_the_status_page_begins_with_what_needs_attention_and_fits_a_phone(deps: Deps, service: Service) -> None:
    before = service.get("/").text
    assert "no run yet" in before
    assert "<meta name='viewport'" in before
    with deps.ledger.begin() as connection:
        frontier.bring(connection, wanted("/1.html"), PAGE)
        [item] = claims.claim(connection, 1)
        claims.quarantine(connection, item, "crashed")
        subscription = subscriptions.add(connection, "https://receiver.example/", new_secret())
        subscriptions.disable(connection, subscription.id, "it was gone")
    after = service.get("/").text
    assert "set aside: 1." in after
    assert f"subscriptions redeliver {subscription.id}" in after


def test_portals_that_need_attention_come_first() -> None:
    def standing(name: str, **facts: object) -> Standing:
        given = {"portal": name, "title": name, "last_run_at": 1.0, "last_run": "done", "last_new_at": None}
        flags = {"next_due_at": 2.0, "reports": 0, "paused": False, "overdue": False, "failing": False, "why": None}
        return Standing.model_validate({**given, **flags, **facts})

    shown = status(
        [standing("a"), standing("b", failing=True, why="<HTTP 500>"), standing("c", paused=True)], 9.0, Work()
    )
    assert re.findall(r"/v1/feeds/(.)\.atom", shown) == ["b", "a", "c"]
    assert "&lt;HTTP 500&gt;" in shown
    assert "1 of 3 portals need attention" in shown
    assert "none while paused" in shown


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/v1/reports", "/metrics", "/openapi.json", "/nowhere"])
def test_no_answer_lets_a_browser_run_or_load_anything(idle: Service, path: str) -> None:
    answer = idle.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in answer.text


def test_the_style_of_a_page_is_the_one_that_its_policy_allows(idle: Service) -> None:
    answer = idle.get("/")
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


def test_the_docs_name_every_path_of_the_schema(idle: Service) -> None:
    docs, schema = idle.get("/docs").text, idle.get("/openapi.json").json
    assert [path for path in schema["paths"] if path not in docs] == []


def test_metrics_are_in_the_format_of_prometheus(deps: Deps, service: Service) -> None:
    store(deps, "/1.html")
    answer = service.get("/metrics")
    line = r'(# (HELP|TYPE) gongbao_\w+ .+|gongbao_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[0-9.e+-]+)'
    assert [text for text in answer.text.splitlines() if not re.fullmatch(line, text)] == []
    assert "gongbao_reports 1\n" in answer.text
    assert "gongbao_outbox_unsent 1\n" in answer.text
    assert 'gongbao_portal_failing{portal="example"} 0\n' in answer.text


def test_ready_means_database_and_broker(deps: Deps, service: Service) -> None:
    assert service.get("/readyz").json == {"ready": True, "ledger": True, "broker": True}
    with serving(deps) as without:
        answer = without.get("/readyz")
    assert (answer.status, answer.json) == (503, {"ready": False, "ledger": True, "broker": False})


TOKEN = "correct horse battery staple"  # noqa: S105 - made up here


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/v1/reports", "/v1/reports/r0", "/v1/events", "/v1/feeds/example.atom"]
)
def test_with_a_token_nobody_reads_without_it(sqlite_template: Path, tmp_path: Path, path: str) -> None:
    deps = deps_on(sqlite_copy(sqlite_template, tmp_path), tmp_path, PORTALS, read_token=SecretStr(TOKEN))
    with serving(deps) as service:
        refused = [
            service.get(path, **headers).status
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"})
        ]
        admitted = service.get(path, Authorization=f"Bearer {TOKEN}").status
        health = service.get("/healthz").status
    assert (refused, admitted in (200, 404), health) == ([401] * 3, True, 200)
    deps.ledger.dispose()


def test_without_a_token_no_name_that_points_to_this_machine_may_read(idle: Service) -> None:
    assert idle.get("/v1/reports", Host="evil.example").status == 403
    assert idle.get("/v1/reports", Host="localhost:8000").status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "gongbao.example.com"])  # noqa: S104 - not bound
def test_beyond_loopback_every_door_is_closed_until_its_secret_is_set(host: str) -> None:
    here = {"host": "127.0.0.1"}
    closed = Doors.of(Settings(), host)
    for door in (closed.signature, closed.admit_reader):
        with pytest.raises(Problem, match="same machine"):
            door(here)
    opened = Doors.of(Settings(webhook_secrets=SecretStr(f"me={SECRET}"), read_token=SecretStr(TOKEN)), host)
    opened.admit_reader({"authorization": f"Bearer {TOKEN}"})
    with pytest.raises(Problem, match="no sender"):
        opened.signature(here)


def test_the_banner_says_what_is_unsigned() -> None:
    bound = Bound("127.0.0.1:0")
    with bound.socket:
        assert "UNSIGNED" in banner(Settings(), bound)
        assert "UNSIGNED" not in banner(Settings(webhook_secrets=SecretStr(f"me={SECRET}")), bound)


@pytest.mark.parametrize(
    "bind", ["8000", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:99999", "no.such.host.invalid:1", ""]
)
def test_a_bind_address_that_is_none_is_an_error(bind: str) -> None:
    with pytest.raises(ConfigError, match="--bind"):
        Bound(bind)


def test_a_port_in_use_is_an_error() -> None:
    first = Bound("127.0.0.1:0")
    with first.socket, pytest.raises(ConfigError, match="cannot listen"):
        Bound(f"127.0.0.1:{first.port}")
