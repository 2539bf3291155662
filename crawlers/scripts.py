"""What inline scripts display: a date or a source that `document.write` puts on the page counts as shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawlers import dates
from crawlers.dates import Moment

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
_VAR = re.compile(r"""(?:var\s+)?\b(\w++)\s*+=\s*+(["'])([^\n]{0,200}?)\2\s*(?:;|(?=[,\n]))""")
_CHOICE = re.compile(
    r"""if\s*\(\s*(?:(["'])(.{0,100}?)\1|(\w+))\s*(?:([!=])={1,2}\s*(["'])(.{0,100}?)\5)?\s*\)\s*\{([^{}]*)\}"""
    r"(?:\s*else\s*((?:if\s*\([^{}]*\)\s*\{[^{}]*\}\s*else\s*)*)\{([^{}]*)\})?"
)
_SCRIPT, _END = re.compile(r"<script(?=[\s>])[^>]*+>"), "</script>"
_COMMENT = re.compile(r"(?<!:)//[^\n]*")
_LOADS = re.compile(r"<(?:script|img|iframe|link|a|li)\b", re.IGNORECASE)
_LONGEST_CODE, _LONGEST_TEXT = 4000, 120  # characters: of a script that displays a field, and of what it writes
_METHOD = re.compile(r"(?<=\w)\.(?:substring|substr|slice|trim|toString|split|replace)\([^()]*\)(?:\[\d\])?")
_TERM = re.compile(r"""(["'])(.*?)\1|([A-Za-z_]\w*)""")
_CODE = re.compile(r"if\s*\([^)]*\)\s*\{?|\belse\b\s*\{?|[{}]|\bvar\b|//[^\n]*")
_MARKUP = re.compile(r"<[^>]*>")


def run_writes(text: str) -> str:
    """Replace the scripts of a header by what they write: `document.write('来源：' + name)` displays a name."""
    if "document.write" not in text:
        return text
    text = _METHOD.sub("", text)
    values = _values(text)
    text = _WRITE.sub(lambda match: _evaluate(match[1], values), _decided(text, values))
    return _CODE.sub(" ", _VAR.sub(" ", text))


def with_writes(html: str) -> str:
    """Serialised HTML in which each script that writes some words by `document.write` is replaced by these words."""
    if "document.write" not in html:
        return html
    end = html.find(_END, html.rfind("document.write"))
    end = end if end >= 0 else html.rfind(_END)
    if end < 0:
        return html
    values: dict[str, str] = {}
    pieces = html[:end].split(_END)  # what follows the last script that writes is of no use
    return "".join([*(_with_words(piece, values) for piece in pieces), html[end + len(_END) :]])


def _with_words(piece: str, values: dict[str, str]) -> str:
    """Markup up to the end of a script, which is replaced by what it writes, if anything."""
    at = piece.find("<script")
    script = _SCRIPT.search(piece, at) if at >= 0 else None
    words = _written(piece[script.end() :], values) if script else ""
    return piece[: script.start()] + words if script and words else piece + _END


def written_by_script(html: str) -> Moment | None:
    """A publication date that the page only has as a script variable."""
    if not any(name in html for name in _SCRIPT_NAMES):
        return None
    match = _NAMED_BY_SCRIPT.search(html)
    return dates.first(match[1]) if match else None


def _written(code: str, values: dict[str, str]) -> str:
    """What a script writes, as text; nothing when it builds menus, calls functions or uses values nobody gave it.

    Its variables are added to `values`, which later scripts use.
    """
    if len(code) > _LONGEST_CODE:
        return ""
    code = _METHOD.sub("", _COMMENT.sub("", code))
    values.update(_values(code))
    if "document.write" not in code:
        return ""
    code = _decided(code, values)
    calls = [match[1] for match in _WRITE.finditer(code)][: 1 if "else" in code else None]
    names = {term[3] for call in calls for term in _TERM.finditer(call) if term[3]}
    if _LOADS.search("".join(calls)) or not names <= values.keys():
        return ""
    text = "".join(_evaluate(call, values) for call in calls)
    return text.replace("<", "&lt;") if len(text) <= _LONGEST_TEXT else ""


def _values(code: str) -> dict[str, str]:
    """The variables that hold a literal."""
    return {match[1]: match[3] for match in _VAR.finditer(code)}


def _decided(code: str, values: Mapping[str, str]) -> str:
    """Code in which `if (name != '') {…} else {…}` is replaced by the branch that runs; other conditions stay."""

    def branch(match: re.Match[str]) -> str:
        if match[3] and match[3] not in values:
            return match[0]
        holds = (values[match[3]] if match[3] else match[2]) == (match[6] or "")
        if holds is (match[4] == "="):
            return match[7]
        return f"{match[8]}{{{match[9]}}}" if match[8] else match[9] or ""

    return _CHOICE.sub(branch, code)


def _evaluate(expression: str, values: Mapping[str, str]) -> str:
    """A concatenation of literals and known variables, markup dropped."""
    terms = [match[2] if match[1] else values.get(match[3], "") for match in _TERM.finditer(expression)]
    return _MARKUP.sub(" ", "".join(terms)).replace("&emsp;", " ").replace("&nbsp;", " ")
