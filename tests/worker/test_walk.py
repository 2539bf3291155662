"""Each rule by which a list is walked, on pages of a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from config.portal import Column
from crawlers.models import Listing, Request
from worker.ledger.history import Mark
from worker.walk import Sight, Step, Walk, advance, begin, row_mark

TODAY = date(2025, 3, 20)
NEXT = Request(url="https://a.example/list?page=2")


def column(**facts: Any) -> Column:
    return Column.model_validate({"name": "c", "url": "https://a.example/list", **facts})


def row(key: str, days_ago: int | None = 0, **facts: Any) -> Request:
    day = None if days_ago is None else (TODAY - timedelta(days=days_ago)).isoformat()
    return Request.model_validate({"url": f"https://a.example/{key}", "title": f"title {key}", "date": day, **facts})


def mark(key: str, said: Request | None = None, seen_days_ago: int = 0) -> Mark:
    """What is known of a page whose row says (or said) this."""
    seen = seconds(seen_days_ago)
    return Mark(key=key, row_mark=row_mark(said) if said else None, first_seen_at=seen, state="live")


def seconds(days_ago: int) -> float:
    """Noon of that day in China, as seconds since 1970."""
    return (TODAY - timedelta(days=days_ago) - date(1970, 1, 1)).days * 86400.0 + 4 * 3600


def begun(on: Column | None = None, *, walked_days_ago: int | None = 0, **facts: Any) -> Walk:
    given: dict[str, Any] = {"since": None, "revisit": False, "limit": None, **facts}
    walked_at = None if walked_days_ago is None else seconds(walked_days_ago)
    return begin(on or column(), 1, walked_at=walked_at, **given)


def step(
    walk: Walk,
    rows: Sequence[Request],
    *,
    known: Sequence[Request] = (),
    waiting: Sequence[str] = (),
    on: Column | None = None,
    more: bool = True,
) -> Step:
    """One page of these rows; `known` are rows whose pages are known as they are."""
    named = [(one.url.rpartition("/")[2], one) for one in rows]
    marks = {one.url.rpartition("/")[2]: mark(one.url.rpartition("/")[2], one) for one in known}
    listing = Listing(items=tuple(rows), next=NEXT if more else None)
    sight = Sight(known=marks, waiting=frozenset(waiting), today=TODAY)
    return advance(walk, on or column(), listing, named, sight)


def keys(taken: Step) -> list[str]:
    return [found.key for found in taken.found]


def test_rows_that_nobody_knows_are_found_in_order() -> None:
    taken = step(begun(), [row("1"), row("2")])
    assert (keys(taken), taken.fresh) == (["1", "2"], 2)


def test_rows_that_are_known_or_wait_are_not_found_again() -> None:
    rows = [row("1"), row("2"), row("3")]
    assert keys(step(begun(), rows, known=rows[:1], waiting=["2"])) == ["3"]


def test_a_row_that_stands_twice_on_a_page_is_found_once() -> None:
    assert keys(step(begun(), [row("1"), row("1")])) == ["1"]


@pytest.mark.parametrize("change", [{"title": "other"}, {"days_ago": 3}, {"digest": "d"}])
def test_a_known_page_is_visited_when_its_row_says_something_else(change: dict[str, Any]) -> None:
    now = row("1", **change)
    taken = step(begun(), [now], known=[row("1", days_ago=0)])
    assert keys(taken) == ["1"]
    assert taken.fresh == 0


def test_a_known_page_whose_row_nobody_saw_yet_is_not_visited_for_it() -> None:
    listing = Listing(items=(row("1"),))
    sight = Sight(known={"1": mark("1")}, today=TODAY)
    assert advance(begun(), column(), listing, [("1", row("1"))], sight).found == ()


def test_a_run_by_hand_visits_known_pages_too() -> None:
    rows = [row("1"), row("2")]
    taken = step(begun(revisit=True), rows, known=rows)
    assert keys(taken) == ["1", "2"]
    assert taken.fresh == 0


def test_a_walk_goes_on_past_known_rows_inside_the_overlap() -> None:
    rows = [row("1", 1), row("2", 29)]
    assert step(begun(), rows, known=rows).next == NEXT


def test_a_walk_ends_where_a_whole_page_is_known_and_older_than_the_overlap() -> None:
    rows = [row("1", 31), row("2", 40)]
    taken = step(begun(), rows, known=rows)
    assert (taken.next, taken.walk, taken.error) == (None, None, None)


def test_a_walk_goes_on_past_old_rows_as_long_as_one_is_new() -> None:
    rows = [row("1", 31), row("2", 40)]
    assert step(begun(), rows, known=rows[:1]).next == NEXT


def test_a_walk_goes_on_past_known_rows_as_long_as_one_is_young() -> None:
    rows = [row("1", 2), row("2", 40)]
    assert step(begun(), rows, known=rows).next == NEXT


def test_the_overlap_reaches_back_from_the_last_complete_walk_and_not_from_today() -> None:
    rows = [row("1", 60)]
    assert step(begun(walked_days_ago=40), rows, known=rows).next == NEXT
    assert step(begun(walked_days_ago=20), rows, known=rows).next is None


def test_a_pinned_row_neither_ends_a_walk_nor_keeps_it_going() -> None:
    pinned, old, young = row("p", 500, pinned=True), row("1", 60), row("2", 1)
    assert step(begun(), [pinned, young], known=[pinned, young]).next == NEXT
    assert step(begun(), [row("p", 0, pinned=True), old], known=[row("p", 0, pinned=True), old]).next is None


def test_a_page_of_pinned_rows_alone_that_are_known_is_read_past() -> None:
    pinned = [row("p", 500, pinned=True)]
    assert step(begun(), pinned, known=pinned).next == NEXT


def test_an_undated_row_is_as_old_as_its_first_sight() -> None:
    undated = row("1", None)
    listing = Listing(items=(undated,), next=NEXT)
    for days, following in ((5, NEXT), (60, None)):
        sight = Sight(known={"1": mark("1", undated, days)}, today=TODAY)
        assert advance(begun(), column(), listing, [("1", undated)], sight).next == following


def test_an_undated_row_that_nobody_knows_is_as_young_as_today() -> None:
    assert step(begun(), [row("1", None)]).next == NEXT


def test_by_recency_old_rows_of_a_walk_that_broke_off_do_not_end_the_next_one() -> None:
    recent = column(order="recency")
    old = row("1", 300)
    listing = Listing(items=(old,), next=NEXT)
    for seen_days_ago, following in ((1, NEXT), (9, None)):
        sight = Sight(known={"1": mark("1", old, seen_days_ago)}, today=TODAY)
        walk = begun(recent, walked_days_ago=5)
        assert advance(walk, recent, listing, [("1", old)], sight).next == following


def test_a_list_without_an_order_is_read_to_its_end() -> None:
    unordered = column(order="none")
    rows = [row("1", 400)]
    walk = begun(unordered)
    assert step(walk, rows, known=rows, on=unordered).next == NEXT
    assert step(walk, rows, known=rows, on=unordered, more=False).walk is None


def test_a_baseline_reads_the_whole_list() -> None:
    rows = [row("1", 4000)]
    assert step(begun(walked_days_ago=None), rows, known=rows).next == NEXT


def test_a_baseline_since_a_day_ends_behind_that_day_and_leaves_older_rows_out() -> None:
    dated = column(since="2025-03-01")
    walk = begun(dated, walked_days_ago=None)
    assert keys(step(walk, [row("1", 5), row("2", 25)], on=dated)) == ["1"]
    assert step(walk, [row("1", 5), row("2", 25)], on=dated).next == NEXT
    assert step(walk, [row("3", 25), row("4", 26)], on=dated).next is None


def test_rows_before_the_columns_first_day_do_not_keep_later_walks_going() -> None:
    dated = column(since="2025-03-01")
    rows = [row("3", 60), row("4", 61)]
    taken = step(begun(dated), rows, on=dated)
    assert (taken.found, taken.next, taken.error) == ((), None, None)


def test_since_by_hand_goes_before_the_column_and_the_last_walk() -> None:
    dated = column(since="2025-03-01")
    walk = begun(dated, since=date(2025, 1, 1))
    rows = [row("1", 60)]
    assert walk.baseline
    assert keys(step(walk, rows, on=dated)) == ["1"]
    assert step(walk, rows, known=rows, on=dated).next == NEXT


def test_an_undated_row_is_never_left_out_for_a_first_day() -> None:
    dated = column(since="2025-03-01")
    assert keys(step(begun(dated, walked_days_ago=None), [row("1", None)], on=dated)) == ["1"]


def test_no_row_at_all_fails_the_walk() -> None:
    assert step(begun(), []).error == "no rows"


def test_no_row_is_fine_where_a_column_may_be_empty() -> None:
    empty = column(may_be_empty=True)
    taken = step(begun(empty), [], on=empty, more=False)
    assert (taken.error, taken.walk) == (None, None)


def test_fewer_rows_than_a_healthy_page_has_fail_the_walk() -> None:
    assert step(begun(), [row("1")], on=column(min_items=2)).error == "1 rows, expected at least 2"


def test_a_short_last_page_is_no_failure() -> None:
    long = column(min_items=2)
    first = step(begun(), [row("1"), row("2")], on=long)
    assert first.walk is not None
    assert step(first.walk, [row("3")], on=long, more=False).error is None


def test_an_empty_page_in_the_depth_fails_the_walk() -> None:
    first = step(begun(), [row("1")])
    assert first.walk is not None
    assert step(first.walk, []).error == "page 2 has no rows"


def test_a_page_that_repeats_an_earlier_one_fails_the_walk() -> None:
    first = step(begun(), [row("1"), row("2")])
    assert first.walk is not None
    assert step(first.walk, [row("1"), row("2")], waiting=["1", "2"]).error == "page 2 repeats page 1"


def test_reaching_the_most_pages_makes_the_walk_short() -> None:
    few = column(max_pages=1)
    taken = step(begun(), [row("1")], on=few)
    assert taken.error == "short: max_pages = 1 reached before the window's end"
    assert keys(taken) == ["1"]
    assert taken.next is None


def test_a_limit_takes_the_first_rows_and_makes_the_walk_short() -> None:
    taken = step(begun(limit=2), [row("1"), row("2"), row("3")])
    assert keys(taken) == ["1", "2"]
    assert taken.error == "short: stopped at the limit of 2 pages"


def test_a_limit_counts_over_pages() -> None:
    first = step(begun(limit=3), [row("1"), row("2")])
    assert first.walk is not None
    assert keys(step(first.walk, [row("3"), row("4")])) == ["3"]


def test_a_walk_over_one_page_is_over_at_once() -> None:
    assert step(begun(), [row("1")], more=False).walk is None


def test_after_a_walk_over_several_pages_page_one_is_read_again() -> None:
    first = step(begun(), [row("1")])
    assert first.walk is not None
    last = step(first.walk, [row("2")], waiting=["1"], more=False)
    assert last.walk is not None
    assert (last.walk.phase, last.next) == ("again", None)


def test_the_second_look_ends_where_a_whole_page_is_known() -> None:
    walk = begun().model_copy(update={"phase": "again", "page": 3})
    rows = [row("1"), row("2")]
    assert step(walk, rows, known=rows).walk is None


def test_the_second_look_goes_on_past_a_page_with_something_new() -> None:
    walk = begun().model_copy(update={"phase": "again", "page": 3})
    taken = step(walk, [row("new"), row("1")], known=[row("1")])
    assert keys(taken) == ["new"]
    assert taken.next == NEXT


def test_the_second_look_takes_no_known_page_twice_in_a_run_by_hand() -> None:
    walk = begun(revisit=True).model_copy(update={"phase": "again", "page": 3})
    assert step(walk, [row("1")], known=[row("1")]).found == ()


def test_the_second_look_is_not_kept_going_by_rows_before_the_columns_first_day() -> None:
    dated = column(since="2025-03-01")
    walk = begun(dated).model_copy(update={"phase": "again", "page": 3})
    rows = [row("1", 1), row("2", 100)]
    assert step(walk, rows, known=rows[:1], on=dated).walk is None
