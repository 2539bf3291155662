"""What kind of report a title announces, and which year it is about."""

from __future__ import annotations

import re

_KINDS = (
    ("政策解读", re.compile(r"解读|一图读懂|图解|问答")),
    ("法治政府建设年度报告", re.compile(r"法治政府建设.{0,12}(?:报告|情况|总结)|法治政府建设年度")),
    (
        "政府信息公开年度报告",
        re.compile(r"(?:政府|政务)?信息公开.{0,8}(?:年度|年报|工作报告).{0,6}|信息公开工作.{0,6}报告"),
    ),
    ("政府工作报告", re.compile(r"政\s*府\s*工\s*作\s*报\s*告$")),
    ("统计公报", re.compile(r"统计公报|普查公报")),
    ("预算决算", re.compile(r"(?:部门|财政|政府|单位).{0,6}(?:预算|决算)|预算执行")),
    ("审计报告", re.compile(r"审计(?:结果|工作|整改).{0,12}(?:报告|公告)|审计报告")),
    ("行政执法年报", re.compile(r"行政执法.{0,10}(?:年度报告|年报|统计|数据)")),
    ("行政处罚", re.compile(r"行政处罚")),
    ("招标采购", re.compile(r"招标|中标|成交|采购|竞争性(?:磋商|谈判)|询价")),
    ("人事任免", re.compile(r"任免|任职|免职|任前公示")),
    ("公示", re.compile(r"公示")),
    ("公告", re.compile(r"公告|通告")),
    ("通知", re.compile(r"通知|通报|意见|办法|方案|规划|细则|规定|批复|决定|函$")),
    ("公报", re.compile(r"公报")),
    ("报告", re.compile(r"报告|总结|年报|综述|亮点")),
)
_YEAR = re.compile(r"(?<![\d\-—－~～至])((?:19|20)\d{2})\s*年(?!\s*[\-—－~～至]|第?\d{1,2}月|\d{1,2}月)度?")
_HAN_YEAR = re.compile(r"[一二][〇○零九][〇○零一二三四五六七八九]{2}(?=年)")
_HAN_DIGIT = {**{c: str(i) for i, c in enumerate("〇一二三四五六七八九")}, "○": "0", "零": "0"}
_PERIODIC = frozenset(
    {"法治政府建设年度报告", "政府信息公开年度报告", "统计公报", "行政执法年报", "报告", "政府工作报告"}
)


def kind(title: str) -> str | None:
    """The first kind that fits a title; None when it announces none (news, mostly)."""
    return next((name for name, pattern in _KINDS if pattern.search(title)), None)


def report_year(title: str, body: str) -> int | None:
    """The year that a report is about: named in the title, or in the first sentence of a periodic report.

    A range of years (2021-2025年) or a date (2024年3月) is no such year, nor is the year of publication.
    """
    year = _year(title)
    if year is None and kind(title) in _PERIODIC:
        year = _year(body[:400].partition("。")[0])
    return year


def _year(text: str) -> int | None:
    match = _YEAR.search(text)
    if match:
        return int(match[1])
    han = _HAN_YEAR.search(text)
    return int("".join(_HAN_DIGIT[digit] for digit in han[0])) if han else None
