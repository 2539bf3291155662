"""The pages that are no reports: gone, gone in disguise, a challenge, a forwarding stub; and the files behind links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from config.portal import Portal
from worker.replica.answer import Answer, html, missing
from worker.replica.dice import hex_name
from worker.replica.plan import Quirk

_SOFT = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{site}</title></head><body>
<div class="header"><a href="/">首页</a></div>
<div class="error"><h2>404</h2><p>您访问的页面不存在或已被删除！</p><p><a href="/">返回首页</a></p></div>
<div class="footer"><p>版权所有：{site}</p></div></body></html>"""
_CHALLENGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><meta id="{nonce}" content="{key}" r="m">
<script type="text/javascript">$_ts=window['$_ts'];if(!$_ts)$_ts={{}};$_ts.nsd={number};$_ts.cd="{key}";
if($_ts.lcd)$_ts.lcd();</script><script type="text/javascript" charset="iso-8859-1" src="/{nonce}/d.{key}.js" r="m">
</script></head><body></body></html>"""
_FORWARD = """<html><head><meta charset="utf-8"><title></title>
<script type="text/javascript">window.location.href="/";</script></head><body></body></html>"""
_FILES: Mapping[str, tuple[str, bytes]] = {
    ".pdf": ("application/pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x05\x06" + bytes(18)),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff\xd9"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
}


def oddity(portal: Portal, quirk: Quirk) -> Answer | None:
    """The page that stands where a report should be; None for a quirk that is a report all the same."""
    make = _PAGES.get(quirk)
    return make(portal) if make else None


def file(path: str) -> Answer | None:
    """A picture or attachment, tiny but of its type; None for an address that names neither."""
    found = _FILES.get(PurePosixPath(path).suffix)
    return Answer(found[1], found[0]) if found else None


def _soft(portal: Portal) -> Answer:
    return html(_SOFT.format(site=portal.title))


def _challenge(portal: Portal) -> Answer:
    nonce, key = hex_name(portal.name, "nonce")[:12], hex_name(portal.name, "key")
    return html(_CHALLENGE.format(nonce=nonce, key=key, number=int(nonce[:4], 16)), status=412)


_PAGES: Mapping[Quirk, Callable[[Portal], Answer]] = {
    Quirk.MISSING: lambda portal: missing(),
    Quirk.SOFT_MISSING: _soft,
    Quirk.CHALLENGE: _challenge,
    Quirk.REDIRECT: lambda portal: html(_FORWARD),
}
