"""What a generated report says, as plain values: the pages are drawn from them and so is the truth about the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import NamedTuple

from worker.replica.dice import dice
from worker.replica.sentences import OPENINGS, PLANS, SHORTCOMINGS, THEMES, Theme
from worker.replica.vocabulary import place, word

_SLOT = re.compile(r"\{(\w+)\}")
_COUNT = re.compile(r"(\d+)(件|次|人|个|场|条)")
_NUMERALS = "一二三四五六七八九十"


class Table(NamedTuple):
    """A table of figures; the first row names the columns."""

    rows: tuple[tuple[str, ...], ...]


class Figure(NamedTuple):
    """A picture in the text; its caption is a paragraph of its own."""

    file: str
    caption: str | None


class File(NamedTuple):
    """An attachment: the name that readers see and the name of the file."""

    name: str
    file: str


Block = str | Table | Figure


class Document(NamedTuple):
    """A report before it is dressed in a portal's markup; `signed` is its date line, None where it has none."""

    title: str
    issuer: str
    editor: str
    blocks: tuple[Block, ...]
    files: tuple[File, ...] = ()
    signed: date | None = None

    @property
    def closing(self) -> tuple[str, ...]:
        """Signature and date line."""
        day = self.signed
        return (self.issuer, f"{day.year}年{day.month}月{day.day}日") if day else ()

    @property
    def text(self) -> str:
        """The clean body: a line a paragraph or table row, cells parted by tabs, signature and date last."""
        lines: list[str] = []
        for block in self.blocks:
            if isinstance(block, Table):
                lines += ["\t".join(row) for row in block.rows]
            elif isinstance(block, Figure):
                lines += [block.caption] if block.caption else []
            else:
                lines.append(block)
        return "\n".join((*lines, *self.closing))

    @property
    def figures(self) -> tuple[str, ...]:
        """The file names of its pictures."""
        return tuple(block.file for block in self.blocks if isinstance(block, Figure))


def compose(seed: int, name: str, published: date) -> Document:
    """A report of 800 to 2500 characters about the year before its publication, the same for the same arguments."""
    chance = dice(seed, name)
    where, year = place(chance), published.year - 1
    issuer = where + (word("office", chance) if chance.random() < 0.8 else "人民政府")
    fixed = {"place": where, "year": str(year), "next": str(year + 1)}
    style = chance.choice((_chapters, _chapters, _articles, _highlights))
    blocks = (_fill(chance.choice(OPENINGS), fixed, chance), *style(fixed, chance))
    salutation = (f"{place(chance)}人民政府：",) if chance.random() < 0.25 else ()
    return Document(
        title=_title(where, issuer, year, style is _highlights, chance),
        issuer=issuer,
        editor=chance.choice("赵钱孙李周吴郑王冯陈") + chance.choice("文海明静晓建国雪丽平"),
        blocks=(*salutation, *blocks),
        signed=published if chance.random() < 0.5 else None,
    )


def revised(document: Document) -> Document:
    """The document with its first count raised by one and nothing else changed."""
    for index, block in enumerate(document.blocks):
        if isinstance(block, str) and _COUNT.search(block):
            corrected = _COUNT.sub(lambda match: f"{int(match[1]) + 1}{match[2]}", block, count=1)
            return document._replace(blocks=(*document.blocks[:index], corrected, *document.blocks[index + 1 :]))
    raise ValueError(f"{document.title} has no count that could be corrected")


def _title(where: str, issuer: str, year: int, highlights: bool, chance: Random) -> str:
    if highlights:
        return f"{year}年{where}法治建设工作{chance.choice(('综述', '亮点', '回顾'))}"
    patterns = (
        "{i}关于{y}年法治政府建设情况的报告",
        "{i}{y}年度法治政府建设情况报告",
        "{i}{y}年法治政府建设工作总结报告",
    )
    return chance.choice(patterns).format(i=issuer, y=year)


def _chapters(fixed: Mapping[str, str], chance: Random) -> tuple[str, ...]:
    """一、 with （一） below: the form of most annual reports."""
    lines: list[str] = []
    themes = chance.sample(THEMES, chance.randint(3, 8))
    for number, theme in enumerate(themes):
        lines.append(f"{_NUMERALS[number]}、{chance.choice(theme.headings)}")
        sentences = _sentences(theme, fixed, chance)
        for at, lead in enumerate(chance.sample(theme.leads, chance.randint(2, 3))):
            lines.append(f"（{_NUMERALS[at]}）{lead}。{''.join(sentences[2 * at : 2 * at + 2])}")
    return (*lines, *_outlook(len(themes), fixed, chance))


def _articles(fixed: Mapping[str, str], chance: Random) -> tuple[str, ...]:
    """一、 with 一是 below, each a paragraph of its own."""
    lines: list[str] = []
    themes = chance.sample(THEMES, chance.randint(3, 8))
    for number, theme in enumerate(themes):
        lines.append(f"{_NUMERALS[number]}、{chance.choice(theme.headings)}")
        sentences = _sentences(theme, fixed, chance)
        leads = chance.sample(theme.leads, 3)
        lines += [f"{_NUMERALS[at]}是{lead}。{sentences[at]}{sentences[at + 3]}" for at, lead in enumerate(leads)]
    return (*lines, *_outlook(len(themes), fixed, chance))


def _highlights(fixed: Mapping[str, str], chance: Random) -> tuple[str, ...]:
    """Short headings without numbers, as news pieces have them."""
    lines: list[str] = []
    for theme in chance.sample(THEMES, chance.randint(5, 10)):
        lines.append(chance.choice(theme.leads))
        sentences = _sentences(theme, fixed, chance)
        lines += ["".join(sentences[:3]), "".join(sentences[3:5])]
    return tuple(lines)


def _outlook(chapters: int, fixed: Mapping[str, str], chance: Random) -> tuple[str, ...]:
    """What is lacking and what comes next, the two chapters that the annual report must have."""
    lacking = (_fill(text, fixed, chance) for text in chance.sample(SHORTCOMINGS, 3))
    coming = (_fill(text, fixed, chance) for text in chance.sample(PLANS, 4))
    return (
        f"{_NUMERALS[chapters]}、存在的主要问题",
        "工作中还存在一些不足：" + "；".join(f"{_NUMERALS[at]}是{text}" for at, text in enumerate(lacking)) + "。",
        f"{_NUMERALS[chapters + 1]}、{fixed['next']}年工作安排",
        "下一步重点做好以下工作。" + "".join(f"{_NUMERALS[at]}是{text}。" for at, text in enumerate(coming)),
    )


def _sentences(theme: Theme, fixed: Mapping[str, str], chance: Random) -> list[str]:
    return [_fill(text, fixed, chance) for text in chance.sample(theme.sentences, 6)]


def _fill(template: str, fixed: Mapping[str, str], chance: Random) -> str:
    """The template with its slots filled, no two of them alike."""
    drawn: set[str] = set()

    def draw(slot: re.Match[str]) -> str:
        if slot[1] in fixed:
            return fixed[slot[1]]
        value = word(slot[1], chance)
        while value in drawn:
            value = word(slot[1], chance)
        drawn.add(value)
        return value

    return _SLOT.sub(draw, template)
