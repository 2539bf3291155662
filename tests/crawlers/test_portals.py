"""How the five portals list: channel id, webid and unitid come from the pages, and each answer tells the next call."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from config.portal import load_portals
from crawlers import registry
from crawlers.errors import Blocked, Gone, PageError, Unexpected
from crawlers.models import Follow, Listing, RawPage, Request
from crawlers.page import Page

PORTALS = load_portals()
CHANNEL = "0123456789abcdef0123456789abcdef"
UCAP, JCMS, GSZFW = PORTALS["tahe"], PORTALS["dalian-sfj"], PORTALS["gansu-zfw"]
SEARCH = f"https://dxalth.gov.cn/common/search/{CHANNEL}?_isAgg=true&_isJson=true&_pageSize=2&page="
PROXY = "https://sfj.dl.gov.cn/module/web/jpage/dataproxy.jsp"


def read(text: str, url: str, status: int = 200) -> Listing | Follow:
    portal = next(portal for portal in PORTALS.values() if portal.owns(url))
    raw = RawPage(url=url, status=status, body=text.encode(), fetched_at=datetime(2026, 2, 1, tzinfo=UTC))
    return registry.listing(Page(raw, portal))


def rows_of(text: str, url: str) -> Listing:
    found = read(text, url)
    assert isinstance(found, Listing)
    return found


def asked(found: Listing | Follow) -> str:
    assert isinstance(found, Follow)
    (request,) = found.requests
    return request.url


def query(request: Request | None) -> dict[str, str]:
    assert request is not None
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.url).query).items()}


def test_the_five_portals_are_described() -> None:
    regions = {name: portal.region_code for name, portal in PORTALS.items()}
    assert regions == {
        "heilongjiang-sft": "230000",
        "harbin-pingfang": "230108",
        "gansu-zfw": "620000",
        "dalian-sfj": "210200",
        "tahe": "232722",
    }


@pytest.mark.parametrize("name", sorted(PORTALS))
def test_what_was_inferred_about_a_portal_is_said(name: str) -> None:
    assert not PORTALS[name].verified
    assert "Seen:" in PORTALS[name].notes


@pytest.mark.parametrize("name", sorted(PORTALS))
def test_a_walk_begins_at_the_column_page(name: str) -> None:
    for column in PORTALS[name].columns:
        assert registry.start(PORTALS[name], column) == Request(url=column.url)


@pytest.mark.parametrize(
    "mark",
    [
        f'<meta name="channelId" content="{CHANNEL}">',
        f"<meta content='{CHANNEL}' name='channelid' />",
        f'<script>var channelId = "{CHANNEL}";</script>',
        f'<script>$.get("/common/search/{CHANNEL}?page=1")</script>',
    ],
)
def test_the_column_page_knows_its_channel(mark: str) -> None:
    url = asked(read(f"<html><head>{mark}</head></html>", UCAP.columns[0].url))
    assert url.startswith(f"https://dxalth.gov.cn/common/search/{CHANNEL}?")
    assert "page=1" in url


def test_a_column_page_without_channel_and_rows_asks_for_its_channel() -> None:
    url = asked(read("<html><body><div id='list'></div></body></html>", UCAP.columns[0].url))
    assert url == "https://dxalth.gov.cn/common/getChannelList?channelCode=c100905&websiteCodeName=dxalth"


@pytest.mark.parametrize(
    "results",
    [{"channelId": CHANNEL, "children": []}, {"children": [{"displayName": "报告", "channelId": CHANNEL}]}],
)
def test_the_channel_list_answers_with_the_channel(results: dict[str, object]) -> None:
    url = asked(
        read(json.dumps({"results": results}), "https://dxalth.gov.cn/common/getChannelList?channelCode=c100905")
    )
    assert f"/common/search/{CHANNEL}?" in url


def test_a_column_page_with_rows_and_no_channel_is_read_as_it_is() -> None:
    rows = "".join(
        f"<li><a href='/dxalth/c100905/202601/c13_{n}.shtml'>某年度工作报告第{n}号</a><span>2026-01-0{n}</span></li>"
        for n in range(1, 5)
    )
    pager = "<script>createPageHTML('page_div', 3, 1, 'list', 'shtml', 12)</script>"
    found = rows_of(f"<html><body><ul>{rows}</ul>{pager}</body></html>", UCAP.columns[0].url)
    assert [item.date for item in found.items] == ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
    assert found.next is not None
    assert found.next.url == "https://dxalth.gov.cn/dxalth/c100905/list_2.shtml"


def answer(results: list[dict[str, object]], **more: object) -> str:
    return json.dumps({"data": {"results": results, **more}}, ensure_ascii=False)


def row(number: int, **more: object) -> dict[str, object]:
    fields: dict[str, object] = {"title": f"报告{number}", "url": f"/dxalth/c1/202601/c13_{number}.shtml"}
    return {**fields, "publishedTimeStr": "2026-01-05 10:00:00", "publishedTime": 0, **more}


def test_json_rows_become_requests() -> None:
    (item,) = rows_of(answer([row(1, content="正 文")], total=1), SEARCH + "1").items
    assert (item.url, item.title, item.date) == (
        "https://dxalth.gov.cn/dxalth/c1/202601/c13_1.shtml",
        "报告1",
        "2026-01-05",
    )


def test_a_row_of_another_host_keeps_its_address() -> None:
    (item,) = rows_of(answer([row(1, url="https://other.gov.cn/a.pdf")]), SEARCH + "1").items
    assert item.url == "https://other.gov.cn/a.pdf"


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"title": "<em>某县</em>报告&nbsp;一"}, "某县报告 一"),
        ({"title": "null", "subTitle": "副题作题"}, "副题作题"),
        ({"title": "", "subTitle": "副题作题"}, "副题作题"),
    ],
)
def test_a_json_title_is_text(fields: dict[str, object], title: str) -> None:
    (item,) = rows_of(answer([row(1, **fields)]), SEARCH + "1").items
    assert item.title == title


def test_a_row_without_a_written_day_has_that_of_its_epoch_in_china() -> None:
    (item,) = rows_of(answer([row(1, publishedTimeStr=None, publishedTime=1767542400000)]), SEARCH + "1").items
    assert item.date == "2026-01-05"  # 2026-01-04T16:00:00Z


def test_the_digest_of_a_row_changes_with_its_body_and_not_with_its_spacing() -> None:
    bodies = ("达到 1.5%", "达到1.5%", "达到15%")
    first, spaced, other = (rows_of(answer([row(1, content=body)]), SEARCH + "1").items[-1].digest for body in bodies)
    assert first == spaced != other


@pytest.mark.parametrize(
    ("page", "more", "following"),
    [
        (1, {"total": 5}, "2"),
        (2, {"total": 5}, "3"),
        (3, {"total": 5}, None),
        (1, {"total": "5", "rows": "2"}, "2"),
        (1, {"total": 2}, None),
        (1, {}, "2"),
    ],
)
def test_json_pages_go_on_until_all_rows_are_read(page: int, more: dict[str, object], following: str | None) -> None:
    found = rows_of(answer([row(1), row(2)], **more), f"{SEARCH}{page}")
    assert (query(found.next)["page"] if found.next else None) == following


def test_a_channel_without_rows_is_an_empty_list() -> None:
    found = rows_of(answer([], total=0), SEARCH + "1")
    assert (found.items, found.next, found.total) == ((), None, 0)


@pytest.mark.parametrize("text", ["{}", "[]", '{"data": null}', '{"data": {"results": [{"a": 1}]}}', "{broken"])
def test_an_answer_of_another_shape_is_unexpected(text: str) -> None:
    with pytest.raises(Unexpected):
        read(text, SEARCH + "1")


def record(number: int, tag: str = "li") -> str:
    link = f"<a href='/art/2025/3/{number}/art_3945_{number}00.html' title='某年度工作报告第{number}号'>某年度工作…</a>"
    inner = f"{link}<span>[2025-03-{number:02d}]</span>"
    inner = f"<tr><td>{link}</td><td>2025-03-{number:02d}</td></tr>" if tag == "tr" else f"<{tag}>{inner}</{tag}>"
    return f"<record><![CDATA[{f'<table>{inner}</table>' if tag == 'tr' else inner}]]></record>"


def datastore(numbers: range, total: int | None = 50, pages: int | None = None, tag: str = "li") -> str:
    counts = (f"<totalrecord>{total}</totalrecord>" if total is not None else "") + (
        f"<totalpage>{pages}</totalpage>" if pages is not None else ""
    )
    return f"<datastore>{counts}<recordset>{''.join(record(n, tag) for n in numbers)}</recordset></datastore>"


SETTINGS = (
    "<script>var param_7 = {col:1, webid:'28', path:'https://sfj.dl.gov.cn/', columnid:3945, sourceContentType:1, "
    "unitid:\"7\", webname:'某市某局', permissiontype:0}; $('#7').jpage({perPage:15, totalRecord:50});</script>"
)


@pytest.mark.parametrize("tag", ["li", "div", "tr"])
def test_a_column_page_carries_its_first_records(tag: str) -> None:
    text = f"<div id='7'><script type='text/xml'>{datastore(range(1, 4), tag=tag)}</script></div>{SETTINGS}"
    found = rows_of(text, JCMS.columns[0].url)
    assert [(item.title, item.date) for item in found.items] == [
        (f"某年度工作报告第{n}号", f"2025-03-0{n}") for n in (1, 2, 3)
    ]
    assert found.items[-1].url == "https://sfj.dl.gov.cn/art/2025/3/3/art_3945_300.html"


def test_the_next_records_are_asked_for_with_the_numbers_of_the_script() -> None:
    text = f"<script type='text/xml'>{datastore(range(1, 4))}</script>{SETTINGS}"
    found = rows_of(text, JCMS.columns[0].url)
    assert found.next is not None
    assert found.next.url.startswith(f"{PROXY}?")
    numbers = query(found.next)
    assert (numbers["webid"], numbers["unitid"], numbers["columnid"]) == ("28", "7", "3945")
    assert (numbers["startrecord"], numbers["endrecord"], numbers["perpage"]) == ("4", "48", "15")


def test_a_column_page_without_records_asks_for_them() -> None:
    url = asked(read(f"<html><body><div id='7'></div>{SETTINGS}</body></html>", JCMS.columns[0].url))
    assert "startrecord=1&endrecord=45" in url


@pytest.mark.parametrize(
    ("address", "store", "following"),
    [
        ("startrecord=4&endrecord=6&unitid=7", datastore(range(4, 7)), {"startrecord": "7", "endrecord": "9"}),
        ("startrecord=48&endrecord=50", datastore(range(4, 7)), None),
        ("startrecord=4&endrecord=6", datastore(range(4, 7), total=None), {"startrecord": "7"}),
        ("startrecord=4&endrecord=9", datastore(range(4, 7), total=None), None),
        ("page=2&unitid=7", datastore(range(4, 7), pages=3), {"page": "3", "unitid": "7"}),
        ("page=3&unitid=7", datastore(range(4, 7), pages=3), None),
    ],
)
def test_a_data_call_tells_the_next(address: str, store: str, following: dict[str, str] | None) -> None:
    found = rows_of(f"<?xml version='1.0' encoding='UTF-8'?>{store}", f"{PROXY}?{address}")
    if following is None:
        assert found.next is None
    else:
        assert following.items() <= query(found.next).items()


def test_escaped_records_are_read() -> None:
    link = "&lt;a href='/art/2025/3/1/art_1_2.html'&gt;某年度工作报告&lt;/a&gt; 2025-03-01"
    (item,) = rows_of(f"<datastore><record>{link}</record></datastore>", f"{PROXY}?page=1").items
    assert (item.title, item.date) == ("某年度工作报告", "2025-03-01")


@pytest.mark.parametrize(
    "stub", ["", "<datastore></datastore>", "<html></html>", "<datastore><recordset/></datastore>"]
)
def test_the_stub_of_a_deep_data_call_is_no_empty_list(stub: str) -> None:
    with pytest.raises(PageError):
        read(stub, f"{PROXY}?startrecord=901&endrecord=945")


def test_an_empty_datastore_that_says_so_is_an_empty_list() -> None:
    found = rows_of("<datastore><totalrecord>0</totalrecord></datastore>", f"{PROXY}?startrecord=1&endrecord=45")
    assert (found.items, found.next, found.total) == ((), None, 0)


def test_a_column_page_whose_datastore_is_empty_still_lists_its_links() -> None:
    rows = "".join(
        f"<li><a href='/art/2025/3/{n}/art_3945_{n}.html'>某年度工作报告第{n}号</a><b>2025-03-0{n}</b></li>"
        for n in (1, 2, 3)
    )
    found = rows_of(f"<script type='text/xml'><datastore></datastore></script><ul>{rows}</ul>", JCMS.columns[0].url)
    assert len(found.items) == 3


def test_entities_in_a_datastore_are_not_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "yyyyyyyyyy"><!ENTITY z "&x;&x;&x;&x;&x;">]>'
    (item,) = rows_of(f"{bomb}{datastore(range(1, 2)).replace('第1号', '第&z;号')}", f"{PROXY}?page=1").items
    assert len(item.title or "") < 40


SHOW = (
    "<li><a href='/Show/{0}'><img src='a.jpg'></a><a href='/Show/{0}'>某市法治建设综述之{0}</a> <i>2026-01-{1}</i></li>"
)


def test_every_report_that_a_page_links_to_is_an_entry_once() -> None:
    rows = "".join(SHOW.format(number, 10 + number % 10) for number in range(101, 104))
    mobile = "<div><a href='/Wap/Show/101'>某市法治建设综述之101</a></div>"
    found = rows_of(f"<ul>{rows}</ul>{mobile}<a href='/?page=2'>下一页</a>", "https://www.gszfw.gov.cn/")
    assert [(item.url.rpartition("/")[2], item.date) for item in found.items] == [
        ("101", "2026-01-11"),
        ("102", "2026-01-12"),
        ("103", "2026-01-13"),
    ]
    assert found.next is not None
    assert found.next.url == "https://www.gszfw.gov.cn/?page=2"


@pytest.mark.parametrize(
    ("text", "status", "error"),
    [
        ("<html><title>404 Not Found</title><body>Not Found</body></html>", 200, Gone),
        ("<script>document.cookie='__jsl_clearance_s=1';location.href=location.pathname</script>", 200, Blocked),
        ("<html><body>x</body></html>", 412, Blocked),
        ("<html><body>x</body></html>", 404, Gone),
    ],
)
@pytest.mark.parametrize("url", [UCAP.columns[0].url, JCMS.columns[0].url, GSZFW.columns[0].url])
def test_a_challenge_or_an_error_is_no_empty_list(text: str, status: int, error: type[PageError], url: str) -> None:
    with pytest.raises(error):
        read(text, url, status)
