"""What goes into a fetch beside the request, and what comes out of it beside a page."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import AwareDatetime, Field, field_validator

from config.settings import Settings
from crawlers.models import RawPage, Value

MIB = 1024 * 1024
_SENDABLE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,1023}")
_HEADER_TEXT = r"^[\x21-\x7e][\x20-\x7e]*$"
_ENDPOINT = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})")


class FetchPolicy(Value):
    """How the fetcher behaves towards every host; seconds and bytes, each for one page with all its redirects.

    `connect_to` is the operator's only exception to the network guard: a loopback host:port that stands for
    every portal, spoken to over plain HTTP. `ca_file` is a PEM bundle trusted beside the usual authorities.
    """

    user_agent: str = Field(pattern=_HEADER_TEXT)
    connect_to: str | None = None
    ca_file: Path | None = None
    page_seconds: float = Field(default=60, gt=0)
    connect_seconds: float = Field(default=10, gt=0)
    idle_seconds: float = Field(default=30, gt=0)
    head_bytes: int = Field(default=64 * 1024, gt=0, lt=100 * 1024)  # h11 itself gives up at 100 KiB
    wire_bytes: int = Field(default=16 * MIB, gt=0)
    body_bytes: int = Field(default=16 * MIB, gt=0)
    redirects: int = Field(default=5, ge=0)
    connections_per_host: int = Field(default=4, ge=1)
    hosts_kept: int = Field(default=64, ge=1)

    @field_validator("connect_to")
    @classmethod
    def _is_loopback(cls, value: str | None) -> str | None:
        if value is not None and not _ENDPOINT.fullmatch(value):
            raise ValueError("must be a loopback host:port such as 127.0.0.1:8080")
        return value

    @classmethod
    def of(cls, settings: Settings) -> FetchPolicy:
        """The policy that the operator's settings ask for."""
        return cls(user_agent=settings.user_agent, connect_to=settings.connect_to)

    @property
    def endpoint(self) -> tuple[str, int] | None:
        """`connect_to` as host and port."""
        if self.connect_to is None:
            return None
        host, _, port = self.connect_to.rpartition(":")
        return host.strip("[]"), int(port)


class Validators(Value):
    """What makes a request conditional: the host's own words about the version that the caller holds."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, page: RawPage) -> Validators:
        """The validators that a page came with."""
        return cls(etag=page.header("etag"), last_modified=page.header("last-modified"))

    def headers(self) -> dict[str, str]:
        """The request headers; a validator that could not be sent back as it came is left out."""
        pairs = (("if-none-match", self.etag), ("if-modified-since", self.last_modified))
        return {name: value for name, value in pairs if value and _SENDABLE.fullmatch(value)}


class NotModified(Value):
    """The host says (304) that the page is still what the validators describe. `fetched_at` is UTC."""

    url: str
    fetched_at: AwareDatetime
