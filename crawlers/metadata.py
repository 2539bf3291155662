"""What a page says about its report: header line, 索引号 box and meta tags, of which the displayed ones win.

Names and defects of the meta tags: 《政府网站发展指引》 (国办发〔2017〕47号).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from crawlers import dates
from crawlers.boilerplate import is_chrome, is_sign_off
from crawlers.boxes import boxed
from crawlers.dates import Moment
from crawlers.labels import EDGES, NOTHING, field_of, label_of, labelled
from crawlers.numbers import doc_number, index_number
from crawlers.scripts import run_writes

_BLANK = re.compile(r"\s+")
_LEADING = re.compile(r"^(?:信息)?(?:发布|发表|更新|上传)?(?:时间|日期|于)?\s*(?=(?:19|20)\d{2})")
_GAP = re.compile(r"[\s\u3000|]+")
_PLACEHOLDER = re.compile(r"^(?:网站名称|网站域名|政府网站标识码|关键词|描述|####|\$.*|<%.*|\{.*)$")
_NEXT_LABEL = re.compile(r"\s[\u4e00-\u9fa5]{2,6}[:：]|[\s|（(\[]*(?:19|20)\d{2}[-/.年]\d")
_CALL = re.compile(r"\s\w{1,40}\(\)\s*;?\s*$", re.ASCII)  # of the script that wrote the value
_CODE = re.compile(r"[{}=;$'\"+]|document\.")
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
_MARKUP = re.compile(r"<[^<>]*>")


class Shown(NamedTuple):
    """The fields that a page displays; None where it shows none."""

    published: Moment | None = None
    source: str | None = None
    editor: str | None = None
    issuer: str | None = None
    index_no: str | None = None
    doc_no: str | None = None
    written: Moment | None = None


def displayed(
    header: str,
    box: str = "",
    rows: Mapping[str, str] | None = None,
    *,
    above: str = "",
    behind: Callable[[], str] = str,
) -> Shown:
    """Read the text between title and body, that of the 索引号 table, its fields by rows, and the text around them.

    What stands above the title or behind the body counts only for what the header lacks, and with a label; a day close
    above the title needs none. Most pages never ask for what is behind the body.
    """
    header = run_writes(header)
    line = labelled(header)
    table = {**boxed(box if box or line else header), **(rows or {})}
    fields = {
        **{key: value for key, value in table.items() if value},
        **{key: value for key, value in line.items() if value},
    }
    dated = (
        _dated(line, table) or _first_of(line.get("source")) or (None if "generated" in fields else _bare_date(header))
    )
    source = line.get("source") or table.get("source") or _without_colon(header, line) or _in_brackets(header, line)
    is_complete = dated and (source or "source" in line)
    around = {} if is_complete else labelled(run_writes(f"{behind()}\n{above}"))
    return Shown(
        published=dated
        or _first_of(around.get("published"), line.get("updated"), *_second_best(line, table, around))
        or _apart_in_boxes(header)
        or _apart_in_boxes(above)
        or _just_above(above),
        source=_name(source) or _beside_date(header, line) or _named_around(around, line),
        editor=_name(fields.get("editor")),
        issuer=_name(fields.get("issuer")),
        index_no=index_number(fields.get("index_no")),
        doc_no=doc_number(fields.get("doc_no")),
        written=dates.first(fields["written"]) if "written" in fields else None,
    )


def metas(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Meta tags by lower-case name; placeholders and empty ones are left out, of two the first counts."""
    found: dict[str, str] = {}
    for name, content in pairs:
        value = _BLANK.sub(" ", _MARKUP.sub("", content)).strip()
        if value and value not in NOTHING and not _PLACEHOLDER.match(value):
            found.setdefault(name.lower(), value)
    return found


def confirmed(value: str | None, text: str) -> str | None:
    """A meta value that the page also displays."""
    if not value:
        return None
    return value if _BLANK.sub("", value) in _BLANK.sub("", text) else None


def editors(lines: Sequence[str], tail: str = "") -> str | None:
    """The name after 责任编辑 among sign-off lines, or in the text that follows a body."""
    names: dict[str, str] = {}
    for line in lines:
        if is_sign_off(line):
            for field, value in labelled(line).items():
                if value:
                    names.setdefault(field, value)
    return _name(names.get("editor")) or (_name(labelled(tail).get("editor")) if "编" in tail else None)


def _dated(line: Mapping[str, str], table: Mapping[str, str]) -> Moment | None:
    """A labelled date of the header line, then of the table."""
    return _first_of(line.get("published"), line.get("dated"), table.get("published"), table.get("dated"))


def _second_best(*fields: Mapping[str, str]) -> list[str | None]:
    """When the page was generated, then when it was updated."""
    return [where.get(key) for key in ("generated", "updated") for where in fields]


def _first_of(*texts: str | None) -> Moment | None:
    """The first of some values that is a date."""
    return next((moment for text in texts if text and (moment := dates.stated(text))), None)


def _bare_date(header: str) -> Moment | None:
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


def _apart_in_boxes(text: str) -> Moment | None:
    """A day that is written in two boxes: 12 over 2024-03."""
    match = _BOXES.search(text)
    return dates.first(f"{match[2] or match[4]}-{match[3] or match[5]}-{match[1] or match[6]}") if match else None


def _just_above(text: str) -> Moment | None:
    """A day alone on one of the last lines above a title."""
    lines = [line.strip() for line in text.split("\n") if line.strip()][-_LINES_ABOVE:]
    found = ((line, dates.first(line)) for line in lines)
    return next((moment for line, moment in found if moment and moment.end - moment.at == len(line)), None)


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
        return _first_of(*_BAR.split(line))
    if not _APART.search(line[: moment.at]) or _GLUED.match(line, moment.end - 1):
        return None
    before = line[: moment.at].rstrip()
    return moment if not before.endswith((":", "：")) or labelled(before).keys() & {"source", "author"} else None


def _named_around(around: Mapping[str, str], line: Mapping[str, str]) -> str | None:
    """A source that is named away from the header line, which has no label for it."""
    return None if "source" in line else _name(around.get("source"))


def _in_brackets(header: str, line: Mapping[str, str]) -> str | None:
    """A source that has brackets for a label: [县水利局]."""
    match = _BRACKETED.search(header) if "source" not in line else None
    return match[1] if match and not is_chrome(match[1]) else None


def _without_colon(header: str, line: Mapping[str, str]) -> str | None:
    """A source whose label has no colon: 来源 县府办."""
    match = _PLAIN_SOURCE.search(header) if "source" not in line and "来源" in header else None
    return match[1] if match else None


def _beside_date(header: str, line: Mapping[str, str]) -> str | None:
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


def _name(value: str | None) -> str | None:
    """A value that may be a name: not a placeholder, a button, or the rest of a script."""
    if not value:
        return None
    text = _BLANK.sub(" ", _CALL.sub("", _NEXT_LABEL.split(value, maxsplit=1)[0])).strip(EDGES + "（(")
    bad = text in NOTHING or len(text) > 60 or is_chrome(text) or _CODE.search(text)
    return None if bad else text
