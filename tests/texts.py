"""Reports as plain text with everything that surrounds them on a page, written by the project."""

from __future__ import annotations

from typing import NamedTuple


class Around(NamedTuple):
    """What changes from visit to visit and says nothing."""

    banner: str = "今天是2025年3月20日 星期四"
    views: int = 128
    footer: str = "主办：某某市司法局 承办：某某市大数据中心"


USUAL = Around()
_FIGURES = (412, 96, 38, 1204, 57)
_PLACES = ("东江", "南岭", "西河", "北原", "中州")


def title(number: int) -> str:
    """The title of one of five reports."""
    return f"{_PLACES[number]}市司法局2024年度法治政府建设情况报告"


def body(number: int, cases: int | None = None) -> str:
    """Its body; `cases` replaces one figure."""
    place, count = _PLACES[number], _FIGURES[number] if cases is None else cases
    return "\n".join(
        (
            f"2024年，{place}市司法局坚持把法治政府建设放在突出位置，各项任务有序推进。现将有关情况报告如下。",
            "一、主要举措和成效",
            f"全年办理行政复议案件{count}件，审结率达到9{number}.5%，同比提高{number + 1}个百分点。",
            f"组织{place}市执法人员培训1{number}期，开展案卷评查3次，发现并纠正不规范问题2{number}个。",
            "二、存在的不足",
            f"{place}市部分基层单位专业力量偏弱，个别执法文书制作不够规范，普法形式还不够丰富。",
            "三、下一步打算",
            f"{place}市将继续完善执法监督机制，推动重点领域立法，提升基层治理法治化水平。",
        )
    )


def text(number: int, around: Around = USUAL, cases: int | None = None) -> str:
    """The whole text of one of five reports."""
    return "\n".join(
        (
            around.banner,
            "网站首页",
            "当前位置：首页 > 政务公开 > 法治政府建设",
            title(number),
            f"发布日期：2025-03-0{number + 1} 来源：{_PLACES[number]}市司法局 浏览次数：{around.views} 字体：[大 小]",
            body(number, cases),
            f"{_PLACES[number]}市司法局",
            f"2025年3月{number + 1}日",
            "打印本页 关闭窗口",
            around.footer,
            "版权所有 某ICP备00000000号-1 网站标识码：0000000000",
            "某公网安备 00000000000000号",
        )
    )
