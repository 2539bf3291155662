"""Who may come in: senders by their signature, readers by a token, and whoever is on this machine.

Where nothing is set, a door is open on loopback only, and there only to programs of this machine: a page in a browser
can reach loopback too, by a form or by a name that it points there, so its Origin and Host give it away.
"""

from __future__ import annotations

import hmac
import ipaddress
import math
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from fastapi import Request

from config.settings import Settings
from worker.signing import Forged, Sender, Signature, read_headers, sender_of, senders, well_formed
from worker.web.problems import Problem

log = structlog.get_logger()

UNSIGNED = ""


@dataclass
class Rate:
    """How many requests a minute a sender may make of this process, as a bucket that refills.

    The ledger counts for all processes together (worker.ledger.senders); this one stands in front of it, so that a
    flood costs the database nothing. It can refuse nothing that the ledger would let pass, since it sees no more.
    """

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, sender: str) -> float:
        """0.0 when the request may pass, else the seconds until one may."""
        now = self.clock()
        left, at = self._left.get(sender, (float(self.per_minute), now))
        left = min(self.per_minute, left + (now - at) * self.per_minute / 60)
        passes = left >= 1
        self._left[sender] = (left - 1 if passes else left, now)
        return 0.0 if passes else (1 - left) * 60 / self.per_minute


@dataclass(frozen=True)
class Doors:
    """The rules of one server; `loopback` says that it listens on this machine alone."""

    senders: tuple[Sender, ...]
    token: bytes | None = field(repr=False)
    loopback: bool
    rate: Rate
    now: Callable[[], float] = time.time

    @classmethod
    def of(cls, settings: Settings, host: str) -> Doors:
        """The rules that the settings ask for on that bind address. Raises ConfigError for a secret that is none."""
        token = settings.read_token.get_secret_value().encode() if settings.read_token else None
        return cls(senders(settings.webhook_secrets), token, is_loopback(host), Rate(settings.webhook_rate))

    @property
    def signed(self) -> bool:
        """Whether senders have to sign."""
        return bool(self.senders)

    def signature(self, headers: Mapping[str, str]) -> Signature:
        """What a request claims before its body is read. Raises Problem: 401, or 403 where unsigned is not allowed."""
        if not self.signed:
            self._only_local(headers, "GONGBAO_WEBHOOK_SECRETS")
            message_id = headers.get("webhook-id") or f"unsigned_{uuid.uuid4().hex}"
            if not well_formed(message_id):
                raise Problem(400, "malformed", "the webhook-id has letters that it may not have, or too many")
            return Signature(message_id, int(self.now()), ())
        try:
            return read_headers(headers, self.now())
        except Forged as error:
            raise _unauthorized(error.reason) from None

    def sender(self, signature: Signature, body: bytes) -> str:
        """Who signed. Raises Problem: 401 for nobody that is known, 429 for somebody who asks too often."""
        try:
            name = sender_of(self.senders, signature, body) if self.signed else UNSIGNED
        except Forged as error:
            raise _unauthorized(error.reason) from None
        if pause := self.rate.take(name):
            raise self.too_often(pause)
        return name

    def too_often(self, seconds: float) -> Problem:
        """The answer for somebody who may ask again in so many seconds."""
        log.warning("webhook.refused", status=429, reason="too_many")
        wait = {"retry-after": str(math.ceil(seconds))}
        return Problem(429, "too_many", f"at most {self.rate.per_minute} requests a minute", wait)

    def admit_reader(self, headers: Mapping[str, str]) -> None:
        """Let a reader in. Raises Problem: 401 for a wrong or missing token, 403 where none is set and it is needed."""
        if self.token is None:
            self._only_local(headers, "GONGBAO_READ_TOKEN")
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self.token):
            raise Problem(401, "unauthorized", "reading needs the bearer token", {"www-authenticate": "Bearer"})

    def admit_reader_of(self, request: Request) -> None:
        """The same, as a dependency of routes."""
        self.admit_reader(request.headers)

    def _only_local(self, headers: Mapping[str, str], setting: str) -> None:
        origin = headers.get("origin")
        local = self.loopback and is_loopback(_host(headers.get("host", "")))
        if not local or (origin and not is_loopback(_host(origin.rpartition("/")[2]))):
            raise Problem(403, "closed", f"without {setting} this is only for programs on the same machine")


def is_loopback(host: str) -> bool:
    """Whether a host, as a name or an address, means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host(authority: str) -> str:
    """The host of host:port."""
    name, colon, port = authority.rpartition(":")
    return name if colon and port.isdigit() else authority


def _unauthorized(reason: str) -> Problem:
    log.warning("webhook.refused", status=401, reason=reason)
    return Problem(401, reason, "no sender that is known here has signed this request in the last five minutes")
