"""Serialised HTML to readable text: paragraphs by line, table cells by tab, rows by line, and nothing that is hidden.

Lexbor serialises a node with lower-case tags, double-quoted attributes and escaped text, which makes a handful of
substitutions both safe and several times faster than walking the nodes from Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

LINK = re.compile(r"<a(?=[\s>])([^>]*+)>((?:[^<]++|<(?!/?a[\s>]))*+)</a>")  # no link is inside of another
_UNSEEN = re.compile(  # the last four hold text that looks like markup, in which nothing needs an end
    r"<(script|style|noscript|template|select|textarea|iframe|object|svg|button|xmp|noembed|noframes|plaintext)(?=[\s>])"
    r"[^>]*+>(?:[^<]++|<(?!/\1>))*+(?:</\1>|\Z)|<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)"
)
_UNSEEN_MARK = re.compile(
    r"<[sntboi!xp](?:cript|tyle|elect|vg|oscript|emplate|extarea|utton|bject|frame|--|mp|oembed|oframes|laintext)"
)
_BLOCK = re.compile(
    r"</?(?:p|div|br|li|h[1-6]|tr|table|tbody|thead|section|article|center|dl|dt|dd|ul|ol|hr|pre|blockquote|form|"
    r"fieldset|legend|figure|figcaption|caption|header|footer|nav|aside|main|address|td|th)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*+>")
_NAMED_TAG = re.compile(r"<(/?\w*+)[^>]*+>", re.ASCII)
_QUOTED_TAG = re.compile(r'<[^>"]*+(?:"[^"]*+"[^>"]*+)*+>')
_NAMED_QUOTED_TAG = re.compile(r'<(/?\w*+)[^>"]*+(?:"[^"]*+"[^>"]*+)*+>', re.ASCII)
_BROKEN = re.compile(r"<[^>]*>?")
_RAISED = re.compile(r"<sup\b[^>]*>(?:<[^>]*>){0,4}([-+\d]{1,3})(?:<[^>]*>){0,4}</sup>")
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff")
_PAGE_BREAK = re.compile(r"#PAGE_?BREAK#|\[NextPage\]|_ueditor_page_break_tag_", re.IGNORECASE)
LINE, _CELL = "\x1e", "\x1f"
_FEW_CELLS = 12  # a table that lays out a page has no more
_LAYOUT_CELL = 400  # characters: a cell that holds more on average holds an article, not a figure


def _tags(names: str, mark: str) -> dict[str, str]:
    """A mark for the opening and the closing tags of these names."""
    return {slash + name: mark for name in names.split() for slash in ("", "/")}


_MARKS = _tags("span font a b strong em i u o img st1 v w sup sub s label small big mark ins del code wbr nobr", "")
_ROW_MARKS = {
    **_MARKS,
    **_tags("p div br tr td th tbody li col h1 h2 h3 h4 h5 h6 thead tfoot ul ol section center", " "),
    **{"/td": _CELL, "/th": _CELL, "/tr": LINE},
}


def lines(html: str) -> list[str]:
    """The text of serialised HTML (see `without_unseen`) as lines; blanks are folded, empty lines left out."""
    if "<sup" in html:
        html = _RAISED.sub(lambda match: match[1].translate(_SUPERSCRIPT), html)
    return divided(unescape(_with_marks(html)))


def divided(text: str) -> list[str]:
    """Text with LINE wherever a line ends as lines; blanks are folded, empty lines left out."""
    if "\u200b" in text or "\ufeff" in text:
        text = text.translate(_INVISIBLE)
    if "PAGE" in text or "NextPage" in text or "page_break" in text:
        text = _PAGE_BREAK.sub(LINE, text)
    if _CELL not in text:
        return [" ".join(words) for run in text.split(LINE) if (words := run.split())]
    rows = (_row(run) if _CELL in run else " ".join(run.split()) for run in text.split(LINE))
    return [row for row in rows if row]


def pieces_of(html: str) -> str:
    """The text of serialised HTML with a line for each piece between tags: enough for what stands around a body."""
    runs = _TAG.split(html.replace("&nbsp;", "\u00a0"))
    return unescape("\n".join([" ".join(words) for run in runs if run and (words := run.split())]))


def inline(html: str) -> str:
    """The text of serialised HTML on one line."""
    if "<" not in html:
        return " ".join(unescape(html).split())
    return " ".join(unescape(without_tags(_BLOCK.sub(" ", without_unseen(html)))).split())


def without_unseen(html: str) -> str:
    """Serialised HTML without scripts, styles, options, frames, source code and comments, nor one that is cut short."""
    return _UNSEEN.sub("", html) if _UNSEEN_MARK.search(html) else html


def without_tags(html: str) -> str:
    """Serialised HTML without its tags; a `<` that is left after the well-formed ones opens a broken one."""
    text = _TAG.sub("", html)
    if ">" in text:
        text = _QUOTED_TAG.sub("", html)
    return _BROKEN.sub("", text) if "<" in text else text


def unescape(text: str) -> str:
    """The four references that Lexbor writes into text."""
    if "&" not in text:
        return text
    return text.replace("&nbsp;", "\u00a0").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _with_marks(html: str) -> str:
    """Text with a mark for every tag but the inline ones.

    Text has its `>` escaped, so one that is left over stood in an attribute: the slower way, which reads quotes, then.
    """
    text = _joined(_NAMED_TAG.split(html))
    if ">" in text:
        text = _joined(_NAMED_QUOTED_TAG.split(html))
    return _BROKEN.sub("", text) if "<" in text else text


def _joined(pieces: list[str]) -> str:
    """Text, tag name, text, tag name … text, with a mark for each tag; in data tables cells and rows have their own."""
    names = pieces[1::2]
    marks = list(map(_MARKS.get, names, repeat(LINE)))
    for table in _tables(names) if "/table" in names else ():
        if _is_data(names[table], pieces[2 * table.start : 2 * table.stop + 1 : 2]):
            marks[table] = map(_ROW_MARKS.get, names[table], repeat(LINE))
    pieces[1::2] = marks
    return "".join(pieces)


def _tables(names: list[str]) -> Iterator[slice]:
    """What is inside the innermost tables: from the last opening tag before a closing one, since the closing before."""
    stop = -1
    for _ in range(names.count("/table")):
        start, stop = stop + 1, names.index("/table", stop + 1)
        inside = names[start:stop]
        if "table" in inside:
            yield slice(stop - inside[::-1].index("table"), stop)


def _is_data(names: Sequence[str], texts: Iterable[str]) -> bool:
    """Whether a table holds figures; one of few long cells lays out the page."""
    cells = names.count("/td") + names.count("/th")
    return cells >= 2 and (cells > _FEW_CELLS or sum(map(len, texts)) <= cells * _LAYOUT_CELL)


def _row(run: str) -> str:
    return "\t".join([" ".join(cell.split()) for cell in run.split(_CELL)]).strip("\t")
