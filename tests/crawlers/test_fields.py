"""Fields in unusual places on a page: behind the body, written by scripts, with other times beside them."""

from __future__ import annotations

import pytest

from tests.crawlers import fields_pages as pages


@pytest.mark.parametrize(
    "after",
    [
        "<div>信息来源：云溪县水利局</div><div>发布日期：2024-03-05</div>",
        "<p>发布日期：2024-03-05　来源：云溪县水利局　<a href='#'>下载</a></p>",
        "<div>分享到：<span>来 源：云溪县水利局</span> <em>责任编辑：林某</em></div><i>发布时间：2024-03-05</i>",
    ],
)
def test_what_is_labelled_behind_the_body_counts_where_the_header_is_silent(after: str) -> None:
    for found in pages.both(pages.article(after=after)):
        assert (found.source, found.published_at) == ("云溪县水利局", "2024-03-05")
        assert found.body.split("\n") == list(pages.PROSE)


def test_the_header_wins_over_what_is_behind_the_body() -> None:
    header = "<p>来源：云溪日报 时间：2024-03-01</p>"
    for found in pages.both(pages.article(header, after="<p>来源：别处 发布日期：2024-03-09</p>")):
        assert (found.source, found.published_at) == ("云溪日报", "2024-03-01")


def test_a_source_among_related_titles_is_not_the_reports() -> None:
    after = "<h3>相关阅读</h3><ul><li>某地召开会议 来源：邻县日报 发布时间：2023-01-01</li></ul>"
    for found in pages.both(pages.article("<p>时间：2024-03-01</p>", after=after)):
        assert found.source is None


def test_the_day_of_publication_wins_over_that_of_generation() -> None:
    box = (
        "<table><tr><td>索引号：</td><td>00123456-7/2024-00112</td><td>生成日期：</td><td>2024-02-20</td></tr></table>"
    )
    for found in pages.both(pages.article(box, after="<p>发布日期：2024-03-05</p>")):
        assert found.published_at == "2024-03-05"
    for found in pages.both(pages.article(box)):
        assert found.published_at == "2024-02-20"


@pytest.mark.parametrize(
    "other",
    ["开始时间", "结束日期", "报名时间", "会议时间", "活动时间", "展览时间", "公示日期", "检修时间", "开园时间"],
)
@pytest.mark.parametrize("shape", ["<dl><dt>{}：</dt><dd>2024-05-08</dd></dl>", "<p>{}：2024-05-08 9:00</p>"])
def test_a_time_of_something_else_is_not_the_day_of_publication(other: str, shape: str) -> None:
    head = '<meta name="PubDate" content="2024-03-01">'
    header = shape.format(other) + "<dl><dt>地点：</dt><dd>县体育馆</dd></dl>"
    for found in pages.both(pages.article(header, head=head)):
        assert (found.published_at, found.published_from) == ("2024-03-01", "meta")


def test_a_subtitles_day_of_adoption_is_not_the_day_of_publication() -> None:
    header = "<p>（2023年12月28日云溪县第十七届人民代表大会常务委员会第三次会议通过）</p>"
    for found in pages.both(pages.article(header, head='<meta name="PubDate" content="2024-03-01">')):
        assert (found.published_at, found.published_from) == ("2024-03-01", "meta")


@pytest.mark.parametrize(
    ("header", "source", "published"),
    [
        (
            "来源：宣教中心&nbsp;&nbsp;&nbsp; 2022-11-14 14:59:48 &nbsp;【字体：大 中 小】",
            "宣教中心",
            "2022-11-14T14:59:48+08:00",
        ),
        ("来源：宣教中心2022-11-14", "宣教中心", "2022-11-14"),
        (
            "<span>来　源 ：</span><span>宣教中心</span><span>发布日期 ：</span><span>2022年11月14日</span>",
            "宣教中心",
            "2022-11-14",
        ),
        ("<b>来源</b>：<i>宣教中心</i> <b>时间</b>：<i>2022.11.14</i>", "宣教中心", "2022-11-14"),
        ("2025年06月03日 13时44分 来源:宣教中心", "宣教中心", "2025-06-03T13:44:00+08:00"),
        (" | 19-04-25 |  【<a href='#'>大</a> <a href='#'>中</a>】【打印】", None, "2019-04-25"),
        ("日期：19-04-25 来源：宣教中心", "宣教中心", "2019-04-25"),
        ("来源：宣教中心 | 2022-11-14 | 浏览：3次", "宣教中心", "2022-11-14"),
        ("宣教中心　2022-11-14　浏览：3次", None, "2022-11-14"),
        ("发布时间：2022-11-14\u00a0\u00a0来源：\u00a0宣教中心\u00a0\u00a0作者：", "宣教中心", "2022-11-14"),
        ("来源： 发布时间：2022-11-14", None, "2022-11-14"),
        ("发布时间：二〇二二年十一月十四日 来源:宣教中心", "宣教中心", "2022-11-14"),
        ("时间：2022/11/14 下午 来源：宣教中心 点击：<span>12</span>", "宣教中心", "2022-11-14"),
    ],
)
def test_a_header_is_read_in_each_spelling(header: str, source: str | None, published: str) -> None:
    for found in pages.both(pages.article(f"<div class='xx'>{header}</div>")):
        assert (found.source, found.published_at, found.published_from) == (source, published, "page")
        assert found.body.split("\n") == list(pages.PROSE)


