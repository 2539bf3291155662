"""However an address of a portal is spelled, it is one page; an address of another host stays what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.portal import Column, Portal
from crawlers import registry
from crawlers.address import absolute, canonical, path_key

PORTAL = Portal(
    name="example",
    title="某地政法网",
    family="ucap",
    url="https://www.example.gov.cn",
    aliases=("example.gov.cn",),
    twins=("/Wap",),
    ignored_query=("xxgkhide",),
    columns=(Column(name="一", url="https://www.example.gov.cn/list.shtml"),),
)
ONE = "https://www.example.gov.cn/Show/1"


@pytest.mark.parametrize(
    "spelling",
    [
        ONE,
        "http://www.example.gov.cn/Show/1",
        "https://example.gov.cn/Show/1",
        "http://example.gov.cn:80/Show/1",
        "https://www.example.gov.cn:443/Show/1",
        "https://WWW.Example.gov.cn/Show/1",
        "https://www.example.gov.cn./Show/1",
        "https://www.example.gov.cn/Show/1#top",
        "https://www.example.gov.cn/Wap/Show/1",
        "https://www.example.gov.cn/Show/1?xxgkhide=1",
        "https://www.example.gov.cn/Show/1?",
        "https://www.example.gov.cn/./Show/../Show/1",
        " https://www.example.gov.cn/Show/1\n",
    ],
)
def test_each_spelling_of_an_address_is_the_same(spelling: str) -> None:
    assert canonical(PORTAL, spelling) == ONE


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        ("https://example.gov.cn", "https://www.example.gov.cn/"),
        ("https://example.gov.cn/A/b?y=2&x=1", "https://www.example.gov.cn/A/b?y=2&x=1"),
        ("https://example.gov.cn:8080/a", "https://www.example.gov.cn:8080/a"),
        ("https://example.gov.cn/附件 1.pdf", "https://www.example.gov.cn/%E9%99%84%E4%BB%B6%201.pdf"),
        ("https://example.gov.cn/%e9%99%84.pdf", "https://www.example.gov.cn/%e9%99%84.pdf"),
        ("https://example.gov.cn/Wapx/1", "https://www.example.gov.cn/Wapx/1"),
    ],
)
def test_what_servers_tell_apart_stays_apart(given_: str, wanted: str) -> None:
    assert canonical(PORTAL, given_) == wanted


@pytest.mark.parametrize(
    "foreign",
    [
        "https://other.gov.cn/Wap/1?xxgkhide=1#a",
        "javascript:;",
        "mailto:a@example.gov.cn",
        "http://[::1",
        "",
        "http://a:b/",
    ],
)
def test_an_address_of_another_host_is_kept_and_names_itself(foreign: str) -> None:
    assert canonical(PORTAL, foreign) == foreign
    assert registry.page_key(PORTAL, foreign) == foreign


def test_a_page_key_is_the_same_for_each_spelling() -> None:
    spellings = (
        "http://example.gov.cn:80/x/c110098/202403/c01_977827.shtml",
        "https://www.example.gov.cn/x/c1/c01_977827.shtml#a",
    )
    assert {registry.page_key(PORTAL, spelling) for spelling in spellings} == {"c01_977827"}


@pytest.mark.parametrize(
    ("family", "url", "key"),
    [
        ("ucap", "/sft/c112690/202403/c00_31714534.shtml", "c00_31714534"),
        ("ucap", "/scx/c108016/202110/e08c1648dabf4ed2b5c3457e6b71f137.shtml", "e08c1648dabf4ed2b5c3457e6b71f137"),
        ("ucap", "/csrc/c101928/c7653/content.shtml", "c7653"),
        ("ucap", "/sft/c112690/list.shtml", "/sft/c112690/list.shtml"),
        ("jcms", "/art/2025/3/3/art_3945_2412458.html", "art_2412458"),
        ("jcms", "/art/2025/3/3/art_77_2412458.html?xxgkhide=1", "art_2412458"),
        ("jcms", "/art/2026/art_0123456789abcdef0123456789abcdef.html", "art_0123456789abcdef0123456789abcdef"),
        ("gszfw", "/Show/462099", "Show/462099"),
        ("gszfw", "/Wap/Show/462099", "Show/462099"),
        ("trs", "/a/t20240101_1.html?x=1", "/a/t20240101_1.html?x=1"),
    ],
)
def test_a_page_key_is_the_id_that_the_family_gives(family: str, url: str, key: str) -> None:
    portal = PORTAL.model_copy(update={"family": family})
    assert registry.page_key(portal, f"https://example.gov.cn{url}") == key


def test_a_link_that_is_no_address_is_kept() -> None:
    assert absolute("https://a.cn/b/", "javascript:void(0)") == "javascript:void(0)"
    assert absolute("https://a.cn/b/", "../c.html ") == "https://a.cn/c.html"
    assert absolute(None, "c.html") == "c.html"


@given(st.text(max_size=60))
def test_no_text_breaks_the_spelling_and_spelling_twice_changes_nothing(text: str) -> None:
    for url in (text, f"https://example.gov.cn/{text}"):
        once = canonical(PORTAL, url)
        assert canonical(PORTAL, once) == once
        assert isinstance(path_key(once), str)
        assert isinstance(absolute("https://example.gov.cn/", text), str)
