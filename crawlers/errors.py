"""What can go wrong with a page, one class for each reaction.

    PageError(url, reason)
    ├─ Transient        timeout, reset, 429, 5xx, cut body: retried later (`retry_after` seconds if the host said so)
    ├─ Gone             404, 410, soft 404: recorded; the publication is gone once it was seen so over time
    ├─ Blocked          401, 403, 412, WAF challenge, robots.txt: recorded, backed off, never bypassed
    ├─ NotAReport       a home page, a list, an error page, an empty shell: skipped, with the reason by name
    └─ Unexpected       the page is not as its family promises: quarantined with its raw bytes, replayable

Expected ends are values (`worker.outcomes`); everything that is not a PageError is a bug and is not caught.
"""

from __future__ import annotations


class PageError(Exception):
    """A page that ends in something other than a report; `reason` is one word from the contract.

    `status` is the HTTP status where the host gave one.
    """

    status: int | None = None

    def __init__(self, reason: str, detail: str = "", *, url: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.url = url


class Transient(PageError):
    """The network or the host failed for now. `retry_after` is in seconds, None when the host did not say."""

    def __init__(
        self, reason: str, detail: str = "", *, url: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(reason, detail, url=url)
        self.retry_after = retry_after


class Gone(PageError):
    """The host says that there is no such page (404, 410, or a page that says so with status 200)."""


class Blocked(PageError):
    """The host declines programs (challenge, WAF, login, robots.txt)."""


class NotAReport(PageError):
    """A page that was read and understood, and is no report: home, list, navigation, redirect, shell, empty …"""


class Unexpected(PageError):
    """A page that its family's functions could not read; a person or a new version has to look at it."""
