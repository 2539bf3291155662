"""What is no report is named, and what may be one passes; the pages are written here as servers write them."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from crawlers import registry
from crawlers.errors import Blocked, Gone, NotAReport, PageError, Transient
from crawlers.models import Extract, RawPage
from crawlers.page import Page
from crawlers.readable import check
from crawlers.refuse import refuse
from tests.crawlers.list_pages import FOOTER, NAV, SHAPES, SIDEBAR
from tests.crawlers.list_pages import page as whole

PROSE = "为进一步规范行政执法行为，现就有关事项通知如下。各单位要高度重视，认真组织实施，确保各项工作落到实处。" * 6
MENU = "<div class='menu'>" + "".join(f"<a href='/lm{n}/'>栏目第{n}</a>" for n in range(30)) + "</div>"
BLOCKS = "".join(
    f"<div class='block{block}'><h3>板块</h3><ul>"
    + "".join(f"<li><a href='/b{block}/{n}.html'>这是第{block}块的第{n}条新闻标题</a></li>" for n in range(6))
    + "</ul></div>"
    for block in range(8)
)
BOXES = [
    f"<div class=box><h3>{name}<a href='/{n}/'>更多&gt;&gt;</a></h3><ul>"
    + "".join(
        f"<li><a href='/{n}/{row}.html'>{name}第{row}次会议召开</a><span>11-0{row}</span></li>" for row in (3, 2, 1)
    )
    + "</ul></div>"
    for n, name in enumerate(("云溪要闻", "通知公告", "政策解读"))
]
TEMPLATE_ERROR = "FreeMarker template error: The following has evaluated to null or missing: ==> article.title"


def page_of(body: bytes | str, url: str | None = None, status: int = 200, head: str = "text/html") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    headers = (("content-type", head),)
    return Page(RawPage(url=url, status=status, headers=headers, body=raw, fetched_at=datetime(2024, 4, 1, tzinfo=UTC)))


def html(body: str, title: str = "某某局", head: str = "") -> str:
    return f"<html><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>{body}</body></html>"


TRACE = "java.lang.NullPointerException at com.example.Article.show(Article.java:1)"
RIVER = "<script r='m'>$_ts=window['$_ts'];$_ts.cd='" + "q" * 9000 + "'</script>"
JSL = "<script>document.cookie=('_')+('_')+('j');location.href=location.pathname</script>"
ALIYUN = "<html><script>var arg1='8F';setCookie('acw_sc__v2', x);location.reload()</script></html>"
REFRESH = "<html><head><meta http-equiv='Refresh' content='0;URL=./a/'></head></html>"

REFUSED: dict[str, tuple[str | bytes, type[PageError], str]] = {
    "no byte": (b"", NotAReport, "empty"),
    "white space": (b" \r\n\t ", NotAReport, "empty"),
    "an empty body": ("<html><head></head><body></body></html>", NotAReport, "empty"),
    "a file": (b"%PDF-1.7 \xe2\xe3", NotAReport, "undecodable"),
    "noise": (bytes(range(256)) * 40, NotAReport, "undecodable"),
    "deep": ("<div>" * 100_000, NotAReport, "too_deep"),
    "an answer to a script": ('{"data": {"results": []}}', NotAReport, "data"),
    "nginx 404": (html("<center><h1>404 Not Found</h1></center><hr>nginx", "404 Not Found"), Gone, "gone"),
    "a bare message": ("<h2>文章不存在或已删除</h2>", Gone, "gone"),
    "a soft 404 in the site's frame": (
        html(f"{NAV}{MENU}<div class='main'><p>抱歉，您访问的页面不存在或已被删除！</p></div>{FOOTER}"),
        Gone,
        "gone",
    ),
    "a titled soft 404": (html(f"{NAV}<p>3秒后返回首页</p>", "您访问的页面找不到了"), Gone, "gone"),
    "502": (html("<h1>502 Bad Gateway</h1>", "502 Bad Gateway"), Transient, "server_error"),
    "a template error": (html(f"<pre>{TEMPLATE_ERROR}</pre>"), Transient, "server_error"),
    "Tomcat": (html("<h1>HTTP Status 500 – Internal Server Error</h1>", "HTTP Status 500"), Transient, "server_error"),
    "a stack trace": (
        html("<pre>java.lang.NullPointerException at com.a.B.c(B.java:1)</pre>"),
        Transient,
        "server_error",
    ),
    "瑞数": (
        "<html><head><meta content='x' r='m'><script r='m'>$_ts=window['$_ts'];$_ts.cd='"
        + "q" * 9000
        + "'</script></head></html>",
        Blocked,
        "challenge",
    ),
    "加速乐": (
        "<script>document.cookie=('_')+('_')+('j');location.href=location.pathname</script>",
        Blocked,
        "challenge",
    ),
    "创宇盾": (html("<p>当前访问疑似黑客攻击，已被创宇盾拦截</p>"), Blocked, "challenge"),
    "云防护": (html("<h1>访问被阻断</h1><p>电信云防护</p>"), Blocked, "challenge"),
    "Aliyun": (
        "<html><script>var arg1='8F';setCookie('acw_sc__v2', x);location.reload()</script></html>",
        Blocked,
        "challenge",
    ),
    "meta refresh": (
        "<html><head><meta http-equiv='Refresh' content='0;URL=./a/'></head></html>",
        NotAReport,
        "redirect",
    ),
    "a script that leads away": ("<html><script>window.location.href='/new/';</script></html>", NotAReport, "redirect"),
    "an iframe": (html("<iframe src='/a.html'></iframe>"), NotAReport, "shell"),
    "an application": (html("<div id='app'></div><script src='/a.js'></script>"), NotAReport, "shell"),
    "a login page": (
        html(
            "<div>个人登录</div><form><input type='text'><input type='PASSWORD'><button>登录</button></form>",
            "统一认证",
        ),
        NotAReport,
        "login",
    ),
    "a home page": (html(NAV + BLOCKS + SIDEBAR + FOOTER), NotAReport, "home"),
    "a small home page": (html(MENU + "".join(BOXES) + FOOTER, "云溪县人民政府门户网站"), NotAReport, "home"),
    "boxes without a name": (html(MENU + "".join(BOXES) + FOOTER, ""), NotAReport, "navigation"),
    "a hub": (html(NAV + MENU + FOOTER, "政务公开"), NotAReport, "navigation"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_report_is_named(name: str) -> None:
    body, error, reason = REFUSED[name]
    with pytest.raises(error) as caught:
        refuse(page_of(body))
    assert caught.value.reason == reason


@pytest.mark.parametrize("shape", sorted(SHAPES.keys() - {"cards", "labels", "an archive"}))
def test_a_list_is_no_report(shape: str) -> None:
    with pytest.raises(NotAReport) as caught:
        refuse(page_of(whole(SHAPES[shape])))
    assert caught.value.reason == "list"


def test_the_root_of_a_site_is_its_home_page() -> None:
    with pytest.raises(NotAReport, match="home"):
        refuse(page_of(html(NAV + MENU + f"<p>{PROSE}</p>"), "https://www.example.gov.cn/"))


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (404, Gone, "gone"),
        (410, Gone, "gone"),
        (403, Blocked, "challenge"),
        (412, Blocked, "challenge"),
        (521, Blocked, "challenge"),
        (500, Transient, "server_error"),
        (503, Transient, "server_error"),
        (429, Transient, "server_error"),
    ],
)
def test_a_status_decides_before_the_page(status: int, error: type[PageError], reason: str) -> None:
    with pytest.raises(error) as caught:
        refuse(page_of(html(f"<p>{PROSE}</p>"), status=status))
    assert caught.value.reason == reason


LINE = "<div>发布时间：2024-03-01 来源：某某局 浏览次数：</div>"
PASSED: dict[str, str | bytes] = {
    "prose": html(f"{NAV}<h1>通知</h1><div>{PROSE}</div>{FOOTER}"),
    "prose among many links": html(f"{NAV}{MENU}{MENU}<h1>通知</h1><div>{PROSE}</div>{BLOCKS}{FOOTER}"),
    "nothing but a picture": html(f"{NAV}<h1>一图读懂</h1>{LINE}<div id='zoom'><img src='a.jpg'></div>{FOOTER}"),
    "nothing but a file": html(f"{NAV}{MENU}<h1>附件</h1>{LINE}<div id='zoom'><a href='a.pdf'>表格</a></div>{FOOTER}"),
    "one sentence": html(f"{NAV}<h1>通知</h1>{LINE}<p>详见附件。</p>{FOOTER}"),
    "a report on a missing page": html(f"<h1>关于页面不存在问题的答复</h1>{LINE}<p>{PROSE}您访问的页面不存在。</p>"),
    "a report with a related list": html(f"{NAV}<h1>通知</h1>{LINE}<div>{PROSE}</div>{SHAPES['items']}{FOOTER}"),
    "a protected page after its challenge": html(
        f"<h1>通知</h1><p>{PROSE}</p>", head="<script>$_ts=window['$_ts'];location.href='a'</script>"
    ),
    "GB18030": html(f"<h1>通知</h1><p>{PROSE}</p>").replace("utf-8", "gb2312").encode("gb18030"),
    "plain text": f"某某通知\n\n{PROSE}\n",
    "standard metas": html(
        "<h1>通知</h1><p>见图</p>",
        head="<meta name='ArticleTitle' content='通知'><meta name='PubDate' content='2024-03-01 10:00'>",
    ),
}


@pytest.mark.parametrize("name", PASSED)
def test_what_may_be_a_report_passes(name: str) -> None:
    refuse(page_of(PASSED[name]))


@pytest.mark.parametrize("size", [200, 3000, 60_000])
@pytest.mark.parametrize("media", ["text/html", "text/plain"])
def test_bytes_at_random_are_no_text(size: int, media: str) -> None:
    body = random.Random(size).randbytes(size)
    with pytest.raises(NotAReport) as caught:
        registry.report(page_of(body, head=media))
    assert caught.value.reason == "undecodable"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16"])
def test_a_control_character_here_and_there_is_no_reason_to_refuse(codec: str) -> None:
    text = ("工作" * 20 + "\x0b\x1f") * 3 + "工作有序推行" * 200
    check(page_of(text.encode(codec)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_has_lines_whatever_ends_them(end: str) -> None:
    lines = ("关于某事的通知", "来源：某局", PROSE, PROSE)
    found = registry.report(page_of(end.join(lines), head="text/plain"))
    assert isinstance(found, Extract)
    assert (found.title, found.body) == (lines[0], f"{PROSE}\n{PROSE}")
