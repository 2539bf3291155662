"""The outline of a report: 一、 （一） 1. 一是 （1） as a tree in its usual flat form, levels in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawlers.models import Section

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


def outline(lines: Sequence[str]) -> tuple[Section, ...]:
    """The labelled headings of a body, each with the text up to the next one."""
    sections: list[Section] = []
    opened: tuple[int, str, str] | None = None
    text: list[str] = []
    for line in lines:
        found = _heading(line)
        if not found:
            text.append(line)
            continue
        if opened:
            sections.append(_section(opened, text))
        opened, text = found[:3], [found[3]] if found[3] else []
    if opened:
        sections.append(_section(opened, text))
    return tuple(sections)


def _section(opened: tuple[int, str, str], text: Sequence[str]) -> Section:
    level, label, heading = opened
    return Section(level=level, label=label, heading=heading, text="\n".join(text))


def _heading(line: str) -> tuple[int, str, str, str] | None:
    """Level, label, heading and the rest of the line; None for a line that opens no section."""
    patterns = _BY_OPENER.get(line[:1])
    if not patterns or "\t" in line:
        return None
    for level, pattern in patterns:
        match = pattern.match(line)
        if match:
            label, rest = match[0].strip(), line[match.end() :].strip()
            if pattern is _ARTICLE:
                return level, label, "", rest
            if len(rest) <= _HEADING and "。" not in rest[:-1]:
                return (level, label, rest.rstrip("。"), "") if rest else None
            heading, stop, text = rest.partition("。")
            return (
                (level, label, heading, text.strip()) if stop and len(heading) <= _HEADING else (level, label, "", rest)
            )
    return None
