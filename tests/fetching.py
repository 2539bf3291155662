"""Fetches against servers and name servers that a test makes up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import httpcore

from config.portal import Column, Portal
from crawlers.errors import PageError
from crawlers.models import RawPage, Request
from tests.adversary import Adversary, Answer
from worker.fetch import Fetcher, FetchPolicy, NotModified, Validators

HOST = "www.example.gov.cn"
ORIGIN = f"https://{HOST}"
PUBLIC = "93.184.215.14"

Answers = Mapping[str, Answer | list[Answer]]
Result = RawPage | NotModified | PageError


def portal(**facts: object) -> Portal:
    """A portal on www.example.gov.cn, also known as example.gov.cn."""
    column = Column(name="reports", url=f"{facts.get('url', ORIGIN)}/list.html")
    given: dict[str, object] = {
        "name": "example",
        "title": "Example",
        "family": "ucap",
        "url": ORIGIN,
        "aliases": ("example.gov.cn",),
        "columns": (column,),
    }
    return Portal.model_validate({**given, **facts})


def policy(server: Adversary | None = None, **limits: object) -> FetchPolicy:
    """A policy with everything sent to `server`, if one is given."""
    to = {"connect_to": f"127.0.0.1:{server.port}"} if server else {}
    return FetchPolicy.model_validate({"user_agent": "Gongbao/0.1 (tests)", **to, **limits})


async def outcome(
    fetcher: Fetcher,
    request: Request | str,
    where: Portal | None = None,
    validators: Validators | None = None,
    seconds: float = 60,
) -> Result:
    """What a fetch ends in, an error as a value; a string is a path on the portal or a whole address."""
    deadline = asyncio.get_running_loop().time() + seconds
    if isinstance(request, str):
        request = Request(url=request if "://" in request else ORIGIN + request)
    try:
        return await fetcher.fetch(request, where or portal(), validators=validators, deadline=deadline)
    except PageError as error:
        return error


def fetch(
    server: Adversary, *requests: Request | str, validators: Validators | None = None, **limits: object
) -> list[Result]:
    """What fetches one after the other by one fetcher end in."""

    async def run() -> list[Result]:
        async with Fetcher(policy(server, **limits)) as fetcher:
            return [await outcome(fetcher, request, validators=validators) for request in requests]

    return asyncio.run(run())


def page(result: Result) -> RawPage:
    """The result, which must be a page."""
    assert isinstance(result, RawPage), result
    return result


def told(result: Result) -> str:
    """A result in two words: the class and the reason, or what it is."""
    return f"{type(result).__name__} {result.reason}" if isinstance(result, PageError) else type(result).__name__


class NameServer:
    """Answers each look-up with the next of its answers, the last one for ever after; counts the look-ups."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        """The addresses of a name."""
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[-1]


class Switchboard(httpcore.AsyncNetworkBackend):
    """Puts every call through to one loopback port, and remembers what was dialled; `dead` addresses do not answer."""

    def __init__(self, port: int, dead: Iterable[str] = ()) -> None:
        self._port = port
        self._dead = frozenset(dead)
        self.dialled: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Note the number and connect to the loopback port."""
        self.dialled.append((host, port))
        if host in self._dead:
            raise httpcore.ConnectError("no route")
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self._port, timeout)
