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
_VAR = re.compile(r"""(?:var\s+)?\b(\w+)\s*=\s*(["'])(.*?)\2\s*;""")
_TERM = re.compile(r"""(["'])(.*?)\1|([A-Za-z_]\w*)""")
_CODE = re.compile(r"if\s*\([^)]*\)\s*\{?|\belse\b\s*\{?|[{}]|\bvar\b|//[^\n]*")
_MARKUP = re.compile(r"<[^>]*>")


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


def _evaluate(expression: str, values: Mapping[str, str]) -> str:
    """A concatenation of literals and known variables, markup dropped."""
    terms = [match[2] if match[1] else values.get(match[3], "") for match in _TERM.finditer(expression)]
    return _MARKUP.sub(" ", "".join(terms)).replace("&emsp;", " ").replace("&nbsp;", " ")
