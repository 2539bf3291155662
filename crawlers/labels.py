"""Labels and their values: `来源：…` in header lines, 索引号 boxes in their four renderings.

Labels are read in all their spellings (`来 源：`, `【信息发布时间：`), with adjacent fields that nothing separates
(`来源:平房区司法局时间:2024-02-28`); a label whose value is empty is empty.
"""

from __future__ import annotations

import re

_FIELDS = {
    "published": "信息发布时间 信息发布日期 发布时间 发布日期 时间发布 发表时间 发表日期 发稿时间 上网时间 "
    "上传时间 上传日期 上载日期 录入时间 "
    "添加时间 创建时间 生成日期 生成时间 公开时间 公开日期 发布于",
    "dated": "发文时间 发文日期 日期 时间",
    "updated": "更新时间 更新日期 修改时间 最后更新",
    "written": "成文日期 成文时间 制发日期 印发日期",
    "source": "信息来源 文章来源 稿件来源 新闻来源 内容来源 稿源 来源",
    "editor": "责任编辑 责编 编辑",
    "author": "作者 撰稿人 撰稿 供稿 供稿单位 发布人 发布者 记者",
    "issuer": "发布机构 发文机关 发文机构 制发机构 发布单位 发文单位 公开机构 责任部门 公开责任部门 发布部门 "
    "信息提供单位",
    "index_no": "信息索引号 索引号 索取号",
    "doc_no": "发文字号 文件编号 文件字号 公文文号 发文文号 文号",
    "name": "信息名称 文件名称 标题 名称",
}
_STOPS = (
    "浏览次数 浏览量 浏览 访问量 访问次数 点击次数 点击数 点击量 点击率 点击 阅读次数 阅读量 阅读 人气 字体大小 "
    "字体 字号 分享到 分享 打印 "
    "视力保护色 颜色 主题分类 信息分类 组配分类 分类 公开方式 公开形式 公开时限 公开范围 公开类别 体裁 关键词 "
    "主题词 内容概述 有效性 时效性 时效 "
    "效力状态 废止时间 废止日期 失效时间 生效日期 实施日期 施行日期 审核 校对 审稿 初审 复审 终审 签发 截止时间 "
    "活动时间 会议时间 答复时间 留言时间 "
    "回复时间 报名时间 考试时间 服务对象 语种 保护视力色 载体 备注 电话 二维码"
)
_FIELD_OF = {label: field for field, labels in _FIELDS.items() for label in labels.split()}
_DATES = frozenset({"published", "dated", "updated", "written"})
_ALL = sorted([*_FIELD_OF, *_STOPS.split()], key=len, reverse=True)
_LONGEST = len(next(iter(_ALL)))
_COLON = re.compile(r"[:：]|发布于")
_TABLE_LABEL = frozenset(_ALL)
_BLANK = re.compile(r"\s+")
NOTHING = frozenset({"", "无", "暂无", "null", "undefined", "-", "--", "/", "【", "[", "（", "None", "本站", "不详"})
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


def boxed(text: str) -> dict[str, str]:
    """Fields of a 索引号 box from its text, one cell a line: pairs, `label：value` items, or a row of labels first."""
    cells = [cell for line in text.split("\n") for cell in _items(line)]
    found: dict[str, str] = {}
    index = 0
    while index < len(cells):
        run = index
        while run < len(cells) and _label_of(cells[run]):
            run += 1
        labels = cells[index:run]
        values = cells[run : run + len(labels)]
        if len(labels) >= 3 and len(values) == len(labels) and not any(map(_label_of, values)):
            pairs, index = list(zip(labels, values, strict=True)), run + len(labels)
        elif labels:
            pairs, index = [(labels[-1], cells[run] if run < len(cells) else "")], run + 1
        else:
            pairs, index = [], index + 1
        for label, value in pairs:
            field = _FIELD_OF.get(_label_of(label) or "")
            if field and value and value not in NOTHING:
                found.setdefault(field, value)
    return found


def _labels(text: str) -> list[tuple[str, int, int]]:
    """The known labels before colons, blanks inside them dropped: label, where it starts, where its value starts."""
    found: list[tuple[str, int, int]] = []
    for colon in _COLON.finditer(text):
        if len(colon[0]) > 1:
            found.append((colon[0], colon.start(), colon.end()))
            continue
        low = max(0, colon.start() - 3 * _LONGEST)
        before = text[low : colon.start()].rstrip()
        tight = "".join(before.split())
        label = next((tight[-n:] for n in range(min(_LONGEST, len(tight)), 1, -1) if tight[-n:] in _TABLE_LABEL), None)
        if label:
            at = before.rfind(label)
            spaced = at if at >= 0 else before.rfind(label[:1])
            found.append((label, low + spaced, colon.end()))
    return found


def _items(line: str) -> list[str]:
    """A cell, or label and value when one cell holds both."""
    cell = line.strip(" \t\r\u3000\u00a0•·")
    if not cell:
        return []
    head, colon, value = cell.replace("：", ":", 1).partition(":")
    if colon and _label_of(head):
        return [head, value.strip()] if value.strip() else [head]
    return [cell]


def _label_of(cell: str) -> str | None:
    label = _BLANK.sub("", cell).rstrip(":：").strip("【】[]")
    return label if label in _TABLE_LABEL else None


def _first_line(text: str) -> str:
    """A value: the first line that is not blank, up to a bracket that opens something else."""
    value = text.strip(EDGES)
    return _OPENS.split(value, maxsplit=1)[0].strip(EDGES) if value else ""
