"""Article pages in the families' addresses and marks, with names of elements that no module knows."""

from __future__ import annotations

import json

from crawlers.page import Page
from tests.crawlers.fields_pages import PROSE, TITLE, page, paragraphs

SOURCE, DAY = "云溪县水利局", "2024-03-01"
SITE = "http://www.example.gov.cn"
UUID, HEX = "91f49bf8-1c2d-4e3f-9a8b-0123456789ab", "0123456789abcdef0123456789abcdef"
NOTICE = "因设备检修，县政务服务大厅3月2日暂停对外服务。"
TEXT = paragraphs()
NAV = "".join(f'<li><a href="/c{n}/">栏目{n}号</a></li>' for n in range(12))
HEADER = (
    f'<div class="sj"><span>来源：{SOURCE}</span><span>发布时间：{DAY}</span>'
    '<span>浏览次数：<i id="hits"></i></span></div>'
)
TOP = f"<h1>{TITLE}</h1>{HEADER}"
FOOT = (
    "<p>主办：云溪县人民政府办公室　承办：云溪县大数据中心</p><p>地址：云溪县人民路1号　邮编：570000</p>"
    "<p>琼ICP备00000001号　琼公网安备46900000000001号　网站标识码：4690000001</p>"
)
ROWS = [
    f"<tr><td>{n}</td><td>第{n}号水库</td><td>{n * 3}.5</td><td>{'已完成' if n % 2 else '在建'}</td></tr>"
    for n in range(60)
]
TABLE = f"<table>{''.join(ROWS)}</table>"
FIGURES = [f"{n}\t第{n}号水库\t{n * 3}.5\t{'已完成' if n % 2 else '在建'}" for n in range(60)]


def around(inside: str, url: str = "", head: str = "", title: str = f"{TITLE}-云溪县人民政府") -> Page:
    """A whole page: navigation and path of columns above, the footer below."""
    path = "您当前所在位置：<a>首页</a> &gt; <a>政务公开</a> &gt; <a>通知公告</a>"
    whole = f'<div class="hd"><ul>{NAV}</ul></div><div class="w1200"><div class="lmwz">{path}</div>{inside}</div>'
    return page(f'{whole}<div class="bq">{FOOT}</div>', head, title, SITE + url if url else None)


def side(name: str) -> str:
    """A list beside the article, larger than it."""
    rows = "".join(
        f'<li><a href="/x/{n}.html">全县第{n}次推进会召开，部署下一阶段重点任务</a><span>2024-01-{n:02d}</span></li>'
        for n in range(1, 26)
    )
    return f'<div class="{name}"><h3>最新动态</h3><ul>{rows}</ul></div>'


FAMILIES = {
    "epoint": around(
        f'<div class="ewb-zt"><h2 class="ewb-bt">{TITLE}</h2><div class="ewb-sj">【信息时间：{DAY}　阅读次数：<b></b>】'
        f'【信息来源：{SOURCE}】<a>【我要打印】</a></div><div class="ewb-nr"><div>{TEXT}</div></div></div>',
        f"/zwgk/001002/20240302/{UUID}.html",
        '<script src="/webbuilder/js/webBuilderCommon.js"></script>',
    ),
    "siteserver": around(
        f'<div class="ny"><div class="bt1">{TITLE}</div>{HEADER}<div class="nyzw">{TEXT}</div></div>',
        "/contents/120/4567.html",
    ),
    "longxun": around(
        '<ul class="xx"><li><span>索引号：</span>00123456/202403-00012</li><li><span>组配分类：</span>通知</li>'
        f"<li><span>发布机构：</span>{SOURCE}</li><li><span>发布日期：</span>{DAY}</li><li><span>有效性：</span></li></ul>"
        f'<div class="xlbt">{TITLE}</div><div>信息来源：{SOURCE}　发布时间：{DAY} 09:12　字体：[<a>大</a>]</div>'
        f'<div class="xlzw"><div class="gkzw">{TEXT}</div></div>',
        "/public/1234/56789.html",
    ),
    "empire": around(
        f'<table><tr><td class="bt">{TITLE}</td></tr><tr><td>来源：{SOURCE} 时间：{DAY} 点击：次</td></tr>'
        f'<tr><td id="neirong">{TEXT}</td></tr></table>',
        head='<script src="/e/data/js/ajax.js"></script>',
    ),
    "jpaas": around(
        f'<p class="tit">{TITLE}</p><p><span>发布日期：{DAY}</span><span>来源： {SOURCE}</span></p>'
        f'<div class="wznr">{TEXT}</div>',
        f"/art/2024/art_{HEX}.html",
    ),
    "hebei": around(
        f'<div class="detail"><h3>{TITLE}</h3><p>时间：{DAY} 来源：{SOURCE}</p><div class="word">{TEXT}</div></div>',
        f"/columns/{UUID}/202403/01/{UUID}.html",
    ),
}

