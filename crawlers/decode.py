"""Bytes to text: the bytes decide, labels are only asked when the bytes are not UTF-8.

Order: a byte order mark; UTF-8, strict or with a rare flaw; then the HTTP header's label, the page's own meta label,
the portal's default and a detector, each through the WHATWG label table, which reads gb2312 and gbk as gb18030
(https://encoding.spec.whatwg.org/#names-and-labels). The first without a replacement character wins, else the one
with the fewest.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from resiliparse.parse.encoding import detect_encoding
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, resolve_encoding

REPLACEMENT = "\ufffd"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # in which NUL is half a character
_HIGH = re.compile(rb"[\x80-\xff]")
_SAMPLE = 8192  # bytes from the first that is not ASCII
_PER_LOST = 20  # Chinese characters for each that is lost: a page of another encoding has no such share of UTF-8
_ALLOWED = re.compile(
    r"^(utf-?8|utf-16(-[lb]e)?|gb18030|big5(hkscs)?|shift_jis|euc[-_](jp|kr)|cp125[0-8]|cp949|cp932)$"
)


class Decoded(NamedTuple):
    """Text, the codec that gave it, and how many characters could not be read.

    `utf8` is the same text in UTF-8 where it came so, which spares encoding it for the parser.
    """

    text: str
    codec: str
    replaced: int
    utf8: bytes | None = None


def decode(body: bytes, content_type: str | None = None, default: str | None = None) -> Decoded:
    """Decode a page. Never raises: what cannot be read becomes U+FFFD and is counted, and NUL is left out.

    No HTML page can mean a NUL, and neither PostgreSQL nor XML can hold one.
    """
    if b"\0" in body and not body.startswith(_WIDE):
        body = body.replace(b"\0", b"")
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _try(body[len(mark) :], codec)
    try:
        return Decoded(body.decode("utf-8"), "utf-8", 0, utf8=body)
    except UnicodeDecodeError:
        best = _try(body, "utf-8")
    if best.replaced * _PER_LOST <= (len(body) - len(best.text)) // 2:  # about how many characters are Chinese
        return best
    tried = {"utf-8", "cp1252"}  # the second is what stands for "nobody set this"
    for label in _labels(body, content_type, default):
        name = resolve_encoding(label) if label else None
        if name is None or name in tried or not _ALLOWED.match(name):
            continue
        tried.add(name)
        found = _try(body, name)
        if not found.replaced:
            return found
        best = found if found.replaced < best.replaced else best
    return best


def _labels(body: bytes, content_type: str | None, default: str | None) -> Iterator[str | None]:
    """Names of encodings to try, most trusted first; the detector, which is slow, sees a sample and last of all."""
    yield http_content_type_encoding(content_type) if content_type else None
    yield html_body_declared_encoding(body)
    yield default
    first = _HIGH.search(body)
    start = first.start() if first else 0
    yield detect_encoding(body[start : start + _SAMPLE], html5_compatible=True)
    yield "gb18030"


def _try(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, errors="replace")
    return Decoded(text, codec, text.count(REPLACEMENT))
