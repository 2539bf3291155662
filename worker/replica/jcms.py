"""大汉 JCMS as the replica plays it: records inside the column page, the data call behind them, static detail pages."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from config.portal import Portal
from worker.replica import paper, skins
from worker.replica.answer import Answer, Ask, html, xml
from worker.replica.dice import hex_name
from worker.replica.oddities import oddity
from worker.replica.plan import Quirk
from worker.replica.site import Publication, World
from worker.replica.texts import Document, File

_COLUMN = re.compile(r"/col/col(\d+)/index\.html")
_DETAIL = re.compile(r"/art/\d+/\d+/\d+/art_\d+_(?P<serial>\d+)\.html")
_PROXY = "/module/web/jpage/dataproxy.jsp"
_GROUP = 3  # pages that the column page brings along, and that one call fetches
_CUT = 11


def answer(world: World, portal: Portal, ask: Ask) -> Answer | None:
    """The answer to a request, None for an address that the portal does not have."""
    if detail := _DETAIL.fullmatch(ask.path):
        page = world.find(portal, int(detail["serial"]), ask.phase)
        return _detail(world, portal, page, ask) if page and address(portal, page) == ask.path else None
    if ask.path == _PROXY:
        return _call(world, portal, ask)
    paths = [urlsplit(column.url).path for column in portal.columns]
    return _column_page(world, portal, paths.index(ask.path), ask) if ask.path in paths else None


def address(portal: Portal, page: Publication) -> str:
    """The path of a detail page; month and day have no leading zero."""
    day = page.published
    return f"/art/{day.year}/{day.month}/{day.day}/art_{_number(portal, page.column)}_{page.serial}.html"


def _number(portal: Portal, column: int) -> str:
    match = _COLUMN.fullmatch(urlsplit(portal.columns[column].url).path)
    return match[1] if match else str(column)


def _unit(portal: Portal, column: int) -> str:
    return str(10_000 + int(hex_name(portal.name, column)[:4], 16))


def _column_page(world: World, portal: Portal, column: int, ask: Ask) -> Answer:
    size, unit = world.page_size(portal), _unit(portal, column)
    rows = world.rows(portal, column, ask.phase)
    records = _records(world, portal, rows[: _GROUP * size], ask)
    name = portal.columns[column].name
    number = _number(portal, column)
    body = f"""{skins.header(portal, ask, ("首页", "政务公开", "解读回应", "互动交流"))}
