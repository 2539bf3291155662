"""Whose list a page is when no portal says so: told from its address and the marks that calls leave."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawlers.lists import counted, gkmlpt, jcms, jpaas, records, ucap
from crawlers.lists.answers import table
from crawlers.models import Follow, Listing
from crawlers.page import Page


def listing(page: Page) -> Listing | Follow:
    """The rows of any list page, by the family that it bears the marks of, else from its structure alone."""
    text = page.text
    if text.lstrip()[:1] in {"{", "["}:
        return _answer(page)
    path = urlsplit(page.url).path if page.url else ""
    if "dataproxy.jsp" in path or "<datastore" in text:
        return jcms.listing(page)
    if "/gkmlpt/" in path and "_CONFIG" in text:
        return gkmlpt.listing(page)
    if "build/unit" in text:
        return jpaas.listing(page)
    if "/common/search/" in text or "channelid" in text.lower():
        return ucap.listing(page)
    return counted.listing(page)


def _answer(page: Page) -> Listing | Follow:
    answer = table(page.json)
    if "articles" in answer:
        return gkmlpt.listing(page)
    if "html" in table(answer.get("data")):
        return jpaas.listing(page)
    if "results" in answer | table(answer.get("data")):
        return ucap.listing(page)
    return records.listing(page)
