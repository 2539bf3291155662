"""A real server on loopback, in a thread of the test, and what clients say to it."""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from worker.deps import Deps
from worker.signing import sign
from worker.web.server import Bound, in_thread

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
NOWHERE = "unix:///nowhere/v.sock"
SECONDS = 30


class Answer:
    """What came back."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Service:
    """A server, by its port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, dict(headers or {}))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def ingest(self, *urls: str, message_id: str = "msg_1", key: bytes = KEY) -> Answer:
        """A signed request for these pages."""
        return self.post(json.dumps({"urls": urls}).encode(), message_id, key)

    def post(self, body: bytes, message_id: str = "msg_1", key: bytes = KEY) -> Answer:
        """A signed request with this body."""
        return self.ask("POST", "/v1/ingest", body, sign(key, message_id, int(time.time()), body))


def signed(**chosen: Any) -> dict[str, Any]:
    """Settings with one sender."""
    return {"webhook_secrets": SecretStr(f"sender={SECRET}"), **chosen}


@contextmanager
def serving(deps: Deps, broker_url: str = NOWHERE) -> Iterator[Service]:
    """The whole HTTP surface over these deps, for the length of the block."""
    bound = Bound("127.0.0.1:0")
    with in_thread(deps, deps.settings, bound, broker_url):
        yield Service(bound.port)