SCRIPTS = {
    "literal": '<script>document.write("来源：县融媒体中心")</script>',
    "choice": "<script>var SRC='县融媒体中心';\nif(SRC!=''){document.write('来源：'+SRC)\n}"
    "else{document.write('来源：某网')}</script>",
    "other choice": "<script>var SRC='';if(SRC!=''){document.write('来源：'+SRC)}"
    "else{document.write('来源：县融媒体中心')}</script>",
    "third choice": '来源：<script>var s = "县融媒体中心"; var d = new Date("2024-03-01".replace(/-/g, "/"));'
    'if(s){ document.write(s); }else if(d>=y){ document.write("旧局"); }else{ document.write("新局"); }</script>',
    "before it": "<script>var wz = '县融媒体中心', n = '3';</script>"
    "来源：<script>if(wz){ document.write(wz); }</script>",
    "markup": "<script>document.writeln('<span>来源：<b>县融媒体中心</b></span>&nbsp;');</script>",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_what_a_script_of_the_header_writes_is_displayed_on_any_page(script: str) -> None:
    header = f"<div>发布时间：2024-03-01 {script} 浏览次数：</div>"
    for found in pages.both(pages.article(header)):
        assert (found.source, found.published_at) == ("县融媒体中心", "2024-03-01")
        assert found.body.split("\n") == list(pages.PROSE)


@pytest.mark.parametrize(
    "script",
    [
        "<script>document.write('<a href=\"/x\">分享</a>')</script>",
        "<script>document.write('共浏览' + count() + '次')</script>",
        "<script>var n=3;\n//document.write('来源：旧网站');\n</script>",
        "<script>document.write(unescape('%3Cspan%3E'))</script>",
    ],
)
def test_other_scripts_write_nothing_into_a_report(script: str) -> None:
    for found in pages.both(pages.article("<p>时间：2024-03-01</p>", script + pages.paragraphs() + script)):
        assert found.source is None
        assert found.body.split("\n") == list(pages.PROSE)


def test_a_site_name_with_a_hyphen_is_cut_from_the_window_title() -> None:
    shown = "A05云溪县开放大学-云溪职业学院实训室设备采购公告（第二次）"
    window = f"{shown}-云溪县开放大学-云溪广播电视大学"
    cell = f"<table><tr><td style='font-size:16pt'>{shown}</td></tr><tr><td>发布时间：2024-03-01</td></tr></table>"
    for inside in ('<div class="v_news_content">{}</div>', "<div class=nrong>{}</div>"):
        found = pages.page(f"<form>{cell}{inside.format(pages.paragraphs())}</form>", title=window)
        for said in pages.both(found):
            assert (said.title, said.published_at) == (shown, "2024-03-01")


def test_a_heading_that_names_the_column_is_not_the_title() -> None:
    inside = (
        f"<h1>通知公告</h1><div><p class=big>{pages.TITLE}</p><p>来源：云溪县水利局 时间：2024-03-01</p>"
        f'<div class="article-content">{pages.paragraphs()}</div></div>'
    )
    for said in pages.both(pages.page(inside, title=f"{pages.TITLE}-云溪县人民政府")):
        assert said.title == pages.TITLE


@pytest.mark.parametrize("small", ["( 2024-03-01)", "（2024-03-01）", "[2024-03-01]", "2024年3月1日"])
def test_a_day_within_the_heading_leaves_the_title_whole(small: str) -> None:
    inside = f"<h2>{pages.TITLE} <small>{small}</small></h2><div class=nrong>{pages.paragraphs()}</div>"
    for said in pages.both(pages.page(inside)):
        assert (said.title, said.published_at) == (pages.TITLE, "2024-03-01")