LAYOUTS = {
    "title in a cell": f'<table><tr><td class="title">{TITLE}</td></tr><tr><td>{DAY} 来源：{SOURCE}</td></tr>'
    f'<tr><td class="con">{TEXT}</td></tr></table>',
    "title in two lines": f'<h1>{TITLE[:7]}<br>{TITLE[7:]}</h1>{HEADER}<div class="xq">{TEXT}</div>',
    "title in a div": f'<div class="tit">{TITLE}</div>{HEADER}<div class="xq">{TEXT}</div>',
    "subtitle": f'<h1>{TITLE}</h1><h2>——2024年第3号</h2>{HEADER}<div class="xq">{TEXT}</div>',
    "editor twice": f'{TOP}<div class="view TRS_UEDITOR"><div class="TRS_Editor"><div class="TRS_Editor">{TEXT}</div>'
    "</div></div>",
    "zoom in a cell": f'<table><tr><td>{TOP}</td></tr><tr><td id="zoom">{TEXT}</td></tr></table>',
    "content": f'{TOP}<div id="content">{TEXT}</div>',
    "lines": f'{TOP}<div class="nr1">{"<br>　　".join(PROSE)}</div>',
    "print copy": f'{TOP}<div class="nr1">{TEXT}</div><div class="dy">{TOP}<div class="nr2">{TEXT}</div></div>',
    "mobile copy": f'<div class="pc">{TOP}<div class="nr1">{TEXT}</div></div>'
    f'<div class="sj"><h2>{TITLE}</h2><p>{DAY}</p><div class="nr2">{TEXT}</div></div>',
    "hidden copy": f'<div class="sj" style="display: none"><h2>{TITLE}</h2>{TEXT}</div>{TOP}'
    f'<div class="nr1">{TEXT}</div>',
    "list beside": f'<div class="zuo">{TOP}<div class="nr1">{TEXT}</div></div>{side("ce")}',
    "list before": f'{side("lbx")}<div class="zuo">{TOP}<div class="nr1">{TEXT}</div></div>',
    "sign-off": f'{TOP}<div class="nr1">{TEXT}<p>责任编辑：林某　审核：王某</p></div><p>扫一扫在手机打开当前页</p>',
    "share bars": f'{TOP}<div class="nr1"><div>分享到：<a>微信</a></div>{TEXT}<p>【打印本页】【关闭】</p></div>',
}
SHORT = {
    "one sentence": (f'{TOP}<div class="nr1"><p>{NOTICE}</p></div>', [NOTICE]),
    "and a list": (f'<div class="zuo">{TOP}<div class="xq"><p>{NOTICE}</p></div></div>{side("ce")}', [NOTICE]),
    "image": (f'{TOP}<div class="nr1"><p><img src="/i/1.jpg"></p></div><p>评 论</p>', []),
    "table": (f'{TOP}<div class="nr1">{TABLE}</div>', FIGURES),
    "text and table": (f'{TOP}<div class="nr1">{TEXT}{TABLE}</div>', [*PROSE, *FIGURES]),
}
WRAPPERS = {  # a selector of the family that is loose enough to fit a whole page
    "trs": ("content", "/zwgk/202403/t20240301_123456.html"),
    "epoint": ("con", f"/zwgk/001002/20240302/{UUID}.html"),
    "siteserver": ("content", "/contents/120/4567.html"),
    "nfcms": ("content", "/x/content/post_123.html"),
    "jpaas": ("ccontent", f"/art/2024/art_{HEX}.html"),
    "jcms": ("main-txt", "/art/2024/3/2/art_12_345.html"),
    "ucap": ("article_content", "/xx/c100001/202403/c01_123456.shtml"),
}


def gkmlpt(after: str = ";", **more: object) -> Page:
    """Guangdong's disclosure page, which carries the report in a script; `after` follows the object."""
    detail = {"title": TITLE, "content": TEXT, "source": SOURCE, "document_number": "云水〔2024〕5号", **more}
    script = f"<script>window._CONFIG = {json.dumps({'SID': 1, 'DETAIL': detail})}{after}</script>"
    return page(f'<div id="app"></div>{script}', url=f"{SITE}/gkmlpt/content/1/2/post_3.html")
