"""What the fetcher asks of an ordinary server, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from config.settings import Settings
from crawlers.errors import Transient
from crawlers.models import Request
from tests.adversary import Adversary, answer, cut, raw, redirect
from tests.fetching import ORIGIN, Result, fetch, outcome, page, policy, portal, told
from worker.fetch import Fetcher, FetchPolicy, NotModified, Validators
from worker.fetch.answers import LONGEST_RETRY_AFTER, seconds_until

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
TEXT = "关于法治政府建设情况的报告".encode()


def test_a_page_comes_back_byte_for_byte() -> None:
    with Adversary({"/a": answer(TEXT, headers={"Content-Type": "text/html", "ETag": '"1"'})}) as server:
        [result] = fetch(server, "/a")
    got = page(result)
    assert (got.body, got.status, got.url, got.final_url) == (TEXT, 200, f"{ORIGIN}/a", f"{ORIGIN}/a")
    assert (got.portal, got.header("content-type"), got.header("etag")) == ("example", "text/html", '"1"')


def test_connect_to_keeps_host_and_path_and_tells_the_scheme() -> None:
    with Adversary({"/a?b=1": answer(TEXT)}) as server:
        fetch(server, "/a?b=1", "http://example.gov.cn:80/a?b=1#top")
    first, second = server.asked
    assert (first.path, first.headers["host"]) == ("/a?b=1", "www.example.gov.cn")
    assert (second.path, second.headers["host"]) == ("/a?b=1", "example.gov.cn")
    assert [asked.headers["x-forwarded-proto"] for asked in server.asked] == ["https", "http"]


def test_the_request_names_the_crawler_and_asks_only_for_codings_that_are_bounded() -> None:
    with Adversary({"/a": answer()}) as server:
        fetch(server, "/a")
    [asked] = server.asked
    assert asked.headers["user-agent"] == "Gongbao/0.1 (tests)"
    assert asked.headers["accept-encoding"] == "gzip, deflate"
    assert "cookie" not in asked.headers


def test_the_policy_follows_the_settings() -> None:
    settings = Settings(user_agent="Mine/1", connect_to="127.0.0.1:8080")
    made = FetchPolicy.of(settings)
    assert (made.user_agent, made.endpoint) == ("Mine/1", ("127.0.0.1", 8080))


@pytest.mark.parametrize("elsewhere", ["10.0.0.1:80", "example.com:80", "127.0.0.1", "127.0.0.1:80@evil:1"])
def test_connect_to_is_loopback_only(elsewhere: str) -> None:
    with pytest.raises(ValidationError):
        policy(connect_to=elsewhere)


def test_pages_of_a_host_share_a_connection() -> None:
    with Adversary({"/a": answer(TEXT), "/gone": answer(b"no", "404 Not Found"), "/r": redirect("/a")}) as server:
        fetch(server, "/a", "/gone", "/r", "/a")
    assert (server.connections, len(server.asked)) == (1, 5)


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again() -> None:
    async def run(server: Adversary) -> list[Result]:
        async with Fetcher(policy(server)) as fetcher:
            first = await outcome(fetcher, "/a")
            await asyncio.sleep(0.3)  # for the end of the connection to arrive
            return [first, await outcome(fetcher, "/a")]

    with Adversary({"/a": cut(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")}) as server:
        results = asyncio.run(run(server))
    assert [page(result).body for result in results] == [b"ok", b"ok"]


def test_hosts_beyond_the_number_kept_are_closed_while_idle() -> None:
    with Adversary({"/a": answer(TEXT)}) as server:
        fetch(server, "/a", "https://example.gov.cn/a", "/a", hosts_kept=1)
    assert server.connections == 3


def test_many_hosts_are_fetched_at_once() -> None:
    together = asyncio.Barrier(3)

    async def run(server: Adversary) -> list[str]:
        async with Fetcher(policy(server)) as fetcher:

            async def one(host: str) -> str:
                await together.wait()
                return told(await outcome(fetcher, f"http://{host}/a", portal(url=f"http://{host}")))

            return await asyncio.gather(*(one(f"h{n}.example.gov.cn") for n in range(3)))

    with Adversary({"/a": answer(TEXT)}) as server:
        assert asyncio.run(run(server)) == ["RawPage"] * 3
    assert len({asked.headers["host"] for asked in server.asked}) == 3


def test_a_form_is_posted() -> None:
    with Adversary({"/data": answer(TEXT)}) as server:
        fetch(server, Request(url=f"{ORIGIN}/data", form=(("page", "2"), ("名", "值"))))
    [asked] = server.asked
    assert (asked.method, asked.body) == ("POST", b"page=2&%E5%90%8D=%E5%80%BC")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_redirected_form_becomes_a_get_except_with_307() -> None:
    answers = {"/302": redirect("/a"), "/307": redirect("/a", "307 Temporary Redirect"), "/a": answer(TEXT)}
    form = (("a", "1"),)
    with Adversary(answers) as server:
        fetch(server, *(Request(url=f"{ORIGIN}/{status}", form=form) for status in (302, 307)))
    assert [asked.method for asked in server.asked] == ["POST", "GET", "POST", "POST"]


def test_the_referer_goes_only_to_the_host_that_it_names() -> None:
    with Adversary({"/a": redirect("https://example.gov.cn/b"), "/b": answer(TEXT)}) as server:
        fetch(server, Request(url=f"{ORIGIN}/a", referer=f"{ORIGIN}/list.html"))
    first, second = server.asked
    assert first.headers["referer"] == f"{ORIGIN}/list.html"
    assert "referer" not in second.headers


def test_chinese_in_an_address_is_sent_as_utf_8_and_escapes_stay() -> None:
    with Adversary({"/%E6%8A%A5%E5%91%8A?q=%B9%AB": answer(TEXT)}) as server:
        [result] = fetch(server, "/报告?q=%B9%AB")
    assert page(result).body == TEXT


def test_raw_bytes_in_a_location_are_kept() -> None:
    location = b"HTTP/1.1 302 Found\r\nLocation: /\xb9\xab.html\r\nContent-Length: 0\r\n\r\n"
    with Adversary({"/a": raw(location), "/%B9%AB.html": answer(TEXT)}) as server:
        [result] = fetch(server, "/a")
    assert page(result).final_url == f"{ORIGIN}/%B9%AB.html"


def test_a_redirect_to_itself_with_a_cookie_ends_in_the_page() -> None:
    answers = [redirect("/a", headers={"Set-Cookie": "CT6T=1; Path=/"}), answer(TEXT)]
    with Adversary({"/a": answers}) as server:
        [result] = fetch(server, "/a")
    assert page(result).body == TEXT
    assert server.asked[1].headers["cookie"] == "CT6T=1"


def test_a_cookie_ends_with_its_fetch_and_stays_out_of_the_page() -> None:
    with Adversary({"/a": answer(TEXT, headers={"Set-Cookie": "s=1; Path=/"})}) as server:
        first, _ = fetch(server, "/a", "/a")
    assert all("cookie" not in asked.headers for asked in server.asked)
    assert page(first).header("set-cookie") is None


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("GZIP, identity", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:])),
        ("gzip", gzip.compress(TEXT) + b"\0" * 512),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
        ("identity", TEXT),
    ],
    ids=["gzip", "x-gzip", "capitals", "two members", "padded", "deflate", "bare deflate", "identity"],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_compressed_page_is_read_whole_however_it_is_cut_up(coding: str, body: bytes, size: int) -> None:
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: {coding}\r\n\r\n".encode()
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    with Adversary({"/a": raw(head + chunks)}) as server:
        [result] = fetch(server, "/a")
    assert page(result).body == TEXT


def test_an_empty_page_that_claims_to_be_gzip_is_empty() -> None:
    with Adversary({"/a": answer(headers={"Content-Encoding": "gzip"})}) as server:
        [result] = fetch(server, "/a")
    assert page(result).body == b""


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, "Blocked forbidden"),
        (401, "Blocked login"),
        (403, "Blocked forbidden"),
        (404, "Gone gone"),
        (405, "Blocked forbidden"),
        (408, "Transient timeout"),
        (410, "Gone gone"),
        (412, "Blocked challenge"),
        (425, "Transient server_error"),
        (429, "Transient rate_limited"),
        (451, "Blocked forbidden"),
        (491, "Blocked challenge"),
        (500, "Transient server_error"),
        (502, "Transient server_error"),
        (503, "Transient server_error"),
        (504, "Transient server_error"),
        (521, "Blocked challenge"),
        (206, "Unexpected status"),
        (300, "NotAReport redirect"),
        (302, "NotAReport redirect"),
    ],
)
def test_a_status_has_its_reaction(status: int, expected: str) -> None:
    with Adversary({"/a": answer(b"x", f"{status} Said")}) as server:
        [result] = fetch(server, "/a")
    assert told(result) == expected
    assert getattr(result, "status", None) == status
    assert getattr(result, "url", None) == f"{ORIGIN}/a"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("999999999999999", LONGEST_RETRY_AFTER),
        ("Sun, 01 Mar 2026 08:05:00 GMT", 300.0),
        ("Sun, 01 Mar 2026 16:05:00 +0800", 300.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        ("Sun, 01 Mar 2026 07:00:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Sun, 99 Mar 99999999999 08:05:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_a_guess(value: str | None, seconds: float | None) -> None:
    assert seconds_until(value, NOW) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_says_when_to_come_back(status: int) -> None:
    with Adversary({"/a": answer(status=f"{status} Busy", headers={"Retry-After": "90"})}) as server:
        [result] = fetch(server, "/a")
    assert isinstance(result, Transient)
    assert result.retry_after == 90


def test_validators_make_a_request_conditional() -> None:
    held = Validators(etag='W/"7"', last_modified="Sun, 01 Mar 2026 08:00:00 GMT")
    with Adversary({"/a": answer(status="304 Not Modified", length=5000)}) as server:
        first, second = fetch(server, "/a", "/a", validators=held)
    assert isinstance(first, NotModified)
    assert isinstance(second, NotModified)
    assert server.asked[0].headers["if-none-match"] == 'W/"7"'
    assert server.asked[0].headers["if-modified-since"] == "Sun, 01 Mar 2026 08:00:00 GMT"
    assert server.connections == 1


def test_validators_come_from_a_page() -> None:
    with Adversary({"/a": answer(TEXT, headers={"ETag": '"7"', "Last-Modified": "yesterday"})}) as server:
        [result] = fetch(server, "/a")
    assert Validators.of(page(result)) == Validators(etag='"7"', last_modified="yesterday")


def test_the_callers_deadline_holds_before_the_policys() -> None:
    async def run(server: Adversary) -> str:
        async with Fetcher(policy(server, page_seconds=200)) as fetcher:
            deadline = asyncio.get_running_loop().time() + 0.2
            with pytest.raises(Transient) as caught:
                await fetcher.fetch(Request(url=f"{ORIGIN}/a"), portal(), deadline=deadline)
            return caught.value.reason

    with Adversary({"/a": lambda talk: talk.hang()}) as server:
        assert asyncio.run(run(server)) == "timeout"


def test_a_fetch_that_is_cancelled_stays_cancelled_and_the_next_one_works() -> None:
    async def run(server: Adversary) -> str:
        async with Fetcher(policy(server)) as fetcher:
            fetching = asyncio.create_task(outcome(fetcher, "/hang"))
            while not server.asked:
                await asyncio.sleep(0.01)
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetching
            return told(await outcome(fetcher, "/a"))

    with Adversary({"/hang": lambda talk: talk.hang(), "/a": answer(TEXT)}) as server:
        assert asyncio.run(run(server)) == "RawPage"
