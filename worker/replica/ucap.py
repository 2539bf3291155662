"""开普 UCAP as the replica plays it: columns that a script fills, the JSON call behind them, and detail pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from config.portal import Portal
from worker.replica import paper, skins
from worker.replica.answer import Answer, Ask, as_json, html
from worker.replica.dice import hex_name
from worker.replica.oddities import oddity
from worker.replica.plan import Quirk
from worker.replica.site import Publication, World
from worker.replica.ucap_page import Look, bare, full, glued

_COLUMN = re.compile(r"/(?P<site>[^/]+)/(?P<code>c\d+)/[^/]+\.shtml")
_DETAIL = re.compile(r"/[^/]+/c\d+/\d{6}/c\d\d_(?P<serial>\d+)\.shtml")
_SEARCH = re.compile(r"/common/search/(?P<channel>[0-9a-f]{32})")
_MOST = 60  # rows that the call gives at a time, whatever is asked
_CHINA = timedelta(hours=8)


class _Dress(NamedTuple):
    """How one portal wears the family: its database number, its detail template, where its channel id is told."""

    database: str
    draw: Callable[[Look], str]
    told_in_page: bool


_DRESSES = {
    "heilongjiang-sft": _Dress("c00", full, told_in_page=True),
    "harbin-pingfang": _Dress("c01", glued, told_in_page=False),
    "tahe": _Dress("c13", bare, told_in_page=True),
}
_OTHER = _Dress("c02", full, told_in_page=True)


def answer(world: World, portal: Portal, ask: Ask) -> Answer | None:
    """The answer to a request, None for an address that the portal does not have."""
    if detail := _DETAIL.fullmatch(ask.path):
        page = world.find(portal, int(detail["serial"]), ask.phase)
        return _detail(world, portal, page, ask) if page and address(portal, page) == ask.path else None
    if search := _SEARCH.fullmatch(ask.path):
        return _search(world, portal, search["channel"], ask)
    if ask.path == "/common/getChannelList":
        return _channel_list(portal, ask)
    return _column_page(portal, ask)


def address(portal: Portal, page: Publication) -> str:
    """The path of a detail page; its month is that of the import into the CMS."""
    folder = urlsplit(portal.columns[page.column].url).path.rpartition("/")[0]
    return f"{folder}/{page.published:%Y%m}/{_dress(portal).database}_{page.serial}.shtml"


def shows_time(portal: Portal) -> bool:
    """Whether a report's page shows the time of day beside the date."""
    return _dress(portal).draw is full


def title_on_page(portal: Portal, page: Publication, title: str) -> str:
    """The title as the page has it: one portal marks annual reports in front of it."""
    marked = _dress(portal).draw is glued and page.serial % 2 and title.endswith("报告")
    return f"【年度报告】{title}" if marked else title


def _dress(portal: Portal) -> _Dress:
    return _DRESSES.get(portal.name, _OTHER)


def _channel(portal: Portal, column: int) -> str:
    return hex_name(portal.name, portal.columns[column].url)


def _column_page(portal: Portal, ask: Ask) -> Answer | None:
    column = next((column for column in portal.columns if urlsplit(column.url).path == ask.path), None)
    match = _COLUMN.fullmatch(ask.path)
    if column is None or match is None:
        return None
    names = {"ColumnName": column.name, "ColumnType": "政策文件", "code": match["code"]}
    if _dress(portal).told_in_page:
        names["channelId"] = _channel(portal, portal.columns.index(column))
    body = (
        f"{skins.header(portal, ask, ('首页', '政务公开', '政务服务', '互动交流'))}\n"
        f'<div class="position">当前位置：首页 > 政务公开 > {column.name}</div>\n'
        f'<div class="list"><h2>{column.name}</h2><table><tbody id="zc-list-content2"></tbody></table>'
        f'<div id="page_div" class="pager"></div></div>\n'
        f'<script src="/js/common_list.js"></script>\n{skins.footer(portal, ask)}'
    )
    return html(skins.page(f"<title>{column.name}_{portal.title}</title>\n{skins.metas(portal, names)}", body))


def _channel_list(portal: Portal, ask: Ask) -> Answer | None:
    for place, column in enumerate(portal.columns):
        match = _COLUMN.fullmatch(urlsplit(column.url).path)
        wanted = (ask.fields.get("channelCode"), ask.fields.get("websiteCodeName"))
        if match and (match["code"], match["site"]) == wanted:
            child = {"displayName": column.name, "channelId": _channel(portal, place), "channelCode": match["code"]}
            return as_json({"code": "200", "msg": "操作成功", "results": {"children": [child]}})
    return as_json({"code": "200", "msg": "操作成功", "results": {"children": []}})


def _search(world: World, portal: Portal, channel: str, ask: Ask) -> Answer | None:
    """One page of a column's rows, with the whole text of each."""
    columns = range(len(portal.columns))
    column = next((place for place in columns if _channel(portal, place) == channel), None)
    if column is None:
        return None
    rows = world.rows(portal, column, ask.phase)
    size, here = min(ask.number("_pageSize", 15), _MOST), ask.number("page", 1)
    results = [_row(world, portal, page, ask) for page in rows[(here - 1) * size : here * size]]
    data = {"total": len(rows), "page": here, "rows": size, "channelId": channel, "results": results}
    return as_json({"code": "200", "msg": "操作成功", "data": data})


def _row(world: World, portal: Portal, page: Publication, ask: Ask) -> dict[str, object]:
    document = world.document(page, ask.phase)
    moment = (page.published - _CHINA).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    kept = {"refno": "null", "indexnumber": index_number(portal, page), "theme": "undefined", "source": document.issuer}
    return {
        "title": title_on_page(portal, page, document.title),
        "subTitle": "",
        "url": address(portal, page),
        "content": document.text.replace("\n", " "),
        "contentHtml": paper.indented(document, lambda name: f"{page.serial}/images/{name}"),
        "memo": "",
        "publishedTime": int(moment.total_seconds()) * 1000,
        "publishedTimeStr": f"{page.published:%Y-%m-%d %H:%M:%S}",
        "channelName": portal.columns[page.column].name,
        "manuscriptId": str(page.serial),
        "resList": [{"fileName": file.name, "filePath": f"{page.serial}/files/{file.file}"} for file in document.files],
        "domainMetaList": [{"domainName": "政策文件", "resultList": [{"key": k, "value": v} for k, v in kept.items()]}],
    }


def index_number(portal: Portal, page: Publication) -> str:
    """The 索引号 of a page: organisation code, year, serial."""
    return f"{int(hex_name(portal.name)[:8], 16) % 10**9:09d}/{page.published.year}-{page.serial % 10**6:06d}"


def _detail(world: World, portal: Portal, page: Publication, ask: Ask) -> Answer:
    odd = oddity(portal, page.quirk)
    if odd:
        return odd
    document = world.document(page, ask.phase)
    document = document._replace(title=title_on_page(portal, page, document.title))
    look = Look(portal, page, document, ask, index_number(portal, page))
    return html(_dress(portal).draw(look), pause=1.0 if page.quirk is Quirk.SLOW else 0.0)
