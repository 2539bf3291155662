"""Dates as portals write them: ISO, dots, slashes, 年月日 in digits or Chinese numerals, and those in addresses."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

_CLOCK = r"(?:[T\s\u3000\xa0]*([01]?\d|2[0-4])[:：时点](\d{2})(?:[:：分](\d{2})?)?)?"
_ARABIC = r"(?<!\d)((?:19|20|１９|２０)\d{2})\s*[年\-/.．－／—]\s*(\d{1,2})\s*[月\-/.．－／—]\s*(\d{1,2})\s*[日号]?"
_DATE = re.compile(_ARABIC + _CLOCK)
_SHORT = re.compile(r"(?<![\d\-/.])(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d\-/.])" + _CLOCK)
_CHINESE = re.compile(
    r"([一二][〇○零ＯO０一二三四五六七八九]{3})\s*年\s*([一二三四五六七八九十]{1,2})月\s*([一二三四五六七八九十]{1,3})日"
)
_DIGITS = {**{c: i for i, c in enumerate("〇一二三四五六七八九")}, "○": 0, "零": 0, "Ｏ": 0, "O": 0, "０": 0}
_LAST = frozenset("日号分0123456789０１２３４５６７８９")
_BANNER = re.compile(r"今天|今日|农历|当前时间|现在是|欢迎")
_LABELLED = re.compile(r"[:：]\s*$")
_IN_ADDRESS = (
    re.compile(r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d{2})-?(\d{2})/?(\d{2})/"),
    re.compile(r"/[tc]?((?:19|20)\d{2})(\d{2})(\d{2})_\d+\.s?html?"),
)
_OLDEST = date(1990, 1, 1)
_BARE = 40  # characters: more than that is not a date alone
_ALONE = " \t\n\u3000\u00a0[]【】（）()|｜"


class Moment(NamedTuple):
    """A day, and the time of day where the page gives one; `at` is where in the text it was found."""

    day: date
    clock: str | None = None
    at: int = 0
    end: int = 0

    @property
    def iso(self) -> str:
        """ISO 8601 at +08:00, a bare date without a clock."""
        return f"{self.day.isoformat()}T{self.clock}+08:00" if self.clock else self.day.isoformat()


def moments(text: str) -> list[Moment]:
    """Every date in a text, in order; impossible ones (month 13) and those of a 今天是 banner are left out."""
    found = [_arabic(match) for match in _DATE.finditer(text)]
    if "年" in text:
        found += [_chinese(match) for match in _CHINESE.finditer(text)]
    if not found:
        return []
    kept = [moment for moment in found if moment and not _in_banner(text, moment)]
    return sorted(kept, key=lambda moment: moment.at)


def first(text: str) -> Moment | None:
    """The first date in a text."""
    return next(iter(moments(text)), None)


def stated(text: str) -> Moment | None:
    """The first date in a value; a year of two digits (19-04-25) counts when nothing else is there."""
    found = first(text)
    if found or len(text) > _BARE:
        return found
    match = _SHORT.fullmatch(text.strip(_ALONE))
    day = _day(whole_year(match[1]), match[2], match[3]) if match else None
    return _timed(day, match, text.find(match[1])) if day and match else None


def first_stated(*texts: str | None) -> Moment | None:
    """The first of some values that is a date."""
    return next((moment for text in texts if text and (moment := stated(text))), None)


def whole_year(digits: str) -> str:
    """A year of two digits in full: 99 is 1999, 19 is 2019."""
    return f"19{digits}" if digits >= "90" else f"20{digits}"


def may_end(line: str) -> bool:
    """Whether the last character of a line may be a date's; spares most lines the patterns."""
    return line[-1:] in _LAST


def in_address(url: str | None) -> Moment | None:
    """The day that an address carries. A lone year and month (UCAP's folder) is no day."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return None
    for pattern in _IN_ADDRESS:
        for match in pattern.finditer(path):
            day = _day(match[1], match[2], match[3])
            if day:
                return Moment(day)
    return None


def plausible(moment: Moment, fetched: datetime) -> bool:
    """Not before 1990 and not later than the fetch; a day of slack covers time zones."""
    return _OLDEST <= moment.day <= fetched.date() + timedelta(days=1)


def _arabic(match: re.Match[str]) -> Moment | None:
    day = _day(match[1], match[2], match[3])
    return _timed(day, match, match.start()) if day else None


def _timed(day: date, match: re.Match[str], at: int) -> Moment:
    """A day with the clock that the match found behind it; 24:00 and the like are none."""
    hour, minute, second = match[4], match[5], match[6]
    end = at + match.end() - match.start()
    if hour is None or int(hour) > 23 or int(minute) > 59:
        return Moment(day, None, at, end)
    return Moment(day, f"{int(hour):02d}:{int(minute):02d}:{int(second or 0):02d}", at, end)


def _chinese(match: re.Match[str]) -> Moment | None:
    year = "".join(str(_DIGITS[digit]) for digit in match[1])
    day = _day(year, str(_numeral(match[2])), str(_numeral(match[3])))
    return Moment(day, None, match.start(), match.end()) if day else None


def _numeral(text: str) -> int:
    """十 is 10, 十二 is 12, 二十 is 20, 三十一 is 31."""
    tens, ten, units = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(units, 0) if units else 0)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _in_banner(text: str, moment: Moment) -> bool:
    before = text[max(0, moment.at - 12) : moment.at].rpartition("\n")[2]
    after = text[moment.end : moment.end + 6].partition("\n")[0]
    return bool(_BANNER.search(before) or ("星期" in after and not _LABELLED.search(before)))
