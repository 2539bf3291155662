"""The platform of /Show/ pages as the replica plays it: plain lists with a pager, a banner with the day."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape
from urllib.parse import urlsplit

from config.portal import Portal
from worker.replica import paper, skins
from worker.replica.answer import Answer, Ask, html
from worker.replica.oddities import oddity
from worker.replica.plan import Quirk
from worker.replica.site import Publication, World

_DETAIL = re.compile(r"(?P<mobile>/Wap)?/Show/(?P<serial>\d+)", re.IGNORECASE)
_CUT = 11


def answer(world: World, portal: Portal, ask: Ask) -> Answer | None:
    """The answer to a request, None for an address that the portal does not have."""
    if detail := _DETAIL.fullmatch(ask.path):
        page = world.find(portal, int(detail["serial"]), ask.phase)
        return _detail(world, portal, page, ask, mobile=bool(detail["mobile"])) if page else None
    paths = [urlsplit(column.url).path or "/" for column in portal.columns]
    return _list_page(world, portal, paths.index(ask.path), ask) if ask.path in paths else None


def address(portal: Portal, page: Publication) -> str:
    """The path of a detail page."""
    return f"/Show/{page.serial}"


def _list_page(world: World, portal: Portal, column: int, ask: Ask) -> Answer:
    rows, size, here = world.rows(portal, column, ask.phase), world.page_size(portal), ask.number("page", 1)
    shown = rows[(here - 1) * size : here * size]
    items = "\n".join(_item(world, page, ask) for page in shown)
    name = portal.columns[column].name
    body = f"""{skins.header(portal, ask, ("网站首页", "政法动态", "法治建设", "基层平安"))}
<div class="news"><h3>{name}</h3>
<ul class="newslist">
{items}
</ul>
{_pager(ask.path, here, -(-len(rows) // size))}</div>
{skins.footer(portal, ask)}"""
    return html(skins.page(f"<title>{portal.title}</title>", body))


def _item(world: World, page: Publication, ask: Ask) -> str:
    title = world.document(page, ask.phase).title
    shown = title[:_CUT] + "…" if page.quirk is Quirk.TRUNCATED else title
    again = page.quirk is Quirk.RESTYLED and ask.phase == 2
    day = page.published + timedelta(days=1 if again else 0)
    return (
        f'<li><a href="/Show/{page.serial}" title="{escape(title)}">{escape(shown)}</a><span>{day:%Y-%m-%d}</span></li>'
    )


def _pager(path: str, here: int, pages: int) -> str:
    links = [f'<a href="{path}?page={number}">{number}</a>' for number in range(1, min(pages, 5) + 1) if number != here]
    following = f'<a href="{path}?page={here + 1}">下一页</a>' if here < pages else "<span>下一页</span>"
    return f'<div class="page">{" ".join(links)} {following} 共{pages}页</div>'


def _detail(world: World, portal: Portal, page: Publication, ask: Ask, *, mobile: bool) -> Answer:
    odd = oddity(portal, page.quirk)
    if odd:
        return odd
    document = world.document(page, ask.phase)
    title, files = (
        escape(document.title),
        "".join(f'<p><a href="/uploads/{file.file}">{escape(file.name)}</a></p>' for file in document.files),
    )
    text = paper.loose(document, lambda file: f"/uploads/{page.published:%Y/%m}/{file}")
    if mobile:
        body = f'<div class="wap">\n<h2>{title}</h2>\n<div class="content">{text}{files}</div>\n</div>'
        return html(skins.page(f"<title>{title}</title>", body))
    line = f"来源：{portal.title} 责任编辑：{document.editor} 发布时间：{page.published:%Y-%m-%d}"
    if page.quirk is Quirk.RESTYLED and ask.phase == 2:
        line = f"发布时间：{page.published:%Y-%m-%d} 来源：{portal.title} 责任编辑：{document.editor} 点击：{ask.views}"
    body = f"""<div class="top">欢迎访问{portal.title} {ask.banner}</div>
<div class="show">
<h1>{title}</h1>
<div class="info">{line}</div>
<div class="tool">字号：<a href="#">A</a> <a href="#">A</a>    颜色：<a href="#"></a></div>
<div class="content">
<p style="text-align:center">{title}</p>
<p>&nbsp;</p>
{text}{files}
</div>
</div>
{skins.footer(portal, ask)}"""
    return html(skins.page(f"<title>{title} - {portal.title}</title>", body))
