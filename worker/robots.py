"""What a host's robots.txt permits, as RFC 9309 reads it: pure functions over a value that can be stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from protego import Protego
from pydantic import AwareDatetime

from crawlers.errors import PageError
from crawlers.models import RawPage, Value

LONGEST_DELAY = 30.0
LARGEST = 500 * 1024
FRESH = timedelta(hours=24)
FRESH_WHILE_UNREACHABLE = timedelta(minutes=10)

_BOM = b"\xef\xbb\xbf"


class Robots(Value):
    """A host's robots.txt as it was at `fetched_at`; `status` is 0 when the host did not answer."""

    text: str
    status: int
    fetched_at: AwareDatetime

    @property
    def unreachable(self) -> bool:
        """Whether the host could not say, so that nothing is permitted; 429 says later and not yes."""
        return self.status == 0 or self.status == 429 or self.status >= 500


def address(url: str) -> str:
    """Where the robots.txt that rules a page is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def parse(answer: RawPage | PageError, now: datetime) -> Robots:
    """The value of what a fetch of robots.txt ended in, error or page.

    The text is cut at 500 KiB, at the end of a line, so that no rule is cut short into a wider one. Redirects that
    lead off the portal count as no robots.txt at all.
    """
    if isinstance(answer, PageError):
        status = 404 if answer.reason == "redirect" else answer.status or 0
        return Robots(text="", status=status, fetched_at=now)
    # Protego drops a whole file whose first line begins with a BOM
    body = answer.body.removeprefix(_BOM)
    if len(body) > LARGEST:
        body = body[: body.rfind(b"\n", 0, LARGEST) + 1]
    return Robots(text=body.decode("utf-8", errors="replace"), status=answer.status, fetched_at=now)


def allowed(robots: Robots, url: str, agent: str) -> bool:
    """Whether the program that calls itself `agent` (a product, or a whole User-Agent) may fetch the address."""
    if robots.unreachable:
        return urlsplit(url).path == "/robots.txt"
    return bool(_rules(robots.text).can_fetch(url, _product(agent)))


def crawl_delay(robots: Robots, agent: str) -> float | None:
    """Crawl-delay in seconds, at most 30; None when the host does not ask for one."""
    delay = _rules(robots.text).crawl_delay(_product(agent))
    return None if delay is None else min(float(delay), LONGEST_DELAY)


def fresh(robots: Robots, now: datetime) -> bool:
    """Whether the copy may still be used: 24 hours, ten minutes for a host that could not say."""
    age = now - robots.fetched_at
    return age < (FRESH_WHILE_UNREACHABLE if robots.unreachable else FRESH)


def _product(agent: str) -> str:
    """The product token; in the comment behind it any rule's name may stand by chance."""
    return agent.partition("/")[0].strip()


@lru_cache(maxsize=256)
def _rules(text: str) -> Protego:
    return Protego.parse(text)
