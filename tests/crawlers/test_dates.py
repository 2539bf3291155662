"""Dates in the spellings that portals use."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import dates

FETCHED = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-03-04 15:06", "2024-03-04T15:06:00+08:00"),
        ("2024-3-4", "2024-03-04"),
        ("2017-05-15 10:49:00", "2017-05-15T10:49:00+08:00"),
        ("2024年3月4日", "2024-03-04"),
        ("2024 年 3 月 4 日 9:05", "2024-03-04T09:05:00+08:00"),
        ("2024/03/04", "2024-03-04"),
        ("2024.3.4", "2024-03-04"),
        ("２０２４年３月４日", "2024-03-04"),
        ("2024／03／04", "2024-03-04"),
        ("2024—03—04", "2024-03-04"),
        ("2024年03月04日 13时44分", "2024-03-04T13:44:00+08:00"),
        ("2024年3月4日9点05分06秒", "2024-03-04T09:05:06+08:00"),
        ("2024-01-2215:30:00", "2024-01-22T15:30:00+08:00"),
        ("二〇二六年三月一日", "2026-03-01"),
        ("二○一九年十二月三十一日", "2019-12-31"),
        ("二零二零年十月二十日", "2020-10-20"),
        ("2024-01-31T08:00:00", "2024-01-31T08:00:00+08:00"),
        ("发布日期：2020-02-30", None),
        ("2021—2025年", None),
        ("今天是 2024年11月24日", None),
        ("2026年1月29日 星期四", None),
    ],
)
def test_a_date_is_read_in_each_spelling(text: str, iso: str | None) -> None:
    found = dates.first(text)
    assert (found.iso if found else None) == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("19-04-25", "2019-04-25"),
        (" | 19-04-25 | ", "2019-04-25"),
        ("[98.12.01]", "1998-12-01"),
        ("19/4/5 8:30", "2019-04-05T08:30:00+08:00"),
        ("19-04-25 至 19-05-01", None),
        ("编号19-04-25", None),
        ("19-13-25", None),
        ("010-19-04-25", None),
    ],
)
def test_a_year_of_two_digits_counts_when_nothing_else_is_there(text: str, iso: str | None) -> None:
    found = dates.stated(text)
    assert (found.iso if found else None) == iso


def test_a_label_makes_a_date_with_its_weekday_a_date() -> None:
    found = dates.first("发布时间：2024-01-31 星期三")
    assert found is not None
    assert found.day == date(2024, 1, 31)


@pytest.mark.parametrize(
    ("url", "iso"),
    [
        ("https://a.example/art/2025/3/3/art_3945_2412458.html", "2025-03-03"),
        ("https://a.example/x/202103/t20210315_938832.html", "2021-03-15"),
        ("https://a.example/a/b/20200427/91f49bf8.html", "2020-04-27"),
        ("https://a.example/axzl/2016-06-12/287.html", "2016-06-12"),
        ("https://a.example/sft/c112690/202403/c00_31714534.shtml", None),
        ("https://[broken", None),
        (None, None),
    ],
)
def test_an_address_gives_a_day_only_when_it_has_one(url: str | None, iso: str | None) -> None:
    found = dates.in_address(url)
    assert (found.iso if found else None) == iso


@pytest.mark.parametrize(("text", "fine"), [("2026-03-02", True), ("2026-03-05", False), ("1989-12-31", False)])
def test_a_date_before_1990_or_after_the_fetch_is_not_plausible(text: str, fine: bool) -> None:
    found = dates.first(text)
    assert (found is not None and dates.plausible(found, FETCHED)) is fine


@given(
    st.dates(date(1990, 1, 1), date(2035, 12, 31)), st.sampled_from(["{:%Y-%m-%d}", "{0.year}年{0.month}月{0.day}日"])
)
def test_a_written_day_is_read_back(day: date, form: str) -> None:
    found = dates.first("发布日期：" + form.format(day) + " 来源：县政府办")
    assert found is not None
    assert found.day == day


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_of_dates_fail(text: str) -> None:
    assert all(0 <= moment.at < moment.end <= len(text) for moment in dates.moments(text))
