"""Where in a page's text the words about its report stand: above the title, from there to the body, in a 索引号 box."""

from __future__ import annotations

import re

WINDOW = 1500  # characters of text: how far a header line or a box reaches
_BOX_OPENERS = (
    "索引号 索取号 信息索引 主题分类 发文字号 文件编号 发布机构 制发机构 发文机关 发文机构 生成日期 成文日期 信息名称"
)
_BOX = re.compile("|".join(r"\s*".join(label) for label in _BOX_OPENERS.split()))
_LINES = 40  # of a header whose title is nowhere: those above are the menu's
_PART = 10  # characters of a title's end or beginning


def around(head: str, title: str) -> tuple[str, str, str]:
    """What is above the title, from there to the body (the header line is in it), and the 索引号 box, wherever it is.

    Some pages have their table of facts above the title; the menu above it says nothing of dates.
    """
    end = _title_at(head, title)
    header = head[end:] if end >= 0 else _last_lines(head[-WINDOW:])
    box = box_of(header) or box_of(head[max(0, end - 2 * WINDOW) : end] if end > 0 else "")
    start = max(0, end - len(title))
    return head[max(0, start - WINDOW) : start], header[-2 * WINDOW :], box


def box_of(text: str) -> str:
    """The text of a 索引号 box: from its first label on."""
    match = _BOX.search(text)
    return _BOX.sub(_tight, text[match.start() : match.start() + WINDOW]) if match else ""


def _last_lines(text: str) -> str:
    return "\n".join([line for line in text.split("\n") if line.strip()][-_LINES:])


def _title_at(head: str, title: str) -> int:
    """Where the title ends in the text above the body; -1 when it is not there.

    A line of its own tells more than a summary that begins with the same words.
    """
    if not title:
        return -1
    line = f"\n{title}"
    at = len(head) - len(title) if head.endswith(line) else head.rfind(f"{line}\n") + 1
    at = head.rfind(title) if at < 1 and not head.startswith(f"{title}\n") else at
    if at >= 0:
        return at + len(title)
    ends = (title[-_PART:], title[:_PART]) if len(title) > _PART else ()  # of a title in several lines, or a cut one
    return next((at + _PART for end in ends if (at := head.rfind(end)) >= 0), -1)


def _tight(label: re.Match[str]) -> str:
    """A label without the blanks and ends of lines that markup puts into it (索<i></i>引<i></i>号)."""
    return "".join(label[0].split())
