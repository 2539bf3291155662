"""The values that travel from a list page to a stored report, in the order of the flow; all are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(Value):
    """Whatever is to be fetched; for a report, with what its list row said.

    `form` makes it a POST of `application/x-www-form-urlencoded`. `title` and `date` (YYYY-MM-DD) are the list
    row's, and `digest` is a hash of the body when the list carries it: hints only, the page decides.
    `pinned` marks a row that the portal keeps on top (置顶) out of its order.
    """

    url: str
    form: tuple[tuple[str, str], ...] = ()
    referer: str | None = None
    title: str | None = None
    date: str | None = None
    pinned: bool = False
    digest: str | None = None


class RawPage(Value):
    """What a server answered, byte for byte, before anything is understood.

    `url` is what was asked and `final_url` where redirects ended. `headers` have lower-case names.
    `fetched_at` is UTC. `portal` is the portal's name, None for a file that was given by hand.
    """

    url: str | None
    final_url: str | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes
    fetched_at: AwareDatetime
    portal: str | None = None

    def header(self, name: str) -> str | None:
        """The first header of that (lower-case) name."""
        return next((value for key, value in self.headers if key == name), None)


class Listing(Value):
    """One page of a list: its rows in order, where the next page is, and the row total if the page tells."""

    items: tuple[Request, ...]
    next: Request | None = None
    total: int | None = None


class Follow(Value):
    """One more page must be read first: a channel id, the data call, the next parts of a split article."""

    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading in the body: level 1 for 一、, 2 for （一）, 3 for 1. and 一是, 4 for （1）.

    `text` is what follows the heading up to the next one. A plain class, for some pages have hundreds.
    """

    level: int
    label: str
    heading: str
    text: str


class Attachment(Value):
    """A file that the page links to; `sha256` and `text_chars` stay null until it is fetched."""

    url: str
    name: str
    media_type: str | None = None
    sha256: str | None = None
    text_chars: int | None = None


class Image(Value):
    """A picture inside the body."""

    url: str
    caption: str | None = None


PublishedFrom = Literal["page", "list", "meta", "url", "signature"]


class Extract(Value):
    """What one page says. Unknown is None, never a guess and never the day of the crawl.

    `published_at` is ISO 8601 at +08:00, a bare date where the page gives no time; `written_on` is 成文日期.
    `source` is what the page calls so, else 发布机构 where no label names one; `issuer` is 发文机关, else 发布机构.
    `body` is paragraphs joined by a line feed, table cells by a tab. `region_code` is GB/T 2260.
    """

    title: str
    published_at: str | None = None
    published_from: PublishedFrom | None = None
    source: str | None = None
    issuer: str | None = None
    editor: str | None = None
    index_no: str | None = None
    doc_no: str | None = None
    written_on: str | None = None
    breadcrumb: tuple[str, ...] = ()
    region_code: str | None = None
    report_year: int | None = None
    kind: str | None = None
    body: str
    sections: tuple[Section, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    images: tuple[Image, ...] = ()
    extractor: str
    warnings: tuple[str, ...] = ()


class Report(Extract):
    """A report as users read it: the extract of its lead publication, with identity and provenance."""

    id: str | None = None
    content_hash: str
    recipe: int
    portal: str | None = None
    url: str | None = None
    raw_sha256: str
    fetched_at: AwareDatetime | None = None
    first_seen_at: AwareDatetime | None = None
