"""Pages that are given by hand: files and addresses go the way that a crawl would have sent them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Engine
from sqlalchemy import text as sql

from config.portal import ConfigError
from tests import texts
from tests.expected import events_of
from tests.stack import deps_of
from tests.texts import USUAL, Around
from worker.deps import Deps
from worker.ingest import ingest_file, ingest_urls
from worker.ledger import frontier, library
from worker.ledger.claims import MOST_STARTS
from worker.outcomes import Ended, Outcome
from worker.process import process
from worker.replica.plan import Quirk
from worker.replica.router import address
from worker.replica.server import Replica, serve
from worker.replica.site import World

HERE = "http://hrbpf.gov.cn/pfq/c110098/202503/c01_1.shtml"
THERE = "https://www.gszfw.gov.cn/Show/1"
LATER = Around("今天是2026年1月2日 星期五", 99_999, "主办单位：某某市人民政府 技术支持：某某公司")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def replica(world: World) -> Iterator[Replica]:
    with serve(world) as served:
        yield served


@pytest.fixture
def deps(tmp_path: Path, replica: Replica) -> Iterator[Deps]:
    opened = deps_of(tmp_path / "home", replica)
    yield opened
    opened.ledger.dispose()


def write(folder: Path, number: int, around: Around = USUAL, cases: int | None = None) -> Path:
    path = folder / f"{number}.txt"
    path.write_text(texts.text(number, around, cases), encoding="utf-8")
    return path


def events(deps: Deps) -> int:
    return events_of(deps).total()


def page_of(world: World, quirk: Quirk) -> str:
    """The address of the page with that quirk."""
    return next(
        address(portal, page) for portal in world.portals for page in world.pages(portal, 1) if page.quirk is quirk
    )


def ingest(deps: Deps, *urls: str) -> list[Ended]:
    ends: list[Ended] = []
    ingest_urls(deps, urls, on_end=ends.append)
    return ends


def test_five_texts_are_new_and_the_second_time_unchanged_without_an_event(tmp_path: Path, deps: Deps) -> None:
    paths = [write(tmp_path, number) for number in range(5)]
    first = [ingest_file(deps, path) for path in paths]
    assert [end.outcome for end in first] == [Outcome.NEW] * 5
    assert events(deps) == 5
    second = [ingest_file(deps, path) for path in paths]
    assert [end.outcome for end in second] == [Outcome.UNCHANGED] * 5
    assert [end.report_id for end in second] == [end.report_id for end in first]
    assert events(deps) == 5


def test_a_stored_text_is_its_title_and_body_and_nothing_around_them(tmp_path: Path, deps: Deps) -> None:
    end = ingest_file(deps, write(tmp_path, 0))
    with deps.ledger.begin() as connection:
        report = library.whole(connection, end.report_id or "")
    assert report is not None
    assert report["title"] == texts.title(0)
    assert report["body"].startswith(texts.body(0))
    assert report["published_at"] == "2025-03-01"
    assert not [word for word in ("今天是", "浏览次数", "备案", "ICP", "公网安备", "打印") if word in report["body"]]


def test_a_file_without_an_address_is_named_by_its_real_path(tmp_path: Path, deps: Deps) -> None:
    end = ingest_file(deps, write(tmp_path, 0))
    assert end.url == (tmp_path / "0.txt").resolve().as_uri()
    assert end.portal is None


def test_another_banner_counter_and_footer_at_the_same_address_change_nothing(tmp_path: Path, deps: Deps) -> None:
    ingest_file(deps, write(tmp_path, 0), url=HERE)
    again = ingest_file(deps, write(tmp_path, 0, LATER), url=HERE)
    assert again.outcome == Outcome.UNCHANGED
    assert events(deps) == 1


def test_one_changed_digit_at_the_same_address_is_a_revision(tmp_path: Path, deps: Deps) -> None:
    first = ingest_file(deps, write(tmp_path, 0), url=HERE)
    again = ingest_file(deps, write(tmp_path, 0, cases=413), url=HERE)
    assert (again.outcome, again.report_id) == (Outcome.REVISED, first.report_id)
    assert again.event == "report.revised"


def test_the_same_text_at_an_address_of_another_portal_is_a_duplicate(tmp_path: Path, deps: Deps) -> None:
    first = ingest_file(deps, write(tmp_path, 0), url=HERE)
    other = ingest_file(deps, write(tmp_path, 0, LATER), url=THERE)
    assert (other.outcome, other.report_id, other.portal) == (Outcome.DUPLICATE, first.report_id, "gansu-zfw")


def test_another_spelling_of_an_address_is_the_same_page(tmp_path: Path, deps: Deps) -> None:
    ingest_file(deps, write(tmp_path, 0), url=THERE)
    spelled = THERE.replace("https://www.gszfw.gov.cn/", "http://gszfw.gov.cn:80/Wap/")
    assert ingest_file(deps, write(tmp_path, 0), url=spelled).outcome == Outcome.UNCHANGED


def test_a_text_without_a_line_is_skipped_and_says_why(tmp_path: Path, deps: Deps) -> None:
    path = tmp_path / "empty.txt"
    path.write_text(" \n\n", encoding="utf-8")
    end = ingest_file(deps, path)
    assert (end.outcome, end.reason) == (Outcome.SKIPPED, "empty")


def test_a_file_that_is_not_there_is_an_error_and_leaves_nothing(tmp_path: Path, deps: Deps) -> None:
    with pytest.raises(FileNotFoundError):
        ingest_file(deps, tmp_path / "none.txt")
    with deps.ledger.begin() as connection:
        assert frontier.depth(connection) == {}


def test_an_address_that_is_not_on_the_named_portal_is_refused(tmp_path: Path, deps: Deps) -> None:
    with pytest.raises(ConfigError, match="is not on tahe"):
        ingest_file(deps, write(tmp_path, 0), portal="tahe", url=HERE)
    with pytest.raises(ConfigError, match="not on a configured portal"):
        ingest(deps, "https://www.example.com/1.html")


class Overtaken:
    """A ledger on which another worker reads whatever waits, just before its second transaction begins."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._begun = 0

    def begin(self) -> Any:
        self._begun += 1
        if self._begun == 2:
            process(self._deps, 10)
        return self._deps.ledger.begin()


