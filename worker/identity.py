"""Keeps two documents of one content apart when their own facts say that they are two."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from crawlers.models import Extract, Value
from worker.fingerprint import Fingerprint, fold, loose

LONG = 300  # from this many characters on, equal cores under two titles are one document that was renamed

_NUMBER = r"[0-9]{1,4}|[〇零一二三四五六七八九十百]{1,4}"
_ORDINALS = re.compile(rf"第?({_NUMBER})(批次?|期|次|号|届|轮|阶段|标段|包|辑|季度|月份?|年度?)")
_HALVES = re.compile(r"([上下])半年|([一二三四])季度")
_VERDICTS = ("不合格", "不予", "未通过", "不通过", "撤销", "废止", "更正", "终止", "延期", "暂停")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0}


class Facts(Value):
    """What a document says of itself beside its text: title, 文号, 成文日期 and 落款 (signature)."""

    title: str
    doc_no: str | None = None
    written_on: str | None = None
    signature: str | None = None
    length: int = 0


def facts(extract: Extract, fingerprint: Fingerprint) -> Facts:
    """The facts of one page; `length` is the core's, in characters."""
    return Facts(
        title=extract.title,
        doc_no=extract.doc_no,
        written_on=extract.written_on,
        signature=fingerprint.signature,
        length=fingerprint.length,
    )


def contradiction(one: Facts, other: Facts) -> str | None:
    """Why two documents with one content hash are two all the same, or None.

    What only one of them states contradicts nothing: a copy often drops number, date or signature.
    """
    if _differ(one.doc_no, other.doc_no):
        return "doc_no"
    if _differ(one.written_on, other.written_on):
        return "written_on"
    if one.signature and other.signature and not _contains(one.signature, other.signature):
        return "signature"
    return _titles(one, other)


def _titles(one: Facts, other: Facts) -> str | None:
    """A batch, period, year or verdict in the titles that differs, or short texts under two titles."""
    a, b = (_ORDINALS.sub(_in_digits, loose(facts.title)) for facts in (one, other))
    if a == b:
        return None
    numbers_a, numbers_b = _numbers(a), _numbers(b)
    for unit in numbers_a.keys() & numbers_b.keys():
        if numbers_a[unit].isdisjoint(numbers_b[unit]):
            return f"title {unit}"
    if any((verdict in a) != (verdict in b) for verdict in _VERDICTS):
        return "title verdict"
    if min(one.length, other.length) < LONG and all(_rests(a, b)):
        return "title"
    return None


def _rests(a: str, b: str) -> tuple[str, str]:
    """What is left of two titles without their common beginning and end."""
    head = _common(a, b)
    a, b = a[head:], b[head:]
    tail = _common(a[::-1], b[::-1])
    return a[: len(a) - tail], b[: len(b) - tail]


def _common(a: str, b: str) -> int:
    """How many characters two strings begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _numbers(title: str) -> dict[str, set[str]]:
    """The numbers in a title by their unit: {批: {2}, 年: {2024}}."""
    found: dict[str, set[str]] = {}
    for number, unit in _ORDINALS.findall(title):
        found.setdefault(unit[:1], set()).add(_arabic(number))
    for half, quarter in _HALVES.findall(title):
        found.setdefault("半年" if half else "季", set()).add(half or _arabic(quarter))
    return found


def _in_digits(match: re.Match[str]) -> str:
    return f"第{_arabic(match[1])}{match[2]}"


def _arabic(numeral: str) -> str:
    """十二 as 12, 二〇二四 as 2024, 12 as it is."""
    if numeral.isdigit() and numeral.isascii():
        return numeral.lstrip("0") or "0"
    if "十" not in numeral and "百" not in numeral:
        return "".join(str(_DIGITS[digit]) for digit in numeral).lstrip("0") or "0"
    hundreds, _, rest = numeral.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    total = 100 * (_DIGITS.get(hundreds, 1) if "百" in numeral else 0)
    total += (10 * (_DIGITS.get(tens, 1)) if ten else 0) + _DIGITS.get(ones[-1:], 0)
    return str(total)


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one and other and loose(fold(one)) != loose(fold(other)))


def _contains(one: str, other: str) -> bool:
    a, b = sorted((loose(one), loose(other)), key=len)
    return a in b


def first_that_agrees(candidates: Iterable[tuple[str, Facts]], mine: Facts) -> str | None:
    """The first report, of (id, facts) pairs in order of age, that nothing contradicts."""
    return next((report_id for report_id, known in candidates if contradiction(known, mine) is None), None)
