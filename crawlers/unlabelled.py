"""Dates and sources that stand without a label: by themselves, beside a date, in brackets, in two boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from crawlers import dates
from crawlers.boilerplate import is_chrome
from crawlers.dates import Moment
from crawlers.labels import EDGES, field_of, label_of, labelled

_LEADING = re.compile(r"^(?:信息)?(?:发布|发表|更新|上传)?(?:时间|日期|于)?\s*(?=(?:19|20)\d{2})")
_GAP = re.compile(r"[\s\u3000|]+")
_ADOPTED = re.compile(r"通过|修订|修正|批准|施行|会议")  # a subtitle's date: （2023年12月28日县人民代表大会通过）
_PLAIN_SOURCE = re.compile(r"^[^\S\n]*(?:信息|文章|稿件)?来源[^\S\n]+([^\s:：，。]{2,30})", re.MULTILINE)
_NAME = r"[\u4e00-\u9fa5]{1,15}(?:局|委|办|厅|院|网|报|社|府|中心|部|处|司|署|馆|会)"
_BRACKETED = re.compile(rf"^[^\S\n]*[\[【]({_NAME})[\]】]", re.MULTILINE)
_BY_NAME = re.compile(_NAME)
_APART = re.compile(r"(?:^|[\s|｜丨:：\[【（(])$")  # what may stand before a date that has no label
_GLUED = re.compile(r"[^\s\u3000][\u4e00-\u9fa5]")  # what is behind a date that is part of a sentence
_YEAR_MONTH = r"((?:19|20)\d{2})[-/.年](\d{1,2})月?"
_BOXES = re.compile(
    rf"(?:^|\n)(?:(\d{{1,2}})日?[^\S\n]*\n\s*{_YEAR_MONTH}|{_YEAR_MONTH}[^\S\n]*\n\s*(\d{{1,2}})日?)(?=[^\S\n]*(?:\n|$))"
)
_BAR = re.compile(r"[|｜丨【】]")
_LINES_ABOVE = 5  # between a day and the title below it
_HEADER_LINES = 12
_SHORT = 80  # characters of a header line


def bare_date(header: str) -> Moment | None:
    """A date without a label: one that opens a line of the header, else one that stands apart in it."""
    lines = [line for line in header.split("\n") if line.strip()][:40]
    usable = [line for above, line in zip(["", *lines], lines, strict=False) if not _is_other(above)]
    for line in usable:
        part = _LEADING.sub("", line.strip(" \u3000\u00a0[【（(|"))
        moment = dates.stated(part)
        if not moment or moment.at or len(part) > _SHORT or _ADOPTED.search(part):
            continue
        whole = dates.first(header[header.index(part) :])
        return whole if whole and whole.day == moment.day else moment
    return next((moment for line in usable if (moment := _apart(line))), None)


def day_in_boxes(text: str) -> Moment | None:
    """A day that is written in two boxes: 12 over 2024-03."""
    match = _BOXES.search(text)
    return dates.first(f"{match[2] or match[4]}-{match[3] or match[5]}-{match[1] or match[6]}") if match else None


def day_just_above(text: str) -> Moment | None:
    """A day alone on one of the last lines above a title."""
    lines = [line.strip() for line in text.split("\n") if line.strip()][-_LINES_ABOVE:]
    found = ((line, dates.first(line)) for line in lines)
    return next((moment for line, moment in found if moment and moment.end - moment.at == len(line)), None)


def source_in_brackets(header: str, line: Mapping[str, str]) -> str | None:
    """A source that has brackets for a label: [县水利局]."""
    match = _BRACKETED.search(header) if "source" not in line else None
    return match[1] if match and not is_chrome(match[1]) else None


def source_without_colon(header: str, line: Mapping[str, str]) -> str | None:
    """A source whose label has no colon: 来源 县府办."""
    match = _PLAIN_SOURCE.search(header) if "source" not in line and "来源" in header else None
    return match[1] if match else None


def source_beside_date(header: str, line: Mapping[str, str]) -> str | None:
    """A source without a label: what stands beside an unlabelled date on its line, or a public body's name below."""
    if "source" in line or "published" in line or "dated" in line:
        return None
    parts = [part for part in map(str.strip, header.split("\n")[:_HEADER_LINES]) if part]
    for part, below in pairwise([*parts, ""]):
        moment = dates.first(part)
        if moment and moment.at == 0:
            rest = next(iter(_GAP.split(part[moment.end :].strip(EDGES))), "")
            if not rest and _BY_NAME.fullmatch(below):
                rest = below
            plain = 3 < len(rest) <= 30 and not re.search(r"[:：，。\d]", rest) and not is_chrome(rest)
            return rest if plain else None
    return None


def _is_other(above: str) -> bool:
    """Whether the line above a date is a label that makes it another date than the publication's."""
    label = label_of(above)
    if label is None:
        return above.rstrip().endswith((":", "：")) and "发" not in above
    return field_of(label) not in {"published", "dated", "updated"}


def _apart(line: str) -> Moment | None:
    """A date within a short line (县府办 2024-01-02 浏览：3), unless its words are about that day."""
    if len(line) > _SHORT or _ADOPTED.search(line) or "，" in line or "。" in line:
        return None
    moment = dates.first(line)
    if not moment:
        return dates.first_stated(*_BAR.split(line))
    if not _APART.search(line[: moment.at]) or _GLUED.match(line, moment.end - 1):
        return None
    before = line[: moment.at].rstrip()
    return moment if not before.endswith((":", "：")) or labelled(before).keys() & {"source", "author"} else None
