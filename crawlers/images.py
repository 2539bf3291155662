"""Pictures of a report with their captions; icons, buttons and inlined data are none."""

from __future__ import annotations

import re
from collections.abc import Callable

from crawlers.attachments import ATTRIBUTE
from crawlers.markup import inline, unescape
from crawlers.models import Image

_ICON = re.compile(
    r"icon|/fileType|filetype|sysimage|logo|button|spacer|blank\.|ewebeditor/|ueditor/.*attachment|/dialogs/|qrcode",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"^[\w%@.+\-]+\.(?:jpe?g|png|gif|bmp|webp|tiff?)$", re.IGNORECASE)
_CAPTION_HINT = re.compile(r"[摄图▲△↑]")
_BELOW = 1000  # characters of markup under a picture in which its caption stands
_CAPTION = re.compile(r"摄[）)]?$|^图\s*\d|(?:供图|资料图|制图|图片来源).{0,12}$|^▲|^△|^↑|^[（(](?:左|右|上|下|中)?图")


def images(html: str, link: Callable[[str], str]) -> tuple[Image, ...]:
    """The pictures of a body with their captions; icons and inlined data are none."""
    found: dict[str, Image] = {}
    for part in html.split("<img ")[1:]:
        tag, _, after = part.partition(">")
        attributes = dict(ATTRIBUTE.findall(tag))
        src = unescape(
            attributes.get("src") or attributes.get("data-src") or attributes.get("data-original") or ""
        ).strip()
        if not src or src.startswith("data:") or _ICON.search(src) or _is_tiny(attributes):
            continue
        caption = _caption(after[:_BELOW]) or _alternative(attributes)
        found.setdefault(src, Image(url=link(src), caption=caption))
    return tuple(found.values())


def _is_tiny(attributes: dict[str, str]) -> bool:
    sizes = [attributes.get("width", ""), attributes.get("height", "")]
    return any(re.fullmatch(r"\d{1,2}(?:px)?", size) and int(size.removesuffix("px")) <= 32 for size in sizes)


def _caption(after: str) -> str | None:
    """The short line after a picture when it reads like a caption."""
    if not _CAPTION_HINT.search(after):
        return None
    lines = [line for line in (inline(part) for part in re.split(r"</p>|<br>|</div>|</figcaption>", after)[:3]) if line]
    text = next(iter(lines), "")
    return text if len(text) <= 80 and _CAPTION.search(text) else None


def _alternative(attributes: dict[str, str]) -> str | None:
    """The picture's own words, unless they are a file name."""
    text = unescape(attributes.get("alt") or attributes.get("title") or "").strip()
    return (
        text
        if len(text) > 1
        and not _FILE_NAME.match(text)
        and not re.fullmatch(r"[\d\W]+|图片\s*\d*|undefined|image", text)
        else None
    )
