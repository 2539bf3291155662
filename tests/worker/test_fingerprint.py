"""The hash recipe: pairs that must meet, pairs that must not, and what holds for any text."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.papers import BODY
from worker.fingerprint import content_hash, fingerprint, fold, squeeze

TITLE = "某市司法局关于2024年度法治政府建设情况的报告"
TABLE = "领域\t检查\t处罚\n交通\t128\t15\n卫生\t96\t7"


class Said(NamedTuple):
    """One page's title, body, attachment names and images."""

    body: str
    title: str = TITLE
    files: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


def digest(said: Said) -> str:
    return content_hash(said.title, said.body, said.files, said.images)


MEET = {
    "title repeated on one line": (Said(BODY), Said(f"{TITLE}\n{BODY}")),
    "title repeated over two lines": (Said(BODY), Said(f"某市司法局关于2024年度\n法治政府建设情况的报告\n{BODY}")),
    "title repeated over three lines": (
        Said(BODY),
        Said(f"某市司法局\n关于2024年度法治政府\n建设情况的报告\n{BODY}"),
    ),
    "title repeated with other punctuation": (
        Said(BODY, title="“八五”普法：总结"),
        Said(f"「八五」普法 总结\n{BODY}", title="“八五”普法：总结"),
    ),
    "signature and date at the end": (Said(BODY), Said(f"{BODY}\n某市司法局\n2025年3月1日")),
    "date alone at the end": (Said(BODY), Said(f"{BODY}\n2025年3月1日")),
    "date in Chinese numerals at the end": (Said(BODY), Said(f"{BODY}\n某市司法局\n二〇二五年三月一日")),
    "date with spaces at the end": (Said(BODY), Said(f"{BODY}\n某市司法局\n2025 年 3 月 1 日")),
    "two signatures at the end": (Said(BODY), Said(f"{BODY}\n某市司法局\n某市财政局\n2025年3月1日")),
    "table by tabs and by lines": (Said(f"{BODY}\n{TABLE}"), Said(f"{BODY}\n" + re.sub(r"\t", "\n", TABLE))),
    "full and half width": (
        Said(BODY),
        Said(BODY.translate({ord(char): chr(ord(char) + 0xFEE0) for char in "0123456789.%"})),
    ),
    "other quotes": (Said(BODY + "推进“放管服”改革。"), Said(BODY + '推进"放管服"改革。')),
    "other dashes": (Said(BODY + "2021—2025年规划。"), Said(BODY + "2021－2025年规划。")),
    "other brackets of a number": (Said(BODY + "依据〔2024〕3号文。"), Said(BODY + "依据[2024]3号文。")),
    "indented paragraphs": (Said(BODY), Said("\n".join("\u3000\u3000" + line for line in BODY.split("\n")))),
    "paragraphs broken elsewhere": (Said(BODY), Said(BODY.replace("。", "。\n"))),
    "公开 marker at the end": (Said(BODY), Said(f"{BODY}\n（此件公开发布）")),
    "公开方式 at the end": (Said(BODY), Said(f"{BODY}\n公开方式：主动公开")),
    "文号 at the head": (Said(BODY), Said(f"某司发〔2024〕12号\n{BODY}")),
    "文号 and title at the head": (Said(BODY), Said(f"某司发〔2024〕12号\n{TITLE}\n{BODY}")),
    "byline at the head": (Said(BODY), Said(f"来源：某市司法局\n{BODY}")),
    "byline at the end": (Said(BODY), Said(f"{BODY}\n责任编辑：张三")),
    "lines that name attachments": (
        Said(BODY, files=("任务完成情况表.xlsx",)),
        Said(f"{BODY}\n附件：任务完成情况表.xlsx", files=("任务完成情况表.xlsx",)),
    ),
    "invisible characters": (Said(BODY), Said(BODY.replace("报告", "报\u200b告\ufeff"))),
}

