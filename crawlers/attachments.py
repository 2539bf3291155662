"""Files of a report: found by extension, download servlet, class or attribute, named by their links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from crawlers.markup import LINK, inline, unescape
from crawlers.models import Attachment

_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "wps": "application/vnd.ms-works",
    "et": "application/vnd.ms-excel",
    "ofd": "application/ofd",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "csv": "text/csv",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "ceb": "application/x-ceb",
}
_EXTENSION = re.compile(rf"\.({'|'.join(sorted(_TYPES, key=len, reverse=True))})(?![a-z0-9])", re.IGNORECASE)
_SERVLET = re.compile(
    r"downfile\.jsp|download\.jsp|/download(?:attach|file|servlet)?(?:[/?.]|$)|DownloadAttach|attachment\.do|fileDown|FileDownload|"
    r"down(?:load)?\.(?:do|action|ashx|aspx|php)|/attach(?:ment)?/|showAttach|wbfileid=|attachmentDownload|e/DownSys|/commonDownload",
    re.IGNORECASE,
)
_CLASS = re.compile(
    r"nfw-cms-attachment|\b(?:fj|attach(?:ment)?|fujian|file-?(?:link|down|name)|edui-?attachment)\b", re.IGNORECASE
)
_HINTS = ("down", "Down", "attach", "Attach", "fj", "file", "File", "oldsrc")
_PIECE = 8000  # characters: as much markup as often has no file at all, and is searched sooner than its links
_ENDING = re.compile(r"\.[A-Za-z]{2,4}[\"?'&<#)\s]")
ATTRIBUTE = re.compile(r'(?<![\w:-])([\w:-]++)="([^"]*)"')
_SIZE = re.compile(r"\s*[（(\[]\s*[\d.,]+\s*(?:[KMG]B?|字节|bytes?)\s*[)）\]]\s*$", re.IGNORECASE)
_SCRIPT_FILE = re.compile(
    r"""\bvar\s+\w{0,40}?(?:[pP]df|[fF]ile|[aA]ttach|fj|[dD]oc|[uU]rl|[pP]ath)\w{0,40}\s*=\s*"""
    r"""["']([^"'<>]{1,300}\.(?:pdf|docx?|xlsx?|ofd|wps|zip|rar|PDF|DOCX?)[^"']{0,100})["']"""
)
_NAMED = re.compile(r"\.(?:pdf|doc|xls|ofd|wps|zip|rar|PDF|DOC)")
_WRITTEN = re.compile(r"document\.write(?:ln)?\([^\n]{0,1000}")
_SCRIPT_LINK = re.compile(r"""href=\\?["']([^"'<>\\+]{1,300})\\?["'][^<>]{0,200}>([^<>]{1,200})<""")
_SCRIPT_LINKS = re.compile(  # var fj='<a href="….docx">…</a>';
    r"""\bvar\s+\w{0,20}(?:[fF][jJ]|[aA]ttach|[fF]ile)\w{0,20}\s*=\s*(["'])(<a\s[^\n]{1,2000}?)\1\s*[;\n]"""
)
_IN_BOX = re.compile(
    r"(?:文件下载|附件下载|相关附件|附\s*件)\s*+[:：]?\s*+</t[dh]>\s*<t[dh]\b[^>]*>((?:[^<]++|<(?!/t[dh]>)){1,200}+)"
)


def attachments(html: str, link: Callable[[str], str]) -> tuple[Attachment, ...]:
    """The files that a piece of serialised HTML links to, each address once."""
    found: dict[str, Attachment] = {}
    if "</a>" not in html or (len(html) < _PIECE and not _may_name_file(html)):
        return ()
    for match in LINK.finditer(html):
        if not _may_name_file(match[0]):
            continue
        attributes = dict(ATTRIBUTE.findall(match[1]))
        name = inline(match[2])
        href = _address(attributes)
        if not (href or attributes.get("class")) or not _is_file(href, name, attributes):
            continue
        attachment = _attachment(link(href) if href else "", name, attributes)
        key = attachment.url or attachment.name
        if key and (key not in found or (not found[key].name and attachment.name)):
            found[key] = attachment
    return tuple(found.values())


