"""The decision table of identity, row by row, on a real ledger of either kind."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from crawlers.models import Extract
from tests.papers import BODY, FURTHER, paper, reading
from worker import tail
from worker.fingerprint import content_hash
from worker.ledger import library, reports
from worker.ledger.frontier import StaleClaim
from worker.ledger.reports import Reading, Stored
from worker.ledger.schema import publications
from worker.ledger.schema import reports as reports_table
from worker.outcomes import Outcome

OTHER = BODY.replace("128件", "129件")


def store(ledger: Engine, one: Reading) -> Stored:
    with ledger.begin() as connection:
        return reports.store(connection, one)


def say(ledger: Engine, portal: str, key: str, said: Extract, **more: Any) -> Stored:
    """Store what a page says, as its reader would who compared with the last version."""
    with ledger.begin() as connection:
        known = reports.known(connection, portal, key)
    return store(ledger, reading(portal, key, said, last_version=known.version if known else 0, **more))


def events(ledger: Engine) -> list[tuple[str, str]]:
    """Kind and report of each event, in order."""
    return [(event.kind, str(event.payload["id"])) for event in tail.events(ledger, follow=False)]


def whole(ledger: Engine, report_id: str) -> dict[str, Any]:
    with ledger.begin() as connection:
        found = library.whole(connection, report_id)
    assert found is not None
    return found


def diverged(ledger: Engine, portal: str, key: str) -> bool:
    with ledger.begin() as connection:
        query = select(publications.c.diverged).where(publications.c.portal == portal, publications.c.key == key)
        return bool(connection.execute(query).scalar_one())


def versions_of(ledger: Engine, portal: str, key: str) -> list[tuple[int, str]]:
    with ledger.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT v.number, v.report_id FROM versions v JOIN publications p ON p.id = v.publication_id"
                " WHERE p.portal = :portal AND p.key = :key ORDER BY v.number"
            ),
            {"portal": portal, "key": key},
        )
        return [(int(row.number), str(row.report_id)) for row in rows]


def test_a_new_page_with_new_content_is_a_new_report_that_it_leads(ledger: Engine) -> None:
    stored = say(ledger, "a", "1", paper())
    assert (stored.outcome, stored.event) == (Outcome.NEW, "report.new")
    report = whole(ledger, stored.report_id)
    assert report["url"] == "https://a.example/1"
    assert [page["portal"] for page in report["publications"]] == ["a"]
    assert events(ledger) == [("report.new", stored.report_id)]


def test_a_new_page_with_known_content_joins_the_report_as_a_sighting(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    second = say(ledger, "b", "9", paper())
    assert (second.outcome, second.report_id) == (Outcome.DUPLICATE, first.report_id)
    assert [page["portal"] for page in whole(ledger, first.report_id)["publications"]] == ["a", "b"]
    assert [kind for kind, _ in events(ledger)] == ["report.new", "report.sighted"]


def test_two_pages_of_one_portal_with_one_content_are_one_report(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    assert say(ledger, "a", "2", paper()).report_id == first.report_id


def test_a_known_page_with_the_content_of_its_last_version_is_unchanged_and_tells_nothing(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    again = say(ledger, "a", "1", paper())
    assert (again.outcome, again.report_id, again.event) == (Outcome.UNCHANGED, first.report_id, None)
    assert len(events(ledger)) == 1
    assert versions_of(ledger, "a", "1") == [(1, first.report_id)]


def test_an_unchanged_page_moves_last_seen_on_and_keeps_first_seen(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    before = whole(ledger, first.report_id)
    with ledger.begin() as connection:
        connection.execute(text("UPDATE publications SET last_seen_at = last_seen_at - 1000"))
    say(ledger, "a", "1", paper())
    after = whole(ledger, first.report_id)
    assert after["publications"] == before["publications"] or (
        after["publications"][0]["last_seen_at"] >= before["publications"][0]["last_seen_at"]
    )
    assert after["first_seen_at"] == before["first_seen_at"]


def test_a_revision_by_the_lead_keeps_the_id_and_says_what_the_page_says_now(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    revised = say(ledger, "a", "1", paper(body=OTHER))
    assert (revised.outcome, revised.report_id) == (Outcome.REVISED, first.report_id)
    report = whole(ledger, first.report_id)
    assert report["body"] == OTHER
    assert report["content_hash"] == content_hash("某市司法局年度工作情况", OTHER)
    assert versions_of(ledger, "a", "1") == [(1, first.report_id), (2, first.report_id)]
    assert [kind for kind, _ in events(ledger)] == ["report.new", "report.revised"]


def test_a_return_to_an_earlier_content_of_its_own_is_the_next_version(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    say(ledger, "a", "1", paper(body=OTHER))
    back = say(ledger, "a", "1", paper())
    assert (back.outcome, back.report_id) == (Outcome.REVISED, first.report_id)
    assert [number for number, _ in versions_of(ledger, "a", "1")] == [1, 2, 3]
    assert whole(ledger, first.report_id)["body"] == BODY


def test_a_revision_of_a_page_that_does_not_lead_marks_it_as_diverged_and_leaves_the_report(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    say(ledger, "b", "9", paper())
    revised = say(ledger, "b", "9", paper(body=OTHER))
    assert (revised.outcome, revised.report_id, revised.event) == (
        Outcome.REVISED,
        first.report_id,
        "report.diverged",
    )
    assert diverged(ledger, "b", "9")
    assert not diverged(ledger, "a", "1")
    assert whole(ledger, first.report_id)["body"] == BODY


def test_a_diverged_page_that_returns_to_its_report_is_diverged_no_more(ledger: Engine) -> None:
    say(ledger, "a", "1", paper())
    say(ledger, "b", "9", paper())
    say(ledger, "b", "9", paper(body=OTHER))
    say(ledger, "b", "9", paper())
    assert not diverged(ledger, "b", "9")


def test_when_the_lead_follows_a_diverged_page_neither_is_diverged(ledger: Engine) -> None:
    say(ledger, "a", "1", paper())
    say(ledger, "b", "9", paper())
    say(ledger, "b", "9", paper(body=OTHER))
    say(ledger, "a", "1", paper(body=OTHER))
    assert not diverged(ledger, "a", "1")
    assert not diverged(ledger, "b", "9")


def test_a_revision_by_the_lead_leaves_the_other_publications_diverged(ledger: Engine) -> None:
    say(ledger, "a", "1", paper())
    say(ledger, "b", "9", paper())
    say(ledger, "a", "1", paper(body=OTHER))
    assert diverged(ledger, "b", "9")
    assert not diverged(ledger, "a", "1")


def test_a_new_sighting_of_what_a_report_said_earlier_is_diverged_at_once(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    say(ledger, "a", "1", paper(body=OTHER))
    late = say(ledger, "b", "9", paper())
    assert (late.outcome, late.report_id) == (Outcome.DUPLICATE, first.report_id)
    assert diverged(ledger, "b", "9")


def test_a_page_that_takes_the_content_of_another_report_moves_there(ledger: Engine) -> None:
    one = say(ledger, "a", "1", paper())
    other = say(ledger, "b", "9", paper(body=OTHER))
    moved = say(ledger, "a", "1", paper(body=OTHER))
    assert (moved.outcome, moved.report_id, moved.event) == (Outcome.MOVED, other.report_id, "report.moved")
    assert versions_of(ledger, "a", "1") == [(1, one.report_id), (2, other.report_id)]


def test_a_report_that_its_last_page_left_is_merged_and_no_longer_listed(ledger: Engine) -> None:
    one = say(ledger, "a", "1", paper())
    other = say(ledger, "b", "9", paper(body=OTHER))
    say(ledger, "a", "1", paper(body=OTHER))
    assert whole(ledger, one.report_id)["merged_into"] == other.report_id
    with ledger.begin() as connection:
        assert [report["id"] for report in library.newest(connection, 10)] == [other.report_id]


def test_a_report_that_its_lead_left_is_led_by_its_oldest_other_page(ledger: Engine) -> None:
    one = say(ledger, "a", "1", paper())
    say(ledger, "c", "5", paper())
    say(ledger, "b", "9", paper(body=OTHER))
    say(ledger, "a", "1", paper(body=OTHER))
    report = whole(ledger, one.report_id)
    assert report["merged_into"] is None
    assert [page["portal"] for page in report["publications"]] == ["c"]
    assert (report["portal"], report["url"]) == ("c", "https://c.example/5")


def test_content_of_a_merged_report_makes_a_new_report_when_it_appears_again(ledger: Engine) -> None:
    one = say(ledger, "a", "1", paper())
    say(ledger, "b", "9", paper(body=OTHER))
    say(ledger, "a", "1", paper(body=OTHER))
    again = say(ledger, "c", "5", paper())
    assert again.outcome == Outcome.NEW
    assert again.report_id != one.report_id


def test_a_better_extractor_is_no_revision(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    better = paper(body=BODY + "\n" + FURTHER, extractor="test 2")
    again = say(ledger, "a", "1", better, last_reread=reading("a", "1", better).content_hash)
    assert (again.outcome, again.event) == (Outcome.UNCHANGED, None)
    report = whole(ledger, first.report_id)
    assert (report["body"], report["extractor"]) == (better.body, "test 2")
    assert versions_of(ledger, "a", "1") == [(1, first.report_id)]
    assert len(events(ledger)) == 1


def test_a_copy_found_after_the_extractor_got_better_still_joins_the_report(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper())
    better = paper(body=BODY + "\n" + FURTHER)
    say(ledger, "a", "1", better, last_reread=reading("a", "1", better).content_hash)
    assert say(ledger, "b", "9", better).report_id == first.report_id


def test_a_change_of_surroundings_alone_is_shown_and_not_told(ledger: Engine) -> None:
    first = say(ledger, "a", "1", paper(source="甲"))
    again = say(ledger, "a", "1", paper(source="乙"))
    assert again.outcome == Outcome.UNCHANGED
    assert whole(ledger, first.report_id)["source"] == "乙"
    assert len(events(ledger)) == 1


def test_equal_contents_with_contradicting_numbers_are_two_reports(ledger: Engine) -> None:
    one = say(ledger, "a", "1", paper(doc_no="某司发〔2024〕1号"))
    two = say(ledger, "b", "2", paper(doc_no="某司发〔2024〕2号"))
    three = say(ledger, "c", "3", paper(doc_no="某司发〔2024〕2号"))
    assert (two.outcome, three.outcome) == (Outcome.NEW, Outcome.DUPLICATE)
    assert one.report_id != two.report_id == three.report_id


def test_a_page_that_was_stored_by_somebody_else_meanwhile_is_refused(ledger: Engine) -> None:
    say(ledger, "a", "1", paper())
    with pytest.raises(StaleClaim):
        store(ledger, reading("a", "1", paper(body=OTHER), last_version=0))
    assert len(events(ledger)) == 1


def test_a_transaction_that_is_rolled_back_leaves_neither_report_nor_event(ledger: Engine) -> None:
    with ledger.connect() as connection:
        transaction = connection.begin()
        reports.store(connection, reading("a", "1", paper()))
        transaction.rollback()
    assert events(ledger) == []
    with ledger.begin() as connection:
        assert reports.count(connection) == 0


def test_twenty_portals_with_one_report_at_one_moment_make_one_report_and_one_new_event(ledger: Engine) -> None:
    ready, ends, errors = threading.Barrier(20), [], []

    def publish(number: int) -> None:
        one = reading(f"p{number}", "1", paper())
        ready.wait()
        try:
            ends.append(store(ledger, one))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            errors.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Counter(end.outcome for end in ends) == {Outcome.NEW: 1, Outcome.DUPLICATE: 19}
    assert len({end.report_id for end in ends}) == 1
    assert Counter(kind for kind, _ in events(ledger)) == {"report.new": 1, "report.sighted": 19}
    with ledger.begin() as connection:
        assert len(connection.execute(select(reports_table.c.id)).all()) == 1


def test_one_page_read_by_two_at_one_moment_is_stored_once(ledger: Engine) -> None:
    ready, ends = threading.Barrier(8), []

    def read() -> None:
        one = reading("a", "1", paper())
        ready.wait()
        try:
            ends.append(store(ledger, one).outcome)
        except StaleClaim:
            ends.append(None)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(ends) == {Outcome.NEW: 1, None: 7}
    assert len(events(ledger)) == 1


def test_all_reports_come_in_the_order_of_their_first_sight_however_many_in_a_transaction(
    ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = [f"某市第{number}局工作情况" for number in range(5)]
    ids = [say(ledger, "a", title, paper(title=title, body=f"{BODY}\n{title}")).report_id for title in titles]
    with ledger.begin() as connection:
        connection.execute(reports_table.update().values(first_seen_at=1.0))  # as a baseline may store them
        connection.execute(reports_table.update().where(reports_table.c.id == ids[4]).values(first_seen_at=0.0))
    for batch in (1, 2, 5, 6):
        monkeypatch.setattr(library, "_BATCH", batch)
        assert [report["id"] for report in library.every(ledger)] == [ids[4], *sorted(map(str, ids[:4]))]


def test_whoever_takes_reports_slowly_holds_up_nobody_who_writes(ledger: Engine) -> None:
    say(ledger, "a", "1", paper())
    slowly = library.every(ledger)
    first = next(slowly)
    other = say(ledger, "a", "2", paper(title="某市财政局年度工作情况", body=OTHER))
    assert first["id"] != other.report_id
    assert list(slowly) == []
