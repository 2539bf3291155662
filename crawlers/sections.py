"""The outline of a report: 一、 （一） 1. 一是 （1） as a tree in its usual flat form, levels in reading order."""

from __future__ import annotations

import re
from functools import lru_cache

from crawlers.models import Section

_HAN = "[一二三四五六七八九十百]{1,4}"
_GAP = "[ \u3000\u00a0]*"  # lines of plain text keep blanks of full width
_HEADED = (  # the most frequent first
    rf"[（(]{_GAP}{_HAN}{_GAP}[)）](?:{_GAP}[、.])?|{_HAN}{_GAP}[、．.]|\d{{1,3}}{_GAP}[、．](?!\d)|\d{{1,3}}\.(?![\d%])|"
    rf"[（(]{_GAP}\d{{1,3}}{_GAP}[)）]|{_HAN}(?:是|要)(?!否|不)|第{_HAN}(?:章|编|部分|节)|[①-⑳]"
)
_ARTICLE = rf"第{_HAN}条"  # has text and no heading
_HEADING = 60  # characters: a longer line with a label is a paragraph whose first sentence is the heading
_LINE = rf"\n(?:({_HEADED}){_GAP}+(?!。?\n)(?:([^。\n\t]{{0,{_HEADING}}}+)(?:。|(?=\n)))?|({_ARTICLE}))"
_OPENING = re.compile(_LINE)
_OPENING_AMONG_ROWS = re.compile(rf"{_LINE}(?![^\n\t]*+\t)")  # a row of a table opens nothing
_FIGURE = re.compile(r"\d")


def outline(body: str) -> tuple[Section, ...]:
    """The labelled headings of a body, each with the text up to the next one; lines before the first belong to none."""
    pattern = _OPENING_AMONG_ROWS if "\t" in body else _OPENING
    pieces = pattern.split(f"\n{body}\n")
    found: list[Section] = []
    for label, heading, article, text in zip(pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4], strict=True):
        label = label or article
        found.append(Section(_level(label), label, heading or "", text.strip()))
    return tuple(found)


@lru_cache(maxsize=1024)
def _level(label: str) -> int:
    """1 for 第一章 and 一、, 2 for 第一节, 第一条 and （一）, 3 for 1. and 一是, 4 for （1） and ①."""
    if label.startswith("第"):
        return 2 if label.endswith(("节", "条")) else 1
    if label.startswith(("（", "(")):
        return 4 if _FIGURE.search(label) else 2
    if label.endswith(("是", "要")) or _FIGURE.match(label):
        return 3
    return 4 if len(label) == 1 else 1
