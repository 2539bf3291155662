"""The reports that need something special: attachments, a table, pictures, a correction, an empty body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from random import Random

from worker.replica.dice import dice, hex_name
from worker.replica.plan import Quirk
from worker.replica.texts import Block, Document, Figure, File, Table, compose, revised
from worker.replica.vocabulary import word

_RARE = "首席法律顾问由李䶮律师担任，㙍头村等{n}个村的法律顾问由其团队指派。"  # not in gb2312, the first not in gbk


@lru_cache(maxsize=512)
def document_of(seed: int, name: str, written: date, quirk: Quirk, phase: int) -> Document:
    """The report that a page with that quirk carries in that phase; the same for the same arguments."""
    document = compose(seed, name, written)
    if phase == 2 and quirk in {Quirk.REVISED, Quirk.RETITLED}:
        document = revised(document)
    if phase == 2 and quirk is Quirk.RETITLED:
        document = document._replace(title=f"{document.title}（更正）")
    change = _CHANGES.get(quirk)
    return change(document, dice(seed, name, "variant")) if change else document


def _with_files(document: Document, chance: Random) -> Document:
    return document._replace(files=_files(document.title, chance))


def _files(title: str, chance: Random) -> tuple[File, ...]:
    """Two attachments named after the report."""
    names = (f"附件1：{title}重点任务完成情况表.xlsx", f"附件2：{title}典型案例.pdf")
    return tuple(File(name, f"{hex_name(name, chance.random())}.{name.rpartition('.')[2]}") for name in names)


def _with_table(document: Document, chance: Random) -> Document:
    header = ("执法领域", "行政检查（次）", "行政许可（件）", "行政处罚（件）", "罚没金额（万元）")
    fields = dict.fromkeys(word("field", chance) for _ in range(6))
    rows = [
        (field, *(word("hundreds", chance) for _ in range(3)), f"{chance.randint(5, 999) / 10}") for field in fields
    ]
    table: tuple[Block, ...] = ("主要执法数据见下表。", Table((header, *rows)))
    half = len(document.blocks) // 2
    return document._replace(blocks=(*document.blocks[:half], *table, *document.blocks[half:]))


def _with_figures(document: Document, chance: Random) -> Document:
    blocks: list[Block] = list(document.blocks)
    for place in (4, 2):
        caption = f"图为{word('event', chance)}活动现场。"
        blocks.insert(place, Figure(f"{hex_name(caption, place, chance.random())}.jpg", caption))
    return document._replace(blocks=tuple(blocks))


def _only_figures(document: Document, chance: Random) -> Document:
    pictures = tuple(Figure(f"{hex_name(chance.random())}.png", None) for _ in range(3))
    return document._replace(title=f"一图读懂{document.title}", blocks=pictures, signed=None)


def _only_files(document: Document, chance: Random) -> Document:
    title = f"{document.issuer}关于公布{word('matter', chance)}有关材料的通知"
    return document._replace(title=title, blocks=("详见附件。",), files=_files(title, chance), signed=None)


def _unsigned(document: Document, chance: Random) -> Document:
    return document._replace(signed=None)


def _with_rare_characters(document: Document, chance: Random) -> Document:
    line = _RARE.format(n=word("tens", chance))
    return document._replace(blocks=(*document.blocks[:1], line, *document.blocks[1:]))


_CHANGES: Mapping[Quirk, Callable[[Document, Random], Document]] = {
    Quirk.COPY_A: _unsigned,
    Quirk.COPY_B: _unsigned,
    Quirk.FILES: _with_files,
    Quirk.TABLE: _with_table,
    Quirk.FIGURES: _with_figures,
    Quirk.PICTURES: _only_figures,
    Quirk.ANNEX: _only_files,
    Quirk.LEGACY: _with_rare_characters,
}
