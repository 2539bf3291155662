"""Where a family keeps title and body: most of what tells one CMS from another is a handful of selectors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawlers import titles
from crawlers.article import Pieces, compose
from crawlers.body import read
from crawlers.errors import Unexpected
from crawlers.headings import evidence, heading_of, page_metas
from crawlers.html import Node, has_text, heading_text, links_beside, maybe, serialised, text_around, text_of
from crawlers.markup import LINK, inline
from crawlers.models import Extract
from crawlers.page import Page
from crawlers.trimming import trim

_ANNOUNCED = re.compile(r"附\s*[件表]")
_FILE = re.compile(r"\.(?:docx?|pdf|xlsx?|wps|ofd|zip|rar)", re.IGNORECASE)
_NEAR = 1200  # characters of text behind a body in which its files are announced
_LINKS = 10  # links: a body of fewer is no whole page
_MATCHES = 12  # elements of one name that are looked at
_FIRST = 3  # selectors: an empty element that one of these names is the body rather than what the others name


@dataclass(frozen=True)
class Layout:
    """The selectors of a family, the most telling first. `drop` are blocks inside the body that are none of it."""

    family: str
    body: tuple[str, ...]
    title: tuple[str, ...] = ()
    drop: str = ""


def report(page: Page, parts: tuple[Page, ...], layout: Layout) -> Extract:
    """Read a page by its family's layout. Unexpected (`container`) when none of the body selectors matches."""
    body = container(page, layout)
    if body is None:
        raise Unexpected("container", f"no {layout.family} body on this page", url=page.url)
    return assemble(page, parts, body, layout)


def container(page: Page, layout: Layout) -> Node | None:
    """The element that holds a body: the portal's own selector first; of one selector's matches that with most text."""
    own = page.portal.selectors.body if page.portal else None
    empty: Node | None = None
    for index, css in enumerate(((own,) if own else ()) + layout.body):
        if empty and index == _FIRST:
            break
        found = page.doc.css(css)[:_MATCHES]
        shown = [node for node in found if has_text(node) or maybe(node, "img, a, embed, video, iframe")]
        if shown:
            return shown[0] if len(shown) == 1 else max(shown, key=lambda node: len(text_of(node)))
        empty = empty or next(iter(found), None)
    return empty


def assemble(page: Page, parts: tuple[Page, ...], body: Node, layout: Layout) -> Extract:
    """Title, header, body and what follows, put together; the body is read last, for that changes it."""
    head, tail = text_around(page.doc, body)
    meta = page_metas(page)
    title = _title(page, layout, evidence(page, meta), head)
    found = read(body, layout.drop)
    written, html = found.lines, found.html
    for part in parts:
        more = container(part, layout)
        if more is not None:
            further = read(more, layout.drop)
            written, html = written + further.lines, html + further.html
    own = page.portal and page.portal.selectors.body
    if not own and title in written and html.count("<a ") >= _LINKS and _is_mostly_links(html, written):
        raise Unexpected("container", f"the {layout.family} body holds the whole page", url=page.url)
    trimmed = trim(written)
    links = links_beside(body) if _tells_of_files(tail[:_NEAR]) else ""
    if _tells_of_files(head[-_NEAR:]):
        links += links_beside(body, before=True)
    head = "\n".join([head, *trimmed.head])
    return compose(page, Pieces(layout.family, title, trimmed, head, tail, html, links, meta))


def _tells_of_files(text: str) -> bool:
    """Whether files are announced or named in a text."""
    announced = "下载" in text or ("附" in text and _ANNOUNCED.search(text))
    return bool(announced or _FILE.search(text))


def _is_mostly_links(html: str, written: list[str]) -> bool:
    """Whether a third of the text is in links, as in an element that holds an article and the lists beside it."""
    return 3 * sum(len(inline(link[2])) for link in LINK.finditer(html)) > sum(map(len, written))


def _title(page: Page, layout: Layout, known: titles.Evidence, head: str) -> str:
    """A confirmed heading of the family's; else the only one if it is nearly so; else what looks like this page's.

    Where both meta and `<title>` bear a name that is a line of the text above the body and there once no element is
    looked for. A second one may be part of a heading that says more.
    """
    own = page.portal.selectors.title if page.portal else None
    title = titles.evident(known) if own is None else None
    if title and f"\n{title}\n" in head and head.count(title) == 1:
        return title
    first, others = _title_selectors(page, layout)
    heading = maybe(page.doc, first)
    title = titles.confirmed([heading_text(heading)], known) if heading is not None else None
    if title:  # as on most pages, and found without a walk through all of it
        return title
    shown = (headings(page, first) if heading is not None else []) or headings(page, others)
    title = titles.confirmed(shown, known)
    if title is None and not (len(shown) == 1 and titles.is_near(shown, known)):
        html = serialised(page.doc)
        title = heading_of(page, known, html[max(0, html.find("<body")) :]).title
    return title or titles.choose(shown, known)


def headings(page: Page, css: str) -> list[str]:
    """The texts of the title nodes."""
    nodes = page.doc.css(css)[:_MATCHES] if css else []
    return [text for text in map(heading_text, nodes) if text]


def _title_selectors(page: Page, layout: Layout) -> tuple[str, str]:
    """The most telling selectors, the portal's own first, and the others."""
    own = page.portal.selectors.title if page.portal else None
    selectors = (own, *layout.title) if own else layout.title
    return ", ".join(selectors[:_FIRST]), ", ".join(selectors[_FIRST:])
