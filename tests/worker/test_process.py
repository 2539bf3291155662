"""Reading fetched pages: what is refused, set aside, given back, and what a better extractor does not do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from crawlers.models import RawPage
from tests import texts
from tests.stack import settings_of
from tests.wanted import PAGE, expire, portal, wanted
from worker.archive import Archive
from worker.deps import Deps
from worker.ledger import claims, frontier, library
from worker.ledger.claims import MOST_STARTS
from worker.ledger.frontier import Archived
from worker.outcomes import Ended, Outcome
from worker.process import process

PORTAL = portal()


@pytest.fixture
def deps(sqlite_ledger: Engine, tmp_path: Path) -> Deps:
    return Deps(settings_of(tmp_path), {PORTAL.name: PORTAL}, sqlite_ledger, Archive(tmp_path / "archive"))


def bring(deps: Deps, key: str, body: str) -> None:
    """A text that was fetched and waits to be read."""
    raw = RawPage(
        url=f"{PORTAL.url}/{key}",
        headers=(("content-type", "text/plain"),),
        body=body.encode(),
        fetched_at=datetime.now(UTC),
        portal=PORTAL.name,
    )
    archived = Archived(key=deps.archive.put(raw).key, fetched_at=raw.fetched_at.timestamp())
    with deps.ledger.begin() as connection:
        frontier.bring(connection, wanted(key), archived)


def read(deps: Deps) -> list[Ended]:
    ends: list[Ended] = []
    process(deps, 10, on_end=ends.append)
    return ends


def depth(deps: Deps) -> dict[str, int]:
    with deps.ledger.begin() as connection:
        return frontier.depth(connection)


def test_a_page_that_was_read_leaves_the_frontier_with_its_report_stored(deps: Deps) -> None:
    bring(deps, "1", texts.text(1))
    [end] = read(deps)
    assert end.outcome == Outcome.NEW
    assert depth(deps) == {}


def test_a_page_that_is_no_report_is_skipped_with_a_mark(deps: Deps) -> None:
    bring(deps, "1", " ")
    [end] = read(deps)
    assert (end.outcome, end.reason, end.event) == (Outcome.SKIPPED, "empty", None)
    with deps.ledger.begin() as connection:
        assert connection.execute(text("SELECT state FROM publications")).scalars().all() == ["skipped"]


def test_a_page_whose_reading_was_begun_three_times_is_set_aside_with_its_bytes(deps: Deps) -> None:
    bring(deps, "1", texts.text(1))
    for _ in range(MOST_STARTS):
        with deps.ledger.begin() as connection:
            [item] = claims.claim(connection, 1)
            claims.start(connection, item)
            expire(connection, "frontier")
    [end] = read(deps)
    assert (end.outcome, end.reason) == (Outcome.QUARANTINED, "crashed")
    assert depth(deps) == {"quarantined": 1}
    with deps.ledger.begin() as connection:
        kept = frontier.find(connection, "example", "1")
    assert kept is not None
    [raw] = kept.raw
    assert deps.archive.get(raw.key, raw.fetched_at, None).body == texts.text(1).encode()


def test_a_page_whose_bytes_are_lost_is_set_aside(deps: Deps) -> None:
    with deps.ledger.begin() as connection:
        frontier.bring(connection, wanted("1"), PAGE)
    [end] = read(deps)
    assert (end.outcome, end.reason) == (Outcome.QUARANTINED, "lost")


class Broken(Archive):
    """An archive that meets a bug."""

    def get(self, key: str, fetched_at: float, portal: str | None) -> RawPage:
        raise RuntimeError("a bug")


def test_a_bug_charges_the_page_that_met_it_and_gives_the_others_back_at_once(deps: Deps) -> None:
    for key in ("1", "2"):
        bring(deps, key, texts.text(1))
    with pytest.raises(RuntimeError, match="a bug"):
        process(replace(deps, archive=Broken(deps.archive.folder)), 10)
    with deps.ledger.begin() as connection:
        starts = connection.execute(text("SELECT key, starts, token IS NULL AS free FROM frontier ORDER BY key")).all()
    assert [(row.key, row.starts, bool(row.free)) for row in starts] == [("1", 1, False), ("2", 0, True)]


def test_a_better_extractor_makes_no_revision_of_a_page_that_stayed_the_same(deps: Deps) -> None:
    bring(deps, "1", texts.text(1))
    read(deps)
    with deps.ledger.begin() as connection:  # as if older code had read it otherwise
        for table in ("versions", "publications", "reports", "contents"):
            connection.execute(text(f"UPDATE {table} SET content_hash = 'by older code'"))  # noqa: S608
    bring(deps, "1", texts.text(1))
    [end] = read(deps)
    assert (end.outcome, end.event) == (Outcome.UNCHANGED, None)
    assert end.content_hash != "by older code"


def test_a_page_that_changed_after_the_extractor_did_is_a_revision(deps: Deps) -> None:
    bring(deps, "1", texts.text(1))
    read(deps)
    with deps.ledger.begin() as connection:
        for table in ("versions", "publications", "reports", "contents"):
            connection.execute(text(f"UPDATE {table} SET content_hash = 'by older code'"))  # noqa: S608
    bring(deps, "1", texts.text(1, cases=7))
    [end] = read(deps)
    assert (end.outcome, end.event) == (Outcome.REVISED, "report.revised")


def test_an_interrupted_store_leaves_the_page_to_be_read_again(deps: Deps) -> None:
    bring(deps, "1", texts.text(1))
    with deps.ledger.begin() as connection:
        claims.claim(connection, 1)
    assert read(deps) == []
    with deps.ledger.begin() as connection:
        expire(connection, "frontier")
    [end] = read(deps)
    assert end.outcome == Outcome.NEW
    with deps.ledger.begin() as connection:
        assert len(library.newest(connection, 10)) == 1
