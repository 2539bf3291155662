"""What a body's node shows: its markup and its lines, without scripts, hidden blocks and share bars."""

from __future__ import annotations

from typing import NamedTuple

from crawlers.html import Document, Node, has_only, join_text, markup_of, text_of, unwrap
from crawlers.markup import LINE, divided, lines, without_unseen

HIDDEN = '[style*="display:none" i], [style*="display: none" i]'
NOISE = (  # elements without a class are most of a body; asked for it first, they cost one look instead of twelve
    "#qr_container, [class]:is(.bdsharebuttonbox, .jiathis_style, .share, .article-share, .ewm, .print-close, "
    ".print_close, .article-reldocuments, .related, .xgxx, .xgwd, .xgjd)"
)
_STYLED = 'span:not([style*="display" i]), font, strong, b, em, u'  # carry style and no structure
_PARAGRAPHS = "p, div, br, section, center, blockquote, h1, h2, h3, h4, h5, h6, ul, ol, li"
_MANY = 200  # more noise than that is an attack, not a page


class Body(NamedTuple):
    """A body's serialised markup, cleaned, and its text by line; one of nothing but paragraphs has no markup."""

    html: str
    lines: list[str]


def read(node: Node, drop: str = "") -> Body:
    """Read a body. A hidden or noisy block that holds half of it or more is the body, whatever it is called.

    The node loses the elements that only carry style: pasted from a word processor, they are most of its markup.
    """
    noise = f"{NOISE}, {drop}" if drop else NOISE
    unwrap(node, _STYLED)
    if has_only(node, _PARAGRAPHS, f'{noise}, [style*="display" i]'):
        join_text(node)
        return Body("", divided(text_of(node, LINE)))
    html = markup_of(node)
    html = without(html, node, f"{noise}, {HIDDEN}" if "display:" in html else noise)
    html = without_unseen(html)
    return Body(html, lines(html))


def without(html: str, root: Document | Node, css: str) -> str:
    """Markup without the matching blocks below a node, of which it is a part; large ones stay."""
    for node in root.css(css)[:_MANY]:
        block = markup_of(node)
        if 2 * len(block) < len(html):
            html = html.replace(block, "", 1)
    return html
