"""Pages whose fields stand in unusual places, put together by the tests that read them."""

from __future__ import annotations

from datetime import UTC, datetime

from crawlers import generic, registry
from crawlers.models import Extract, RawPage
from crawlers.page import Page

FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
TITLE = "云溪县关于做好春季农田水利工作的通知"
PROSE = (
    "各乡镇人民政府，县政府各部门：",
    "为做好今年春季农田水利工作，确保灌溉用水安全，经研究，现将有关事项通知如下。",
    "一、全面排查渠道、泵站和小型水库的隐患，建立台账，逐项整改，确保汛期前全部完成。",
    "二、落实管护责任，明确每一处工程的责任人，加强巡查，发现问题及时上报县水利局。",
    "三、做好用水调度，统筹生活、生产和生态用水，优先保证春耕灌溉，杜绝跑水漏水。",
)


def paragraphs(*lines: str) -> str:
    """A body's markup."""
    return "".join(f"<p>{line}</p>" for line in lines or PROSE)


def page(inside: str, head: str = "", title: str = TITLE, url: str | None = None) -> Page:
    """A page with a `<title>`, more for its head and what is in its body."""
    start = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title>{head}</head>"
    html = f"{start}<body>{inside}</body></html>"
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Page(RawPage(url=url, headers=headers, body=html.encode(), fetched_at=FETCHED))


def article(header: str = "", body: str = "", after: str = "", title: str = TITLE, head: str = "") -> Page:
    """A plain article page of no known family: navigation, heading, header line, body, what follows, footer."""
    return page(
        '<div class="top"><a href="/">首页</a><a href="/zwgk/">政务公开</a><a href="/zmhd/">政民互动</a></div>'
        f'<div class="wrap"><h1>{title}</h1>{header}<div class="nrong">{body or paragraphs()}</div>{after}</div>'
        '<div class="footer">主办：云溪县人民政府 备案序号：琼ICP备00000001号</div>',
        head,
        title,
    )


def read(found: Page) -> Extract:
    """The report as the registry reads it."""
    said = registry.report(found)
    assert isinstance(said, Extract)
    return said


def both(found: Page) -> tuple[Extract, Extract]:
    """The report by the registry and forced through the generic reader."""
    return read(found), generic.report(found)
