"""What surrounds a report on a portal's pages: official meta tags, header, footer, and what phase 2 makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from config.portal import Portal
from worker.replica.answer import Ask
from worker.replica.dice import hex_name

_PROVINCES = {"21": "辽", "23": "黑", "62": "甘"}
_ICP = {"甘": "陇"}


def page(head: str, body: str, *, charset: str = "utf-8") -> str:
    """A whole document from its parts."""
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="{charset}">\n{head}\n'
        f'<link rel="stylesheet" href="/css/style.css">\n<script src="/js/jquery.min.js"></script>\n'
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def metas(portal: Portal, names: Mapping[str, str]) -> str:
    """The site's tags of 《政府网站发展指引》 and those of one page."""
    site = {"SiteName": portal.title, "SiteDomain": portal.host, "SiteIDCode": f"{region(portal)}0003"}
    return "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in {**site, **names}.items())


def header(portal: Portal, ask: Ask, names: Iterable[str]) -> str:
    """The top of a page: accessibility links, banner, navigation."""
    links = "".join(f'<li><a href="/{hex_name(portal.name, name)[:6]}/">{name}</a></li>' for name in names)
    return (
        '<div class="top"><a href="javascript:;">关怀版</a><a href="javascript:;">无障碍</a>'
        f'<span>网站支持IPv6</span></div>\n<div class="logo">欢迎访问{portal.title} {ask.banner}</div>\n'
        f'<div class="nav"><ul>{links}</ul></div>'
    )


def footer(portal: Portal, ask: Ask) -> str:
    """The bottom of a page; phase 2 names another operator and record number."""
    operator = "政务服务中心" if ask.phase == 1 else "大数据中心"
    number = int(hex_name(portal.name, "record", ask.phase)[:6], 16) % 10**6
    return (
        f'<div class="footer"><p>版权所有：{portal.title} 承办：{portal.title}{operator}</p>\n'
        f"<p>网站标识码：{region(portal)}0003 {_icp(portal)}ICP备05{number:06d}号-1 {police_record(portal)}</p>\n"
        f'<p><a href="/sitemap.html">网站地图</a> | <a href="/about.html">联系我们</a></p></div>'
    )


def police_record(portal: Portal, colon: str = " ") -> str:
    """The 公网安备 line, whose first six digits are the region."""
    return f"{_province(portal)}公网安备{colon}{region(portal)}02000{int(hex_name(portal.name)[:3], 16) % 1000:03d}号"


def region(portal: Portal) -> str:
    """The region of a portal, that of the country where its TOML names none."""
    return portal.region_code or "100000"


def _province(portal: Portal) -> str:
    return _PROVINCES.get(region(portal)[:2], "京")


def _icp(portal: Portal) -> str:
    province = _province(portal)
    return _ICP.get(province, province)
