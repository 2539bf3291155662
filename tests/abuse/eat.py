"""Fetches every hostile answer of a server in one process, and says by how many bytes that made it grow."""

from __future__ import annotations

import asyncio
import json
import resource
import sys

from tests.fetching import outcome, portal
from worker.fetch import Fetcher, FetchPolicy


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


async def eat(port: int, number: int) -> int:
    """How far the peak moved between the first honest page and the last hostile one."""
    async with Fetcher(FetchPolicy(user_agent="t", connect_to=f"127.0.0.1:{port}")) as fetcher:
        await outcome(fetcher, "/honest", portal())
        before = peak()
        for path in range(number):
            await outcome(fetcher, f"/{path}", portal())
        return peak() - before


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"grown": asyncio.run(eat(int(sys.argv[1]), int(sys.argv[2])))}))