NEVER_MEET = {
    "详见附件 of two notices": (
        Said("详见附件。", title="关于公布甲名单的通知"),
        Said("详见附件。", title="关于公布乙名单的通知"),
    ),
    "详见附件 with two attachments that are named and not linked": (
        Said("详见附件。\n附件：甲名单.xlsx"),
        Said("详见附件。\n附件：乙名单.xlsx"),
    ),
    "详见附件 with two attachments": (
        Said("详见附件。", files=("甲名单.xlsx",)),
        Said("详见附件。", files=("乙名单.xlsx",)),
    ),
    "two pages of images alone": (Said("", images=("/a/1.png",)), Said("", images=("/a/2.png",))),
    "1.5% and 15%": (Said(BODY), Said(BODY.replace("1.5%", "15%"))),
    "10² and 102": (Said(BODY + "面积10²米。"), Said(BODY + "面积102米。")),
    "1|15 and 11|5": (Said(f"{BODY}\n1\t15"), Said(f"{BODY}\n11\t5")),
    "another figure": (Said(BODY), Said(BODY.replace("128件", "138件"))),
    "a minus": (Said(BODY + "增长3%。"), Said(BODY + "增长-3%。")),
    "a sentence less": (Said(BODY), Said(BODY.replace("群众满意度持续提高。", ""))),
    "①  and 1": (Said(BODY + "①"), Said(BODY + "1")),
}


@pytest.mark.parametrize("pair", MEET.values(), ids=MEET)
def test_pages_that_say_the_same_meet(pair: tuple[Said, Said]) -> None:
    one, other = pair
    assert digest(one) == digest(other)


@pytest.mark.parametrize("pair", NEVER_MEET.values(), ids=NEVER_MEET)
def test_pages_that_say_something_else_never_meet(pair: tuple[Said, Said]) -> None:
    one, other = pair
    assert digest(one) != digest(other)


def test_a_poor_body_meets_its_equal_whatever_the_order_of_its_attachments() -> None:
    one, other = (Said("详见附件。", files=files) for files in (("甲.xlsx", "乙.pdf"), ("乙.pdf", "甲.xlsx")))
    assert fingerprint(*one[1::-1]).poor
    assert digest(one) == digest(other)


def test_a_poor_body_meets_the_copy_whose_images_lie_on_another_host() -> None:
    one, other = (Said("", images=(f"https://{host}/2024/p1.png",)) for host in ("a.example", "b.example"))
    assert digest(one) == digest(other)


def test_a_rich_body_is_named_by_itself_and_not_by_its_title() -> None:
    assert digest(Said(BODY, title="甲")) == digest(Said(BODY, title="乙"))


def test_the_signature_is_told_beside_the_hash() -> None:
    assert fingerprint(TITLE, f"{BODY}\n某市司法局\n2025年3月1日").signature == "某市司法局"
    assert fingerprint(TITLE, BODY).signature is None


def test_the_last_sentence_is_never_taken_for_a_signature() -> None:
    assert digest(Said(f"{BODY}\n特此公告。")) != digest(Said(BODY))


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=200)


@given(_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(_TEXT)
def test_squeezing_twice_is_squeezing_once(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)


@given(st.lists(st.sampled_from([" ", "\u3000", "\n", "\u00a0", "  "]), min_size=len(BODY), max_size=len(BODY)))
def test_white_space_between_han_characters_changes_no_hash(spaces: list[str]) -> None:
    spaced = "".join(
        char + (space if "\u4e00" <= char <= "\u9fff" else "") for char, space in zip(BODY, spaces, strict=True)
    )
    assert digest(Said(spaced)) == digest(Said(BODY))


@given(st.data())
def test_one_changed_digit_changes_the_hash(data: st.DataObject) -> None:
    places = [at for at, char in enumerate(BODY) if char.isdigit()]
    at = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([char for char in "0123456789" if char != BODY[at]]))
    assert digest(Said(BODY[:at] + digit + BODY[at + 1 :])) != digest(Said(BODY))


@given(st.text(alphabet="一二三四五六七八九十0123456789%.,、。", min_size=1, max_size=12))
def test_a_sentence_in_the_middle_changes_the_hash(words: str) -> None:
    first, *rest = BODY.split("\n")
    assert digest(Said("\n".join((first, f"其中{words}共计。", *rest)))) != digest(Said(BODY))
