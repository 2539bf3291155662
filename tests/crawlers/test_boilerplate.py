"""Lines that belong to every page, and lines that only look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import boilerplate, trimming

PROSE = "全年审查行政规范性文件12件，备案率达100%，清理文件36件。"


@pytest.mark.parametrize(
    "line",
    [
        "扫一扫在手机打开当前页",
        "【打印本文】 【关闭】",
        "打印 关闭",
        "分享到： QQ空间 新浪微博 腾讯微博 人人网",
        "字体：[大 中 小]",
        "字号:A A    颜色:",
        "关怀版关怀版 网站支持IPv6",
        "微信好友",
        "您是第 123456 位访问者",
        "您是本站第123456位访客",
        "总访问量：123456 今日访问量：12",
        "本页面访问次数：33",
        "已阅读 345 次",
        "当前在线人数：12",
        "用微信扫描二维码分享",
        "官方微博 微信公众号 客户端",
        "用户登录 注册",
        "适老化无障碍服务",
    ],
)
def test_a_line_of_nothing_but_buttons_is_chrome(line: str) -> None:
    assert boilerplate.is_chrome(line)


@pytest.mark.parametrize(
    "line",
    [
        "研讨会上分享经验",
        "点击率近5万人次",
        "关闭煤矿12处",
        "微信公众号关注人数1万",
        "累计访问总量突破5万人次",
        "落实责任",
        "68.16",
        "2024",
        "-",
    ],
)
def test_words_of_buttons_in_a_sentence_are_not(line: str) -> None:
    assert not boilerplate.is_chrome(line)


@pytest.mark.parametrize("letter", boilerplate.PROVINCE)
def test_the_number_plates_of_every_province_are_footer(letter: str) -> None:
    assert boilerplate.is_footer(f"{letter}公网安备 11010102000001号")
    assert boilerplate.is_footer(f"{letter}ICP备 05000593号-2")


@pytest.mark.parametrize(
    "line",
    [
        "网站首页 政务公开 政务服务 互动交流",
        "首页 | 要闻 | 公开",
        "天气：晴 -12℃～-3℃",
        "热门搜索：社保 医保",
    ],
)
def test_a_banner_above_a_title_is_no_part_of_a_report(line: str) -> None:
    assert boilerplate.is_heading_furniture(line)


@pytest.mark.parametrize("line", ["©2026 云溪县人民政府", "友情链接：省政府 市政府"])
def test_the_foot_of_a_page_is_footer(line: str) -> None:
    assert boilerplate.is_footer(line)


def test_trimming_stops_at_prose_and_keeps_signature_and_date() -> None:
    lines = [
        "首页 > 政务公开 > 报告",
        PROSE,
        "云溪县人民政府",
        "2025年1月16日",
        "（此件公开发布）",
        "分享到：",
        "打印 关闭",
        "上一篇：",
    ]
    assert trimming.trim(lines).lines == (PROSE, "云溪县人民政府", "2025年1月16日", "（此件公开发布）")


def test_related_titles_go_with_their_heading() -> None:
    lines = [PROSE, "相关信息", "云溪县2023年度报告", "云溪县2022年度报告", "湘公网安备:43999902000001号"]
    assert trimming.trim(lines).lines == (PROSE,)


def test_furniture_amid_prose_stays() -> None:
    lines = [PROSE, "分享到：", PROSE]
    assert trimming.trim(lines).lines == tuple(lines)


def test_a_short_text_is_not_taken_for_a_header() -> None:
    lines = ["关于停课的通知已发", "请家长留意", "打印 关闭"]
    assert trimming.trim(lines, whole=True).lines == ("关于停课的通知已发", "请家长留意")


def test_a_time_at_the_head_of_a_body_is_content_and_above_a_page_is_not() -> None:
    lines = ["时间：2024年5月1日", "地点：县文化馆", PROSE]
    assert trimming.trim(lines).lines == tuple(lines)
    assert "时间：2024年5月1日" in trimming.trim(lines, whole=True).head


@given(
    st.lists(
        st.sampled_from(["打印", "云溪县", PROSE, "上一篇：", "2025年1月16日", "来源：县局", "-", "附件："]),
        max_size=30,
    )
)
def test_trimming_takes_from_the_ends_only_and_keeps_all_prose(lines: list[str]) -> None:
    cut = trimming.trim(lines)
    assert [*cut.head, *cut.lines, *cut.tail] == lines
    assert [line for line in cut.lines if line == PROSE] == [line for line in lines if line == PROSE]


@pytest.mark.parametrize(
    "line",
    [
        "【信息发布：区退役军人事务局】 【内容纠错】 【打印文章】 【关闭窗口】",
        "核发：0 点击数：494 【收藏本页】",
        "浏览次数：12",
        "相关热词搜索：开学",
    ],
)
def test_what_stands_below_a_text_is_cut_from_its_end(line: str) -> None:
    trimmed = trimming.trim([PROSE, PROSE, line])
    assert (trimmed.lines, trimmed.tail) == ((PROSE, PROSE), (line,))


@pytest.mark.parametrize(
    "line",
    [
        "【第一条】【总则】",
        "全年网站点击量：12万次，比上年增长3%。",
        "附件【见下文】所列各项应当一并报送，逾期不予受理。",
    ],
)
def test_what_only_looks_like_it_stays(line: str) -> None:
    assert trimming.trim([PROSE, PROSE, line]).lines == (PROSE, PROSE, line)
