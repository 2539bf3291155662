"""What is refused before it is parsed: pages too large, and pages on which a parser's time or memory explodes.

Lexbor's time is quadratic in nesting, in the attributes of one tag and in the options of a page, and an element costs a
kilobyte. Depth is measured on the text: first a bound from counting `<` and `</` in chunks, which settles nearly every
page, then tag by tag. Attributes are looked at where a page has more `=` than any honest one, or where nothing begins
for long. The largest of the captured pages has 12,000 tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawlers.errors import NotAReport

if TYPE_CHECKING:
    from crawlers.page import Page

MAX_BYTES = 24 * 1024 * 1024
MAX_DEPTH = 512
MAX_TAGS = 80_000  # closing ones and comments included
MAX_OPTIONS = 10_000
MAX_ATTRIBUTES = 5_000  # of one tag
MAX_TEXT = 1_500_000  # characters outside of tags and scripts: a book, and a hundred bytes each on their way
_MANY_EQUALS = 20_000
_HARMLESS = 3 * _MANY_EQUALS  # bytes: in fewer there is no room for too much of anything
_MANY_TAGS = len("<option>") * MAX_OPTIONS  # bytes: in fewer there is no room for so many
_LONG_TAG = 64 * 1024
_CHUNK = 8192  # characters
_BRIEFLY = 4 * _CHUNK
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_BEFORE_GAP = re.compile(rf"<[a-zA-Z](?=[^<]{{{_LONG_TAG}}})")
_WHOLE_TAG = re.compile(r"""<[^>"']*+(?:"[^"]*+"[^>"']*+|'[^']*+'[^>"']*+)*+>""")
_QUOTED = re.compile(r"""(?<==)\s*+(?:"[^"]*+"|'[^']*+')""")
_ANY_TAG = re.compile("<[^>]*+>")
_OPTION = re.compile(r"<option\b", re.IGNORECASE)
_SCRIPT, _SCRIPT_END = re.compile("<script", re.IGNORECASE), re.compile("</script", re.IGNORECASE)
_CLOSED_BY_NEXT = re.compile(
    r"(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|dt|dd|td|th|tr|tbody|thead|tfoot|"
    r"option|optgroup|colgroup|html|head|body)$",
    re.IGNORECASE,
)


def check(page: Page) -> None:
    """Raise NotAReport `too_large` or `too_deep`. A page is measured once; its parsed document asks for this too."""
    size = len(page.raw.body)
    if size > MAX_BYTES:
        raise NotAReport("too_large", f"{size} bytes", url=page.url)
    if page.is_too_deep:
        raise _too_deep(page.url)
    if page.too_much:
        raise NotAReport("too_large", page.too_much, url=page.url)


def check_part(html: str) -> None:
    """The same for markup that came inside of something else, where escapes may have hidden it."""
    why = too_much(html.encode("utf-8", "replace"), html)
    if is_deep(html, briefly=why is not None):
        raise _too_deep(None)
    if why:
        raise NotAReport("too_large", why)


def too_much(body: bytes, text: str) -> str | None:
    """What a page has too much of, if anything."""
    if len(body) < _HARMLESS:
        return None
    tags = body.count(b"<") if len(body) > _MANY_TAGS else 0
    if tags > MAX_TAGS:
        return f"more than {MAX_TAGS} tags"
    if tags > MAX_OPTIONS and sum(1 for _ in _OPTION.finditer(text)) > MAX_OPTIONS:
        return f"more than {MAX_OPTIONS} options"
    if len(text) > MAX_TEXT and _shown(text) > MAX_TEXT:
        return f"more than {MAX_TEXT} characters of text"
    opening = _TAG if text.count("=") > _MANY_EQUALS else _BEFORE_GAP if _has_gap(text) else None
    if opening and any(_attributes(tag) > MAX_ATTRIBUTES for tag in _tags(text, opening)):
        return f"more than {MAX_ATTRIBUTES} attributes in one tag"
    return None


def _has_gap(text: str) -> bool:
    """Whether nothing may begin for as long as _LONG_TAG; such a gap holds a whole stretch of half its length."""
    half = _LONG_TAG // 2
    return any(text.find("<", start, start + half) < 0 for start in range(0, len(text) - half + 1, half))


def _shown(text: str) -> int:
    """How many characters stand outside of tags and scripts."""
    return sum(_outside_tags(text[start:end]) for start, end in _outside_scripts(text))


def _outside_tags(text: str) -> int:
    """Characters outside of tags; behind the last `>` there is none, and each `<` would be tried to the end."""
    last = text.rfind(">") + 1
    return len(_ANY_TAG.sub("", text[:last])) + len(text) - last


def _tags(text: str, opening: re.Pattern[str]) -> Iterator[str]:
    """Tags that are long enough to have too many attributes; one that is never closed has all that follows."""
    at = 0
    while start := opening.search(text, at):
        tag = _WHOLE_TAG.match(text, start.start())
        at = tag.end() if tag else len(text)
        if at - start.start() > MAX_ATTRIBUTES:
            yield text[start.start() : at]


def _attributes(tag: str) -> int:
    """How many attributes a tag has, or a few more."""
    return len(_QUOTED.sub(" ", tag).replace("/", " ").split())


def _too_deep(url: str | None) -> NotAReport:
    return NotAReport("too_deep", f"more than {MAX_DEPTH} elements inside each other", url=url)


def is_deep(html: str, briefly: bool = False) -> bool:
    """Whether a page is nested deeper than MAX_DEPTH; counting settles it for most pages.

    A page that has too much of something is refused in any case. Whether it is deep as well is only looked at briefly,
    where it may first become so.
    """
    doubtful = _doubtful_from(html)
    if doubtful is None:
        return False
    return is_too_deep(html[doubtful : doubtful + _BRIEFLY] if briefly else html)


def is_too_deep(html: str) -> bool:
    """Whether elements that need a closing tag are nested deeper than MAX_DEPTH, as written."""
    now = 0
    for stretch in _outside_scripts(html):
        for match in _TAG.finditer(html, *stretch):
            if _CLOSED_BY_NEXT.match(match[2]):
                continue
            now = max(0, now - 1) if match[1] else now + 1
            if now > MAX_DEPTH:
                return True
    return False


def _doubtful_from(html: str) -> int | None:
    """The stretch in which counts alone first leave a depth over MAX_DEPTH possible; None where they leave none.

    They do where many tags need no closing. It ends where all that is left could not open enough: counting `</`, the
    costlier of the two, is spared there.
    """
    tags = [html.count("<", start, start + _CHUNK) for start in range(0, len(html), _CHUNK)]
    opened, left = 0, sum(tags)
    for index, here in enumerate(tags):
        if opened + left <= MAX_DEPTH:
            return None
        start = index * _CHUNK
        closing = html.count("</", start, start + _CHUNK + 1)
        if opened + here - closing > MAX_DEPTH:
            return start
        opened = max(0, opened + here - 2 * closing)
        left -= here
    return None


def _outside_scripts(html: str) -> Iterator[tuple[int, int]]:
    """Stretches of a page without its scripts, which compare with `<` as well; one never closed ends the page."""
    done = 0
    for opening in _SCRIPT.finditer(html):
        if opening.start() < done:
            continue
        yield done, opening.start()
        closing = _SCRIPT_END.search(html, opening.end())
        if not closing:
            return
        done = closing.start()
    yield done, len(html)
