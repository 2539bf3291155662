"""Reports as HTML bodies: every family's editor writes its paragraphs differently."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from worker.replica.texts import Block, Document, Figure, Table

Place = Callable[[str], str]
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、")
_FIGURES = re.compile(r"(\d)(\d+)")


def indented(document: Document, place: Place, *, cut: bool = False) -> str:
    """UCAP's editor: indented by style, headings bold; `cut` parts figures by inline tags (20<span>26</span>年)."""
    lines = []
    for block in (*document.blocks, *document.closing):
        text = _other(block, place)
        if text is None:
            text = escape(str(block), quote=False)
            text = _FIGURES.sub(r"\1<span>\2</span>", text) if cut else text
            text = f"<strong>{text}</strong>" if _HEADING.match(str(block)) else text
            align = "text-align: right;" if block in document.closing else "text-indent: 2em;"
            text = f'<p style="{align}">{text}</p>'
        lines.append(text)
    return "\n".join(lines)


def spaced(document: Document, place: Place) -> str:
    """JCMS's editor: full-width spaces for the indent, fonts in spans."""
    lines = []
    for block in (*document.blocks, *document.closing):
        text = _other(block, place)
        if text is None:
            font = "黑体" if _HEADING.match(str(block)) else "仿宋"
            text = (
                f'<p style="line-height: 2em;"><span style="font-family: {font};">　　{escape(str(block))}</span></p>'
            )
        lines.append(text)
    return "".join(lines)


def loose(document: Document, place: Place) -> str:
    """The editor of /Show/ pages: an empty paragraph between two paragraphs."""
    lines = []
    for block in (*document.blocks, *document.closing):
        lines.append(_other(block, place) or f"<p>{escape(str(block))}</p>")
    return "\n<p>&nbsp;</p>\n".join(lines)


def _other(block: Block, place: Place) -> str | None:
    """A table or a picture with its caption; None for a paragraph. `place` gives the address of a picture."""
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figure):
        caption = f'<p style="text-align: center;">{block.caption}</p>' if block.caption else ""
        return f'<p style="text-align: center;"><img src="{place(block.file)}"></p>{caption}'
    return None


def _table(table: Table) -> str:
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in table.rows)
    body = "".join(f"<tr>{row}</tr>\n" for row in rows)
    return f'<table border="1" cellspacing="0"><tbody>{body}</tbody></table>'
