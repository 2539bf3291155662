"""Reads the JSON of list calls without trusting it: a value of the wrong kind is none."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from crawlers.lists.days import shown_day

_CHINA = timedelta(hours=8)
_LATEST = 10**11  # seconds; more than this is milliseconds
_MOST = 10**15  # of anything that is counted; beyond that even division overflows
_ENDLESS = re.compile("&#[0-9]{1000,}+;?")


def table(value: object) -> dict[str, object]:
    """An object, empty when it is none."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def number(value: object) -> int | None:
    """A count that the CMS writes as a number or as digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _MOST else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16 else None


def text(value: object) -> str | None:
    """A text without markup; some systems write `null` and `undefined` for nothing."""
    if not isinstance(value, str) or value.strip() in {"", "null", "undefined"}:
        return None
    return " ".join(unescape(re.sub(r"<[^<>]{0,300}>", "", value)).split()) or None


def unescape(text: str) -> str:
    """Text with its references resolved; Python raises for the number of a character with thousands of digits."""
    return html.unescape(_ENDLESS.sub("\ufffd", text) if "&#" in text else text)


def day(*values: object) -> str | None:
    """The first of some fields that is a date, as YYYY-MM-DD at +08:00; epochs may be in seconds or milliseconds."""
    for value in values:
        if shown := shown_day(text(value) or ""):
            return shown
        moment = number(value)
        if moment is not None and 10**8 < moment < 10**13:
            seconds = moment / 1000 if moment > _LATEST else moment
            return (datetime.fromtimestamp(seconds, UTC) + _CHINA).date().isoformat()
    return None


def query_of(url: str) -> dict[str, str]:
    """The query of an address, the last of equal names."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


def with_query(url: str, **changed: str) -> str:
    """An address with some values of its query replaced."""
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query_of(url) | changed)))
