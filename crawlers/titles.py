"""Which of the things that look like a title is it: the displayed heading, checked against meta and `<title>`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from crawlers.boilerplate import is_chrome, is_crumbs

_MARKUP = re.compile(r"<[^>]*>")
_PUNCTUATION = re.compile(r"[\W_]+")
_SPLIT = re.compile(r"\s*(?:_+|\||｜|--+|——(?=[^—]*(?:网|政府|门户|局|委|厅)\s*$)|\s[-–—]\s|»|>>)\s*")
_HYPHEN = re.compile(r"[-–—]+")
_SITE = re.compile(r"(?:网|网站|门户|政府|信息网|平台|中心|欢迎您?[!！]?)$")
_LONG_SITE = re.compile(r"(?:信息网|门户网站?|政府网站?|政务网|官方网站|官网)$")
_BODY = re.compile(r"(?:法院|检察院|医院|大学|学院|学校|中学|小学|委员会|管委会|厅|局|协会|联合会|图书馆|博物馆)$")
_OWNER = 16  # characters of such a name
_VALID = re.compile(r"^(?:有效|失效|废止|现行有效)\s+")
_DATE_TAIL = re.compile(r"\s*[\[（(]?\s*(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\]）)]?\s*$")
_DATED, _FROM = r"(?:时间|日期)\s*[:：]", r"来\s*源\s*[:：]"
_HEADER = re.compile(  # begins with a letter in each alternative: the engine leaps from one to the next
    rf"发布{_DATED}|更新{_DATED}|发表{_DATED}|时间\s*[:：]|日期\s*[:：]|信息{_FROM}|文章{_FROM}|稿件{_FROM}|{_FROM}|"
    r"作者\s*[:：]|浏览次数|点击数|字体\s*[:：]"
)
_LONGEST = 400  # characters, markup included: a `<title>` that is never closed holds the whole page
_DOC_NO = re.compile(r"[（(][^（()）]{1,20}[〔\[［﹝]\d{4}[〕\]］﹞]\d+号[)）]$")
_CUT = re.compile(r"(?:\.{2,}|…+)$")


def clean(text: str | None) -> str:
    """A title without markup, double blanks, a validity mark before it or a date glued to its end."""
    text = (text or "")[:_LONGEST]
    text = " ".join((_MARKUP.sub("", text) if "<" in text else text).split())
    text = _VALID.sub("", text)
    tail = _HEADER.search(text)
    if tail and tail.start() >= 4:
        text = text[: tail.start()].rstrip(" 【[（(")
    shorter = _DATE_TAIL.sub("", text)
    return shorter if len(shorter) >= 8 else text


def loose(text: str) -> str:
    """A title for comparison: no blanks, no punctuation."""
    return text if text.isalnum() else _PUNCTUATION.sub("", text)


def from_window(text: str | None) -> list[str]:
    """The candidates in a `<title>`: its parts between the separators that site names are joined with."""
    whole = clean(text)
    if not whole:
        return []
    parts = [part for part in _SPLIT.split(whole) if part]
    shorter = [part[: hyphen.start()] for part in parts for hyphen in _HYPHEN.finditer(part)]
    shorter += [part[: number.start()] for part in parts if (number := _DOC_NO.search(part))]
    return list(dict.fromkeys(part.strip() for part in [*parts, *reversed(shorter)] if len(part.strip()) >= 2))


def is_site_name(text: str, site: str | None = None) -> bool:
    """Whether a heading names the site and no document."""
    tight = loose(text)
    if not tight or (site and tight in {loose(site), "欢迎访问" + loose(site)}):
        return True
    return bool(_LONG_SITE.search(tight) or (len(tight) <= 16 and _SITE.search(tight)))


@dataclass(frozen=True)
class Evidence:
    """What else names a page: meta ArticleTitle, `<title>`, meta SiteName and the list row's title."""

    meta: str | None = None
    window: str | None = None
    site: str | None = None
    hint: str | None = None

    @cached_property
    def parts(self) -> list[str]:
        """What `<title>` may call the page."""
        return from_window(self.window)

    @cached_property
    def names(self) -> list[str]:
        """Titles that the page bears apart from its headings."""
        return [text for text in (clean(self.meta), clean(self.hint), *self.parts) if text]

    def is_site(self, text: str) -> bool:
        """Whether a heading names the site, or the body whose site it is."""
        return is_site_name(text, self.site) or text == self._owner

    @cached_property
    def _owner(self) -> str | None:
        """A `<title>` that names the body whose site this is and nothing else."""
        parts = self.parts
        alone = parts[0] if len(parts) == 1 and parts[0] != clean(self.meta) else ""
        return alone if len(alone) <= _OWNER and _BODY.search(alone) else None

    @cached_property
    def known(self) -> frozenset[str]:
        """The same for comparison, names of the site left out."""
        names = (loose(text) for text in self.names if not self.is_site(text))
        return frozenset(name for name in names if len(name) > 1)


def confirmed(headings: Iterable[str], evidence: Evidence) -> str | None:
    """The first displayed heading that meta, the list row or `<title>` confirm."""
    headings = list(headings)
    named = loose(clean(evidence.meta))
    if named and not is_site_name(named, evidence.site):  # spares taking `<title>` apart on most pages
        title = next((text for text in headings if loose(text) == named and not _CUT.search(text)), None)
        if title:
            return clean(title)
    title = next((text for text in headings if loose(text) in evidence.known), None)
    title = clean(title) or next((text for text in map(clean, headings) if loose(text) in evidence.known), None)
    return _repaired(title, evidence.names) if title else None


def evident(evidence: Evidence) -> str | None:
    """The name in meta, when `<title>` has it as well and nothing longer beside it: it is no column's, and whole."""
    name = clean(evidence.meta)
    if not name or name not in (evidence.window or "") or _CUT.search(name) or is_site_name(name, evidence.site):
        return None
    beside = (part for part in evidence.parts if name not in part and not is_site_name(part, evidence.site))
    return name if name in evidence.parts and all(len(part) < len(name) for part in beside) else None


def is_near(headings: Iterable[str], evidence: Evidence) -> bool:
    """Whether a heading is most of a known title, or a known title and a few words."""
    return any(_within(loose(clean(text)), evidence.known) for text in headings)


def choose(headings: Iterable[str], evidence: Evidence) -> str:
    """The title: a confirmed heading, else one that is nearly so, else meta, else the first heading, else `<title>`.

    A title that the page cuts with an ellipsis is repaired from what begins like it.
    """
    shown = [text for text in map(clean, headings) if text and not is_chrome(text) and not is_crumbs(text)]
    title = confirmed(shown, evidence)
    title = title or next((text for text in shown if _within(loose(text), evidence.known)), None)
    named = clean(evidence.meta)
    title = title or (named if named and not is_site_name(named, evidence.site) else None)
    others = [*shown, *evidence.names]
    title = title or next((text for text in others if not evidence.is_site(text)), None)
    return _repaired(title or next(iter(others), ""), evidence.names)


def _within(text: str, known: frozenset[str]) -> bool:
    """Most of a known title, or all of it with a few words more."""
    return any(
        (text in other and 2 * len(text) > len(other))
        or (len(other) >= 6 and other in text and len(text) < 2 * len(other))
        for other in known
    )


def _repaired(title: str, others: list[str]) -> str:
    stem = _CUT.sub("", title)
    if stem == title:
        return title
    return next(
        (other for other in others if len(other) > len(stem) and other.startswith(stem) and not _CUT.search(other)),
        title,
    )
