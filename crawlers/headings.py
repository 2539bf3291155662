"""What a page shows as its heading, and how near each heading stands to the header line below it."""

from __future__ import annotations

import re
from typing import NamedTuple

from crawlers import titles
from crawlers.boilerplate import is_heading_furniture
from crawlers.html import heading_text, markup_of, maybe, meta_pairs
from crawlers.markup import pieces_of
from crawlers.metadata import metas
from crawlers.page import Page
from crawlers.survey import LABEL

_ANY = "h1, h2, h3, h4, [class*=tit i], [id*=tit i], [class*=bt i], [class*=biaoti i], strong, b, font[size]"
_HEADING = re.compile(
    r'<(?:(?:h[1-4]|\w*title)\b|(?!a\b)[^<>]*\b(?:class|id)="[^"<>]*(?:tit|bt|biaoti))', re.IGNORECASE
)
_LONGEST = 200  # characters of a title
_MARKUP = 3000  # characters of a heading's markup
_DAY = re.compile(r">\s*[\[（(]?(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_WORD = re.compile(r"[^\W\d_]\W*[^\W\d_]")
_SUBTITLE = ("—", "--", "（", "(")
_MANY = 80
_SHORTEST = 6  # characters of a title that is looked for in any element
_NEAR = 2500  # characters of markup between a title and the header line


class Heading(NamedTuple):
    """A title, and the serialised element that shows it (empty when none does)."""

    title: str
    markup: str


def evidence(page: Page, meta: dict[str, str]) -> titles.Evidence:
    """What names the page apart from its headings."""
    window = maybe(page.doc, "title")
    return titles.Evidence(
        meta=meta.get("articletitle"),
        window=window.text() if window is not None else None,
        site=meta.get("sitename"),
        hint=page.hint.title if page.hint else None,
    )


def page_metas(page: Page) -> dict[str, str]:
    """The meta tags of a page by lower-case name."""
    return metas(meta_pairs(page.doc))


def heading_of(page: Page, known: titles.Evidence, html: str) -> Heading:
    """The heading among all elements that look like one; `html` is the page serialised.

    A name that meta and `<title>` agree on, and that the page has once, in a heading, needs no search. Elsewhere it may
    be a link's in a list beside the article, or the end of a path of columns.
    """
    name = titles.evident(known)
    at = html.find(f">{name}<") if name and len(name) >= _SHORTEST and html.count(name) == 1 else -1
    if name and at >= 0 and _HEADING.match(html, html.rfind("<", 0, at)):
        return Heading(name, f">{name}<")
    nodes = [(heading_text(node), node) for node in page.doc.css(_ANY)[:_MANY]]
    shown = {text: node for text, node in reversed(nodes) if _may_be_title(text)}
    texts = list(dict.fromkeys(text for text, _ in nodes if text in shown))
    title = titles.confirmed(texts, known)
    if title is None:
        title = _displayed(known, html)
        if title:
            return Heading(title, title)
        markups = {text: markup_of(shown[text]) for text in texts}
        title = titles.choose(_by_nearness(markups, html), known)
    return Heading(title, next((markup_of(node) for text, node in shown.items() if titles.clean(text) == title), ""))


def _may_be_title(text: str) -> bool:
    """Whether a text has words and is neither a paragraph nor a label (活动时间：)."""
    return len(text) <= _LONGEST and _WORD.search(text) is not None and not text.endswith((":", "："))


def _displayed(known: titles.Evidence, html: str) -> str | None:
    """The longest name of the page that some element shows by itself, whatever that element is."""
    names = (name for name in known.names if len(name) >= _SHORTEST and titles.loose(name) in known.known)
    for name in sorted(names, key=len, reverse=True):
        if re.search(rf">\s*{re.escape(name)}\s*<", html):
            return name
    return None


def _by_nearness(markups: dict[str, str], html: str) -> list[str]:
    """Headings that stand shortly above the header line first, the nearest before the others."""
    label = LABEL.search(html) or _DAY.search(html)
    if not label:
        return list(markups)
    places = {text: html.find(markup) for text, markup in markups.items() if len(markup) < _MARKUP}
    gaps = {text: label.start() - place for text, place in places.items() if place >= 0}
    near = sorted(
        (text for text, gap in gaps.items() if 0 <= gap <= _NEAR),
        key=lambda text: (text.startswith(_SUBTITLE), gaps[text]),
    )
    others = [text for text in markups if text not in near]
    return [*(near or _lines_above(html, label.start())), *others]


def _lines_above(html: str, at: int) -> list[str]:
    """The pieces of text above the header line that may be a title, the nearest first."""
    pieces = pieces_of(html[max(0, at - _NEAR) : at].partition(">")[2]).split("\n")
    usable = (text for text in reversed(pieces) if _SHORTEST <= len(text) <= _LONGEST)
    return [text for text in usable if not is_heading_furniture(text)][:1]
