"""The day that a list row shows, in the forms that lists have: whole, split over two elements, or without a year."""

from __future__ import annotations

import re
from datetime import date

from crawlers.dates import whole_year

_YEAR = r"(?P<y>(?:19|20)\d{2})"
_MONTH = r"(?P<m>0?[1-9]|1[0-2])"
_DAY = r"(?P<d>0?[1-9]|[12]\d|3[01])"
_GAP = r"\s{0,4}"
_WHOLE = re.compile(
    rf"(?<!\d){_YEAR}{_GAP}[-/.年\s‐–—]{_GAP}{_MONTH}{_GAP}[-/.月‐–—]{_GAP}{_DAY}(?!\d|\.\d)",
)
_SPLIT = (
    # 21 | 2020-12 and 21日 | 2020年12月
    re.compile(rf"(?<![\d.-]){_DAY}{_GAP}日?[\s/|]{{1,4}}{_YEAR}{_GAP}[-/.年]{_GAP}{_MONTH}(?![\d.-])"),
    # 12-21 | 2020 and 12月21日 | 2020年
    re.compile(rf"(?<![\d.-]){_MONTH}{_GAP}[-/.月]{_GAP}{_DAY}{_GAP}日?[\s/|]{{1,4}}{_YEAR}(?![\d.-])"),
)
_COMPACT = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")
_FOLDERS = re.compile(r"/(?P<y>(?:19|20)\d{2})/(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])/")  # WebPlus: /2026/0806/
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_JAVA = re.compile(rf"(?P<m>{'|'.join(_MONTHS)}) (?P<d>\d{{1,2}}) \d\d:\d\d:\d\d [A-Z]{{3,4}} (?P<y>(?:19|20)\d{{2}})")
_SHORT = re.compile(r"(?:^|[\s\[(（【|])(?P<y>\d{2})[-/.](?P<m>\d{2})[-/.](?P<d>\d{2})(?=$|[\s\])）】|])")
_NO_YEAR = re.compile(rf"(?<![\d.-]){_MONTH}{_GAP}[-/.月]{_GAP}{_DAY}(?![\d.-])")
_PUBLISHED = re.compile(r"(发布|发文|公开|公布|更新|上网|录入)[^\d]{0,6}$")
_OTHER = re.compile(r"(成文|截止|截至|生效|施行|实施|废止|有效期|结束|至)[^\d]{0,6}$")
_DIGIT = re.compile(r"\d")
_BEFORE = 12  # characters before a day, in which its label stands
_FRAGMENT = re.compile(r"^[\s\d年月日/.:：|\-\[\]()（）【】‐–—]*\d[\s\d年月日/.:：|\-\[\]()（）【】‐–—]*$")


def shown_day(text: str, href: str = "") -> str | None:
    """The day in a row's text (its title left out) as YYYY-MM-DD.

    Of several days the one labelled as published counts, else the last. A day without a year counts only when the row's
    address carries the same month and day; unknown is None.
    """
    if not _DIGIT.search(text):
        return None
    found = [(text[max(0, match.start() - _BEFORE) : match.start()], _iso(match)) for match in _WHOLE.finditer(text)]
    whole = [(before, day) for before, day in found if day]
    if whole:
        return _chosen(whole)
    for pattern in _SPLIT:
        for match in pattern.finditer(text):
            if day := _iso(match):
                return day
    return _short(text) or _completed(text, href) or _java(text)


def is_date_fragment(text: str) -> bool:
    """Whether a piece of text is nothing but digits and the marks of a date (a day cell, a year cell, a time)."""
    return len(text) <= 24 and _FRAGMENT.match(text) is not None


def split_trailing_day(text: str) -> tuple[str, str | None]:
    """A title that ends in its row's date, taken apart; (text, None) when it does not."""
    last = max(_WHOLE.finditer(text), key=lambda match: match.end(), default=None)
    if last is None or not re.fullmatch(r"[\s日)）\]】]*+(\d{1,2}:\d{2}(:\d{2})?)?[\s)）\]】]*+", text[last.end() :]):
        return text, None
    title = re.sub(r"(?<![\s(（\[【])[\s(（\[【]+$", "", text[: last.start()])
    return (title, _iso(last)) if title else (text, None)


def day_in_address(href: str) -> str | None:
    """The day that an address carries as eight digits or as year/month/day folders; a hint, not what is shown."""
    for pattern in (_COMPACT, _FOLDERS, _WHOLE):
        for match in pattern.finditer(href):
            if day := _iso(match):
                return day
    return None


def _chosen(days: list[tuple[str, str]]) -> str:
    labelled = [day for before, day in days if _PUBLISHED.search(before)]
    plain = [day for before, day in days if not _OTHER.search(before)]
    return (labelled or plain or [day for _, day in days])[-1]


def _short(text: str) -> str | None:
    """A day whose year has two digits and which stands by itself: 19-04-25."""
    days = ((match, whole_year(match["y"])) for match in _SHORT.finditer(text))
    return next((day for match, year in days if (day := _made(year, match["m"], match["d"]))), None)


def _java(text: str) -> str | None:
    """A day as Java prints it where a template forgot to: Thu Aug 20 16:19:39 CST 2026."""
    match = _JAVA.search(text)
    return _made(match["y"], str(_MONTHS.index(match["m"]) + 1), match["d"]) if match else None


def _completed(text: str, href: str) -> str | None:
    hint = day_in_address(href)
    if hint is None:
        return None
    for match in _NO_YEAR.finditer(text):
        if hint[5:] == f"{int(match['m']):02d}-{int(match['d']):02d}":
            return hint
    return None


def _iso(match: re.Match[str]) -> str | None:
    return _made(match["y"], match["m"], match["d"])


def _made(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
