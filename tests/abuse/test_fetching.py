"""Hostile servers: each attack has its promised end, and the next honest page is served."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.models import Request
from crawlers.page import Page
from tests.abuse.addresses import ODD
from tests.abuse.answers import ALL, Hostile
from tests.adversary import Adversary, answer, raw, redirect
from tests.fetching import ORIGIN, fetch, outcome, page, policy, portal, told
from worker.fetch import Fetcher, NotModified, Validators

MOST_GROWTH = 50 * 1024 * 1024
HONEST = "报告正文".encode()


@pytest.mark.parametrize("hostile", ALL.values(), ids=ALL.keys())
def test_a_hostile_answer_has_its_promised_end_and_the_next_page_is_served(hostile: Hostile) -> None:
    async def run(server: Adversary) -> list[str]:
        async with Fetcher(policy(server)) as fetcher:
            end = await outcome(fetcher, "/hostile", seconds=hostile.seconds)
            return [told(end), told(await outcome(fetcher, "/honest"))]

    with Adversary({"/hostile": hostile.answer, "/honest": answer(HONEST)}) as server:
        assert asyncio.run(run(server)) == [hostile.promise, "RawPage"]


@pytest.mark.parametrize("url", ODD.values(), ids=ODD.keys())
def test_an_odd_address_is_refused_before_anything_is_sent(url: str) -> None:
    with Adversary({"/": answer(HONEST)}) as server:
        [end] = fetch(server, Request(url=url))
    assert (told(end), server.connections) == ("Blocked guard", 0)


ABSOLUTE = {name: url for name, url in ODD.items() if url.isascii() or url.startswith("http:")}


@pytest.mark.parametrize("url", ABSOLUTE.values(), ids=ABSOLUTE.keys())
def test_a_redirect_to_an_odd_address_is_not_followed(url: str) -> None:
    location = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + url.encode() + b"\r\n\r\n"
    with Adversary({"/hostile": raw(location)}) as server:
        [end] = fetch(server, "/hostile")
    assert (told(end), len(server.asked)) == ("NotAReport redirect", 1)


def test_six_redirects_are_one_too_many() -> None:
    answers = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    with Adversary({**answers, "/6": answer(HONEST)}) as server:
        assert [told(end) for end in fetch(server, "/0", "/1")] == ["NotAReport redirect", "RawPage"]


def test_no_cookie_and_no_referer_goes_to_another_host_even_of_the_portal() -> None:
    cookies = {"Set-Cookie": "secret=1; Domain=.example.gov.cn; Path=/"}
    answers = {"/a": redirect("https://example.gov.cn/b", headers=cookies), "/b": answer(HONEST)}
    with Adversary(answers) as server:
        fetch(server, Request(url=f"{ORIGIN}/a", referer=f"{ORIGIN}/token=1"))
    assert "secret" not in str(server.asked[1].headers)
    assert "token" not in str(server.asked[1].headers)


@pytest.mark.parametrize(
    "planted",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted",
        b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nok" + b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted",
    ],
    ids=["behind a length", "behind chunks", "behind an error"],
)
def test_an_answer_planted_for_the_next_question_is_never_its_page(planted: bytes) -> None:
    with Adversary({"/hostile": raw(planted), "/honest": answer(HONEST)}) as server:
        _, *later = fetch(server, "/hostile", "/honest", "/honest")
    assert b"planted" not in b"".join(getattr(end, "body", b"") for end in later)
    assert page(later[-1]).body == HONEST


@pytest.mark.parametrize("etag", ["\r\nX-Evil: 1", "\x00", "标记", '"' + "x" * 5000, " "])
def test_a_stored_validator_cannot_write_headers(etag: str) -> None:
    with Adversary({"/a": answer(HONEST)}) as server:
        [end] = fetch(server, "/a", validators=Validators(etag=etag, last_modified=etag))
    assert page(end).body == HONEST
    assert {"x-evil", "if-none-match", "if-modified-since"}.isdisjoint(server.asked[0].headers)


@pytest.mark.parametrize("referer", ["https://www.example.gov.cn/\r\nX-Evil: 1", "\x00", "http://[", "标记"])
def test_a_referer_cannot_write_headers(referer: str) -> None:
    with Adversary({"/a": answer(HONEST)}) as server:
        fetch(server, Request(url=f"{ORIGIN}/a", referer=referer))
    assert {"x-evil", "referer"}.isdisjoint(server.asked[0].headers)


def test_a_304_for_ever_does_not_keep_an_unconditional_read_from_the_page() -> None:
    stuck = [answer(status="304 Not Modified"), answer(status="304 Not Modified"), answer(HONEST)]

    async def run(server: Adversary) -> list[object]:
        async with Fetcher(policy(server)) as fetcher:
            held = Validators(etag='"stuck"')
            return [await outcome(fetcher, "/a", validators=with_) for with_ in (held, None, None)]

    with Adversary({"/a": stuck}) as server:
        conditional, unasked, plain = asyncio.run(run(server))
    assert isinstance(conditional, NotModified)
    assert told(unasked) == "Transient protocol"
    assert page(plain).body == HONEST


@pytest.mark.parametrize(
    "charset", ["rot13", "zlib", "idna", "punycode", "undefined", "utf-7", "\xff", "x" * 5000, "base64", "utf-16"]
)
def test_a_charset_that_lies_gives_text_and_no_script(charset: str) -> None:
    body = "报告".encode() + b"+ADw-script+AD4-alert(1)"
    with Adversary({"/a": answer(body, headers={"Content-Type": f"text/html; charset={charset}"})}) as server:
        [end] = fetch(server, "/a")
    text = Page(page(end), portal()).text
    assert text.startswith("报告")
    assert "<script" not in text


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel tells the peak here")
def test_memory_stays_bounded_through_all_of_them() -> None:
    quick = [hostile.answer for hostile in ALL.values() if hostile.seconds == 60]
    answers = {f"/{number}": given for number, given in enumerate(quick)}
    with Adversary({**answers, "/honest": answer(HONEST)}) as server:
        script = Path(__file__).with_name("eat.py")
        command = [sys.executable, str(script), str(server.port), str(len(quick))]
        ran = subprocess.run(
            command, check=True, capture_output=True, timeout=200, cwd=script.parents[2], env={"PYTHONPATH": "."}
        )
    assert json.loads(ran.stdout.splitlines().pop())["grown"] < MOST_GROWTH
