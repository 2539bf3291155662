"""Whose turn it is: runs are one at a time, triggers join, pauses hold, and runs end when their pages have."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from crawlers.models import Request
from tests import databases
from tests.wanted import LANE, fetched, hold, next_due, portal, wanted
from worker.ledger import claims, fetching, frontier, history, schedule
from worker.ledger.engine import open_engine
from worker.ledger.schedule import Run
from worker.ledger.schema import runs
from worker.outcomes import Ended, Outcome

PORTAL = portal()


@pytest.fixture
def enrolled(ledger: Engine) -> Engine:
    with ledger.begin() as connection:
        schedule.enrol(connection, [PORTAL])
    return ledger


@pytest.fixture
def postgres_schedule(postgres_server: str) -> Iterator[Engine]:
    """Only PostgreSQL lets two transactions look at once."""
    with databases.postgres_database(postgres_server) as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            schedule.enrol(connection, [PORTAL])
        yield engine
        engine.dispose()


def open_run(ledger: Engine) -> Run:
    with ledger.begin() as connection:
        run = schedule.open_run(connection, PORTAL)
    assert run is not None
    return run


def close(ledger: Engine) -> list[Any]:
    with ledger.begin() as connection:
        return schedule.close_finished(connection)


def ask(ledger: Engine, *reasons: str) -> None:
    with ledger.begin() as connection:
        for reason in reasons:
            schedule.ask(connection, PORTAL.name, reason)


def due(ledger: Engine) -> list[str]:
    with ledger.begin() as connection:
        return schedule.due(connection)


def test_a_new_portal_is_due_at_once_and_enrolling_it_again_changes_nothing(enrolled: Engine) -> None:
    assert due(enrolled) == [PORTAL.name]
    open_run(enrolled)
    with enrolled.begin() as connection:
        schedule.enrol(connection, [PORTAL])
    assert due(enrolled) == []


def test_a_portal_with_a_run_under_way_is_not_due_even_when_asked_for(enrolled: Engine) -> None:
    open_run(enrolled)
    ask(enrolled, "hand")
    assert due(enrolled) == []
    with enrolled.begin() as connection:
        assert schedule.open_run(connection, PORTAL) is None


def test_two_beats_at_one_moment_open_one_run(enrolled: Engine) -> None:
    ready, opened = threading.Barrier(8), []

    def tick() -> None:
        ready.wait()
        with enrolled.begin() as connection:
            opened.extend(schedule.open_run(connection, PORTAL) for _name in schedule.due(connection))

    threads = [threading.Thread(target=tick) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([run for run in opened if run is not None]) == 1


def test_triggers_before_a_run_join_it_and_are_all_named(enrolled: Engine) -> None:
    ask(enrolled, "hand", "webhook", "hand")
    assert open_run(enrolled).reasons == ("hand", "webhook", "schedule")


def test_a_trigger_during_a_run_makes_one_further_run(enrolled: Engine) -> None:
    open_run(enrolled)
    ask(enrolled, "webhook", "webhook")
    close(enrolled)
    assert due(enrolled) == [PORTAL.name]
    assert open_run(enrolled).reasons == ("webhook",)
    close(enrolled)
    assert due(enrolled) == []


def test_a_paused_portal_is_run_only_when_somebody_asks(enrolled: Engine) -> None:
    with enrolled.begin() as connection:
        schedule.pause(connection, [PORTAL.name], paused=True)
    assert due(enrolled) == []
    ask(enrolled, "hand")
    assert open_run(enrolled).reasons == ("hand",)


def test_a_portal_that_is_resumed_is_due_again(enrolled: Engine) -> None:
    for paused, expected in ((True, []), (False, [PORTAL.name])):
        with enrolled.begin() as connection:
            schedule.pause(connection, [PORTAL.name], paused=paused)
        assert due(enrolled) == expected


def test_a_run_waits_for_every_page_that_it_found(enrolled: Engine) -> None:
    run = open_run(enrolled)
    with enrolled.begin() as connection:
        frontier.add(connection, [wanted("k", run_id=run.id)])
    assert close(enrolled) == []
    with enrolled.begin() as connection:
        fetching.drop_due(connection, next_due(connection), hold(connection).token)
    [ended] = close(enrolled)
    assert (ended.id, ended.state) == (run.id, "done")
    assert close(enrolled) == []


def test_a_run_does_not_wait_for_pages_that_were_put_off_or_set_aside(enrolled: Engine) -> None:
    run = open_run(enrolled)
    with enrolled.begin() as connection:
        frontier.add(connection, [wanted("later", run_id=run.id)])
        fetching.put_off(connection, next_due(connection), hold(connection).token, 600, "timeout", charge=True)
        fetched(connection, "bad", run_id=run.id)
        [bad] = claims.claim(connection, 1)
        claims.quarantine(connection, bad, "crashed")
    assert [ended.id for ended in close(enrolled)] == [run.id]


def test_a_run_does_not_wait_for_a_host_that_is_left_alone_for_long(enrolled: Engine) -> None:
    run = open_run(enrolled)
    with enrolled.begin() as connection:
        frontier.add(connection, [wanted("k", run_id=run.id)])
        hold(connection)
        connection.execute(text("UPDATE lanes SET not_before = lease_until + 3600"))
    assert [ended.id for ended in close(enrolled)] == [run.id]


def test_a_run_waits_for_pages_that_were_fetched_even_when_their_host_is_left_alone(enrolled: Engine) -> None:
    run = open_run(enrolled)
    with enrolled.begin() as connection:
        fetched(connection, "k", run_id=run.id)
        hold(connection)
        connection.execute(text("UPDATE lanes SET not_before = lease_until + 3600"))
    assert close(enrolled) == []


@pytest.mark.postgres
def test_a_run_that_another_is_closing_is_left_to_it(postgres_schedule: Engine) -> None:
    """Who came second once marked the columns of the next run, or told a good run for a failed one."""
    open_run(postgres_schedule)
    with postgres_schedule.begin() as first, postgres_schedule.begin() as second:
        assert len(schedule.close_finished(first)) == 1
        assert schedule.close_finished(second) == []


def test_a_portal_whose_turn_was_taken_and_is_over_gets_no_run_without_a_reason(enrolled: Engine) -> None:
    open_run(enrolled)  # by somebody who saw it due at the same moment
    close(enrolled)
    with enrolled.begin() as connection:
        assert schedule.open_run(connection, PORTAL) is None


def test_a_run_counts_how_its_pages_ended(enrolled: Engine) -> None:
    run = open_run(enrolled)
    with enrolled.begin() as connection:
        for number, outcome in enumerate((Outcome.NEW, Outcome.NEW, Outcome.GONE)):
            ended = Ended(portal=PORTAL.name, url=f"https://{LANE}/{number}", outcome=outcome)
            history.end(connection, str(number), ended, run.id)
        schedule.count_page(connection, run.id, 3)
    [told] = close(enrolled)
    assert told.outcomes == {"new": 2, "gone": 1}
    assert (told.pages, told.found) == (1, 3)


@pytest.mark.parametrize(
    ("errors", "state"), [([], "done"), (["short: a"], "short"), (["no rows"], "failed"), (["short: a", "x"], "failed")]
)
def test_a_run_is_as_good_as_its_columns(enrolled: Engine, errors: list[str], state: str) -> None:
    open_run(enrolled)
    with enrolled.begin() as connection:
        for number, error in enumerate(errors):
            connection.execute(
                text("INSERT INTO columns (portal, name, error) VALUES (:portal, :name, :error)"),
                {"portal": PORTAL.name, "name": f"c{number}", "error": error},
            )
    [told] = close(enrolled)
    assert told.state == state
    assert (told.error is None) == (not errors)


def test_the_next_turn_is_one_interval_later_give_or_take_a_tenth(enrolled: Engine) -> None:
    open_run(enrolled)
    close(enrolled)
    with enrolled.begin() as connection:
        stand = schedule.standing(connection, PORTAL)
        started = stand.last_run.started_at if stand.last_run else 0.0
    assert 0.9 * 60 * PORTAL.every_minutes <= stand.next_due_at - started <= 1.1 * 60 * PORTAL.every_minutes


def test_a_portal_is_overdue_when_its_last_good_run_is_three_intervals_ago(enrolled: Engine) -> None:
    open_run(enrolled)
    close(enrolled)
    with enrolled.begin() as connection:
        assert not schedule.standing(connection, PORTAL).overdue
        connection.execute(text("UPDATE runs SET ended_at = ended_at - 6000"))
        assert schedule.standing(connection, PORTAL).overdue


def test_a_thousand_portals_take_a_few_questions_and_stand_as_each_by_itself(ledger: Engine) -> None:
    portals, asked = [portal(f"p{number:04}") for number in range(1000)], []
    with ledger.begin() as connection:
        schedule.enrol(connection, portals[:999])
        for place, state in ((3, "done"), (3, "failed"), (7, "short"), (8, "failed"), (9, "running")):
            row = {"portal": f"p{place:04}", "reasons": [], "state": state, "started_at": place, "outcomes": {}}
            connection.execute(insert(runs).values(**row, ended_at=None if state == "running" else place))
    with ledger.begin() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        together = schedule.standings(connection, portals)
    assert len(asked) <= 8
    with ledger.begin() as connection:
        at = together[0].next_due_at
        alone = [schedule.standing(connection, portals[place]) for place in (0, 3, 7, 8, 9)]
    assert alone == [together[place] for place in (0, 3, 7, 8, 9)]
    assert [each.last_run and each.last_run.state for each in alone] == [None, "failed", "short", "failed", "running"]
    assert [each.overdue for each in alone] == [False, True, True, False, False]
    assert together[999].last_run is None
    assert together[999].next_due_at >= at


def test_pages_of_one_portal_do_not_hold_up_the_run_of_another(enrolled: Engine) -> None:
    other = portal("other")
    with enrolled.begin() as connection:
        schedule.enrol(connection, [other])
        busy = schedule.open_run(connection, other)
        assert busy is not None
        row = wanted("k", portal="other", run_id=busy.id, request=Request(url="https://other.example.gov.cn/k"))
        frontier.add(connection, [row])
    run = open_run(enrolled)
    assert [ended.id for ended in close(enrolled)] == [run.id]
