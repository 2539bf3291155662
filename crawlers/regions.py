"""Where a portal is, by its own numbers (GB/T 2260); names in a text do not count."""

from __future__ import annotations

import re

_PROVINCES = re.compile(r"1[1-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]")
_SITE = re.compile(r"网站标识码\s*[:：]?\s*(\d{10})(?!\d)")
_POLICE = re.compile(r"公网安备\s*[:：]?\s*(\d{13,14})(?!\d)")


def region_code(text: str, site_id: str | None = None) -> str | None:
    """The six digits of a displayed 网站标识码, the meta tag SiteIDCode, or the 公网安备 number, in that order."""
    site, police = _SITE.search(text), _POLICE.search(text)
    for number in (site[1] if site else None, site_id, police[1] if police else None):
        if number and re.fullmatch(r"\d{10,14}", number) and _PROVINCES.match(number):
            return number[:6]
    return None
