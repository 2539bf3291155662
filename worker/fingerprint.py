"""Names a document by what it says: the numbered recipe behind `content_hash`.

Recipe 1. The *core body* is the body

1. with full-width ASCII, quotes, dashes and spaces folded to one form (never NFKC, which would turn 10² into 102);
2. without, at its head, the title repeated over one to four lines, a document number (文号) or a byline;
3. without, at its end, signature, date line, 公开 marker, byline, and the lines that only name attachments;
4. with white space removed, save one space between two characters of ASCII letters or digits, so that the cells
   1|15 and 11|5 differ while a table and its lines meet. Punctuation, signs and superscripts stay: 1.5% is not 15%.

`content_hash` is SHA-256 over the recipe's number and the core body. A *poor* core (short, 详见附件, images only) says
too little: its hash also covers title, attachment names and images, so that it meets only its equal. A page that links
no attachment has their names only in the lines that were left out (附件：名单.pdf), and those count then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

RECIPE = 1
_SHORT = 60
_THIN = 240
_HEAD_LINES = 4

_WIDTH: dict[int, int | str | None] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDTH |= dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\u202f"), " ")
_WIDTH |= dict.fromkeys(map(ord, "“”„‟〝〞«»"), '"') | dict.fromkeys(map(ord, "‘’‚‛"), "'")
_WIDTH |= dict.fromkeys(map(ord, "‐‑‒–—―−─"), "-") | dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad"), None)
_WIDTH |= {ord("〔"): "[", ord("〕"): "]", ord("【"): "[", ord("】"): "]", ord("｡"): "。"}
_GAP = re.compile(r"(?<=[0-9A-Za-z])\s+(?=[0-9A-Za-z])")
_SPACE = re.compile(r"\s+")
_MARKED_GAP = "\ue000"
_LOOSE = re.compile(r"[\W_]+")

_NUMERAL = "〇零○一二三四五六七八九十"
_DATE_LINE = re.compile(
    rf"\(?(\d{{4}}|[{_NUMERAL}]{{4}})年(\d{{1,2}}|[{_NUMERAL}]{{1,3}})月(\d{{1,2}}|[{_NUMERAL}]{{1,3}})日\)?"
)
_DOC_NO = re.compile(r"\(?[\u4e00-\u9fff]{1,12}[\[(]\d{4}[\])]第?\d{1,5}号\)?")
_OPEN_MARK = re.compile(r"\(?(此件)?(主动|依申请|不予)?公开(发布|方式:?.{0,6})?\)?|\(?此件.{0,8}公开.{0,4}\)?")
_BYLINE = re.compile(
    r"[\[(]?((文章|信息|稿件)?来源|作者|记者|(责任)?编辑|责编|审核|校对|供稿|撰稿|通讯员|摄影|文/图)[:/ ].{0,30}"
)
_SIGNATURE = re.compile(
    r"(?=.{3,40}$)[\u4e00-\u9fffA-Za-z()、 ]+"
    r"(政府|办公室|委员会|领导小组|指挥部|[局厅委院部处室队站所社会办署厂校馆]|中心|银行|公司|集团|学会|协会|支队|总队|分局)(\(.{0,4}章\))?"
)
_ATTACHMENT_LINE = re.compile(r"(相关)?附(件|表|图)?[\d一二三四五六七八九十]*[:. ].{0,120}|附(件|表)\d{0,2}")
_SEE_ATTACHMENT = re.compile(r"(详见|见|参见)(附|下)(件|表)|(附|下)(件|载)")


class Fingerprint(NamedTuple):
    """What identity is decided on: the hash, whether the body was poor, and the signature (落款) if there is one."""

    content_hash: str
    poor: bool
    signature: str | None
    length: int


def fold(text: str) -> str:
    """Width, quotes, dashes and brackets in one form; white space is left alone."""
    return text.translate(_WIDTH)


def loose(text: str) -> str:
    """Letters, digits and Han characters only: for comparing titles."""
    return _LOOSE.sub("", fold(text)).lower()


def content_hash(title: str, body: str, attachment_names: Sequence[str] = (), images: Sequence[str] = ()) -> str:
    """The hash by recipe 1 as 64 hex digits; `images` are addresses or file names."""
    return fingerprint(title, body, attachment_names, images).content_hash


def fingerprint(title: str, body: str, attachment_names: Sequence[str] = (), images: Sequence[str] = ()) -> Fingerprint:
    """The hash by recipe 1 and what else identity needs to know of the body."""
    lines = [line for line in (_SPACE.sub(" ", part).strip() for part in fold(body).split("\n")) if line]
    lines = lines[_head(lines, title) :]
    end, signature = _tail(lines, {loose(name) for name in attachment_names})
    core = squeeze("\n".join(lines[:end]))
    poor = len(core) < _SHORT or (len(core) < _THIN and bool(_SEE_ATTACHMENT.search(core)))
    parts = [f"gongbao-core/{RECIPE}", core]
    if poor:
        named = attachment_names or [line for line in lines[end:] if _ATTACHMENT_LINE.fullmatch(line)]
        parts += ["title", loose(title), "attachments", *sorted(map(loose, named))]
        parts += ["images", *sorted(urlsplit(image).path.rsplit("/", 1)[-1] for image in images)]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return Fingerprint(digest, poor, signature, len(core))


def squeeze(text: str) -> str:
    """Folded text without white space, but for one space where it parts two ASCII letters or digits."""
    return _SPACE.sub("", _GAP.sub(_MARKED_GAP, text)).replace(_MARKED_GAP, " ")


def _head(lines: Sequence[str], title: str) -> int:
    """How many leading lines repeat the title or are a document number or byline."""
    start, wanted = 0, loose(title)
    while start < len(lines):
        repeated = _repeats(lines[start : start + _HEAD_LINES], wanted)
        if repeated:
            start += repeated
        elif _DOC_NO.fullmatch(lines[start].replace(" ", "")) or _BYLINE.fullmatch(lines[start]):
            start += 1
        else:
            break
    return start


def _repeats(lines: Sequence[str], wanted: str) -> int:
    """How many lines together are the title, give or take an issuing body or a main line in front of it."""
    joined = ""
    for count, line in enumerate(lines, 1):
        joined += loose(line)
        if len(wanted) < 4 and joined != wanted:
            continue
        if joined == wanted or (len(joined) <= len(wanted) + 24 and joined.endswith(wanted) and wanted):
            return count
        if len(joined) >= 8 and wanted.endswith(joined) and 2 * len(joined) >= len(wanted):
            return count
    return 0


def _tail(lines: Sequence[str], attachments: set[str]) -> tuple[int, str | None]:
    """Where the core ends, and the signature that stands behind it."""
    end, signature, dated = len(lines), None, False
    while end > 0:
        line = lines[end - 1]
        tight = line.replace(" ", "")
        if _DATE_LINE.fullmatch(tight):
            dated = True
        elif _is_furniture(line, tight, attachments):
            pass
        elif _SIGNATURE.fullmatch(line) and (signature is None or dated):
            signature = signature or tight
        else:
            break
        end -= 1
    return end, signature


def _is_furniture(line: str, tight: str, attachments: set[str]) -> bool:
    return bool(
        _OPEN_MARK.fullmatch(tight)
        or _BYLINE.fullmatch(line)
        or _ATTACHMENT_LINE.fullmatch(line)
        or (attachments and loose(line) in attachments)
    )
