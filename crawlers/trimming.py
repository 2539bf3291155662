"""Known lines are trimmed from the head and the tail of a body, never inside.

Trimming stops at the first prose and never empties.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from crawlers import boxes
from crawlers.boilerplate import is_closing, is_heading_furniture, is_neighbouring, is_prose, is_sign_off

_TAGS = re.compile(r"^(?:标签|关键词|(?:相关)?热词(?:搜索)?|tags?)\s*[:：].{0,60}$", re.IGNORECASE)
_SENTENCE = re.compile(r"[。；！？]")
_LONG = 100  # characters: the title of a related document is shorter
_LOOK_BACK = 80
_INTRODUCTION = re.compile(
    r"[\W_]*(?:相关附件|附件下载|文件下载|相关文件|附件列表|附件信息)[\W_]*"
)  # of attachments, which are recorded elsewhere


class Trimmed(NamedTuple):
    """The lines of the report, and what was cut from its head and its tail."""

    lines: tuple[str, ...]
    head: tuple[str, ...]
    tail: tuple[str, ...]


def trim(lines: Sequence[str], whole: bool = False) -> Trimmed:
    """Cut furniture from both ends; `whole` says that the lines are a whole page and no body container."""
    box = boxes.leading(lines)
    start = box + _head_end(lines[box:] if box else lines, whole)
    end = _tail_start(lines, start)
    if start >= end:  # a text so short that the furniture below it was taken for a header
        start = next((index for index, line in enumerate(lines) if not is_heading_furniture(line, whole)), start)
        end = _tail_start(lines, start)
    return Trimmed(tuple(lines[start:end]), tuple(lines[:start]), tuple(lines[end:]))


def _head_end(lines: Sequence[str], whole: bool) -> int:
    """The index after the last furniture line that stands before any prose."""
    end = 0
    for index, line in enumerate(lines[:_LOOK_BACK]):
        if is_heading_furniture(line, whole):
            end = index + 1
        elif is_prose(line) or index - end >= (6 if whole else 2) or is_neighbouring(line):
            break
    return end


def _tail_start(lines: Sequence[str], start: int) -> int:
    """The index of the first furniture line after which no prose comes."""
    cut = len(lines)
    for index in range(len(lines) - 1, max(start, len(lines) - _LOOK_BACK) - 1, -1):
        line = lines[index]
        if is_closing(line) or (index == cut - 1 and _ends(line)):
            cut = index
        elif "\t" in line or _SENTENCE.search(line) or len(line) >= _LONG:
            break
    return cut


def _ends(line: str) -> bool:
    """Whether a line is no content when nothing but furniture follows it."""
    if line in {"-", "无", "附件：", "附件:"} or _TAGS.match(line):
        return True
    return is_sign_off(line) or _INTRODUCTION.fullmatch(line) is not None
