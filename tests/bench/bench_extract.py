"""What extraction costs beside the bare Lexbor parse of the same page, paired round by round.

Pages: one of 60 KB that the project generates, and the labelled pages of `../shared/corpus` when they are there.
A family page is read the way a crawl reads it, with its portal known; recognising the family from the page and reading
it without any family are shown beside it, and trafilatura, which `make bench` installs.
"""

from __future__ import annotations

import ctypes
import importlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from config.portal import Column, Portal
from crawlers import generic, registry
from crawlers.errors import PageError
from crawlers.html import parse
from crawlers.models import Extract, RawPage
from crawlers.page import Page

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "pages" / "detail"
_TRIM_THRESHOLD = -1  # M_TRIM_THRESHOLD of malloc.h
ROUNDS = 15
SIZES = range(30_000, 130_000)  # bytes: what a typical page has
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
Read = Callable[[], object]


class Subject(NamedTuple):
    """A page and the portal whose family reads it; None when no family does."""

    raw: RawPage
    portal: Portal | None


def main() -> None:
    """Print the median ratios, with the C library's allocator as it is and then keeping what is freed."""
    bodies = [path.read_bytes() for path in sorted(CORPUS.glob("*.html"))] if CORPUS.is_dir() else []
    typical = [_subject(body) for body in bodies if len(body) in SIZES]
    for state in ("", ", memory kept"):
        _print(f"generated page of 60 KB{state}", [_subject(generated())])
        if typical:
            _print(f"labelled pages of 30 to 130 KB ({len(typical)}){state}", typical)
        _keep_memory()


def _keep_memory() -> None:
    """Let no freed memory go back to the system: a bare parse that has to ask for it anew each time seems slow.

    Where there is no `mallopt` (glibc) nothing changes.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_TRIM_THRESHOLD, 1 << 30)


def generated(size: int = 60_000) -> bytes:
    """A page in UCAP's shape: navigation and link lists for the most part, and a report of some 4,000 characters."""
    link = '<li class="item"><a href="/c100{n}/list.shtml" title="栏目">第{n}号部门网站</a></li>\n'
    links = "".join(link.format(n=n) for n in range(420))
    line = (
        '<p style="text-indent:2em"><span>（{n}）健全制度。全年审查文件12件，备案率达100%，清理文件36件。</span></p>\n'
    )
    report = "".join(line.format(n="一二三四五六七八九十"[n % 10]) for n in range(80))
    title = "云溪县2024年度法治政府建设情况报告"
    page = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="SiteIDCode" content="4399990001">'
        f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="2025-02-07">'
        f"<title>{title}</title></head><body>"
        f'<div class="nav"><ul>{links}</ul></div><div class="location">当前位置：<a>首页</a> &gt; <a>政务公开</a></div>'
        f"<h1><ucaptitle>{title}</ucaptitle></h1>"
        '<div class="article_attr"><span>日期：<b>2025-02-06 15:30</b></span><span>来源：<b>县司法局</b></span></div>'
        f'<div class="article_content" id="zoomcon"><ucapcontent>{report}</ucapcontent></div>'
        '<div class="foot"><p>主办：云溪县人民政府 网站标识码：4399990001</p></div>'
    )
    filler = '<div class="link"><a href="http://www.example.org/">友情链接</a></div>\n'
    missing = max(0, size - len(page.encode())) // len(filler.encode())
    return (page + filler * missing + "</body></html>").encode()


def _subject(body: bytes) -> Subject:
    raw = RawPage(url=None, body=body, fetched_at=_NOW)
    try:
        found = registry.report(Page(raw))
    except PageError:
        return Subject(raw, None)
    family = found.extractor.partition("/")[0] if isinstance(found, Extract) else "generic"
    if family in {"generic", "text"}:
        return Subject(raw, None)
    home = "https://www.example.org"
    column = Column(name="reports", url=home + "/")
    return Subject(raw, Portal(name="bench", title="bench", family=family, url=home, columns=(column,)))


def _print(title: str, subjects: Sequence[Subject]) -> None:
    family = [subject for subject in subjects if subject.portal]
    rows = [
        ("family page, portal known", [_ratio(s, lambda s=s: registry.report(Page(s.raw, s.portal))) for s in family]),
        ("family page, recognised", [_ratio(s, lambda s=s: registry.report(Page(s.raw))) for s in family]),
        ("generic", [_ratio(s, lambda s=s: generic.report(Page(s.raw))) for s in subjects]),
    ]
    other = _trafilatura()
    if other:
        rows.append(("trafilatura with metadata", [_ratio(s, lambda s=s: other(Page(s.raw).text)) for s in subjects]))
    _say(f"\n{title}: time as a multiple of the bare parse, median (least to most)")
    for name, ratios in rows:
        if ratios:
            _say(f"  {name:28s} {statistics.median(ratios):7.2f}   ({min(ratios):.2f} to {max(ratios):.2f})")


def _ratio(subject: Subject, read: Read) -> float:
    """The median over rounds in which parse and extraction follow each other."""
    text = Page(subject.raw).text
    read()
    pairs = [(_seconds(lambda: parse(text)), _seconds(read)) for _ in range(ROUNDS)]
    return statistics.median(extraction / bare for bare, extraction in pairs)


def _seconds(read: Read) -> float:
    """CPU time, which other programs on the machine disturb less than the clock on the wall."""
    start = time.process_time()
    read()
    return time.process_time() - start


def _trafilatura() -> Callable[[str], object] | None:
    try:
        module = importlib.import_module("trafilatura")
    except ImportError:
        return None
    extract: Callable[..., object] = module.extract
    return lambda text: extract(text, with_metadata=True, include_tables=True)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
