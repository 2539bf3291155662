"""A portal's newest reports as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from config.portal import Portal

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SUMMARY = 300
_NEVER = "1970-01-01T00:00:00Z"


def feed(portal: Portal, reports: Sequence[dict[str, Any]]) -> bytes:
    """The feed as XML; `reports` are documents as they are stored, newest first."""
    root = ElementTree.Element("feed", {"xmlns": _NAMESPACE, "xml:lang": "zh-CN"})
    _add(root, "id", _urn(f"portal {portal.name}"))
    _add(root, "title", portal.title)
    _add(root, "updated", max((_instant(report["first_seen_at"]) for report in reports), default=_NEVER))
    ElementTree.SubElement(root, "link", {"rel": "self", "href": f"/v1/feeds/{portal.name}.atom", "type": MEDIA_TYPE})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": portal.url})
    _add(ElementTree.SubElement(root, "author"), "name", portal.title)
    for report in reports:
        _entry(root, report)
    xml: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _entry(root: ElementTree.Element, report: dict[str, Any]) -> None:
    entry = ElementTree.SubElement(root, "entry")
    _add(entry, "id", _urn(f"report {report['id']}"))
    _add(entry, "title", report["title"])
    _add(entry, "updated", _instant(report["first_seen_at"]))
    if report["published_at"]:
        _add(entry, "published", _instant(report["published_at"]))
    if report["url"]:
        ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": _clean(report["url"])})
    if report["source"]:
        _add(ElementTree.SubElement(entry, "author"), "name", report["source"])
    _add(entry, "summary", report["body"][:_SUMMARY])


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Text without the characters that XML 1.0 cannot carry."""
    return _NO_XML.sub(" ", text)


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'gongbao:{name}')}"


def _instant(time: str) -> str:
    """An RFC 3339 instant; a bare date is its beginning in China, and seconds are never left out."""
    if len(time) == len("2025-03-01"):
        return f"{time}T00:00:00+08:00"
    return re.sub(r"T(\d\d:\d\d)(?=[+Z-])", r"T\1:00", time)
