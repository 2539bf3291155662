"""A fetched page as adapters see it: bytes, text, parsed document and portal, each made once and only if asked for."""

from __future__ import annotations

import json
from functools import cached_property
from urllib.parse import urljoin

from config.portal import Portal
from crawlers import guard
from crawlers.decode import Decoded, decode
from crawlers.errors import Unexpected
from crawlers.html import Document, parse
from crawlers.models import RawPage, Request


class Page:
    """One page on its way through an adapter; it never changes, it only remembers what was worked out.

    `hint` is the list row that led here, if one did: its title repairs a cut one, its date helps a page without any.
    """

    def __init__(self, raw: RawPage, portal: Portal | None = None, hint: Request | None = None) -> None:
        self.raw = raw
        self.portal = portal
        self.hint = hint

    @property
    def url(self) -> str | None:
        """Where the page was found, after redirects; None for a file whose address nobody gave."""
        return self.raw.final_url or self.raw.url

    @cached_property
    def decoded(self) -> Decoded:
        """Text, codec and the number of unreadable characters."""
        default = self.portal.encoding if self.portal else None
        return decode(self.raw.body, self.raw.header("content-type"), default)

    @property
    def text(self) -> str:
        """The page as text, markup included."""
        return self.decoded.text

    @cached_property
    def doc(self) -> Document:
        """The parsed document. NotAReport for a page that it would be unsafe to parse."""
        guard.check(self)
        return parse(self.decoded.utf8 or self.text)

    @cached_property
    def is_too_deep(self) -> bool:
        """Whether elements are nested so deep that parsing would take quadratic time."""
        return guard.is_deep(self.text, briefly=self.too_much is not None)

    @cached_property
    def too_much(self) -> str | None:
        """What the page has too much of to be parsed, if anything."""
        return guard.too_much(self.raw.body, self.text)

    @cached_property
    def json(self) -> object:
        """The page as JSON; Unexpected when it is none. Escapes of what is no character become U+FFFD."""
        try:
            found: object = json.loads(self.text)
            return storable(found) if "\\u" in self.text else found
        except (ValueError, RecursionError) as error:
            raise Unexpected("json", str(error), url=self.url) from error

    def link(self, href: str) -> str:
        """An address from the page made absolute; as it is when the page has no address."""
        try:
            return urljoin(self.url or "", href.strip())
        except ValueError:
            return href.strip()


def storable(value: object) -> object:
    """A JSON value without NUL and half surrogates, which escapes can spell and no database can hold."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {str(storable(key)): storable(item) for key, item in value.items()}
    return value
