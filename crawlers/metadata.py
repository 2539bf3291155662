"""What a page says about its report: header line, 索引号 table and meta tags, of which the displayed ones win.

Labels are read in all their spellings (`来 源：`, `【信息发布时间：`), with adjacent fields that nothing separates
(`来源:平房区司法局时间:2024-02-28`), and a label whose value is empty is empty. Names and defects of the meta tags:
《政府网站发展指引》 (国办发〔2017〕47号).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crawlers import dates
from crawlers.boilerplate import is_chrome, is_sign_off
from crawlers.dates import Moment

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
_LEADING = re.compile(r"^(?:信息)?(?:发布|发表|更新|上传)?(?:时间|日期|于)?\s*(?=(?:19|20)\d{2})")
_GAP = re.compile(r"[\s\u3000|]+")
_NOTHING = frozenset({"", "无", "暂无", "null", "undefined", "-", "--", "/", "【", "[", "（", "None", "本站", "不详"})
_PLACEHOLDER = re.compile(r"^(?:网站名称|网站域名|政府网站标识码|关键词|描述|####|\$.*|<%.*|\{.*)$")
_EDGES = " \t\r\n\u3000\u00a0|｜丨，,;；】]"
_NEXT_LABEL = re.compile(r"\s[\u4e00-\u9fa5]{2,6}[:：]")
_OPENS = re.compile(r"[【\[\n]|\s{2,}|&emsp;|\u2003")
_NAMED_BY_SCRIPT = re.compile(
    r"(?:pub_?data|pub_?date|pub_?time|publish_?(?:time|date)|fbsj|fbrq|docreltime|docpubtime|reltime)[\"']?\s*[=:]\s*"
    r"[\"']([^\"'<>]{8,30})[\"']",
    re.IGNORECASE,
)
_SCRIPT_NAMES = (
    "pubdata",
    "pubDate",
    "pubdate",
    "ubTime",
    "ubtime",
    "ublishTime",
    "ublishDate",
    "fbsj",
    "fbrq",
    "reltime",
)
_WRITE = re.compile(r"""document\.write(?:ln)?\(((?:"[^"]*"|'[^']*'|[^'"()])*)\)\s*;?""")
_VAR = re.compile(r"""(?:var\s+)?\b(\w+)\s*=\s*(["'])(.*?)\2\s*;""")
_TERM = re.compile(r"""(["'])(.*?)\1|([A-Za-z_]\w*)""")
_CODE = re.compile(r"if\s*\([^)]*\)\s*\{?|\belse\b\s*\{?|[{}]|\bvar\b|//[^\n]*")
_MARKUP = re.compile(r"<[^>]*>")
_INDEX_TAIL = re.compile(r"/[0-9A-Z]{0,6}-?\d{4,6}-?\d{3,8}(?![\w/])")
_INDEX_HEAD = re.compile(r"(?<![\w/])[0-9A-Z]{6,20}$")
DOC_NO = re.compile(
    r"[\u4e00-\u9fa5]{2,20}(?:[〔\[［（(【]\s*(?:19|20)\d{2}\s*[〕\]］）)】])\s*第?\s*\d+\s*号|(?:^|"
    r"[（(])第\s*\d+\s*号(?=$|[）)])"
)


class Shown(NamedTuple):
    """The fields that a page displays; None where it shows none."""

    published: Moment | None = None
    source: str | None = None
    editor: str | None = None
    issuer: str | None = None
    index_no: str | None = None
    doc_no: str | None = None
    written: Moment | None = None


def displayed(header: str, box: str = "") -> Shown:
    """Read the text between title and body, and that of the 索引号 table."""
    header = run_writes(header)
    line = labelled(header)
    table = boxed(box if box or line else header)
    fields = {
        **{key: value for key, value in table.items() if value},
        **{key: value for key, value in line.items() if value},
    }
    return Shown(
        published=_published(header, line, table),
        source=_name(line.get("source") or table.get("source")) or _beside_date(header, line),
        editor=_name(fields.get("editor")),
        issuer=_name(fields.get("issuer")),
        index_no=index_number(fields.get("index_no")),
        doc_no=doc_number(fields.get("doc_no")),
        written=dates.first(fields["written"]) if "written" in fields else None,
    )


def labelled(text: str) -> dict[str, str]:
    """`label：value` pairs of a header, up to the next label; the first label of a field that has a value wins."""
    found: dict[str, str] = {}
    marks = _labels(text)
    for index, (label, _, start) in enumerate(marks):
        field = _FIELD_OF.get(label)
        if not field:
            continue
        end = marks[index + 1][1] if index + 1 < len(marks) else start + 120
        value = text[start:end].strip(_EDGES)[:60] if field in _DATES else _first_line(text[start:end])
        if value and not found.get(field):
            found[field] = value
        else:
            found.setdefault(field, "")
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
            if field and value and value not in _NOTHING:
                found.setdefault(field, value)
    return found


def metas(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Meta tags by lower-case name; placeholders and empty ones are left out, of two the first counts."""
    found: dict[str, str] = {}
    for name, content in pairs:
        value = _BLANK.sub(" ", _MARKUP.sub("", content)).strip()
        if value and value not in _NOTHING and not _PLACEHOLDER.match(value):
            found.setdefault(name.lower(), value)
    return found


def run_writes(text: str) -> str:
    """Replace the scripts of a header by what they write: `document.write('来源：' + name)` displays a name."""
    if "document.write" not in text:
        return text
    values = {match[1]: match[3] for match in _VAR.finditer(text)}
    text = _WRITE.sub(lambda match: _evaluate(match[1], values), text)
    return _CODE.sub(" ", _VAR.sub(" ", text))


def written_by_script(html: str) -> Moment | None:
    """A publication date that the page only has as a script variable."""
    if not any(name in html for name in _SCRIPT_NAMES):
        return None
    match = _NAMED_BY_SCRIPT.search(html)
    return dates.first(match[1]) if match else None


def index_number(text: str | None) -> str | None:
    """An 索引号: any run of figures, letters, slash and dash; forms deviate too much for a stricter rule."""
    match = re.match(r"[0-9A-Za-z\u4e00-\u9fa5〔〕\[\]/_.\-－—]{6,50}", _BLANK.sub("", text or ""))
    return match[0] if match and re.search(r"\d{3}", match[0]) else None


def loose_index_number(text: str) -> str | None:
    """An 索引号 whose label got lost: an organisation's code, a slash, a year and a serial number."""
    for tail in _INDEX_TAIL.finditer(text):
        head = _INDEX_HEAD.search(text, max(0, tail.start() - 24), tail.start())
        if head:
            return head[0] + tail[0]
    return None


def doc_number(text: str | None) -> str | None:
    """A 文号 from a labelled value; 无 and prose are none."""
    value = _BLANK.sub("", text or "").strip("（）()")
    return (
        value
        if 3 <= len(value) <= 40 and re.search(r"\d", value) and ("号" in value or re.search(r"[〔\[（(]", value))
        else None
    )


def own_doc_number(lines: Sequence[str], title: str) -> str | None:
    """The 文号 that stands alone on one of a document's first lines, or closes its title in parentheses."""
    match = re.search(r"[（(]([^（()）]*[〔\[［]\d{4}[〕\]］]\d+号)[）)]$", title)
    if match:
        return _BLANK.sub("", match[1])
    for line in lines[:6]:
        tight = _BLANK.sub("", line)
        match = DOC_NO.fullmatch(tight) or (DOC_NO.fullmatch(tight.strip("（）()")) if len(tight) < 40 else None)
        if match:
            return tight.strip("（）()")
        if len(line) > 60:
            break
    return None


def confirmed(value: str | None, text: str) -> str | None:
    """A meta value that the page also displays."""
    if not value:
        return None
    return value if _BLANK.sub("", value) in _BLANK.sub("", text) else None


def editors(lines: Sequence[str], tail: str = "") -> str | None:
    """The name after 责任编辑 among sign-off lines, or in the text that follows a body."""
    names: dict[str, str] = {}
    for line in lines:
        if is_sign_off(line):
            for field, value in labelled(line).items():
                if value:
                    names.setdefault(field, value)
    return _name(names.get("editor")) or (_name(labelled(tail).get("editor")) if "编" in tail else None)


def _published(header: str, line: Mapping[str, str], table: Mapping[str, str]) -> Moment | None:
    """A labelled date of the header line, then of the table, then one without a label, then the time of an update."""
    for text in (line.get("published"), line.get("dated"), table.get("published"), table.get("dated")):
        moment = dates.first(text) if text else None
        if moment:
            return moment
    bare = _bare_date(header)
    if bare:
        return bare
    text = line.get("updated") or table.get("updated")
    return dates.first(text) if text else None


def _bare_date(header: str) -> Moment | None:
    """A date that opens a line of the header."""
    for part in header.split("\n")[:40]:
        part = _LEADING.sub("", part.strip(" \u3000\u00a0[【（(|"))
        moment = dates.first(part)
        if moment and moment.at == 0 and len(part) <= 80:
            return dates.first(header[header.index(part) :]) or moment
    return None


def _beside_date(header: str, line: Mapping[str, str]) -> str | None:
    """A source without a label: what stands beside an unlabelled date on its line."""
    if "source" in line or "published" in line or "dated" in line:
        return None
    for part in header.split("\n")[:12]:
        part = part.strip()
        moment = dates.first(part)
        if moment and moment.at == 0:
            rest = next(iter(_GAP.split(part[moment.end :].strip(_EDGES))), "")
            plain = 3 < len(rest) <= 30 and not re.search(r"[:：，。\d]", rest) and not is_chrome(rest)
            return rest if plain else None
    return None


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
    value = text.strip(_EDGES)
    return _OPENS.split(value, maxsplit=1)[0].strip(_EDGES) if value else ""


def _name(value: str | None) -> str | None:
    """A value that may be a name: not a placeholder, a button, or the rest of a script."""
    text = _BLANK.sub(" ", _NEXT_LABEL.split(value or "", maxsplit=1)[0]).strip(_EDGES + "（(")
    bad = text in _NOTHING or len(text) > 60 or is_chrome(text) or re.search(r"[{}=;$'\"+]|document\.", text)
    return None if bad else text


def _evaluate(expression: str, values: Mapping[str, str]) -> str:
    """A concatenation of literals and known variables, markup dropped."""
    terms = [match[2] if match[1] else values.get(match[3], "") for match in _TERM.finditer(expression)]
    return _MARKUP.sub(" ", "".join(terms)).replace("&emsp;", " ").replace("&nbsp;", " ")
