"""Which reader a page gets, what a list row adds, and articles on several addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.portal import Column, Portal
from crawlers import guard, registry
from crawlers.errors import NotAReport, PageError
from crawlers.models import Extract, Follow, RawPage, Request
from crawlers.page import Page

PROSE = "<p>县应急管理局组织检查组深入企业开展安全检查，重点查看消防设施、用电线路和值班情况，现场解答疑问。</p>" * 4


def _page(
    body: str, url: str | None = None, hint: Request | None = None, portal: Portal | None = None, head: str = ""
) -> Page:
    html = f"<html><head><title>全县安全检查_云溪县人民政府网</title>{head}</head><body>{body}</body></html>"
    raw = RawPage(url=url, body=html.encode(), fetched_at=datetime(2026, 3, 1, tzinfo=UTC))
    return Page(raw, portal, hint)


def _read(page: Page, *parts: Page) -> Extract:
    found = registry.report(page, parts)
    assert isinstance(found, Extract)
    return found


def _portal(**facts: object) -> Portal:
    column = Column(name="reports", url="https://www.yunxi.example/reports/")
    values = {
        "name": "yunxi",
        "title": "云溪",
        "family": "ucap",
        "url": "https://www.yunxi.example",
        "columns": (column,),
    }
    return Portal.model_validate({**values, **facts})


def test_the_list_rows_date_helps_a_page_without_any() -> None:
    found = _read(
        _page(f"<h1>全县安全检查</h1><div id=zoomcon>{PROSE}</div>", hint=Request(url="x", date="2024-05-06"))
    )
    assert (found.published_at, found.published_from) == ("2024-05-06", "list")
    assert "no date displayed: taken from list" in found.warnings


def test_a_displayed_date_beats_the_list_row_and_the_meta_tag() -> None:
    page = _page(
        f"<h1>全县安全检查</h1><p>发布时间：2024-05-01</p><div id=zoomcon>{PROSE}</div>",
        hint=Request(url="x", date="2024-05-06"),
        head='<meta name="PubDate" content="2024-05-09">',
    )
    assert (_read(page).published_at, _read(page).published_from) == ("2024-05-01", "page")


def test_a_date_after_the_fetch_is_refused_with_a_warning() -> None:
    found = _read(_page(f"<h1>全县安全检查</h1><p>发布时间：2033-05-01</p><div id=zoomcon>{PROSE}</div>"))
    assert found.published_at is None
    assert found.warnings == ("no family recognised", "date refused: 2033-05-01 from page")


def test_the_date_of_a_signature_is_the_last_resort() -> None:
    found = _read(
        _page(f"<h1>全县安全检查</h1><div id=zoomcon>{PROSE}<p>云溪县应急管理局</p><p>2024年5月1日</p></div>")
    )
    assert (found.published_at, found.published_from) == ("2024-05-01", "signature")
    assert found.issuer == "云溪县应急管理局"


def test_a_portals_own_selectors_and_region_come_first() -> None:
    portal = _portal(selectors={"title": ".mine", "body": ".text"}, region_code="439900")
    body = f'<h1>横幅</h1><p class="mine">全县安全检查</p><div class="text">{PROSE}</div><div id="zoomcon">别的</div>'
    found = _read(_page(body, portal=portal))
    assert found.title == "全县安全检查"
    assert "别的" not in found.body
    assert found.region_code == "439900"
    assert found.extractor.startswith("ucap/")


def test_a_family_without_its_container_falls_back_and_says_so() -> None:
    found = _read(_page(f"<h1>全县安全检查</h1><p>来源：县局</p><div>{PROSE}</div>", portal=_portal()))
    assert found.extractor.startswith("generic/")
    assert found.warnings[:1] == ("ucap: no ucap body on this page",)


def test_an_article_on_several_addresses_asks_for_the_rest_and_joins_it() -> None:
    url = "http://www.yunxi.example/a/202405/t20240501_77.html"
    pager = '<script>createPageHTML(3, 0, "t20240501_77", "html");</script>'
    first = _page(f'<h1>全县安全检查</h1><div class="TRS_Editor">{PROSE}</div>{pager}', url)
    asked = registry.report(first)
    assert isinstance(asked, Follow)
    assert [request.url.rpartition("/")[2] for request in asked.requests] == [
        "t20240501_77_1.html",
        "t20240501_77_2.html",
    ]
    parts = [_page(f'<div class="TRS_Editor"><p>第{n}部分的正文。</p></div>') for n in (2, 3)]
    assert _read(first, *parts).body.endswith("第2部分的正文。\n第3部分的正文。")


def test_the_pager_of_a_list_on_the_page_asks_for_nothing() -> None:
    pager = '<script>createPageHTML(3, 0, "index", "html");</script>'
    page = _page(
        f"<h1>全县安全检查</h1><div class=TRS_Editor>{PROSE}</div>{pager}", "http://a.example/a/t20240501_77.html"
    )
    assert isinstance(registry.report(page), Extract)


def test_plain_text_goes_to_the_text_reader_by_media_type() -> None:
    raw = RawPage(
        url=None,
        headers=(("content-type", "text/plain; charset=utf-8"),),
        body="安全检查通报\n来源:县局时间:2024-05-01\n县应急管理局开展安全检查，情况良好，现予通报。".encode(),
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    found = _read(Page(raw))
    assert (found.title, found.source, found.published_at) == ("安全检查通报", "县局", "2024-05-01")
    assert found.extractor.startswith("text/")


@pytest.mark.parametrize("tag", ["div", "b", "span", "table><tr><td", "ul><li", "x-y"])
def test_a_page_nested_too_deep_is_refused_before_it_is_parsed(tag: str) -> None:
    page = _page(f"<{tag}>" * 100_000)
    with pytest.raises(NotAReport) as refused:
        registry.report(page)
    assert refused.value.reason == "too_deep"
    assert "doc" not in vars(page)


def test_many_tags_side_by_side_are_not_deep() -> None:
    page = _page("<p>一段<br>文字<img src=a.png><span>甲</span></p>" * 3000 + "<script>if (a<b) {}</script>" * 900)
    guard.check(page)


def test_a_page_too_large_is_refused() -> None:
    with pytest.raises(PageError) as refused:
        registry.report(_page(" " * (guard.MAX_BYTES + 1)))
    assert refused.value.reason == "too_large"


def test_reading_a_page_twice_gives_the_same_report() -> None:
    page = _page(f"<h1>全县安全检查</h1><p>发布时间：2024-05-01</p><div id=zoomcon>{PROSE}</div>")
    assert registry.report(page) == registry.report(page)
