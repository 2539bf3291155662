"""Equal contents that their own facts keep apart, and facts that keep nothing apart."""

from __future__ import annotations

import pytest

from worker.identity import LONG, Facts, contradiction, first_that_agrees

APART = {
    "第二批 and 第三批": ("关于公布第二批执法主体名单的公告", "关于公布第三批执法主体名单的公告"),
    "一季度 and 二季度": ("2024年一季度工作情况", "2024年二季度工作情况"),
    "第一季度 and 第四季度": ("2024年第一季度工作情况", "2024年第四季度工作情况"),
    "上半年 and 下半年": ("2024年上半年工作情况", "2024年下半年工作情况"),
    "2023年 and 2024年": ("2023年度依法行政情况", "2024年度依法行政情况"),
    "二〇二三年 and 2024年": ("二〇二三年度依法行政情况", "2024年度依法行政情况"),
    "3月 and 4月": ("2024年3月行政处罚公示", "2024年4月行政处罚公示"),
    "第一期 and 第十期": ("司法行政简报第一期", "司法行政简报第十期"),
    "初审结果 and 初审不合格名单": ("律师执业初审结果", "律师执业初审不合格名单"),
    "通过 and 不予通过": ("关于予以许可的公示", "关于不予许可的公示"),
    "notice and its correction": ("招标公告", "招标更正公告"),
}
TOGETHER = {
    "equal": ("2024年度工作报告", "2024年度工作报告"),
    "with the issuer in front": ("某市司法局2024年度工作报告", "2024年度工作报告"),
    "with a word behind": ("2024年度工作报告", "2024年度工作报告（全文）"),
    "第三批 and 第3批": ("关于公布第三批名单的公告", "关于公布第3批名单的公告"),
    "二〇二四年 and 2024年": ("二〇二四年度工作报告", "2024年度工作报告"),
    "other punctuation": ("“八五”普法总结", "「八五」普法总结"),
}


def facts(title: str = "某报告", **more: object) -> Facts:
    return Facts.model_validate({"title": title, "length": LONG, **more})


@pytest.mark.parametrize("titles", APART.values(), ids=APART)
def test_titles_that_name_another_batch_period_or_verdict_keep_two_apart(titles: tuple[str, str]) -> None:
    one, other = map(facts, titles)
    assert contradiction(one, other)
    assert contradiction(other, one)


@pytest.mark.parametrize("titles", TOGETHER.values(), ids=TOGETHER)
def test_titles_that_say_the_same_keep_nothing_apart(titles: tuple[str, str]) -> None:
    one, other = map(facts, titles)
    assert contradiction(one, other) is None
    assert contradiction(other, one) is None


def test_a_long_text_under_two_titles_is_one_document_that_was_renamed() -> None:
    assert contradiction(facts("甲乙丙丁"), facts("戊己庚辛")) is None


def test_a_short_text_under_two_titles_is_two_documents() -> None:
    assert contradiction(facts("甲乙丙丁", length=LONG - 1), facts("戊己庚辛")) == "title"


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("doc_no", "某司发〔2024〕1号", "某司发〔2024〕2号"),
        ("written_on", "2024-03-01", "2024-03-02"),
        ("signature", "甲市司法局", "乙市司法局"),
    ],
)
def test_a_fact_that_both_state_and_that_differs_keeps_two_apart(name: str, one: str, other: str) -> None:
    assert contradiction(facts(**{name: one}), facts(**{name: other})) == name


@pytest.mark.parametrize("name", ["doc_no", "written_on", "signature"])
def test_a_fact_that_only_one_states_contradicts_nothing(name: str) -> None:
    assert contradiction(facts(**{name: "甲市司法局"}), facts()) is None


def test_brackets_of_another_width_make_no_other_number() -> None:
    assert contradiction(facts(doc_no="某司发〔2024〕1号"), facts(doc_no="某司发[2024]1号")) is None


def test_a_signature_that_contains_the_other_is_no_other() -> None:
    assert contradiction(facts(signature="某市司法局"), facts(signature="司法局")) is None


def test_the_oldest_report_that_nothing_contradicts_is_chosen() -> None:
    candidates = [("r1", facts(doc_no="1号")), ("r2", facts(doc_no="2号")), ("r3", facts())]
    assert first_that_agrees(candidates, facts(doc_no="2号")) == "r2"
    assert first_that_agrees(candidates, facts(doc_no="3号")) == "r3"
    assert first_that_agrees(candidates[:1], facts(doc_no="3号")) is None
