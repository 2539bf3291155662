"""A portal that turns hostile or breaks, crawled for real: runs fail loudly, and nothing that is known is lost."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from config.portal import ConfigError, Portal
from crawlers import registry
from crawlers.errors import PageError
from crawlers.models import RawPage
from crawlers.page import Page
from tests.adversary import Adversary, Answer, answer, cut, redirect
from tests.stack import settings_of
from tests.wanted import portal
from worker.archive import Archive
from worker.collect import collect
from worker.crawl import crawl
from worker.deps import Deps, read_portals
from worker.discover import open_runs, revisit
from worker.ledger.schedule import RunReport
from worker.outcomes import Ended, Outcome
from worker.process import process
from worker.readers import BATCH_SECONDS
from worker.standing import standings

PORTAL = portal()
PATHS = tuple(f"/gk/202503/t0000000{number}.html" for number in range(3))
OPEN = answer(status="404 Not Found")
HTML = {"Content-Type": "text/html; charset=utf-8"}


def listed(*paths: str) -> str:
    rows = "".join(
        f'<li><a href="{path}">关于第{path[-7:-5]}号文件的通知</a><span>2025-03-01</span></li>' for path in paths
    )
    return f'<html><head><meta charset="utf-8"></head><body><ul class="list">{rows}</ul></body></html>'


def report(path: str, cases: int = 41) -> str:
    prose = f"<p>2024年，全县办理行政复议案件{cases}件，第{path[-7:-5]}号文件的各项任务有序推进，成效明显。</p>" * 8
    return (
        f"<html><head><title>第{path[-7:-5]}号通知</title></head><body><h1>关于第{path[-7:-5]}号文件的通知</h1>{prose}"
    )


def html(page: str, status: str = "200 OK", **headers: str) -> Answer:
    return answer(page.encode(), status, {**HTML, **headers})


class Site(Adversary):
    """A portal of three reports, each of whose answers can be replaced while it runs."""

    def __init__(self) -> None:
        pages: dict[str, Answer] = {path: html(report(path)) for path in PATHS}
        self.now: dict[str, Answer] = {"/robots.txt": OPEN, "/list.html": html(listed(*PATHS)), **pages}
        super().__init__({path: lambda talk, path=path: self.now[path](talk) for path in self.now})  # type: ignore[misc]


@dataclass
class World:
    """The site, and a ledger that has seen it once."""

    site: Site
    deps: Deps
    ends: list[Ended]

    def crawl(self) -> RunReport:
        self.ends.clear()
        [run] = crawl(self.deps, [PORTAL.name], on_end=self.ends.append)
        return run

    def kept(self) -> list[tuple[Any, ...]]:
        """Reports, versions and events: what must not change because of nonsense."""
        with self.deps.ledger.begin() as connection:
            return [
                tuple(row)
                for query in (
                    "SELECT url, state, version, content_hash FROM publications ORDER BY url",
                    "SELECT event_id, kind FROM outbox ORDER BY id",
                )
                for row in connection.execute(text(query))
            ]

    def revisit(self) -> list[Ended]:
        """Visit every known page again now, and say how that ended."""
        self.ends.clear()
        with self.deps.ledger.begin() as connection:
            connection.execute(text("UPDATE publications SET next_visit_at = 0"))
        revisit(self.deps)
        while asyncio.run(collect(self.deps, 5, on_end=self.ends.append)) or process(
            self.deps, 50, on_end=self.ends.append
        ):
            pass
        return list(self.ends)


@pytest.fixture
def world(sqlite_ledger: Engine, tmp_path: Path) -> Iterator[World]:
    with Site() as site:
        settings = settings_of(tmp_path, connect_to=f"127.0.0.1:{site.port}", delay=0.0)
        portals: dict[str, Portal] = {PORTAL.name: PORTAL}
        made = World(site, Deps(settings, portals, sqlite_ledger, Archive(tmp_path / "archive")), [])
        assert made.crawl().state == "done"
        assert [end.outcome for end in made.ends] == [Outcome.NEW] * 3
        yield made


MAINTENANCE = (
    "<html><head><title>系统维护</title></head><body><h1>网站维护公告</h1><p>尊敬的用户：为提供更好的服务，"
    "本网站正在进行系统维护升级，暂停访问，给您带来不便敬请谅解。</p></body></html>"
)
LOGIN = (
    "<html><head><title>用户登录</title></head><body><form action=/login method=post><input name=user>"
    "<input type=password name=pass><button>登录</button></form></body></html>"
)
HOME = (
    '<html><head><title>某县人民政府</title></head><body><a href="/">首页</a><a href="/zwgk/">政务公开</a>'
    '<a href="/jd/">政策解读</a></body></html>'
)
CHALLENGE = "<html><body><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script></body></html>"
INSTEAD: dict[str, Answer] = {
    "nothing": html(""),
    "white space": html(" \r\n" * 1000),
    "an empty page": html("<html><body></body></html>"),
    "an empty list": html(listed()),
    "a page about maintenance": html(MAINTENANCE),
    "a login": html(LOGIN),
    "the home page": html(HOME),
    "a challenge": html(CHALLENGE),
    "a challenge that says so": html(CHALLENGE, "412 Precondition Failed"),
    "an error in JSON": answer(b'{"code": 500, "msg": "error"}', headers={"Content-Type": "application/json"}),
    "a picture": answer(b"\x89PNG\r\n\x1a\n" + bytes(2000), headers={"Content-Type": "image/png"}),
    "half a list": cut(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + listed(PATHS[0]).encode()),
    "a redirect to another site": redirect("https://www.example.org/"),
    "404": html("<h1>404</h1>", "404 Not Found"),
    "403": html("<h1>403</h1>", "403 Forbidden"),
    "500": html("<h1>500</h1>", "500 Internal Server Error"),
}


@pytest.mark.parametrize("name", INSTEAD)
def test_a_page_in_place_of_a_list_fails_the_run_loudly_and_deletes_nothing(world: World, name: str) -> None:
    before = world.kept()
    world.site.now["/list.html"] = INSTEAD[name]
    run = world.crawl()
    [standing] = standings(world.deps)
    assert (run.state, standing.state, bool(run.error), bool(standing.why)) == ("failed", "failing", True, True)
    assert world.kept() == before
    world.site.now["/list.html"] = html(listed(*PATHS))
    with world.deps.ledger.begin() as connection:
        connection.execute(text("UPDATE lanes SET not_before = 0, failures = 0"))
    assert world.crawl().state == "done"
    assert world.kept() == before


@pytest.mark.parametrize("name", INSTEAD)
def test_a_page_in_place_of_a_report_changes_nothing_that_is_known(world: World, name: str) -> None:
    before = world.kept()
    world.site.now[PATHS[0]] = INSTEAD[name]
    ends = world.revisit()
    assert {end.outcome for end in ends} <= {
        Outcome.UNCHANGED,
        Outcome.SKIPPED,
        Outcome.BLOCKED,
        Outcome.GONE,
        Outcome.FAILED,
        Outcome.QUARANTINED,
    }
    assert [end.outcome for end in ends if end.url.endswith(PATHS[1])] == [Outcome.UNCHANGED]
    assert world.kept() == before


def test_a_host_that_says_when_to_come_back_is_asked_nothing_before_even_by_a_restarted_worker(
    world: World, tmp_path: Path
) -> None:
    world.site.now["/list.html"] = html("later", "503 Service Unavailable", **{"Retry-After": "3600"})
    assert world.crawl().state == "failed"
    asked = len(world.site.asked)
    world.site.now["/list.html"] = html(listed(*PATHS))
    restarted = Deps(world.deps.settings, world.deps.portals, world.deps.ledger, Archive(tmp_path / "archive"))
    open_runs(restarted, names=[PORTAL.name])
    assert asyncio.run(collect(restarted, 1)) == 0
    assert len(world.site.asked) == asked
    with world.deps.ledger.begin() as connection:
        connection.execute(text("UPDATE lanes SET not_before = not_before - 3600"))
    assert asyncio.run(collect(restarted, 5)) > 0


def test_a_host_that_says_304_for_ever_is_still_read_again_and_nothing_is_lost(world: World) -> None:
    tagged = {"ETag": '"stuck"'}
    for path in PATHS:
        world.site.now[path] = html(report(path), **tagged)
    world.revisit()
    before = world.kept()

    def stuck(path: str) -> Answer:
        def send(talk: Any) -> None:
            conditional = "if-none-match" in talk.asked.headers
            (answer(status="304 Not Modified") if conditional else html(report(path, 42), **tagged))(talk)

        return send

    world.site.now |= {path: stuck(path) for path in PATHS}
    outcomes = [{end.outcome for end in world.revisit()} for _ in range(6)]
    assert {Outcome.UNCHANGED} in outcomes
    assert {Outcome.REVISED} in outcomes  # a visit without conditions sees what the host kept back
    assert set().union(*outcomes) == {Outcome.UNCHANGED, Outcome.REVISED}
    assert len(world.kept()) == len(before) + len(PATHS)


def test_an_unasked_304_loses_nothing(world: World) -> None:
    before = world.kept()
    world.site.now["/list.html"] = answer(status="304 Not Modified")
    assert world.crawl().state == "failed"
    assert world.kept() == before


NAMES = (
    "../../../../etc/passwd",
    "..\\..\\win.ini",
    "/etc/cron.d/x",
    "a\u202efdp.exe",
    "%2e%2e%2f%2e%2e%2fx",
    "~root",
    "名" * 400,
)


def test_no_name_from_the_network_becomes_a_path(world: World) -> None:
    """Files of the data folder are named by their hashes, whatever a page calls its attachments."""
    links = "".join(f'<p><a href="{name}.pdf">{name}.pdf</a><img src="{name}.jpg"></p>' for name in NAMES)
    world.site.now[PATHS[0]] = html(report(PATHS[0], 43).replace("</h1>", f"</h1>{links}"))
    strange = "/gk/202503/..%2f..%2f..%2fetc%2ft00000009.html"
    world.site.now["/list.html"] = html(listed(*PATHS, strange))
    world.revisit()
    world.crawl()
    stored = [each for each in world.deps.archive.folder.rglob("*") if each.is_file()]
    assert len(stored) >= len(PATHS)
    named = re.compile(r"[0-9a-f/]+(\.[a-z]+)?")
    assert [each for each in stored if not named.fullmatch(str(each.relative_to(world.deps.archive.folder)))] == []
    assert not (world.deps.archive.folder.parent / "etc").exists()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('body = "div["', "selectors.body: div[ is no CSS selector"),
        ('row = ">>>"', "selectors.row: >>> is no CSS selector"),
        ('title = ":nope(x)"', "selectors.title: :nope(x) is no CSS selector"),
        ('body = ""', "selectors.body"),
        (f'body = "{"a" * 501}"', "selectors.body"),
    ],
)
def test_a_selector_of_a_portal_that_cannot_be_used_is_told_at_start(tmp_path: Path, written: str, said: str) -> None:
    lines = ('title = "某局"', 'family = "plain"', f'url = "{PORTAL.url}"', f"selectors = {{{written}}}")
    columns = f'columns = [{{name = "a", url = "{PORTAL.url}/list.html"}}]'
    (tmp_path / "some.toml").write_text("\n".join((*lines, columns)), encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(said)):
        read_portals(settings_of(tmp_path / "home", portals=tmp_path))


def test_a_family_that_nobody_knows_is_told_at_start(tmp_path: Path) -> None:
    lines = ('title = "某局"', 'family = "plane"', f'url = "{PORTAL.url}"')
    columns = f'columns = [{{name = "a", url = "{PORTAL.url}/list.html"}}]'
    (tmp_path / "some.toml").write_text("\n".join((*lines, columns)), encoding="utf-8")
    with pytest.raises(ConfigError, match="no family is called plane"):
        read_portals(settings_of(tmp_path / "home", portals=tmp_path))


@pytest.mark.parametrize("css", ["*:not(:has(*)) ~ *", "div:has(div:has(div:has(div)))", "* * * * * * * * x"])
def test_a_selector_that_takes_its_time_ends_on_the_largest_page_before_its_reader_is_killed(css: str) -> None:
    page = f"<html><body>{'<div><p>一</p></div>' * 19_000}</body></html>"
    raw = RawPage(url=f"{PORTAL.url}/1.html", body=page.encode(), fetched_at=datetime.now(UTC), portal=PORTAL.name)
    started = time.process_time()
    with suppress(PageError):
        registry.report(Page(raw, portal(selectors={"body": css})))
    assert time.process_time() - started < BATCH_SECONDS