@pytest.mark.timeout(15)
def test_a_file_that_another_worker_reads_first_still_has_its_end_told(tmp_path: Path, deps: Deps) -> None:
    overtaken = replace(deps, ledger=cast("Engine", Overtaken(deps)))
    end = ingest_file(overtaken, write(tmp_path, 0))
    assert (end.outcome, bool(end.report_id), bool(end.content_hash)) == (Outcome.NEW, True, True)


def test_an_address_is_fetched_stored_and_the_second_time_unchanged(world: World, deps: Deps) -> None:
    url = page_of(world, Quirk.TABLE)
    [first] = ingest(deps, url)
    [second] = ingest(deps, url)
    assert (first.outcome, second.outcome) == (Outcome.NEW, Outcome.UNCHANGED)
    assert first.report_id == second.report_id


def test_addresses_end_each_with_what_they_are(world: World, deps: Deps) -> None:
    kinds = {
        Quirk.PLAIN: Outcome.NEW,
        Quirk.MISSING: Outcome.GONE,
        Quirk.SOFT_MISSING: Outcome.GONE,
        Quirk.CHALLENGE: Outcome.BLOCKED,
        Quirk.REDIRECT: Outcome.SKIPPED,
    }
    urls = {page_of(world, quirk): outcome for quirk, outcome in kinds.items()}
    assert {end.url: end.outcome for end in ingest(deps, *urls)} == urls


def test_a_page_given_by_hand_and_found_by_a_crawl_is_one_page(tmp_path: Path, world: World, deps: Deps) -> None:
    url = page_of(world, Quirk.TABLE)
    ingest(deps, url)
    with deps.ledger.begin() as connection:
        count = connection.execute(sql("SELECT count(*) FROM publications")).scalar_one()
    assert count == 1


@pytest.mark.timeout(15)
def test_an_address_that_was_put_off_is_asked_for_again_at_once(tmp_path: Path, world: World) -> None:
    url = page_of(world, Quirk.TABLE)
    with serve(world) as down:
        pass
    home = tmp_path / "home"
    deps = deps_of(home, down)
    [end] = ingest(deps, url)
    deps.ledger.dispose()
    assert end.outcome == Outcome.FAILED
    with serve(world) as up:
        deps = deps_of(home, up)
        with deps.ledger.begin() as connection:
            connection.execute(sql("UPDATE lanes SET robots = NULL, not_before = 0"))
        [end] = ingest(deps, url)
        deps.ledger.dispose()
    assert end.outcome == Outcome.NEW


@pytest.mark.timeout(15)
def test_an_address_whose_reading_was_given_up_is_fetched_and_read_afresh(world: World, deps: Deps) -> None:
    url = page_of(world, Quirk.TABLE)
    ingest(deps, url)
    with deps.ledger.begin() as connection:
        row = connection.execute(sql("SELECT portal, key FROM publications")).one()
        connection.execute(
            sql(
                "INSERT INTO frontier (portal, key, lane, kind, priority, request, backfill, state, next_attempt_at,"
                " starts, created_at) VALUES (:portal, :key, 'hrbpf.gov.cn', 'report', 1, :request, false,"
                " 'quarantined', 0, :starts, 0)"
            ),
            {"portal": row.portal, "key": row.key, "request": f'{{"url": "{url}"}}', "starts": MOST_STARTS},
        )
    [end] = ingest(deps, url)
    assert end.outcome == Outcome.UNCHANGED


@pytest.mark.timeout(15)
def test_an_address_whose_host_is_left_alone_for_long_fails_and_says_so(world: World, deps: Deps) -> None:
    url = page_of(world, Quirk.TABLE)
    ingest(deps, url)
    with deps.ledger.begin() as connection:
        connection.execute(sql("UPDATE lanes SET not_before = 1e11, error = 'timeout', failures = 6"))
    [end] = ingest(deps, url)
    assert end.outcome == Outcome.FAILED
    assert end.reason == "resting"
