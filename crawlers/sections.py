"""The outline of a report: 一、 （一） 1. 一是 （1） as a tree in its usual flat form, levels in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawlers.models import Section

_HAN = "[一二三四五六七八九十百]{1,4}"
_LEVELS = (
    (1, re.compile(rf"(?:第{_HAN}[章编部分]{{1,2}}\s*|{_HAN}\s*[、．.]\s*)")),
    (2, re.compile(rf"(?:[（(]\s*{_HAN}\s*[)）]\s*[、.]?|第{_HAN}[节条]\s*)")),
    (3, re.compile(rf"(?:\d{{1,3}}\s*[、．](?!\d)|\d{{1,3}}\.(?![\d%])\s*|{_HAN}(?:是|要)(?!否|不))")),
    (4, re.compile(r"(?:[（(]\s*\d{1,3}\s*[)）]|[①-⑳])\s*")),
)
_OPENERS = frozenset("第一二三四五六七八九十百（(0123456789①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
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
    if line[0] not in _OPENERS or "\t" in line:
        return None
    for level, pattern in _LEVELS:
        match = pattern.match(line)
        if match:
            label, rest = match[0].strip(), line[match.end() :].strip()
            if len(rest) <= _HEADING and "。" not in rest[:-1]:
                return (level, label, rest.rstrip("。"), "") if rest else None
            heading, stop, text = rest.partition("。")
            return (
                (level, label, heading, text.strip()) if stop and len(heading) <= _HEADING else (level, label, "", rest)
            )
    return None
