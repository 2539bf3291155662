"""Full text over Chinese, on both databases: any phrase of any length, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.papers import BODY, paper, reading
from worker.ledger import reports, search
from worker.ledger.search import spaced


@pytest.fixture
def stored(ledger: Engine) -> Engine:
    with ledger.begin() as connection:
        reports.store(connection, reading("a", "1", paper("东江市年度报告", doc_no="东司发〔2024〕12号")))
        reports.store(connection, reading("a", "2", paper("西河市年度报告", BODY.replace("128件", "COVID-19 防控"))))
    return ledger


def count(ledger: Engine, words: str) -> int:
    with ledger.begin() as connection:
        return len(search.find(connection, words, 10))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("东江", 1),
        ("年度报告", 2),
        ("行政复议案件", 2),
        ("议案", 2),
        ("covid-19", 1),
        ("1.5%", 2),
        ("东司发〔2024〕12号", 1),
        ("报告年度", 0),
        ("报告 年度", 2),
        ("东江\u3000年度", 1),
        ("东江 西河", 0),
        ('"东江" "报告"', 1),
        ("没有", 0),
        ("", 0),
        ('"', 0),
        ("' OR 1=1 --", 0),
        ("NEAR(东江 西河)", 0),
        ("*", 0),
    ],
)
def test_a_phrase_finds_what_contains_it(stored: Engine, words: str, found: int) -> None:
    assert count(stored, words) == found


def test_a_revised_report_is_found_by_what_it_says_now(stored: Engine) -> None:
    with stored.begin() as connection:
        revised = paper("东江市年度报告", BODY.replace("128件", "八百件整"))
        reports.store(connection, reading("a", "1", revised, last_version=1))
    assert count(stored, "八百件整") == 1
    assert count(stored, "案件128件") == 0


def test_han_characters_stand_alone_and_other_words_stay_whole() -> None:
    assert spaced("2024年COVID-19、防控") == "2024 年 COVID 19 防 控"
