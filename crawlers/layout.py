"""Where a family keeps title and body: most of what tells one CMS from another is a handful of selectors."""

from __future__ import annotations

from dataclasses import dataclass

from crawlers import titles
from crawlers.article import Pieces, compose
from crawlers.boilerplate import trim
from crawlers.errors import Unexpected
from crawlers.html import Node, before, following, markup_of, maybe, meta_pairs, text_of
from crawlers.markup import inline, lines
from crawlers.metadata import metas
from crawlers.models import Extract
from crawlers.page import Page

HIDDEN = '[style*="display:none" i], [style*="display: none" i], [hidden]'
NOISE = (
    ".bdsharebuttonbox, [class*=jiathis], .share, .article-share, #qr_container, .ewm, .print-close, .bshare-custom, "
    ".article-reldocuments, .article_reldocuments, [class*=related], [class*=relevant], .xgxx, .xgwd, .xgjd, "
    ".print_close, .news-share"
)
_NOISE_MARKS = (
    "share",
    "jiathis",
    "qr_container",
    "ewm",
    "print",
    "reldoc",
    "related",
    "relevant",
    "xgxx",
    "xgwd",
    "xgjd",
)


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
    """The body's node: the portal's own selector first, then the family's; one with text is preferred."""
    own = page.portal.selectors.body if page.portal else None
    selectors = ((own,) if own else ()) + layout.body
    nodes = page.doc.css(", ".join(selectors))
    if len(nodes) < 2:
        return next(iter(nodes), None)
    empty: Node | None = None
    for css in selectors:
        for node in page.doc.css(css):
            if (node.text(deep=True) or "").strip() or maybe(node, "img, a, embed, video, iframe"):
                return node
            empty = empty or node
    return empty


def assemble(
    page: Page, parts: tuple[Page, ...], body: Node, layout: Layout, warnings: tuple[str, ...] = ()
) -> Extract:
    """Title, header, body and what follows, put together."""
    html = visible(body, layout.drop)
    written = lines(html)
    for part in parts:
        more = container(part, layout)
        if more is not None:
            html_more = visible(more, layout.drop)
            html += html_more
            written += lines(html_more)
    head, tail = surroundings(page, body)
    meta = metas(meta_pairs(page.doc))
    title = titles.choose(
        headings(page, layout.title), meta.get("articletitle"), _window_title(page), meta.get("sitename"), _hint(page)
    )
    pieces = Pieces(layout.family, title, trim(written), head, tail, html, following(body), meta, warnings)
    return compose(page, pieces)


def headings(page: Page, selectors: tuple[str, ...]) -> list[str]:
    """The texts of the title nodes, the portal's own selector first."""
    own = page.portal.selectors.title if page.portal else None
    nodes = [*(page.doc.css(own) if own else ()), *page.doc.css(", ".join(selectors))[:16]]
    return [inline(markup) for markup in map(markup_of, nodes) if len(markup) < 4000]


def visible(body: Node, drop: str = "") -> str:
    """The serialised body without hidden blocks, share bars, related lists and what the family drops."""
    html = markup_of(body)
    size = len(html)
    wanted = [HIDDEN] if "display:" in html or " hidden" in html else []
    wanted += [NOISE] if any(mark in html for mark in _NOISE_MARKS) else []
    wanted += [drop] if drop else []
    for node in body.css(", ".join(wanted)) if wanted else ():
        block = markup_of(node)
        if len(block) * 2 < size:
            html = html.replace(block, "", 1)
    return html


def surroundings(page: Page, body: Node) -> tuple[str, str]:
    """The text before and after the body, a line for each piece."""
    whole, inside = text_of(page.doc), text_of(body)
    if inside.strip():
        at = whole.find(inside)
        if at >= 0:
            return whole[:at], whole[at + len(inside) :]
    head = "\n".join(lines(before(page.doc, body)))
    return head, ""


def _window_title(page: Page) -> str | None:
    node = maybe(page.doc, "title")
    return node.text() if node is not None else None


def _hint(page: Page) -> str | None:
    return page.hint.title if page.hint else None
