"""大汉 JCMS (jpage): the platform of Zhejiang, Jiangsu, Shandong, Dalian and many counties."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from config.portal import Column, Portal
from crawlers.address import path_key
from crawlers.lists import jcms
from crawlers.models import Follow, Listing, Request
from crawlers.page import Page

_ARTICLE = re.compile(r"/art_(?:\d+_)?([0-9a-f]+)\.s?html?$", re.IGNORECASE)


def start(portal: Portal, column: Column) -> Request:
    """A walk begins at the column page, which carries the first records."""
    return Request(url=column.url)


def listing(page: Page) -> Listing | Follow:
    """The rows of a list, or the call that has to be made for them."""
    return jcms.listing(page)


def page_key(url: str) -> str:
    """The article id: `art_3945_2412458` and `art_77_2412458` are one article in two columns."""
    match = _ARTICLE.search(urlsplit(url).path)
    return f"art_{match[1].lower()}" if match else path_key(url)
