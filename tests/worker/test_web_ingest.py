"""The door for other systems, over a real server: what is taken in, once, and how it is followed to its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text

from tests.serving import SECRET, Answer, Service, serving, signed
from tests.stack import deps_of, deps_on
from tests.wanted import PAGE, portal
from worker.crawl import pulse
from worker.deps import Deps
from worker.discover import open_runs
from worker.ledger import claims, frontier, history
from worker.ledger.frontier import Priority, Scope
from worker.ledger.schema import frontier as frontier_rows
from worker.ledger.schema import ingest_requests
from worker.outcomes import Ended, Outcome
from worker.replica.server import serve
from worker.replica.site import World
from worker.replica.truth import truth
from worker.signing import key_of, new_secret

ORIGIN = "https://example.example.gov.cn"
A, B = f"{ORIGIN}/a.html", f"{ORIGIN}/b.html"
PORTALS = {"example": portal(aliases=("alias.example.gov.cn",))}


@pytest.fixture
def deps(database: str, tmp_path: Path) -> Iterator[Deps]:
    made = deps_on(database, tmp_path, PORTALS, **signed())
    yield made
    made.ledger.dispose()


@pytest.fixture
def service(deps: Deps) -> Iterator[Service]:
    with serving(deps) as started:
        yield started


def waiting(deps: Deps) -> list[tuple[str, int]]:
    with deps.ledger.begin() as connection:
        query = select(frontier_rows.c.key, frontier_rows.c.priority).order_by(frontier_rows.c.key)
        return [(row.key, row.priority) for row in connection.execute(query)]


def requests(deps: Deps) -> int:
    with deps.ledger.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(ingest_requests)).scalar_one())


def outcomes(answer: Answer) -> list[str]:
    return [each["outcome"] for each in answer.json["urls"]]


def end(deps: Deps, key: str, outcome: Outcome, reason: str | None = None) -> None:
    """Let a page of the frontier come to an end."""
    with deps.ledger.begin() as connection:
        ended = Ended(portal="example", url=f"{ORIGIN}{key}", outcome=outcome, reason=reason)
        history.end(connection, key, ended)
        if outcome is not Outcome.FAILED:
            connection.execute(frontier_rows.delete().where(frontier_rows.c.key == key))


def followed(service: Service, taken: Answer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.get(taken.headers["location"]).json["urls"]
    return found


def test_a_signed_request_is_kept_and_its_pages_wait_with_the_priority_of_webhooks(
    deps: Deps, service: Service
) -> None:
    answer = service.ingest(A, B)
    assert (answer.status, answer.headers["location"]) == (202, answer.json["status_url"])
    assert outcomes(answer) == ["queued", "queued"]
    assert waiting(deps) == [("/a.html", Priority.WEBHOOK), ("/b.html", Priority.WEBHOOK)]


def test_the_same_request_again_gets_the_same_answer_and_starts_nothing(deps: Deps, service: Service) -> None:
    first = service.ingest(A)
    end(deps, "/a.html", Outcome.SKIPPED, "home")
    again = service.ingest(A)
    assert (again.status, again.body) == (202, first.body)
    assert (waiting(deps), requests(deps)) == ([], 1)


def test_fifty_of_the_same_request_at_once_are_one(deps: Deps, service: Service) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: service.ingest(A), range(50)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body for answer in answers}) == 1
    assert (waiting(deps), requests(deps)) == ([("/a.html", Priority.WEBHOOK)], 1)


def test_fifty_requests_for_one_page_at_once_fetch_it_once(deps: Deps, service: Service) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: service.ingest(A, message_id=f"msg_{n}"), range(50)))
    assert {answer.status for answer in answers} == {202}
    assert (waiting(deps), requests(deps)) == ([("/a.html", Priority.WEBHOOK)], 50)


def test_a_known_id_with_another_body_is_a_conflict(deps: Deps, service: Service) -> None:
    service.ingest(A)
    answer = service.ingest(B)
    assert (answer.status, answer.headers["content-type"]) == (409, "application/problem+json")
    assert waiting(deps) == [("/a.html", Priority.WEBHOOK)]


def test_two_senders_may_use_the_same_id(database: str, tmp_path: Path) -> None:
    other = new_secret()
    written = SecretStr(f"one={SECRET},two={other.get_secret_value()}")
    deps = deps_on(database, tmp_path, PORTALS, webhook_secrets=written)
    with serving(deps) as service:
        statuses = [service.ingest(A).status, service.ingest(B, key=key_of(other)).status]
    assert (statuses, requests(deps)) == ([202, 202], 2)
    deps.ledger.dispose()


def test_pages_of_other_hosts_are_refused_and_the_rest_go_on(deps: Deps, service: Service) -> None:
    answer = service.ingest("https://clone.example.com/a.html", A, "ftp://x/", "not an address")
    assert (answer.status, outcomes(answer)) == (202, ["refused", "queued", "refused", "refused"])
    assert waiting(deps) == [("/a.html", Priority.WEBHOOK)]


def test_every_spelling_of_a_page_is_that_page(deps: Deps, service: Service) -> None:
    answer = service.ingest(A, "http://alias.example.gov.cn:80/a.html#top", "https://EXAMPLE.example.gov.cn./a.html")
    assert outcomes(answer) == ["queued"] * 3
    assert waiting(deps) == [("/a.html", Priority.WEBHOOK)]


def test_a_page_that_waits_already_is_raised_and_keeps_its_run(deps: Deps, service: Service) -> None:
    with deps.ledger.begin() as connection:
        row = {"portal": "example", "key": "/a.html", "lane": "l", "kind": "report", "request": {"url": A}}
        frontier.add(connection, [frontier.Wanted(**row, priority=Priority.BACKFILL, run_id=7)])
    service.ingest(A)
    with deps.ledger.begin() as connection:
        item = frontier.find(connection, "example", "/a.html")
    assert item is not None
    assert (item.priority, item.run_id) == (Priority.WEBHOOK, 7)


def test_a_request_and_a_schedule_at_once_are_one_run_and_one_page(deps: Deps, service: Service) -> None:
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(service.ingest, A, message_id=f"msg_{n}") for n in range(10)]
        opened = [pool.submit(open_runs, deps) for _ in range(10)]
        assert {each.result().status for each in asked} == {202}
    assert [run.portal for each in opened for run in each.result()] == ["example"]
    assert waiting(deps) == [("/a.html", Priority.WEBHOOK), ("list reports", Priority.LIST)]


def test_each_address_is_followed_to_its_end(deps: Deps, service: Service) -> None:
    taken = service.ingest(A, B, "https://clone.example.com/")
    assert [each["outcome"] for each in followed(service, taken)] == ["queued", "queued", "refused"]
    end(deps, "/a.html", Outcome.SKIPPED, "home")
    end(deps, "/b.html", Outcome.GONE, "gone")
    ends = followed(service, taken)
    assert [(each["outcome"], each["reason"]) for each in ends] == [
        ("skipped", "home"),
        ("gone", "gone"),
        ("refused", "not_configured"),
    ]
    assert service.get(taken.headers["location"]).json["done"] is True


def test_an_end_stays_what_it_was_when_the_page_is_visited_again(deps: Deps, service: Service) -> None:
    taken = service.ingest(A)
    end(deps, "/a.html", Outcome.SKIPPED, "home")
    end(deps, "/a.html", Outcome.GONE, "gone")
    assert [each["outcome"] for each in followed(service, taken)] == ["skipped"]


def test_an_end_from_before_the_request_is_none_of_its_ends(deps: Deps, service: Service) -> None:
    end(deps, "/a.html", Outcome.GONE, "gone")
    assert [each["outcome"] for each in followed(service, service.ingest(A))] == ["queued"]


def test_a_failure_that_will_be_tried_again_is_still_queued(deps: Deps, service: Service) -> None:
    taken = service.ingest(A)
    end(deps, "/a.html", Outcome.FAILED, "timeout")
    assert [(each["outcome"], each["reason"]) for each in followed(service, taken)] == [("queued", "timeout")]
    with deps.ledger.begin() as connection:
        connection.execute(frontier_rows.delete())
    assert [(each["outcome"], each["reason"]) for each in followed(service, taken)] == [("failed", "timeout")]


def test_a_page_that_was_set_aside_before_is_quarantined(deps: Deps, service: Service) -> None:
    with deps.ledger.begin() as connection:
        row = {"portal": "example", "key": "/a.html", "lane": "l", "kind": "report", "request": {"url": A}}
        frontier.bring(connection, frontier.Wanted(**row, priority=Priority.NEW), PAGE)
        [item] = claims.claim(connection, 1)
        claims.quarantine(connection, item, "crashed")
    taken = service.ingest(A)
    assert [(each["outcome"], each["error"]) for each in followed(service, taken)] == [("quarantined", "crashed")]


@pytest.mark.parametrize("request_id", ["in_0", "in_" + "0" * 24, "%00", "..%2f..", "%27;%20DROP%20TABLE%20visits"])
def test_an_id_that_was_never_given_out_is_unknown(service: Service, request_id: str) -> None:
    assert service.get(f"/v1/ingest/{request_id}").status == 404


SHAPES: dict[str, tuple[bytes, int]] = {
    "no JSON": (b"urls", 400),
    "half a JSON": (b'{"urls": [', 400),
    "not UTF-8": (b'{"urls": ["\xff"]}', 400),
    "a byte order mark": ("\ufeff{}".encode(), 400),
    "a key twice": (b'{"urls": ["a"], "urls": ["b"]}', 400),
    "NaN": (b'{"urls": [NaN]}', 400),
    "Infinity": (b'{"urls": [-Infinity]}', 400),
    "a number of five thousand digits": (b'{"urls": [' + b"9" * 5000 + b"]}", 400),
    "a hundred thousand brackets": (b"[" * 100_000, 400),
    "a hundred thousand objects": (b'{"a":' * 40_000, 400),
    "nothing": (b"", 400),
    "null": (b"null", 422),
    "a list": (b"[]", 422),
    "no urls": (b"{}", 422),
    "urls that are null": (b'{"urls": null}', 422),
    "one url and no list": (json.dumps({"urls": A}).encode(), 422),
    "an empty list": (b'{"urls": []}', 422),
    "a number among the urls": (b'{"urls": [1]}', 422),
    "a list among the urls": (b'{"urls": [["a"]]}', 422),
    "an empty url": (b'{"urls": [""]}', 422),
    "a url of ten thousand letters": (json.dumps({"urls": [A + "a" * 10_000]}).encode(), 422),
    "a NUL in a url": (json.dumps({"urls": [A + "\0"]}).encode(), 422),
    "a line break in a url": (json.dumps({"urls": [A + "\r\nX: 1"]}).encode(), 422),
    "half a surrogate pair": (b'{"urls": ["\\ud800"]}', 422),
    "another key": (b'{"urls": ["a"], "portal": "b"}', 422),
    "a hundred and one urls": (json.dumps({"urls": [A] * 101}).encode(), 422),
}


@pytest.mark.parametrize(("body", "status"), SHAPES.values(), ids=SHAPES.keys())
def test_a_body_of_another_shape_is_refused_with_a_reason(
    sqlite_service: tuple[Deps, Service], body: bytes, status: int
) -> None:
    deps, service = sqlite_service
    answer = service.post(body)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (answer.json["status"], requests(deps)) == (status, 0)


@pytest.fixture(scope="module")
def sqlite_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deps, Service]]:
    """One server for the many requests that leave nothing behind."""
    made = deps_of(tmp_path_factory.mktemp("home"), **signed(webhook_rate=10_000))
    with serving(made) as started:
        yield made, started
    made.ledger.dispose()


def test_a_hundred_urls_are_taken(service: Service) -> None:
    answer = service.ingest(*(f"{ORIGIN}/{n}.html" for n in range(100)))
    assert (answer.status, len(answer.json["urls"])) == (202, 100)


def test_a_sender_that_asks_too_often_has_to_wait_and_others_need_not(tmp_path: Path) -> None:
    deps = deps_of(tmp_path, **signed(webhook_rate=2))
    with serving(deps) as service:
        answers = [service.ingest(A, message_id=f"msg_{n}") for n in range(3)]
        health = service.get("/healthz")
    assert [answer.status for answer in answers] == [202, 202, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert (requests(deps), health.status) == (2, 200)
    deps.ledger.dispose()


def test_forgers_do_not_use_up_what_a_sender_may_ask(tmp_path: Path) -> None:
    deps = deps_of(tmp_path, **signed(webhook_rate=1))
    with serving(deps) as service:
        statuses = [service.ingest(A, key=b"x" * 32).status for _ in range(5)] + [service.ingest(A).status]
    assert statuses == [401] * 5 + [202]
    deps.ledger.dispose()


def test_a_broker_that_is_away_keeps_no_request_out(service: Service) -> None:
    assert (service.get("/readyz").status, service.ingest(A).status) == (503, 202)


def test_a_database_that_is_away_is_told_so_and_when_to_come_back(tmp_path: Path) -> None:
    deps = deps_of(tmp_path, **signed())
    with serving(deps) as service:
        with deps.ledger.begin() as connection:
            connection.execute(text("ALTER TABLE ingest_requests RENAME TO elsewhere"))
        answer = service.ingest(A)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert "sql" not in answer.text.lower()
        with deps.ledger.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO ingest_requests"))
        assert service.ingest(A).status == 202
    deps.ledger.dispose()


def test_without_secrets_this_machine_may_ask_unsigned(tmp_path: Path) -> None:
    deps = deps_of(tmp_path)
    body = json.dumps({"urls": ["https://dxalth.gov.cn/c1/a.html"]})
    with serving(deps) as service:
        answers = [service.ask("POST", "/v1/ingest", body) for _ in range(2)]
        named = [service.ask("POST", "/v1/ingest", body, {"webhook-id": "mine"}) for _ in range(2)]
    assert {answer.status for answer in answers + named} == {202}
    assert len({answer.json["id"] for answer in answers}) == 2
    assert len({answer.json["id"] for answer in named}) == 1
    deps.ledger.dispose()


BROWSERS = {
    "a page of another site": {"Origin": "https://evil.example"},
    "a page without an origin": {"Origin": "null"},
    "a name that points here": {"Host": "evil.example"},
    "a name that begins like this machine": {"Host": "127.0.0.1.evil.example"},
    "no host": {"Host": ""},
}


@pytest.mark.parametrize("headers", BROWSERS.values(), ids=BROWSERS.keys())
def test_without_secrets_no_browser_may_ask_for_somebody_else(tmp_path: Path, headers: dict[str, str]) -> None:
    deps = deps_of(tmp_path)
    with serving(deps) as service:
        answer = service.ask("POST", "/v1/ingest", '{"urls": ["https://dxalth.gov.cn/a"]}', headers)
    assert (answer.status, answer.json["reason"]) == (403, "closed")
    deps.ledger.dispose()


def test_a_report_that_was_asked_for_is_fetched_stored_and_told(tmp_path: Path) -> None:
    world = World(20, 1)
    with serve(world) as replica:
        deps = deps_of(tmp_path, replica, **signed())
        page = next(page for page in truth(world, 1) if page.outcome == "new" and page.portal == "tahe")
        with serving(deps) as service:
            taken = service.ingest(page.url)
            while pulse(deps, Scope(portals=("tahe",))):
                pass
            [state] = followed(service, taken)
            report = service.get(f"/v1/reports/{state['report_id']}").json
            events = service.get("/v1/events").json["events"]
        deps.ledger.dispose()
    assert (state["outcome"], report["title"], report["content_hash"]) == ("new", page.title, page.content_hash)
    assert [(event["kind"], event["report"]["id"]) for event in events] == [("report.new", report["id"])]
