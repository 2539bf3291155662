"""From the pieces of a page to one Extract: what plain text, every family and the generic reader have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple

from crawlers import attachments, boxes, crumbs, dates, images, kinds, metadata, numbers, scripts, sections
from crawlers.boilerplate import is_neighbouring, is_sign_off
from crawlers.dates import Moment
from crawlers.html import serialised
from crawlers.metadata import Shown
from crawlers.models import Attachment, Extract, PublishedFrom
from crawlers.page import Page
from crawlers.places import WINDOW, around, box_of
from crawlers.regions import region_code
from crawlers.trimming import Trimmed

VERSION = 1  # of the rules: a report says which extractor wrote it
_FOOT = 6000
_SIGNED = 400  # characters behind a body in which its editor is named
_DATE_LINE = 40  # characters: a signature's line is no longer
_SUMMARY = 15  # characters of a summary that the text repeats
_FEW_LINES = 4
_BLANK = re.compile(r"\s+")
_COUNTED = re.compile(r"\s*已下载\s*\d*\s*次")
_TAB = re.compile(r"(?:公告|公示|通知|公报|解读|结果|动态|信息|新闻|报告)$")  # behind an empty label, and no source
_AGENCY = re.compile(r"^[\u4e00-\u9fa5（）()\s、]{4,40}$")


class Pieces(NamedTuple):
    """What a reader found on a page.

    `head` and `tail` are the text before and after the body, a line for each piece; `html` is the body and `after` what
    follows it, both serialised, empty for plain text. `meta` holds the meta tags by lower-case name.
    """

    reader: str
    title: str
    body: Trimmed
    head: str = ""
    tail: str = ""
    html: str = ""
    after: str = ""
    meta: Mapping[str, str] = MappingProxyType({})
    warnings: tuple[str, ...] = ()


def compose(page: Page, pieces: Pieces) -> Extract:
    """Settle every field of a report from its pieces. Never raises for what a page lacks: it stays None."""
    lines = without_summary(once(pieces.body.lines))
    if "已下载" in "\n".join(lines[-40:]):
        lines = tuple(_COUNTED.sub("", line) for line in lines)
    above, header, box = around(pieces.head, pieces.title)
    box = box or box_of(pieces.tail[:WINDOW])
    rows = boxes.tabled(serialised(page.doc)) if box and boxes.has_row_of_labels(box) else None
    shown = metadata.displayed(header, box, rows, above=above, behind=lambda: _behind(pieces))
    signed, issuer = signature(lines)
    published, origin, doubts = _published(page, pieces, shown, signed)
    breadcrumb = crumbs.breadcrumb(pieces.head, pieces.title)
    source = shown.source or metadata.confirmed(pieces.meta.get("contentsource"), header + box)
    body = "\n".join(lines)
    files, warnings = _files(page, pieces, box), [*pieces.warnings, *doubts]
    pictures = images.images(pieces.html, page.link)
    if not body:
        warnings.append("no text" + (f", {len(pictures)} images" if pictures else ""))
    return Extract(
        title=pieces.title,
        published_at=published.iso if published else None,
        published_from=origin,
        source=None if source and source in breadcrumb and _TAB.search(source) else source,
        issuer=shown.issuer or issuer,
        editor=shown.editor or metadata.editors([*pieces.body.tail, *pieces.body.head], pieces.tail[:_SIGNED]),
        index_no=shown.index_no or numbers.loose_index_number(pieces.head[-2 * WINDOW :]),
        doc_no=shown.doc_no or numbers.own_doc_number(lines, pieces.title, header),
        written_on=_day(shown.written or signed),
        breadcrumb=breadcrumb,
        region_code=_region(page, pieces),
        report_year=kinds.report_year(pieces.title, body),
        kind=kinds.kind(pieces.title),
        body=body,
        sections=sections.outline(body),
        attachments=files,
        images=pictures,
        extractor=f"{pieces.reader}/{VERSION}",
        warnings=tuple(warnings),
    )


def _behind(pieces: Pieces) -> str:
    """The text behind the body up to its neighbours and related titles; empty when no source or date is named in it."""
    text = "\n".join([*pieces.body.tail, pieces.tail[:WINDOW]])
    if not any(word in text for word in ("来源", "来 源", "时间", "日期")):
        return ""
    return "\n".join(takewhile(lambda line: not is_neighbouring(line), text.split("\n")))


def signature(lines: tuple[str, ...]) -> tuple[Moment | None, str | None]:
    """The date line near the end of a document and the body that signs above it."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 5), -1):
        line = lines[index].rstrip(" 。）)")
        moment = dates.first(line) if len(line) <= _DATE_LINE and dates.may_end(line) else None
        if not moment or moment.end < len(line):
            continue
        before = line[: moment.at].strip(" \u3000（(")
        above = before or (lines[index - 1] if index else "")
        name = above.strip(" \u3000（()）")
        return moment, _BLANK.sub("", name) if _AGENCY.match(name) and not is_sign_off(name) else None
    return None, None


