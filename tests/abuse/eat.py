"""Fetches every hostile answer of a server in one process, and says by how many bytes that made it grow."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tests.fetching import outcome, portal
from worker.fetch import Fetcher, FetchPolicy


def peak() -> int:
    """The most memory that this process ever held, in bytes; ru_maxrss would include that of its parent."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


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
