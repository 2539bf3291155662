"""Serialised HTML to readable text: paragraphs by line, table cells by tab, rows by line, and nothing that is hidden.

Lexbor serialises a node with lower-case tags, double-quoted attributes and escaped text, which makes a handful of
substitutions both safe and several times faster than walking the nodes from Python.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    r"<(script|style|noscript|template|select|textarea|iframe|object|svg|button)\b[^>]*>.*?</\1>|<!--.*?-->", re.DOTALL
)
_UNSEEN_MARK = re.compile(r"<[sntboi!](?:cript|tyle|elect|vg|oscript|emplate|extarea|utton|bject|frame|--)")
_INLINE = re.compile(
    r"</?(?:span|font|a|b|strong|em|i|u|o:|img|st1:|v:|w:|sup|sub|s|label|small|big|mark|ins|del|code|wbr|nobr)\b[^>]*>"
)
_BLOCK = re.compile(
    r"</?(?:p|div|br|li|h[1-6]|tr|table|tbody|thead|section|article|center|dl|dt|dd|ul|ol|hr|pre|blockquote|form|"
    r"fieldset|legend|figure|figcaption|caption|header|footer|nav|aside|main|address|td|th)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*>")
_QUOTED_TAG = re.compile(r'<[^>"]*+(?:"[^"]*+"[^>"]*+)*+>')
_BROKEN = re.compile(r"<[^>]*>?")
_TABLE_EDGE = re.compile(r"<(/?)table\b[^>]*>")
_IN_ROW = re.compile(r"</?(?:p|div|br|tr|td|th|tbody|li|col|h[1-6]|thead|tfoot|ul|ol|section|center)\b[^>]*>")
_RAISED = re.compile(r"<sup\b[^>]*>(?:<[^>]*>){0,4}([-+\d]{1,3})(?:<[^>]*>){0,4}</sup>")
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff")
_PAGE_BREAK = re.compile(r"#PAGE_?BREAK#|\[NextPage\]|_ueditor_page_break_tag_", re.IGNORECASE)
_LINE, _CELL = "\x1e", "\x1f"
_FEW_CELLS = 12  # a table that lays out a page has no more
_LAYOUT_CELL = 400  # characters: a cell that holds more on average holds an article, not a figure


def lines(html: str) -> list[str]:
    """The text of serialised HTML (see `without_unseen`) as lines; blanks are folded, empty lines left out."""
    if "<sup" in html:
        html = _RAISED.sub(lambda match: match[1].translate(_SUPERSCRIPT), html)
    text = unescape(_divided(html))
    if "\u200b" in text or "\ufeff" in text:
        text = text.translate(_INVISIBLE)
    if "PAGE" in text or "NextPage" in text or "page_break" in text:
        text = _PAGE_BREAK.sub(_LINE, text)
    return [line for line in map(_folded, text.split(_LINE)) if line]


def pieces_of(html: str) -> str:
    """The text of serialised HTML with a line for each piece between tags: enough for what stands around a body."""
    text = unescape(_TAG.sub(_LINE, html))
    return "\n".join(line for line in (" ".join(run.split()) for run in text.split(_LINE)) if line)


def inline(html: str) -> str:
    """The text of serialised HTML on one line."""
    return " ".join(unescape(without_tags(_BLOCK.sub(" ", without_unseen(html)))).split())


def without_unseen(html: str) -> str:
    """Serialised HTML without scripts, styles, options, frames and comments."""
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


def _divided(html: str) -> str:
    """Text with a mark for every tag but the inline ones.

    Text has its `>` escaped, so one that is left over stood in an attribute: the slower way, which reads quotes, then.
    """
    blocks = _INLINE.sub("", html)
    text = _TAG.sub(_LINE, _with_tables(blocks) if "<td" in blocks else blocks)
    return text if ">" not in text else without_tags(_BLOCK.sub(_LINE, _with_tables(html)))


def _folded(run: str) -> str:
    if _CELL in run:
        return "\t".join(" ".join(cell.split()) for cell in run.split(_CELL)).strip("\t")
    return " ".join(run.split())


def _with_tables(html: str) -> str:
    """Data tables (the innermost ones) with a mark after each cell and each row; layout tables untouched."""
    out: list[str] = []
    done, opened = 0, -1
    for edge in _TABLE_EDGE.finditer(html):
        if not edge[1]:
            opened = edge.end()
        elif opened >= 0:
            out += [html[done:opened], _rows(html[opened : edge.start()])]
            done, opened = edge.start(), -1
    out.append(html[done:])
    return "".join(out)


def _rows(table: str) -> str:
    cells = table.count("</td>") + table.count("</th>")
    if cells < 2 or (cells <= _FEW_CELLS and len(_TAG.sub("", table)) > cells * _LAYOUT_CELL):
        return table
    marked = table.replace("</td>", _CELL).replace("</th>", _CELL).replace("</tr>", _LINE)
    return _IN_ROW.sub(" ", marked)
