"""What a page says about its report: header line, 索引号 box and meta tags, of which the displayed ones win.

Names and defects of the meta tags: 《政府网站发展指引》 (国办发〔2017〕47号).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crawlers import dates, unlabelled
from crawlers.boilerplate import is_chrome, is_sign_off
from crawlers.boxes import boxed
from crawlers.dates import Moment
from crawlers.labels import EDGES, NOTHING, labelled
from crawlers.numbers import doc_number, index_number
from crawlers.scripts import run_writes

_BLANK = re.compile(r"\s+")
_PLACEHOLDER = re.compile(r"^(?:网站名称|网站域名|政府网站标识码|关键词|描述|####|\$.*|<%.*|\{.*)$")
_NEXT_LABEL = re.compile(r"\s[\u4e00-\u9fa5]{2,6}[:：]|[\s|（(\[]*(?:19|20)\d{2}[-/.年]\d")
_CALL = re.compile(r"\s\w{1,40}\(\)\s*;?\s*$", re.ASCII)  # of the script that wrote the value
_CODE = re.compile(r"[{}=;$'\"+]|document\.")
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
        _dated(line, table)
        or dates.first_stated(line.get("source"))
        or (None if "generated" in fields else unlabelled.bare_date(header))
    )
    source = (
        line.get("source")
        or table.get("source")
        or unlabelled.source_without_colon(header, line)
        or unlabelled.source_in_brackets(header, line)
    )
    is_complete = dated and (source or "source" in line)
    around = {} if is_complete else labelled(run_writes(f"{behind()}\n{above}"))
    return Shown(
        published=dated
        or dates.first_stated(around.get("published"), line.get("updated"), *_second_best(line, table, around))
        or unlabelled.day_in_boxes(header)
        or unlabelled.day_in_boxes(above)
        or unlabelled.day_just_above(above),
        source=_name(source)
        or (_name(fields.get("publisher")) if "source" not in line else None)
        or unlabelled.source_beside_date(header, line)
        or _named_around(around, line),
        editor=_name(fields.get("editor")),
        issuer=_name(fields.get("issuer") or fields.get("publisher")),
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
    return dates.first_stated(line.get("published"), line.get("dated"), table.get("published"), table.get("dated"))


def _second_best(*fields: Mapping[str, str]) -> list[str | None]:
    """When the page was generated, then when it was updated."""
    return [where.get(key) for key in ("generated", "updated") for where in fields]


def _named_around(around: Mapping[str, str], line: Mapping[str, str]) -> str | None:
    """A source that is named away from the header line, which has no label for it."""
    return None if "source" in line else _name(around.get("source"))


def _name(value: str | None) -> str | None:
    """A value that may be a name: not a placeholder, a button, or the rest of a script."""
    if not value:
        return None
    text = _BLANK.sub(" ", _CALL.sub("", _NEXT_LABEL.split(value, maxsplit=1)[0])).strip(EDGES + "（(")
    bad = text in NOTHING or len(text) > 60 or is_chrome(text) or _CODE.search(text)
    return None if bad else text
