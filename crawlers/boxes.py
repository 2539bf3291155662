"""索引号 boxes in their renderings: pairs of cells, `label：value` items, or a row of labels over a row of values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from crawlers.labels import NOTHING, field_of, label_of, may_be_label
from crawlers.markup import inline

_BOX_LABELS = (  # that nothing but a box has
    "索引号 信息索引号 信息索引 索取号 发文字号 文件编号 发布机构 发文机关 发文机构 制发机构 公开方式 公开形式 "
    "公开范围 主题分类 组配分类 成文日期 生成日期 信息名称"
)
_OWN = frozenset(_BOX_LABELS.split())
_EDGE = re.compile(r"<(/?)table\b[^>]*>")
_CELL_END = re.compile(r"</t[dh]>")
_LARGEST = 20_000  # characters of markup: a table of more is no box
_ROW_OF_LABELS = 3  # fewer labels in a row are pairs whose values are empty
_FIRST, _LONGEST = 7, 40  # lines of a body in which a box begins, and lines that it has
_VALUE = 80  # characters


def boxed(text: str) -> dict[str, str]:
    """Fields of a box from its text, a cell a line or tabs between cells; of two values the first counts."""
    cells = _cells(text)
    found: dict[str, str] = {}
    index = 0
    while index < len(cells):
        run = index
        while run < len(cells) and label_of(cells[run]):
            run += 1
        labels = cells[index:run]
        values = cells[run : run + len(labels)]
        if len(labels) >= _ROW_OF_LABELS and len(values) == len(labels) and not any(map(label_of, values)):
            pairs, index = list(zip(labels, values, strict=True)), run + len(labels)
        elif labels:
            pairs, index = [(labels[-1], cells[run] if run < len(cells) else "")], run + 1
        else:
            pairs, index = [], index + 1
        _take(found, pairs)
    return found


def has_row_of_labels(text: str) -> bool:
    """Whether labels follow one another, so that only the table's own rows tell whose the values are."""
    run = 0
    for cell in _cells(text):
        run = run + 1 if label_of(cell) else 0
        if run >= _ROW_OF_LABELS:
            return True
    return False


def tabled(html: str) -> dict[str, str]:
    """Fields of the boxes among a page's innermost tables, empty cells in their places."""
    found: dict[str, str] = {}
    for table in _innermost(html):
        rows = [[inline(cell) for cell in _CELL_END.split(row)[:-1]] for row in table.split("</tr>")]
        above: list[str] = []
        for row, below in zip(rows, [*rows[1:], []], strict=True):
            labels = sum(label_of(cell) is not None for cell in row)
            if above and len(above) == len(row) and not labels:
                _take(found, zip(above, row, strict=True) if len(below) != len(row) or _is_heading(below) else ())
            else:
                _take(found, pairwise(row))
            above = row if _is_heading(row) else []
    return found


def leading(lines: Sequence[str]) -> int:
    """How many of a body's first lines end with a box that stands in it; 0 when there is none.

    Labels over several rows of values head a table of the report's own.
    """
    start = next((i for i, line in enumerate(lines[:_FIRST]) if any(label in _OWN for label in _labels_in(line))), None)
    if start is None:
        return 0
    count, end, style, waiting = 0, start, "", False
    for line in lines[start : start + _LONGEST]:
        labels = _labels_in(line)
        if not labels and not (
            waiting and ("\t" in line or style != "rows") and len(line) <= _VALUE * (1 + line.count("\t"))
        ):
            break
        style = style or _style(line, labels)
        waiting = bool(labels) and (_is_heading(line.split("\t")) if style == "rows" else style == "lines")
        count, end = count + len(labels), end + 1
    is_table = "\t" in lines[end - 1] and not _labels_in(lines[end - 1]) and "\t" in "".join(lines[end : end + 1])
    return end if count > 1 and not is_table else 0


def _style(line: str, labels: Sequence[str]) -> str:
    """How a box is written, told from its first line: in rows of cells, as `label：value` items, or a cell a line."""
    if "\t" in line:
        return "rows"
    return "lines" if len(_items(line)) == len(labels) else "items"


def _cells(text: str) -> list[str]:
    return [cell for line in text.replace("\t", "\n").split("\n") for cell in _items(line)]


def _items(line: str) -> list[str]:
    """A cell, or label and value when one cell holds both."""
    cell = line.strip(" \t\r\u3000\u00a0•·")
    if not cell:
        return []
    head, colon, value = cell.replace("：", ":", 1).partition(":")
    if colon and label_of(head):
        return [head, value.strip()] if value.strip() else [head]
    return [cell]


def _take(found: dict[str, str], pairs: Iterable[tuple[str, str]]) -> None:
    """Keep the pairs whose first is a label of a field and whose second is a value."""
    for label, value in pairs:
        field = field_of(label_of(label) or "")
        if field and value and value not in NOTHING and not label_of(value):
            found.setdefault(field, value)


def _innermost(html: str) -> Iterator[str]:
    """The markup in each table that holds no other and is no larger than a box."""
    opened = -1
    for edge in _EDGE.finditer(html):
        if not edge[1]:
            opened = edge.end()
        elif opened >= 0:
            if edge.start() - opened <= _LARGEST:
                yield html[opened : edge.start()]
            opened = -1


def _is_heading(row: Sequence[str]) -> bool:
    """Whether a row consists of labels and empty cells, so that the next one holds their values."""
    filled = [cell for cell in row if cell]
    return len(filled) >= _ROW_OF_LABELS and all(label_of(cell) for cell in filled)


def _labels_in(line: str) -> list[str]:
    """The labels in a row's cells; none for a row that begins with something else."""
    if "：" not in line and ":" not in line and not ("\t" in line or may_be_label(line)):  # as most lines of a report
        return []
    heads = [label_of(next(iter(_items(cell)), "")) for cell in line.split("\t")]
    return [label for label in heads if label] if next(iter(heads)) else []