<div class="position">当前位置：<a href="/">首页</a> > {name}</div>
<div id="{unit}" class="default_pgContainer"><script type="text/xml"><datastore>
{_following(portal, column, 1, len(rows) > _GROUP * size)}<recordset>{records}</recordset></datastore></script></div>
<script type="text/javascript">
var param_{unit} = {{col:1,appid:1,webid:37,path:'{portal.url}/',columnid:{number},sourceContentType:1,unitid:'{unit}',
webname:'{portal.title}',permissiontype:0}};
$(function(){{$('#{unit}').jpage({{totalRecord:{len(rows)},perPage:{size},groupSize:{_GROUP},proxyUrl:'{_PROXY}',
ajaxParam:param_{unit}}});}});
</script>
{skins.footer(portal, ask)}"""
    tags = skins.metas(portal, {"ColumnName": name, "ColumnType": "政府信息公开"})
    return html(skins.page(f"<title>{name}_{portal.title}</title>\n{tags}", body))


def _call(world: World, portal: Portal, ask: Ask) -> Answer:
    """Records by number (startrecord to endrecord) or by group (page); an unknown column has none."""
    size, wanted = world.page_size(portal), ask.fields.get("columnid")
    columns = range(len(portal.columns))
    column = next((place for place in columns if _number(portal, place) == wanted), None)
    if column is None or ask.fields.get("unitid") != _unit(portal, column):
        return xml("<?xml version='1.0' encoding='UTF-8'?><datastore></datastore>")
    rows = world.rows(portal, column, ask.phase)
    group = _GROUP * size
    if "startrecord" in ask.fields:
        first = ask.number("startrecord", 1)
        last, pages = min(ask.number("endrecord", first + group - 1), first + 2 * group), -(-len(rows) // size)
    else:
        first = (ask.number("page", 1) - 1) * group + 1
        last, pages = first + group - 1, -(-len(rows) // group)
    records = _records(world, portal, rows[first - 1 : last], ask)
    return xml(
        f"<?xml version='1.0' encoding='UTF-8'?><datastore><totalrecord>{len(rows)}</totalrecord>"
        f"<totalpage>{pages}</totalpage><recordset>{records}</recordset></datastore>"
    )


def _following(portal: Portal, column: int, here: int, more: bool) -> str:
    """The element that leads to the next group, where there is one."""
    address = f"{_PROXY}?page={here + 1}&amp;columnid={_number(portal, column)}&amp;unitid={_unit(portal, column)}"
    return f'<nextgroup><![CDATA[<a href="{address}"></a>]]></nextgroup>\n' if more else ""


def _records(world: World, portal: Portal, rows: list[Publication], ask: Ask) -> str:
    return "".join(f"<record><![CDATA[{_record(world, portal, page, ask)}]]></record>\n" for page in rows)


def _record(world: World, portal: Portal, page: Publication, ask: Ask) -> str:
    title = world.document(page, ask.phase).title
    shown = title[:_CUT] + "…" if page.quirk is Quirk.TRUNCATED else title
    pin = "<em>[置顶]</em>" if page.quirk is Quirk.PINNED else ""
    link = f'<a href="{portal.url}{address(portal, page)}" target="_blank" title="{escape(title)}">{escape(shown)}</a>'
    return f"<li>{pin}{link}<span>{page.published:%Y-%m-%d}</span></li>"


def _detail(world: World, portal: Portal, page: Publication, ask: Ask) -> Answer:
    """A detail page as JCMS writes it to disk, so that it carries an ETag; one is in GB18030."""
    odd = oddity(portal, page.quirk)
    if odd:
        return odd
    legacy = page.quirk is Quirk.LEGACY
    text = _draw(world, portal, page, ask, "gb2312" if legacy else "utf-8")
    if legacy:
        return Answer(text.encode("gb18030"), "text/html", static=True)
    return html(text, static=True)


def _draw(world: World, portal: Portal, page: Publication, ask: Ask, charset: str) -> str:
    document = world.document(page, ask.phase)
    title = escape(document.title)
    text = paper.spaced(document, lambda file: f"/picture/0/{file}") + "".join(map(_download, document.files))
    body = f"""<div id="hiddenLocation" style="display:none;"><span id="ss_webid">37</span></div>
<div class="head">{portal.title}</div>
<div class="main">
<h1 class="title"><!--<$[信息名称]>begin-->{title}<!--<$[信息名称]>end--></h1>
<div id="zoom" class="zoom"><!--ZJEG_RSS.content.begin--><meta name="ContentStart"><!--<$[信息内容]>begin-->
{text}<!--<$[信息内容]>end--><meta name="ContentEnd"><!--ZJEG_RSS.content.end--></div>
<div class="print-close"><a href="javascript:print()">打印</a> <a href="javascript:close()">关闭</a></div>
<div class="neighbours"><p>上一篇：<script src="/module/prev.js"></script></p><p>下一篇：</p></div>
</div>
{skins.footer(portal, ask)}"""
    tags = skins.metas(portal, _tags(portal, page, document))
    return skins.page(f"<title>{title}</title>\n{tags}", body, charset=charset)


def _tags(portal: Portal, page: Publication, document: Document) -> dict[str, str]:
    """The meta tags in which JCMS keeps what its pages do not show."""
    day = f"{page.published:%Y-%m-%d}"
    return {
        "Maketime": day,
        "ColumnName": portal.columns[page.column].name,
        "ArticleTitle": document.title,
        "PubDate": day,
        "ContentSource": document.issuer,
        "i_columnid": _number(portal, page.column),
        "i_articleid": str(page.serial),
        "guid": f"{page.published.year}{page.serial}",
    }


def _download(file: File) -> str:
    address = f"/module/download/downfile.jsp?filename={file.file}&amp;classid=0"
    return f'<p><a href="{address}">{escape(file.name)}</a></p>'
