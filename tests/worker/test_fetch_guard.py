"""The network guard: no spelling, no name server and no redirect leads inside."""

from __future__ import annotations

import asyncio
import socket

import pytest

from config.portal import Column
from crawlers.errors import Blocked
from tests.adversary import Adversary, answer
from tests.fetching import HOST, PUBLIC, NameServer, Switchboard, outcome, policy, portal, told
from worker.fetch import Fetcher
from worker.fetch.guard import aim, check, ports
from worker.fetch.network import SystemResolver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 (nobody binds to it here)
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:10::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
        "127.1",
        "0177.0.0.1",
    ],
)
def test_an_inside_address_is_refused(address: str) -> None:
    with pytest.raises(Blocked, match="guard"):
        check(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "223.5.5.5", "2400:3200::1", "240e:1::1"])
def test_a_public_address_passes(address: str) -> None:
    assert str(check(address)) == address


@pytest.mark.parametrize(
    ("url", "spelt"),
    [
        ("http://www.example.gov.cn", "http://www.example.gov.cn/"),
        ("HTTP://WWW.Example.gov.cn:80/A?b=c#d", "http://www.example.gov.cn/A?b=c"),
        ("https://www.example.gov.cn.:443/", "https://www.example.gov.cn/"),
        ("https://www.example.gov.cn?a=http://b/@c", "https://www.example.gov.cn/?a=http://b/@c"),
        (" https://www.example.gov.cn/a ", "https://www.example.gov.cn/a"),
        ("https://www.example.gov.cn/报告 1.html", "https://www.example.gov.cn/%E6%8A%A5%E5%91%8A%201.html"),
        ("https://xn--fiqs8s.cn/", "https://xn--fiqs8s.cn/"),
        ("https://a_b.example.gov.cn/", "https://a_b.example.gov.cn/"),
        ("http://93.184.215.14/", "http://93.184.215.14/"),
        ("http://[2400:3200::1]/", "http://[2400:3200::1]/"),
    ],
)
def test_a_plain_address_gets_its_one_spelling(url: str, spelt: str) -> None:
    assert aim(url).url == spelt


def test_a_port_passes_where_the_toml_writes_it() -> None:
    column = Column(name="c", url="http://www.example.gov.cn:8081/list")
    written = ports(portal(url="http://www.example.gov.cn:8080", columns=(column,)))
    assert written == {80, 443, 8080, 8081}
    assert aim("http://www.example.gov.cn:8080/", written).authority == "www.example.gov.cn:8080"


def dial(names: NameServer, board: Switchboard, *paths: str) -> list[str]:
    async def run() -> list[str]:
        async with Fetcher(policy(), resolve=names, dial=board) as fetcher:
            where = portal(url=f"http://{HOST}")
            return [told(await outcome(fetcher, f"http://{HOST}{path}", where)) for path in paths]

    return asyncio.run(run())


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_stays() -> None:
    with Adversary({"/a": answer()}) as server:
        board = Switchboard(server.port)
        assert dial(NameServer([PUBLIC]), board, "/a") == ["RawPage"]
    assert board.dialled == [(PUBLIC, 80)]
    assert server.asked[0].headers["host"] == HOST


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with Adversary({"/a": answer()}) as server:
        board = Switchboard(server.port, dead=["1.1.1.1"])
        assert dial(NameServer(["1.1.1.1", PUBLIC]), board, "/a") == ["RawPage"]
    assert board.dialled == [("1.1.1.1", 80), (PUBLIC, 80)]


def test_a_name_that_has_turned_inside_is_never_dialled() -> None:
    board = Switchboard(0)
    assert dial(NameServer(["169.254.169.254"]), board, "/a") == ["Blocked guard"]
    assert board.dialled == []


@pytest.mark.parametrize("answers", [[PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::1"]])
def test_a_mixed_answer_is_refused_whole(answers: list[str]) -> None:
    board = Switchboard(0)
    assert dial(NameServer(answers), board, "/a") == ["Blocked guard"]
    assert board.dialled == []


def test_a_name_is_looked_up_once_a_connection_so_that_a_second_answer_cannot_differ() -> None:
    names = NameServer([PUBLIC], ["127.0.0.1"])
    with Adversary({"/a": answer()}) as server:
        board = Switchboard(server.port)
        assert dial(names, board, "/a", "/a") == ["RawPage", "RawPage"]
    assert (names.asked, board.dialled) == ([HOST], [(PUBLIC, 80)])


def test_a_rebound_name_is_checked_again_for_a_new_connection() -> None:
    names = NameServer([PUBLIC], ["127.0.0.1"])
    with Adversary({"/a": answer(headers={"Connection": "close"})}) as server:
        board = Switchboard(server.port)
        assert dial(names, board, "/a", "/a") == ["RawPage", "Blocked guard"]
    assert board.dialled == [(PUBLIC, 80)]


def test_a_name_without_addresses_may_have_some_later() -> None:
    assert dial(NameServer([]), Switchboard(0), "/a") == ["Transient connect"]


def test_a_name_server_that_fails_is_transient() -> None:
    async def unknown(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async def run() -> str:
        async with Fetcher(policy(), resolve=unknown) as fetcher:
            return told(await outcome(fetcher, "/a"))

    assert asyncio.run(run()) == "Transient dns"


def test_a_name_server_that_hangs_is_cut_off() -> None:
    async def silent(host: str) -> list[str]:
        await asyncio.Event().wait()
        return []

    async def run() -> str:
        async with Fetcher(policy(connect_seconds=0.2), resolve=silent) as fetcher:
            return told(await outcome(fetcher, "/a"))

    assert asyncio.run(run()) == "Transient timeout"


def test_the_machines_resolver_finds_loopback_and_the_guard_refuses_it() -> None:
    async def run() -> list[str]:
        resolver = SystemResolver()
        try:
            return await resolver("localhost")
        finally:
            resolver.close()

    found = asyncio.run(run())
    assert found
    for address in found:
        with pytest.raises(Blocked):
            check(address)
