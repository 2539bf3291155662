"""What a list page holds is found from its structure, and where it goes on in each family's way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.portal import Portal
from crawlers import registry
from crawlers.models import Listing, RawPage
from crawlers.page import Page
from tests.crawlers.list_pages import SHAPES, SIDEBAR, Entry, entries
from tests.crawlers.list_pages import page as whole

HOST = "https://www.example.gov.cn"


def page_of(text: str, url: str | None = f"{HOST}/gk/index.html") -> Page:
    return Page(RawPage(url=url, body=text.encode(), fetched_at=datetime(2024, 4, 1, tzinfo=UTC)))


def read(text: str, url: str | None = f"{HOST}/gk/index.html") -> Listing:
    found = registry.listing(page_of(text, url))
    assert isinstance(found, Listing)
    return found


def shown(found: Listing) -> list[Entry]:
    return [Entry(item.title or "", item.url.removeprefix(HOST), item.date) for item in found.items]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_rows_gives_the_same_entries(shape: str) -> None:
    assert shown(read(whole(SHAPES[shape]))) == entries()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_dated_sidebar_adds_no_entries(shape: str) -> None:
    assert shown(read(whole(SHAPES[shape], before=SIDEBAR))) == entries()


def test_a_short_list_wins_over_a_longer_dated_sidebar() -> None:
    rows = "".join(f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>" for e in entries(3))
    assert shown(read(whole(f"<ul class='list'>{rows}</ul>", after=SIDEBAR))) == entries(3)


@pytest.mark.parametrize("count", [1, 2])
def test_a_list_of_one_or_two_rows_is_a_list(count: int) -> None:
    rows = "".join(f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>" for e in entries(count))
    assert shown(read(whole(f"<ul>{rows}</ul>"))) == entries(count)


def test_an_undated_list_of_article_links_is_a_list_without_days() -> None:
    rows = "".join(f"<li><a href='{e.url}'>{e.title}</a></li>" for e in entries())
    assert shown(read(whole(f"<ul>{rows}</ul>"))) == [entry._replace(date=None) for entry in entries()]


@pytest.mark.parametrize("body", ["<ul></ul>", "<div>暂无数据</div>", "<div>很抱歉，没有找到符合条件的结果！</div>"])
@pytest.mark.parametrize("around", ["", SIDEBAR])
def test_a_column_without_rows_is_an_empty_list(body: str, around: str) -> None:
    found = read(whole(body, after=around))
    assert (found.items, found.next) == ((), None)


def test_a_list_beside_a_column_that_says_that_it_is_empty_is_not_taken_for_it() -> None:
    rows = "".join(f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>" for e in entries())
    beside = f"<div class='lm-r'><h3>最新更新</h3><ul class='list-hot'>{rows}</ul></div>"
    said = "<ul class='list-news'></ul><p class='nodata'>栏目建设中，暂无相关信息！</p>"
    assert read(whole(said, after=beside)).items == ()
    assert len(read(whole("", after=beside)).items) == len(entries())
    below = f"<div class='bottom_tj'><h4>热点</h4><ul>{rows}</ul></div>"
    assert read(whole(said, after=below)).items == ()
    assert len(read(whole("<p>暂无相关信息</p>", after=below)).items) == len(entries())


def test_a_pinned_row_is_marked() -> None:
    rows = "".join(f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>" for e in entries(4))
    found = read(
        whole(
            f"<ul><li><b>[置顶]</b><a href='/gk/1.html'>关于印发办法的通知</a><span>2020-01-02</span></li>{rows}</ul>"
        )
    )
    assert [item.pinned for item in found.items] == [True, False, False, False, False]


def test_a_row_whose_day_is_missing_is_kept() -> None:
    rows = [f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>" for e in entries(5)]
    rows[2] = rows[2].replace("2024-03-03</span>", "</span>")
    assert [entry.date is None for entry in shown(read(whole(f"<ul>{''.join(rows)}</ul>")))] == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_a_row_that_leads_to_a_script_is_an_entry_with_its_address_as_given() -> None:
    rows = "".join(f"<li><a href='javascript:;'>{e.title}</a><span>{e.date}</span></li>" for e in entries(5))
    found = read(whole(f"<ul>{rows}</ul>"))
    assert [item.url for item in found.items] == ["javascript:;"] * 5


def test_rows_that_lead_to_other_hosts_keep_their_addresses() -> None:
    rows = "".join(
        f"<li><a href='https://other.example.cn/a/{n}.html'>{e.title}</a><span>{e.date}</span></li>"
        for n, e in enumerate(entries(5))
    )
    assert read(whole(f"<ul>{rows}</ul>")).items[4].url == "https://other.example.cn/a/4.html"


ROWS = SHAPES["items"]
PAGERS = {
    "a link": ("<a href='index_2.html'>下一页</a>", "/gk/index_2.html"),
    "a link in pieces": ("<a href='index_2.html'><span>下一页</span> &gt;</a>", "/gk/index_2.html"),
    "the last page": ("<a href='index.html'>下一页</a>", None),
    "a dead link": ("<a href='javascript:goPage(2)'>下一页</a>", None),
    "a disabled link": ("<a class='disabled' href='index_2.html'>下一页</a>", None),
    "counting down": ("共60条 1/6 <a href='tzgg/5.htm'>下页</a><a href='tzgg/1.htm'>尾页</a>", "/gk/tzgg/5.htm"),
    "TRS, from 0": ('<script>createPageHTML(4, 0, "index", "html")</script>', "/gk/index_1.html"),
    "TRS, third page": ('<script>createPageHTML(4, 2, "index", "html");</script>', "/gk/index_3.html"),
    "TRS, last page": ('<script>createPageHTML(4, 3, "index", "html");</script>', None),
    "TRS, one page": ('<script>createPageHTML(1, 0, "index", "html")</script>', None),
    "TRS, variables": (
        "<script>var currentPage = 1;var countPage = 5; document.write('<a href=\"index_'+n+'.html\">')</script>",
        "/gk/index_2.html",
    ),
    "UCAP, from 1": ("<script>createPageHTML('page_div', 5, 1, 'list', 'shtml', 97);</script>", "/gk/list_2.shtml"),
    "a call of another kind": ("<script>createPageHTML('page_div','15','1','10','148');</script>", None),
    "the last page of VSB": ("共60条 6/6 <a href='2.htm'>上页</a><span class='NextDisabled'>下页</span>", None),
    "UCAP, last page": ("<script>createPageHTML('page_div', 5, 5, 'list', 'shtml', 97);</script>", None),
    "numbers alone": (
        "<div><span>1</span><a href='?page=2'>2</a><a href='?page=3'>3</a></div>",
        "/gk/index.html?page=2",
    ),
    "numbers in pieces": (
        "<div><span>1<i>1</i></span><a href='?page=2'>2</a><a href='?page=12'><b>1</b><b>2</b></a></div>",
        "/gk/index.html?page=12",
    ),
    "numbers with a class": (
        "<div><a class='on' href='?p=1'>1</a><a href='?p=2'>2</a><a href='?p=3'>3</a></div>",
        "/gk/index.html?p=2",
    ),
    "a script only": ("<div id='page'></div><script>$('#page').pagination({pageSize: 15, total: 112})</script>", None),
    "none": ("", None),
}


@pytest.mark.parametrize("pager", PAGERS)
def test_the_next_page_is_told_in_each_way(pager: str) -> None:
    markup, address = PAGERS[pager]
    found = read(whole(ROWS + markup))
    assert (found.next.url if found.next else None) == (HOST + address if address else None)


def test_a_next_page_whose_address_is_malformed_spoils_no_rows() -> None:
    assert shown(read(whole(ROWS + "<a href='http://[x#y'>下一页</a>"))) == entries()


@pytest.mark.parametrize("pager", PAGERS)
def test_a_pager_adds_no_entries(pager: str) -> None:
    assert shown(read(whole(ROWS + PAGERS[pager][0]))) == entries()


def test_a_page_without_an_address_keeps_its_links_as_they_are() -> None:
    found = read(whole(ROWS + PAGERS["a link"][0]), url=None)
    assert found.next is not None
    assert (found.items[0].url, found.next.url) == (entries()[0].url, "index_2.html")


def test_the_pages_of_a_walk_are_referred_by_their_page() -> None:
    found = read(whole(ROWS + PAGERS["a link"][0]))
    assert found.next is not None
    assert {found.next.referer, *(item.referer for item in found.items)} == {f"{HOST}/gk/index.html"}


def test_a_portal_may_name_its_rows_itself() -> None:
    rows = "".join(f"<b class='r'><a href='/x/{n}'>第{n}号</a></b>" for n in range(3))
    portal = Portal.model_validate(
        {
            "name": "p",
            "title": "某局",
            "family": "plain",
            "url": HOST,
            "selectors": {"row": "b.r"},
            "columns": [{"name": "一", "url": f"{HOST}/gk/index.html"}],
        }
    )
    found = registry.listing(Page(page_of(whole(SHAPES["items"] + rows)).raw, portal))
    assert isinstance(found, Listing)
    assert [item.title for item in found.items] == ["第0号", "第1号", "第2号"]


AMONG_ROWS = (
    "共25页 <span>1</span><a href='index_1.html'>2</a><a href='index_1.html'>下一页</a><a href='index_9.html'>下5页</a>"
    "<a href='index_24.html'>尾页</a> 更多信息请用<a href='/search.jsp'>检索</a>查询",
    "<a href='index_1.html'>下 10 页</a>",
    "<a href='list_2.html'>后一页</a> <a href='list_9.html'>末页</a>",
    "<a href='index_1.html'>共 25 页</a>",
)


@pytest.mark.parametrize("pager", AMONG_ROWS)
def test_a_pager_among_the_rows_is_no_entry(pager: str) -> None:
    rows = "".join(f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>" for e in entries())
    assert shown(read(whole(f"<ul>{rows}<li class='fy'>{pager}</li></ul>"))) == entries()


@pytest.mark.parametrize("shape", ["<td>{}</td>", "<td>[{}]</td>", "<td>县政府办 | {}</td>"])
def test_a_day_whose_year_has_two_digits_is_read_when_it_stands_by_itself(shape: str) -> None:
    rows = "".join(
        f"<tr><td><a href='/x/{n}.html'>{e.title}</a></td>{shape.format(str(e.date)[2:])}</tr>"
        for n, e in enumerate(entries())
    )
    assert [item.date for item in read(whole(f"<table>{rows}</table>")).items] == [e.date for e in entries()]


@pytest.mark.parametrize("words", ["电话12-34-5678", "编号19-04-25-3", "24-31-12", "12-21"])
def test_other_figures_are_no_day(words: str) -> None:
    rows = "".join(f"<li><a href='{e.url}'>{e.title}</a><i>{words}</i></li>" for e in entries())
    assert {item.date for item in read(whole(f"<ul>{rows}</ul>")).items} == {None}


@pytest.mark.parametrize("day", ["<p>03-01</p><p>24</p>", "<p>Fri Mar 01 16:19:39 CST 2024</p>", "<p>03月01日</p>"])
def test_a_day_is_completed_from_folders_or_read_as_java_prints_it(day: str) -> None:
    rows = "".join(
        f"<li><a href='/2024/0301/c54783a{n}/page.htm'><h3>{e.title}</h3></a><div>{day}</div></li>"
        for n, e in enumerate(entries())
    )
    assert [(item.title, item.date) for item in read(whole(f"<ul>{rows}</ul>")).items] == [
        (e.title, "2024-03-01") for e in entries()
    ]
