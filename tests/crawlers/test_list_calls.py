"""The list calls of the families beside UCAP and JCMS, told from the page where no portal names the family."""

from __future__ import annotations

import contextlib
import json
import random
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.portal import Column, Portal
from crawlers import registry
from crawlers.errors import PageError, Unexpected
from crawlers.models import Follow, Listing, RawPage
from crawlers.page import Page
from tests.crawlers.list_pages import SHAPES, entries
from tests.crawlers.list_pages import page as whole

HOST = "https://www.example.gov.cn"
UNIT = f"{HOST}/api-gateway/jpaas-publish-server/front/page/build/unit"
BLOCK = (
    "<script src='/unit.js' url='/api-gateway/jpaas-publish-server/front/page/build/unit' queryData=\""
    "{'parseType':'bulidstatic','webId':'w1','tplSetId':'t1','pageType':'column','tagId':'当前栏目',"
    "'editType':'null','pageId':'p1'}\"></script>"
)
PAGER = "<div class='pager' queryData=\"{'rows':'8','count':'20','pageNo':'1'}\"></div>"
GKMLPT = "<html><script>window._CONFIG = {SID: '755001', TREE: []}</script></html>"


def portal(family: str) -> Portal:
    return Portal(name="p", title="某局", family=family, url=HOST, columns=(Column(name="一", url=f"{HOST}/a/"),))


def read(text: str, url: str | None, family: str | None = None) -> Listing | Follow:
    raw = RawPage(url=url, body=text.encode(), fetched_at=datetime(2024, 4, 1, tzinfo=UTC))
    return registry.listing(Page(raw, portal(family) if family else None))


def rows(text: str, url: str | None, family: str | None = None) -> Listing:
    found = read(text, url, family)
    assert isinstance(found, Listing)
    return found


def numbers(url: str) -> dict[str, object]:
    asked = json.loads(parse_qs(urlsplit(url).query)["paramJson"].pop())
    assert isinstance(asked, dict)
    return asked


@pytest.mark.parametrize("family", [None, "jpaas"])
def test_a_jpaas_page_goes_on_with_the_call_of_its_block(family: str | None) -> None:
    found = rows(whole(SHAPES["items"] + PAGER + BLOCK), f"{HOST}/col/col1/index.html", family)
    assert found.next is not None
    assert found.next.url.startswith(f"{UNIT}?parseType=bulidstatic&webId=w1")
    assert numbers(found.next.url) == {"pageNo": 2, "pageSize": 8}
    assert (len(found.items), found.total) == (8, 20)


def test_a_jpaas_page_without_rows_asks_for_them() -> None:
    found = read(whole(BLOCK), f"{HOST}/col/col1/index.html", "jpaas")
    assert isinstance(found, Follow)
    assert [numbers(request.url)["pageNo"] for request in found.requests] == [1]


@pytest.mark.parametrize(("page", "following"), [(2, 3), (3, None)])
def test_a_jpaas_answer_is_html_in_json_and_tells_the_next(page: int, following: int | None) -> None:
    answer = json.dumps({"data": {"html": SHAPES["items"] + PAGER}})
    asked = json.dumps({"pageNo": page, "pageSize": 8})
    found = rows(answer, f"{UNIT}?pageId=p1&paramJson={asked}")
    assert [item.title for item in found.items] == [entry.title for entry in entries()]
    assert (numbers(found.next.url)["pageNo"] if found.next else None) == following


def test_a_gkmlpt_page_asks_for_the_category_of_its_address() -> None:
    found = read(GKMLPT, f"{HOST}/gkmlpt/index#1234", "nfcms")
    assert isinstance(found, Follow)
    assert [request.url for request in found.requests] == [f"{HOST}/gkmlpt/api/all/1234?page=1&sid=755001"]


@pytest.mark.parametrize(
    "when", [{"created_at": "2024-03-01 10:00:00"}, {"create_time": 1709222400}, {"first_publish_time": 1709222400}]
)
def test_a_gkmlpt_answer_has_the_day_of_any_of_its_fields(when: dict[str, object]) -> None:
    article = {"title": "某通知", "url": f"{HOST}/gkmlpt/content/1/1/post_1.html", **when}
    answer = json.dumps({"articles": [article], "classify": {"post_count": 150}})
    found = rows(answer, f"{HOST}/gkmlpt/api/all/1234?page=1&sid=755001")
    assert [item.date for item in found.items] == ["2024-03-01"]
    assert found.next is not None
    assert found.next.url.endswith("/all/1234?page=2&sid=755001")


