"""Three detail templates of UCAP: one with everything, one whose header fields are glued, one without visible dates."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from config.portal import Portal
from worker.replica import paper, skins
from worker.replica.answer import Ask
from worker.replica.plan import Quirk
from worker.replica.site import Publication
from worker.replica.texts import Document

_CLOSING = (
    '<div class="tools"><a href="javascript:print()">【打印本文】</a> <a href="javascript:close()">【关闭】</a></div>'
)
_SCAN = '<div class="ewm"><img src="/images/qr.png" width="24" height="24">扫一扫在手机打开当前页</div>'
_ROBOT = '<div class="robot"><a href="javascript:;">智能问答机器人</a></div>'


class Look(NamedTuple):
    """What a template is filled with."""

    portal: Portal
    page: Publication
    document: Document
    ask: Ask
    index_number: str

    @property
    def title(self) -> str:
        """The title as HTML."""
        return escape(self.document.title)

    @property
    def day(self) -> str:
        """YYYY-MM-DD."""
        return f"{self.page.published:%Y-%m-%d}"

    @property
    def minute(self) -> str:
        """YYYY-MM-DD HH:MM."""
        return f"{self.page.published:%Y-%m-%d %H:%M}"


def full(look: Look) -> str:
    """Breadcrumb, 索引 box without labels, date with time, source, editor, attachments, related titles."""
    document, portal = look.document, look.portal
    column = portal.columns[look.page.column].name
    body = f"""{skins.header(portal, look.ask, ("首页", "机构概况", "政务公开", "政务服务"))}
<div class="position"><a href="/">首页</a> > <a href="/zwgk/">政务公开</a> > <a href="./">{column}</a></div>
<div class="detail_xxgk_info"><ul><li>{look.index_number}</li><li>{look.title}</li></ul></div>
<div class="article">
<h1 class="article_title"><UCAPTITLE>{look.title}</UCAPTITLE></h1>
<div class="article_attr"><div class="article_attr_l"><span class="date">日期：<b>{look.minute}</b></span>
<span class="ly">来源：<b>{document.issuer}</b></span><span>访问量：<b id="pv"></b></span></div>
<div class="article_attr_r">【字体：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>】</div></div>
{_content(look)}
<div class="bjr">责任编辑：{document.editor}</div>
{_CLOSING}
<div class="article_appendix"><h3>相关附件：</h3><ul>{_appendix(look)}</ul></div>
{_SCAN}
<div class="xgxx"><h3>相关信息</h3><ul></ul></div>
</div>
{_ROBOT}
{skins.footer(portal, look.ask)}"""
    return _page(look, body, {"PubDate": look.minute, "ContentSource": document.issuer})


def glued(look: Look) -> str:
    """Source and date in adjacent spans that nothing separates, a counter that moves, share buttons."""
    document = look.document
    counter = f'<span class="views">浏览次数:{look.ask.views}</span>'
    body = f"""{skins.header(look.portal, look.ask, ("首页", "政务公开", "办事服务", "政民互动"))}
<div class="wzy">
<h1 class="article_title">{look.title}</h1>
<div class="article_attr"><span class="ly">来源:{document.issuer}</span><span>时间:{look.day}</span>{counter}</div>
{_content(look)}
<div class="article_appendix"><ul>{_appendix(look)}</ul></div>
<div class="share">分享到:<a href="#" class="wx" title="微信"></a><a href="#" title="微博"></a></div>
</div>
{skins.footer(look.portal, look.ask)}"""
    return _page(look, body, {"PubDate": look.day, "ContentSource": document.issuer})


def bare(look: Look) -> str:
    """Neither date nor source in sight, the title again in the body, related titles, a 公网安备 line with a colon."""
    document = look.document
    body = f"""<div class="top"><a href="javascript:;">无障碍浏览</a></div>
<div class="main">
<h1 class="article_title">{look.title}</h1>
{_content(look, repeated=True)}
<div class="article_appendix"><ul>{_appendix(look)}</ul></div>
<div class="reldoc"><span>关联稿件:</span><ul><li>-</li></ul></div>
{_SCAN}
</div>
<div class="foot">{skins.police_record(look.portal, ":")}</div>"""
    return _page(look, body, {"PubDate": look.day, "ContentSource": document.issuer})


def _page(look: Look, body: str, names: dict[str, str]) -> str:
    column = look.portal.columns[look.page.column].name
    tags = {"ColumnName": column, "ColumnType": "政策文件", "ArticleTitle": look.document.title, **names}
    head = f"<title>{look.title}_{look.portal.title}</title>\n{skins.metas(look.portal, tags)}"
    return skins.page(head, body)


def _content(look: Look, *, repeated: bool = False) -> str:
    cut = look.page.quirk is Quirk.SPLIT
    text = paper.indented(look.document, lambda name: f"{look.page.serial}/images/{name}", cut=cut)
    title = f'<p style="text-align: center;"><strong>{look.title}</strong></p>\n' if repeated else ""
    return (
        f'<div class="article_content article_content_body" id="zoomcon"><UCAPCONTENT>{title}{text}</UCAPCONTENT></div>'
        "<!--正文 end-->"
    )


def _appendix(look: Look) -> str:
    files = look.document.files
    return "".join(f'<li><a href="{look.page.serial}/files/{file.file}">{escape(file.name)}</a></li>' for file in files)
