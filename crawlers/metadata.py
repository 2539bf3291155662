"""What a page says about its report: header line, 索引号 box and meta tags, of which the displayed ones win.

Names and defects of the meta tags: 《政府网站发展指引》 (国办发〔2017〕47号).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crawlers import dates
from crawlers.boilerplate import is_chrome, is_sign_off
from crawlers.dates import Moment
from crawlers.labels import EDGES, NOTHING, boxed, labelled
from crawlers.numbers import doc_number, index_number
from crawlers.scripts import run_writes

_BLANK = re.compile(r"\s+")
_LEADING = re.compile(r"^(?:信息)?(?:发布|发表|更新|上传)?(?:时间|日期|于)?\s*(?=(?:19|20)\d{2})")
_GAP = re.compile(r"[\s\u3000|]+")
_PLACEHOLDER = re.compile(r"^(?:网站名称|网站域名|政府网站标识码|关键词|描述|####|\$.*|<%.*|\{.*)$")
_NEXT_LABEL = re.compile(r"\s[\u4e00-\u9fa5]{2,6}[:：]")
_MARKUP = re.compile(r"<[^>]*>")


class Shown(NamedTuple):
    """The fields that a page displays; None where it shows none."""

    published: Moment | None = None
    source: str | None = None
    editor: str | None = None
    issuer: str | None = None
    index_no: str | None = None
    doc_no: str | None = None
    written: Moment | None = None


def displayed(header: str, box: str = "") -> Shown:
    """Read the text between title and body, and that of the 索引号 table."""
    header = run_writes(header)
    line = labelled(header)
    table = boxed(box if box or line else header)
    fields = {
        **{key: value for key, value in table.items() if value},
        **{key: value for key, value in line.items() if value},
    }
    return Shown(
        published=_published(header, line, table),
        source=_name(line.get("source") or table.get("source")) or _beside_date(header, line),
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


def _published(header: str, line: Mapping[str, str], table: Mapping[str, str]) -> Moment | None:
    """A labelled date of the header line, then of the table, then one without a label, then the time of an update."""
    for text in (line.get("published"), line.get("dated"), table.get("published"), table.get("dated")):
        moment = dates.first(text) if text else None
        if moment:
            return moment
    bare = _bare_date(header)
    if bare:
        return bare
    text = line.get("updated") or table.get("updated")
    return dates.first(text) if text else None


def _bare_date(header: str) -> Moment | None:
    """A date that opens a line of the header."""
    for part in header.split("\n")[:40]:
        part = _LEADING.sub("", part.strip(" \u3000\u00a0[【（(|"))
        moment = dates.first(part)
        if moment and moment.at == 0 and len(part) <= 80:
            return dates.first(header[header.index(part) :]) or moment
    return None


def _beside_date(header: str, line: Mapping[str, str]) -> str | None:
    """A source without a label: what stands beside an unlabelled date on its line."""
    if "source" in line or "published" in line or "dated" in line:
        return None
    for part in header.split("\n")[:12]:
        part = part.strip()
        moment = dates.first(part)
        if moment and moment.at == 0:
            rest = next(iter(_GAP.split(part[moment.end :].strip(EDGES))), "")
            plain = 3 < len(rest) <= 30 and not re.search(r"[:：，。\d]", rest) and not is_chrome(rest)
            return rest if plain else None
    return None


def _name(value: str | None) -> str | None:
    """A value that may be a name: not a placeholder, a button, or the rest of a script."""
    text = _BLANK.sub(" ", _NEXT_LABEL.split(value or "", maxsplit=1)[0]).strip(EDGES + "（(")
    bad = text in NOTHING or len(text) > 60 or is_chrome(text) or re.search(r"[{}=;$'\"+]|document\.", text)
    return None if bad else text
