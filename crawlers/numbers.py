"""索引号 and 文号: the numbers that documents bear, in the forms that deviate from the national standard."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ABOVE = 12  # lines between title and body
_BLANK = re.compile(r"\s+")
_INDEX_TAIL = re.compile(r"/[0-9A-Z]{0,6}-?\d{4,6}-?\d{3,8}(?![\w/])")
_INDEX_HEAD = re.compile(r"(?<![\w/])[0-9A-Z]{6,20}$")
_DOC_NO = re.compile(
    r"[\u4e00-\u9fa5]{2,20}(?:[（(][\u4e00-\u9fa5]{1,8}[）)][\u4e00-\u9fa5]{0,4})?(?:[〔\[［（(【﹝]\s*(?:19|20)\d{2}\s*[〕\]］）)】﹞])\s*第?\s*\d+\s*号|(?:^|"
    r"[（(])第\s*\d+\s*号(?=$|[）)])|(?:[\u4e00-\u9fa5]{2,20}令|[\u4e00-\u9fa5]{0,18}[公通]告)?(?:(?:19|20)\d{2}年)?第\d+号"
)


def index_number(text: str | None) -> str | None:
    """An 索引号: any run of figures, letters, slash and dash; forms deviate too much for a stricter rule."""
    if not text:
        return None
    match = re.match(r"[0-9A-Za-z\u4e00-\u9fa5〔〕\[\]/_.\-－—]{6,50}", _BLANK.sub("", text))
    return match[0] if match and re.search(r"\d{3}", match[0]) else None


def loose_index_number(text: str) -> str | None:
    """An 索引号 whose label got lost: an organisation's code, a slash, a year and a serial number."""
    for tail in _INDEX_TAIL.finditer(text):
        head = _INDEX_HEAD.search(text, max(0, tail.start() - 24), tail.start())
        if head:
            return head[0] + tail[0]
    return None


def doc_number(text: str | None) -> str | None:
    """A 文号 from a labelled value; 无 and prose are none."""
    if not text:
        return None
    value = _BLANK.sub("", text).strip("（）()")
    return (
        value
        if 3 <= len(value) <= 40 and re.search(r"\d", value) and ("号" in value or re.search(r"[〔\[（(﹝]", value))
        else None
    )


def own_doc_number(lines: Sequence[str], title: str, header: str = "") -> str | None:
    """The 文号 that stands alone on a line above a body or near its start, or closes the title in parentheses."""
    match = re.search(r"[（(]([^（()）]*[〔\[［﹝]\d{4}[〕\]］﹞]\d+号)[）)]$", title)
    if match:
        return _BLANK.sub("", match[1])
    for line in (*lines[:6], *header.split("\n")[:_ABOVE]):
        for cell in line.split("\t") if "号" in line else ():
            tight = _BLANK.sub("", cell)
            match = _DOC_NO.fullmatch(tight) or (_DOC_NO.fullmatch(tight.strip("（）()")) if len(tight) < 40 else None)
            if match:
                return tight.strip("（）()")
    return None
