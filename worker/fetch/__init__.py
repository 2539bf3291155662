"""Every byte from the network passes here: the only package that knows httpx."""

from worker.fetch.client import Fetcher, Turn
from worker.fetch.values import FetchPolicy, NotModified, Validators

__all__ = ["FetchPolicy", "Fetcher", "NotModified", "Turn", "Validators"]
