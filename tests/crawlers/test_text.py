"""Markup to lines, outlines, titles, regions, kinds and files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import article, attachments, images, kinds, markup, places, regions, sections, titles
from crawlers.html import parse, serialised


def _lines(html: str) -> list[str]:
    return markup.lines(markup.without_unseen(serialised(parse(html))))


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>一<b>二</b> 三</p><p>&nbsp;</p>四<br>五", ["一二 三", "四", "五"]),
        ("<p>自20<span>26</span>年</p>", ["自2026年"]),
        ("<script>a<b</script><style>p{}</style><p>文<!-- 注 --></p><select><option>站</select>", ["文"]),
        (
            "<table><tr><td><p>甲</p><p>乙</p></td><td>1</td></tr><tr><td></td><td>2</td></tr></table>",
            ["甲 乙\t1", "2"],
        ),
        ("<p>面积10<sup>2</sup>米，a&lt;b&amp;c</p>", ["面积10²米，a<b&c"]),
        ('<p title="a>b">文</p>', ["文"]),
        ("<p>第一页</p><p>#PAGE_BREAK#</p><p>第二页</p>", ["第一页", "第二页"]),
        ("<ul><li>一</li><li>二</li></ul>", ["一", "二"]),
    ],
)
def test_markup_becomes_lines(html: str, lines: list[str]) -> None:
    assert _lines(html) == lines


def test_a_table_that_lays_out_an_article_keeps_its_paragraphs() -> None:
    long = "<p>" + "文" * 500 + "</p>"
    assert len(_lines(f"<table><tr><td>{long}{long}</td><td>{long}</td></tr></table>")) == 3


@given(st.text(max_size=300))
def test_no_markup_makes_the_renderer_fail_or_leave_a_tag(text: str) -> None:
    for line in _lines(f"<div>{text}</div>"):
        assert line == line.strip()


def test_headings_of_all_four_levels_are_told_apart() -> None:
    lines = [
        "一、主要举措",
        "（一）健全制度。全年审查文件。",
        "1.抓好落实",
        "（1）细化分工",
        "一是严格程序。听取意见。",
        "正文。",
    ]
    found = sections.outline("\n".join(lines))
    assert [section.level for section in found] == [1, 2, 3, 4, 3]
    assert found[1].heading == "健全制度"
    assert found[1].text == "全年审查文件。"
    assert found[4].text == "听取意见。\n正文。"


def test_a_part_has_a_heading_and_an_article_has_text() -> None:
    found = sections.outline("第一章 总则\n第一节 适用范围\n第一条 为规范管理，制定办法。\n第二条 本办法适用于本县。")
    assert [section.level for section in found] == [1, 2, 2, 2]
    assert [section.heading for section in found] == ["总则", "适用范围", "", ""]
    assert found[3].text == "本办法适用于本县。"


def test_a_row_of_a_table_opens_no_section() -> None:
    found = sections.outline("一、收支情况\n二、支出\t120\t130\n（一）基本支出\t80\t90\n二、其他事项\n无。")
    assert [(section.label, section.text) for section in found] == [
        ("一、", "二、支出\t120\t130\n（一）基本支出\t80\t90"),
        ("二、", "无。"),
    ]


@pytest.mark.parametrize("line", ["1.5%的增长", "一定要抓好", "2024年工作", "第三批名单", "38%"])
def test_figures_and_words_that_look_like_labels_open_no_section(line: str) -> None:
    assert sections.outline(line) == ()


@pytest.mark.parametrize(
    ("headings", "evidence", "title"),
    [
        (["硕士研究生", "2018年招生大纲"], titles.Evidence(window="2018年招生大纲-某大学-信息网"), "2018年招生大纲"),
        (["通知公告"], titles.Evidence(meta="关于停水的<br>公告"), "关于停水的公告"),
        (["关于做好2024年…"], titles.Evidence(hint="关于做好2024年防汛的通知"), "关于做好2024年防汛的通知"),
        (["云溪县人民政府", "县长调研"], titles.Evidence(site="云溪县人民政府"), "县长调研"),
        ([], titles.Evidence(window="县长调研_云溪县人民政府网"), "县长调研"),
        (["有效 广告管理办法"], titles.Evidence(), "广告管理办法"),
        (["全县春耕工作会议召开2024-03-01"], titles.Evidence(), "全县春耕工作会议召开"),
    ],
)
def test_the_title_is_what_is_displayed_and_confirmed(
    headings: list[str], evidence: titles.Evidence, title: str
) -> None:
    assert titles.choose(headings, evidence) == title


@pytest.mark.parametrize(
    ("text", "site", "code"),
    [
        ("网站标识码：4399990001", None, "439999"),
        ("黑公网安备:23272202000022号", None, "232722"),
        ("", "bm01000001", None),
        ("网站标识码：4399990001 湘公网安备 43010102000001号", "4101000001", "439999"),
        ("哈尔滨市平房区", None, None),
        ("公网安备 99999902000001号", None, None),
    ],
)
def test_a_region_comes_from_numbers_only(text: str, site: str | None, code: str | None) -> None:
    assert regions.region_code(text, site) == code


@pytest.mark.parametrize(
    ("title", "body", "kind", "year"),
    [
        ("关于2023年法治政府建设情况的报告", "", "法治政府建设年度报告", 2023),
        ("云溪县2025年度法治政府建设情况", "", "法治政府建设年度报告", 2025),
        ("法治政府建设年度报告", "2024年，云溪县认真落实部署。", "法治政府建设年度报告", 2024),
        ("2023年政府信息公开工作年度报告", "", "政府信息公开年度报告", 2023),
        ("法治政府建设实施纲要（2021-2025年）", "", None, None),
        ("【文字解读】《法治政府建设情况报告》", "", "政策解读", None),
        ("二〇二三年统计公报", "", "统计公报", 2023),
        ("2024年3月1日县长调研", "", None, None),
    ],
)
def test_kind_and_year_are_read_from_the_title(title: str, body: str, kind: str | None, year: int | None) -> None:
    assert kinds.kind(title) == kind
    assert kinds.report_year(title, body) == year


def test_files_are_found_by_extension_servlet_class_and_attribute() -> None:
    html = (
        '<a href="a.pdf">甲</a><a href="/module/download/downfile.jsp?filename=x.doc">乙</a>'
        '<a class="nfw-cms-attachment" href="javascript:;">丙</a><a href="#" oldsrc="W02.xlsx">丁 (12.2 KB)</a>'
        '<a href="/index.html">首页</a><a href="mailto:a@b.example">信</a>'
    )
    found = attachments.attachments(html, lambda href: href)
    assert [file.name for file in found] == ["甲", "乙", "丙", "丁"]
    assert [file.url for file in found] == ["a.pdf", "/module/download/downfile.jsp?filename=x.doc", "", "W02.xlsx"]


def test_a_file_that_only_a_script_names_is_found() -> None:
    found = attachments.in_scripts("<script>var pdfUrl = './P020240101.pdf';</script>", lambda href: href)
    assert [file.url for file in found] == ["./P020240101.pdf"]


def test_a_caption_stays_with_its_picture_and_icons_are_none() -> None:
    html = '<p><img src="a.jpg"></p><p>图为会议现场。赵小河 摄</p><p><img src="icon_pdf.gif"></p>'
    found = images.images(html, lambda src: src)
    assert [(image.url, image.caption) for image in found] == [("a.jpg", "图为会议现场。赵小河 摄")]


def test_a_body_that_a_page_carries_twice_is_taken_once() -> None:
    lines = tuple(f"第{n}段，{'文' * 20}。" for n in range(5))
    assert article.once(lines + lines) == lines
    assert article.once(lines) == lines


def test_full_width_blanks_around_a_label_are_no_part_of_its_heading() -> None:
    found = sections.outline("一、\u3000总体情况\n（\u3000一\u3000）主要做法\n一是\u3000严格程序。\n全年审查文件。")
    assert [section.heading for section in found] == ["总体情况", "主要做法", "严格程序"]


def test_a_title_on_the_first_line_is_found_though_a_summary_begins_with_it() -> None:
    above, header, _ = places.around("某某通知\n发布时间：2024-03-01\n某某通知，请遵照执行。", "某某通知")
    assert (above, header) == ("", "\n发布时间：2024-03-01\n某某通知，请遵照执行。")


@pytest.mark.timeout(20)
def test_blanks_behind_the_word_for_files_are_read_once() -> None:
    assert attachments.in_box(f"附件{' ' * 400_000}无", str) == ()
