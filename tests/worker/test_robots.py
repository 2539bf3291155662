"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.errors import Blocked, Gone, NotAReport, PageError, Transient, Unexpected
from crawlers.models import RawPage
from tests.adversary import Adversary, Answer, answer
from tests.fetching import ORIGIN, Result, fetch
from worker import robots
from worker.fetch import NotModified

AGENT = "Gongbao/0.1 (archive of published government reports)"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def read(body: bytes) -> robots.Robots:
    return robots.parse(RawPage(url=f"{ORIGIN}/robots.txt", body=body, fetched_at=NOW), NOW)


def failed(error: PageError, status: int | None = None) -> robots.Robots:
    error.status = status
    return robots.parse(error, NOW)


@pytest.mark.parametrize(
    ("path", "may"), [("/a", False), ("/a/b", True), ("/a/b.pdf", False), ("/c", True), ("/robots.txt", True)]
)
def test_the_longest_match_wins(path: str, may: bool) -> None:
    rules = read(b"User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /*.pdf$\n")
    assert robots.allowed(rules, ORIGIN + path, AGENT) is may


def test_a_byte_order_mark_does_not_switch_the_rules_off() -> None:
    assert not robots.allowed(read(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n"), f"{ORIGIN}/a", AGENT)


def test_rules_for_gongbao_come_before_rules_for_all() -> None:
    rules = read(b"User-agent: *\nDisallow: /\n\nUser-agent: gongbao\nDisallow: /private/\n")
    assert robots.allowed(rules, f"{ORIGIN}/a", AGENT)
    assert not robots.allowed(rules, f"{ORIGIN}/private/a", AGENT)


def test_a_word_in_the_comment_of_the_user_agent_is_no_name() -> None:
    assert robots.allowed(read(b"User-agent: reports\nDisallow: /\n"), f"{ORIGIN}/a", AGENT)


def test_a_home_page_in_place_of_robots_allows_all() -> None:
    assert robots.allowed(read("<html><title>首页</title></html>".encode()), f"{ORIGIN}/a", AGENT)


@pytest.mark.parametrize(
    ("error", "status"),
    [(Gone("gone"), 404), (Blocked("forbidden"), 403), (Blocked("challenge"), 412), (NotAReport("redirect"), None)],
)
def test_a_host_without_robots_allows_all(error: PageError, status: int | None) -> None:
    assert robots.allowed(failed(error, status), f"{ORIGIN}/a", AGENT)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Transient("server_error"), 500),
        (Transient("server_error"), 503),
        (Transient("rate_limited"), 429),
        (Transient("timeout"), None),
        (Transient("dns"), None),
        (Blocked("challenge"), 521),
        (Blocked("guard"), None),
        (Unexpected("too_large"), None),
    ],
)
def test_a_host_that_could_not_say_allows_nothing(error: PageError, status: int | None) -> None:
    rules = failed(error, status)
    assert not robots.allowed(rules, f"{ORIGIN}/a", AGENT)
    assert robots.allowed(rules, f"{ORIGIN}/robots.txt", AGENT)


@pytest.mark.parametrize(
    ("line", "seconds"),
    [(b"5", 5.0), (b"0.5", 0.5), (b"1e9", 30.0), (b"inf", None), (b"nan", None), (b"-1", None), (b"soon", None)],
)
def test_crawl_delay_is_capped(line: bytes, seconds: float | None) -> None:
    assert robots.crawl_delay(read(b"User-agent: *\nCrawl-delay: " + line + b"\n"), AGENT) == seconds


def test_rules_within_500_kib_count_and_none_is_cut_into_a_wider_one() -> None:
    head = b"User-agent: *\nDisallow: /first/\n"
    filler = b"# " + b"x" * (robots.LARGEST - len(head) - 16) + b"\n"
    rules = read(head + filler + b"Disallow: /only-this-page\n" * 200_000)
    assert not robots.allowed(rules, f"{ORIGIN}/first/", AGENT)
    assert robots.allowed(rules, f"{ORIGIN}/other", AGENT)
    assert len(rules.text) <= robots.LARGEST


def test_a_copy_is_good_for_a_day_and_a_failure_for_minutes() -> None:
    copy, failure = read(b""), failed(Transient("timeout"))
    assert robots.fresh(copy, NOW + timedelta(hours=23))
    assert not robots.fresh(copy, NOW + timedelta(hours=24))
    assert not robots.fresh(failure, NOW + timedelta(minutes=10))


def test_a_copy_survives_storage() -> None:
    copy = read(b"User-agent: *\nDisallow: /\n")
    assert robots.Robots.model_validate_json(copy.model_dump_json()) == copy


def test_robots_lies_at_the_root_of_the_origin() -> None:
    assert robots.address("http://a.gov.cn:8080/x/y?z#t") == "http://a.gov.cn:8080/robots.txt"


@pytest.mark.parametrize(
    ("given", "may"),
    [
        (answer(b"User-agent: *\nDisallow: /private/\n"), True),
        (answer(b"User-agent: *\nDisallow: /\n"), False),
        (answer(status="404 Not Found"), True),
        (answer(status="403 Forbidden"), True),
        (answer(status="500 Internal Server Error"), False),
        (answer(b"User-agent: *\nDisallow: /private/\n" * 150_000), True),
        (lambda talk: talk.hang(), False),
    ],
    ids=["allows", "disallows", "404", "403", "500", "5 MB", "timeout"],
)
def test_what_a_host_answers_decides(given: Answer, may: bool) -> None:
    with Adversary({"/robots.txt": given}) as server:
        [result] = fetch(server, "/robots.txt", page_seconds=0.5 if not may else 30)
    assert robots.allowed(robots.parse(_said(result), NOW), f"{ORIGIN}/a", AGENT) is may


def _said(result: Result) -> RawPage | PageError:
    assert not isinstance(result, NotModified)
    return result