@pytest.mark.parametrize(
    ("address", "following"),
    [
        ("/site/label/8888?labelName=publicInfoList&pageSize=8&pageIndex=1", "pageIndex=2"),
        ("/site/label/8888?labelName=publicInfoList&pageSize=20&pageIndex=1", None),
        ("/columns/u/templates/v/blocks/w?page=3&fix=0", "page=4"),
    ],
)
def test_a_counted_call_goes_on_while_its_pages_are_full(address: str, following: str | None) -> None:
    found = rows(SHAPES["items"], HOST + address)
    assert len(found.items) == 8
    assert (following in found.next.url) if following and found.next else (found.next is None and following is None)


@pytest.mark.parametrize("text", ["{}", "[1]", '{"articles": 1}', '{"data": {"html": 1}}', "{"])
def test_an_answer_of_no_known_shape_is_unexpected(text: str) -> None:
    with pytest.raises(Unexpected):
        read(text, f"{HOST}/api")


PAGES = (
    *(whole(markup) for markup in SHAPES.values()),
    whole(SHAPES["items"] + PAGER + BLOCK),
    "<datastore><totalrecord>9</totalrecord><record><![CDATA[<a href='/1.html'>某年报告</a>]]></record></datastore>",
    json.dumps({"data": {"total": 9, "results": [{"title": "某年报告", "url": "/a.html"}]}}),
    GKMLPT,
)
ADDRESSES = (
    None,
    f"{HOST}/a/",
    f"{HOST}/module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=x&page=2",
    f"{HOST}/common/search/0?page=99999999999999999999&_pageSize=0",
    f"{HOST}/gkmlpt/index#7",
    f"{UNIT}?paramJson=[",
)
INSERTS = (
    "<div>" * 300,
    "<datastore><record>" * 300,
    "{",
    "<a href='http://[::1'>某年某月某日</a>",
    "<!--",
    '<a title="',
    "\0",
)


def damage(text: str, seed: int) -> str:
    """A page as a broken connection, editor or proxy leaves it."""
    chance = random.Random(seed)
    at, until = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    kinds = (text[:at], text[at:], text[:at] + text[until:], text[:at] + chance.choice(INSERTS) + text[at:])
    return chance.choice(kinds).replace(*chance.choice((("</", "<"), ("'", ""), ("<li", "<"), (">", ""), ("x", "x"))))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PAGES),
    st.integers(0, 2**32),
    st.sampled_from(ADDRESSES),
    st.sampled_from([None, "ucap", "jcms", "gszfw"]),
)
def test_a_damaged_list_page_is_read_or_refused_by_name(
    text: str, seed: int, url: str | None, family: str | None
) -> None:
    with contextlib.suppress(PageError):
        assert isinstance(read(damage(text, seed), url, family), Listing | Follow)


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_an_answer_of_no_known_make_is_read_by_what_its_rows_have(is_wrapped: bool) -> None:
    found = [
        {"docTitle": f"<a href='{e.url}'>{e.title}</a>", "docPubUrl": e.url, "publishTime": f"{e.date} 17:10:41"}
        for e in entries()
    ]
    answer = {"name": "最新文件", "data": {"list": found}} if is_wrapped else found
    read_rows = rows(json.dumps(answer), f"{HOST}/ds_1.json")
    assert [(item.title, item.url, item.date) for item in read_rows.items] == [
        (e.title, HOST + e.url, e.date) for e in entries()
    ]


def test_an_answer_without_titles_and_addresses_is_not_as_expected() -> None:
    with pytest.raises(Unexpected):
        rows(json.dumps({"data": [{"id": 1}, {"id": 2}], "names": ["a"]}), f"{HOST}/ds_1.json")


ENDLESS = "&#" + "9" * 5000 + ";"  # more digits than Python reads as a number


@pytest.mark.parametrize("named", [("results", "publishedTimeStr"), ("articles", "date"), ("list", "pubdate")])
def test_the_number_of_a_character_may_have_any_length(named: tuple[str, str]) -> None:
    name, day = named
    row = {"title": f"关于报告{ENDLESS}的通知", "url": "/a/1.html", day: "2024-03-01"}
    found = rows(json.dumps({name: [row]}), f"{HOST}/a/list.json")
    assert [(item.title, item.date) for item in found.items] == [("关于报告\ufffd的通知", "2024-03-01")]


def test_a_total_that_nobody_can_count_is_none() -> None:
    answer = {"data": {"results": [{"title": "关于报告的通知", "url": "/a/1.html"}], "total": 10**400, "rows": 1}}
    found = rows(json.dumps(answer), f"{HOST}/common/search/x?page=1")
    assert (found.total, found.next is not None) == (None, True)
