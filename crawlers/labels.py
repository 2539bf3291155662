"""Labels and their values in running text: `来源：…` in header lines, and the vocabulary that boxes share.

Labels are read in all their spellings (`来 源：`, `【信息发布时间：`), with adjacent fields that nothing separates
(`来源:平房区司法局时间:2024-02-28`); a label whose value is empty is empty, and 开始时间 is not 时间.
"""

from __future__ import annotations

import re
from functools import lru_cache

_PUBLISHING = (  # what is done at the time at which a page is published
    "信息发布 信息公开 文章发布 发布 发表 发稿 发帖 公布 刊登 登载 上网 上传 上载 录入 添加 创建 提交 公开"
)
_FIELDS = {
    "published": " ".join(f"{what}{at}" for what in _PUBLISHING.split() for at in ("时间", "日期"))
    + " 时间发布 发布于 发布 发表",
    "generated": "生成日期 生成时间",
    "dated": "发文时间 发文日期 信息时间 信息日期 文章时间 文章日期 日期 时间",
    "updated": "更新时间 更新日期 修改时间 最后更新",
    "written": "成文日期 成文时间 制发日期 印发日期",
    "source": "信息来源 文章来源 稿件来源 新闻来源 内容来源 本文来源 原文来源 消息来源 图文来源 稿源 来源单位 "
    "转载自 出处 来源",
    "editor": "责任编辑 网络编辑 值班编辑 文字编辑 本网编辑 责编 编辑",
    "author": "作者 撰稿人 撰稿 供稿 供稿单位 发布人 发布者 记者",
    "publisher": "发布机构 发布单位 公开机构 责任部门 公开责任部门 发布部门 信息提供单位",
    "issuer": "发文机关 发文机构 制发机构 发文单位",
    "index_no": "信息索引号 信息索引 索引号 索取号",
    "doc_no": "发文字号 文件编号 文件字号 公文文号 发文文号 文号",
    "name": "信息名称 文件名称 标题 名称",
}
_OTHER_TIMES = (  # what happens at a time that is not the publication's
    "开始 结束 截止 截至 起止 活动 会议 举办 举行 召开 开放 展览 展出 演出 播出 直播 培训 讲座 报名 考试 面试 "
    "笔试 答复 留言 回复 来信 提问 咨询 受理 办理 办结 申请 申报 登记 注册 征集 征求意见 反馈 投标 开标 招标 "
    "采购 公示 办公 工作 上班 营业 服务 有效 到期 失效 废止 生效 实施 施行 执行 出生 成立 拍摄 录制 阅读 浏览 "
    "访问 收稿 检查 抽检 生产 处罚 决定 任职"
)
_STOPS = (
    "浏览次数 浏览量 浏览 访问量 访问次数 点击次数 点击数 点击量 点击率 点击 阅读次数 阅读量 阅读 人气 字体大小 "
    "字体 字号 分享到 分享 打印 "
    "视力保护色 颜色 主题分类 信息分类 组配分类 分类 公开方式 公开形式 公开时限 公开范围 公开类别 体裁 关键词 "
    "主题词 内容概述 有效性 时效性 时效 "
    "效力状态 审核 校对 审稿 初审 复审 终审 签发 服务对象 语种 保护视力色 载体 备注 电话 二维码"
)
_FIELD_OF = {label: field for field, labels in _FIELDS.items() for label in labels.split()}
_DATES = frozenset({"published", "generated", "dated", "updated", "written"})
_KNOWN = frozenset(
    [*_FIELD_OF, *_STOPS.split(), *(f"{what}{at}" for what in _OTHER_TIMES.split() for at in ("时间", "日期"))]
)
_ENDS = frozenset(label[-1] for label in _KNOWN)  # spares the hours of a clock
_LONGEST = max(map(len, _KNOWN))
_SHORT = 2  # characters: a label no longer than that may be the end of a longer word (开始时间, 资金来源)
_COLON = re.compile(r"[:：∶]|发布于")
_WORD = re.compile(r"[\u4e00-\u9fa5]+\Z")
NOTHING = frozenset({"", "无", "暂无", "null", "undefined", "-", "--", "/", "【", "[", "（", "None", "不详"})
EDGES = " \t\r\n\u3000\u00a0|｜丨，,;；】]"
_OPENS = re.compile(r"[【\[\n]|\s{2,}|&emsp;|\u2003")


def labelled(text: str) -> dict[str, str]:
    """`label：value` pairs of a header, up to the next label; the first label of a field that has a value wins."""
    found: dict[str, str] = {}
    marks = _labels(text)
    for index, (label, _, start) in enumerate(marks):
        field = _FIELD_OF.get(label)
        if not field:
            continue
        end = marks[index + 1][1] if index + 1 < len(marks) else start + 120
        value = text[start:end].strip(EDGES)[:60] if field in _DATES else _first_line(text[start:end])
        if value and not found.get(field):
            found[field] = value
        else:
            found.setdefault(field, "")
    return found


def may_be_label(cell: str) -> bool:
    """Whether a cell is short enough for a label with blanks in it."""
    return len(cell) <= 3 * _LONGEST


def label_of(cell: str) -> str | None:
    """The label that a cell consists of, blanks and brackets dropped; None when it is none."""
    return _label_in(cell) if may_be_label(cell) else None


@lru_cache(maxsize=1024)
def _label_in(cell: str) -> str | None:
    label = "".join(cell.split()).rstrip(":：").strip("【】[]")
    return label if label in _KNOWN else None


def field_of(label: str) -> str | None:
    """The field that a known label names; None for one that only ends another's value."""
    return _FIELD_OF.get(label)


def _labels(text: str) -> list[tuple[str, int, int]]:
    """The labels before colons, blanks inside them dropped: label, where it starts, where its value starts.

    A word that only ends like a short label ends the value before it and names nothing.
    """
    found: list[tuple[str, int, int]] = []
    for colon in _COLON.finditer(text):
        if len(colon[0]) > 1:
            found.append((colon[0], colon.start(), colon.end()))
            continue
        at = colon.start()
        last = text[at - 1 : at]
        if last not in _ENDS and not last.isspace():
            continue
        low = max(0, at - 3 * _LONGEST)
        before = text[low:at].rstrip()
        label = _known_end(before) if before[-1:] in _ENDS else None
        if not label:
            continue
        start = _start_of(label, before)
        word = _WORD.search(before, 0, start) if len(label) <= _SHORT else None
        if word and before[: word.start()].rstrip()[-1:] not in {":", "：", "∶"}:
            label, start = "", word.start()
        found.append((label, low + start, colon.end()))
    return found


def _known_end(text: str) -> str | None:
    """The longest label with which a text ends, blanks dropped."""
    tight = "".join(text.split())
    for start in range(max(0, len(tight) - _LONGEST), len(tight) - 1):
        if tight[start:] in _KNOWN:
            return tight[start:]
    return None


def _start_of(label: str, text: str) -> int:
    """Where the label at the end of a text starts, whatever blanks are in it."""
    at = len(text)
    for character in reversed(label):
        at = text.rfind(character, 0, at)
    return at


def _first_line(text: str) -> str:
    """A value: the first line that is not blank, up to a bracket that opens something else."""
    value = text.strip(EDGES).lstrip("【[")
    return _OPENS.split(value, maxsplit=1)[0].strip(EDGES) if value else ""