def _may_name_file(html: str) -> bool:
    """Whether a link, or a piece of markup, may lead to a file; spares most a closer look."""
    return _ENDING.search(html) is not None or any(hint in html for hint in _HINTS)


def in_scripts(html: str, link: Callable[[str], str]) -> tuple[Attachment, ...]:
    """Files that only a script names (`var pdf = 'P020…pdf'`) or links to (`document.write('<a href="….xlsx">…')`)."""
    if not _NAMED.search(html):
        return ()
    names = {unescape(match[1]): "" for match in _SCRIPT_FILE.finditer(html)}
    for written in _WRITTEN.finditer(html) if "document.write" in html else ():
        found = _SCRIPT_LINK.finditer(written[0])
        names |= {unescape(match[1]): inline(match[2]) for match in found if _extension(match[1])}
    return tuple(
        _attachment(link(name), text, {}) for name, text in names.items() if "+" not in name and "{" not in name
    )


def in_variables(code: str, link: Callable[[str], str]) -> tuple[Attachment, ...]:
    """Files whose links a script keeps in a variable, which it writes on the page elsewhere."""
    if "<a " not in code:
        return ()
    return merged(*(attachments(match[2].replace("\\", ""), link) for match in _SCRIPT_LINKS.finditer(code)))


def in_box(html: str, link: Callable[[str], str]) -> tuple[Attachment, ...]:
    """Files that a 索引号 table has beside the words for them."""
    return merged(*(attachments(match[1], link) for match in _IN_BOX.finditer(html)))


def merged(*groups: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """All attachments of several groups, the first of each address."""
    found: dict[str, Attachment] = {}
    for group in groups:
        for attachment in group:
            found.setdefault(attachment.url or attachment.name, attachment)
    return tuple(found.values())


def _address(attributes: dict[str, str]) -> str:
    """Where a link leads: its address, or the attribute in which editors and mirrors keep it."""
    href = unescape(attributes.get("href", "")).strip()
    if href and not href.lower().startswith(("javascript:", "#")):
        return href
    for name in ("oldsrc", "data-href", "data-url", "data-file", "fileurl", "filepath", "downurl"):
        if attributes.get(name):
            return unescape(attributes[name]).strip()
    written = re.search(r"""['"]([^'"]+\.[A-Za-z0-9]{2,5})['"]""", unescape(attributes.get("onclick", "") + href))
    return written[1] if written and _EXTENSION.search(written[1]) else ""


def _is_file(href: str, name: str, attributes: dict[str, str]) -> bool:
    if _CLASS.search(attributes.get("class", "")):
        return True
    if not href or href.lower().startswith("mailto:"):
        return False
    path = href.partition("#")[0]
    named = _EXTENSION.search(name) and name.lower().rstrip(" )）]】").endswith(tuple(_TYPES)) and len(name) < 150
    return bool(_extension(path) or _SERVLET.search(path) or (named and "." in path))


def _attachment(url: str, name: str, attributes: dict[str, str]) -> Attachment:
    title = unescape(attributes.get("title") or attributes.get("textvalue") or attributes.get("alt") or "").strip()
    text = _SIZE.sub("", name).strip(" 　【】") or title or _file_name(url)
    kind = _extension(url) or _extension(text) or _extension(title)
    return Attachment(url=url, name=text, media_type=_TYPES.get(kind) if kind else None)


def _extension(text: str) -> str | None:
    found = _EXTENSION.findall(text)
    return found[-1].lower() if found else None


def _file_name(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    named = [value for key, value in parse_qsl(parts.query) if key.lower() in {"filename", "name", "file"}]
    return unquote((named or [parts.path.rpartition("/")[2]]).pop())
