"""The outline of a report: 一、 （一） 1. 一是 （1） as a tree in its usual flat form, levels in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypedDict

_HAN = "[一二三四五六七八九十百]{1,4}"
_CHAPTER = re.compile(rf"第{_HAN}(?:章|编|部分)\s*")
_ARTICLE = re.compile(rf"第{_HAN}[节条]\s*")
_NUMERAL = re.compile(rf"{_HAN}\s*[、．.]\s*")
_BRACKETED = re.compile(rf"[（(]\s*{_HAN}\s*[)）]\s*[、.]?")
_FIGURE = re.compile(r"\d{1,3}\s*[、．](?!\d)|\d{1,3}\.(?![\d%])\s*")
_FIRSTLY = re.compile(rf"{_HAN}(?:是|要)(?!否|不)")
_SMALL = re.compile(r"(?:[（(]\s*\d{1,3}\s*[)）]|[①-⑳])\s*")
_BY_OPENER = {
    "第": ((1, _CHAPTER), (2, _ARTICLE)),
    **dict.fromkeys("一二三四五六七八九十百", ((1, _NUMERAL), (3, _FIRSTLY))),
    **dict.fromkeys("（(", ((2, _BRACKETED), (4, _SMALL))),
    **dict.fromkeys("0123456789", ((3, _FIGURE),)),
    **dict.fromkeys("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", ((4, _SMALL),)),
}
_HEADING = 60  # characters: a longer line with a label is a paragraph whose first sentence is the heading


class Fields(TypedDict):
    """The fields of a `Section`, validated with the report that they become part of: half the price of one by one."""

    level: int
    label: str
    heading: str
    text: str


def outline(lines: Sequence[str]) -> tuple[Fields, ...]:
    """The labelled headings of a body, each with the text up to the next one."""
    opened: list[tuple[int, str, str, list[str]]] = []
    for line in lines:
        found = _heading(line) if line[0] in _BY_OPENER else None
        if found:
            level, label, heading, rest = found
            opened.append((level, label, heading, [rest] if rest else []))
        elif opened:
            opened[-1][3].append(line)
    return tuple(
        [
            {"level": level, "label": label, "heading": heading, "text": "\n".join(text)}
            for level, label, heading, text in opened
        ]
    )


def _heading(line: str) -> tuple[int, str, str, str] | None:
    """Level, label, heading and the rest of the line; None for a line that opens no section."""
    for level, pattern in _BY_OPENER[line[0]]:
        match = pattern.match(line)
        if not match or "\t" in line:
            continue
        label, rest = match[0].strip(), line[match.end() :].strip()
        if pattern is _ARTICLE:
            return level, label, "", rest
        heading, stop, text = rest.partition("。")
        if len(rest) <= _HEADING and not text:
            return (level, label, heading, "") if heading else None
        return (level, label, heading, text.strip()) if stop and len(heading) <= _HEADING else (level, label, "", rest)
    return None