def once(lines: tuple[str, ...]) -> tuple[str, ...]:
    """A body that a page carries twice (screen and print) once."""
    if len(lines) < 6:
        return lines
    half = max(lines[: len(lines) // 2], key=len)
    if len(half) < 15 or lines.count(half) != 2:
        return lines
    start = lines.index(half)
    second = lines.index(half, start + 1)
    shift = second - start
    same = sum(a == b for a, b in zip(lines[:shift], lines[shift:], strict=False))
    return (
        lines[:shift] if same >= 0.9 * min(shift, len(lines) - shift) and len(lines) - shift >= 0.7 * shift else lines
    )


def without_summary(lines: tuple[str, ...]) -> tuple[str, ...]:
    """A body without the summary above it: a first line that is cut short and begins like the text below."""
    stem = lines[0].rstrip(".…") if lines else ""
    if len(stem) < _SUMMARY or stem == lines[0] or not any(line.startswith(stem) for line in lines[1:4]):
        return lines
    return lines[1:]


def _published(
    page: Page, pieces: Pieces, shown: Shown, signed: Moment | None
) -> tuple[Moment | None, PublishedFrom | None, list[str]]:
    """The date, where it came from, and a warning for each that was refused or second best."""
    doubts: list[str] = []
    for moment, origin in _candidates(page, pieces, shown, signed):
        if not moment:
            continue
        if not dates.plausible(moment, page.raw.fetched_at):
            doubts.append(f"date refused: {moment.iso} from {origin}")
            continue
        if origin != "page":
            doubts.append(f"no date displayed: taken from {origin}")
        elif signed and signed.day > moment.day and dates.plausible(signed, page.raw.fetched_at):
            doubts.append(f"signed {signed.day.isoformat()}, after the displayed date")
        return moment, origin, doubts
    return None, None, doubts


def _candidates(
    page: Page, pieces: Pieces, shown: Shown, signed: Moment | None
) -> Iterator[tuple[Moment | None, PublishedFrom]]:
    """Where a date may be read, the best place first; most pages are done with the first."""
    by_script = None if shown.published or pieces.reader == "text" else scripts.written_by_script(page.text)
    yield shown.published or by_script, "page"
    yield dates.first(page.hint.date) if page.hint and page.hint.date else None, "list"
    yield dates.first(pieces.meta.get("pubdate") or pieces.meta.get("publishdate") or ""), "meta"
    yield dates.in_address(page.url), "url"
    yield signed, "signature"


def _files(page: Page, pieces: Pieces, box: str) -> tuple[Attachment, ...]:
    """The files in the body and behind it; where there are none, those that only a script or the box has."""
    inside = attachments.attachments(pieces.html, page.link)
    after = attachments.attachments(pieces.after, page.link)
    if inside or after:
        return attachments.merged(inside, after)
    few = len(pieces.body.lines) < _FEW_LINES
    hinted = pieces.reader != "text" and (few or any("附件" in line for line in pieces.body.lines[-8:]))
    scripted = attachments.in_scripts(page.text, page.link) if hinted else ()
    kept = attachments.in_variables(pieces.tail[: 2 * WINDOW], page.link)
    boxed = attachments.in_box(serialised(page.doc), page.link) if "下载" in box or "附件" in box else ()
    return attachments.merged(scripted, kept, boxed)


def _region(page: Page, pieces: Pieces) -> str | None:
    if page.portal and page.portal.region_code:
        return page.portal.region_code
    return region_code(pieces.tail[-_FOOT:] or pieces.head, pieces.meta.get("siteidcode"))


def _day(moment: Moment | None) -> str | None:
    return moment.day.isoformat() if moment else None
