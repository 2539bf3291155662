"""Header lines, index boxes, meta tags and scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import boxes, metadata, numbers


@pytest.mark.parametrize(
    ("header", "source", "day"),
    [
        ("来源:平房区司法局时间:2024-02-28", "平房区司法局", "2024-02-28"),
        ("信息来源: 发布日期：2024-07-05 13:57", None, "2024-07-05"),
        ("来源：\n 县政府办\n作者：刘某\n浏览次数：", "县政府办", None),
        ("【信息发布时间：2020-04-27阅读次数：】", None, "2020-04-27"),
        ("来 源：新华社　　日 期：2021年1月2日", "新华社", "2021-01-02"),
        ("时间发布：2023-06-12 09:51\n阅读次数:\n次\n信息来源：辽河日报\n字体：[", "辽河日报", "2023-06-12"),
        ("来源：访问量：199发布日期：2017-05-15", None, "2017-05-15"),
        ("文章来源：中国环境报 文章类型：原创 发布时间：2024-07-12", "中国环境报", "2024-07-12"),
        ("2020-12-07 北关小学", "北关小学", "2020-12-07"),
        ("2018-02-07作者： 浏览次数：", None, "2018-02-07"),
        ("更新时间：2008年3月3日", None, "2008-03-03"),
        ("发布时间：2009-09-30\n更新时间：2023-05-12", None, "2009-09-30"),
        ("来源：无", None, None),
        ("第三号公告\n来源：县府办\n时间：2024-01-02", "县府办", "2024-01-02"),
        ("资金来源：省财政 2024-01-02", None, "2024-01-02"),
        ("来源∶县府办 时间∶2024-01-05", "县府办", "2024-01-05"),
        ("信息来源：【县府办】 发布日期：【2024-01-05】", "县府办", "2024-01-05"),
        ("[ 来源：县府办 ] [ 时间：2024-01-05 ]", "县府办", "2024-01-05"),
        ("来源 县府办 时间 2024-01-05", "县府办", "2024-01-05"),
        ("来源\n：\n县府办\n发布时间\n：\n2024-01-05", "县府办", "2024-01-05"),
        ("转载自：新华社 时间：2024-01-05", "新华社", "2024-01-05"),
        ("发文日期：2024-01-01 发布日期：2024-01-05 来源：县府办", "县府办", "2024-01-05"),
        ("成文日期：2024-01-01", None, None),
        ("成文日期\n2024-01-01\n来源：县府办", "县府办", None),
        ("有效期至：2025-12-31 发布日期：2024-01-05", None, "2024-01-05"),
        ("来源：\n\n发布时间：\n2024-01-05\n浏览次数：\n12", None, "2024-01-05"),
        ("今天是 2024年11月24日 星期日", None, None),
        ("答复时间：2020-10-10 留言时间：2020-09-10", None, None),
    ],
)
def test_a_header_line_gives_source_and_day(header: str, source: str | None, day: str | None) -> None:
    shown = metadata.displayed(header)
    assert shown.source == source
    assert (shown.published.day.isoformat() if shown.published else None) == day


BOX = {"index_no": "113300000026455663/2024-43001", "doc_no": "云政办发〔2024〕5号", "publisher": "县府办"}


@pytest.mark.parametrize(
    "box",
    [
        "索引号\n113300000026455663/2024-43001\n文号\n云政办发〔2024〕5号\n发布机构\n县府办",
        "索 引 号：\n113300000026455663/2024-43001\n文　　号：\n云政办发〔2024〕5号\n主题分类：\n发布机构：\n县府办",
        "• 索引号：113300000026455663/2024-43001\n• 文号：云政办发〔2024〕5号\n• 有效性：\n• 发布机构：县府办",
        "索引号\n文号\n发布机构\n113300000026455663/2024-43001\n云政办发〔2024〕5号\n县府办",
    ],
)
def test_an_index_box_is_read_in_each_rendering(box: str) -> None:
    assert {key: value for key, value in boxes.boxed(box).items() if key in BOX} == BOX


def test_an_index_number_without_its_label_is_found_by_its_form() -> None:
    assert numbers.loose_index_number("首页\n736916951/2024-000784\n报告") == "736916951/2024-000784"


@pytest.mark.parametrize("text", ["2024/2025-12", "见 http://a.example/1/2024-0001", "3/4"])
def test_other_figures_with_a_slash_are_no_index_number(text: str) -> None:
    assert numbers.loose_index_number(text) is None


def test_what_a_script_writes_counts_as_displayed() -> None:
    header = (
        "发布时间：\nvar pubdata='2021年03月12日'; if(pubdata!=''){ document.write(pubdata); }\n"
        "var wzly='县林业局'; if(wzly!=''){ document.write('文章来源：'+wzly+'&emsp;'); }"
    )
    shown = metadata.displayed(header)
    assert shown.source == "县林业局"
    assert shown.published is not None
    assert shown.published.iso == "2021-03-12"


def test_an_empty_script_value_is_no_source() -> None:
    assert metadata.displayed("var wzly=''; if(wzly!=''){ document.write('文章来源：'+wzly+'&emsp;'); }").source is None


@pytest.mark.parametrize(
    ("lines", "title", "number"),
    [
        (["云政〔2018〕16号", "云溪县人民政府"], "意见", "云政〔2018〕16号"),
        (["云溪县人民政府令", "（第37号）"], "办法", "第37号"),
        (["云溪县人民政府令第37号"], "办法", "云溪县人民政府令第37号"),
        (["云溪县人民政府", "公告2024年第8号"], "公告", "公告2024年第8号"),
        (["云 政 发 ﹝2024﹞ 5 号"], "通知", "云政发﹝2024﹞5号"),
        (["云政令〔2024〕第37号"], "办法", "云政令〔2024〕第37号"),
        (["县政府第三会议室第37号"], "通知", None),
        (["根据《关于某事的通知》（财金〔2016〕85号）等文件精神，现将有关工作安排如下。"], "通知", None),
        ([], "处罚公开表(金罚决字〔2024〕36号)", "金罚决字〔2024〕36号"),
    ],
)
def test_only_a_number_of_its_own_is_a_documents_number(lines: list[str], title: str, number: str | None) -> None:
    assert numbers.own_doc_number(lines, title) == number


def test_placeholders_in_meta_tags_are_nothing() -> None:
    assert metadata.metas([("SiteName", "网站名称"), ("PubDate", ""), ("PubDate", "2024-01-02")]) == {
        "pubdate": "2024-01-02"
    }


def test_a_meta_source_counts_only_when_it_is_displayed() -> None:
    assert metadata.confirmed("县统计局", "责任部门：县统计局") == "县统计局"
    assert metadata.confirmed("云溪网", "责任部门：县统计局") is None


@given(st.text(alphabet="来源发布时间日期：: \n2024-01年月县局【】'+;()var=", max_size=200))
def test_no_header_makes_the_reader_fail(header: str) -> None:
    metadata.displayed(header, header)
