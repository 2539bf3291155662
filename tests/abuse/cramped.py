"""Reads pages in a child that may have hardly more memory than an honest page needs, and says how they ended."""

from __future__ import annotations

import json
import os
import resource
import sys

from config.settings import load_settings
from tests.abuse.pages import HEAD, HONEST
from tests.abuse.reading import Reading, bring, ended, starts
from tests.wanted import expire
from worker.deps import open_deps
from worker.ledger.claims import MOST_STARTS
from worker.readers import reader

ROOM = 40 * 1024 * 1024
HEAVY = HEAD + "<li>一、x" * 79_000  # within the limits of a page, and five times that room


def main() -> dict[str, object]:
    """One honest page to measure by, then a heavy one that comes before another honest one."""
    deps = open_deps(load_settings(os.environ, None))
    bring(deps, "first", HONEST)
    with reader(deps.settings) as read:
        measured = Reading(deps, read)
        measured.all()
        most = measured.peak("VmPeak") + ROOM
    bring(deps, "heavy", HEAVY)
    bring(deps, "other", HONEST)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))  # of the children to come
    begun = 0
    with reader(deps.settings) as read:
        for _ in range(MOST_STARTS + 1):
            Reading(deps, read).all()
            begun = max(begun, starts(deps, "heavy"))
            with deps.ledger.begin() as connection:
                expire(connection, "frontier")
    return {**{name: ended(deps, name)[0] for name in ("first", "heavy", "other")}, "starts": begun}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()) + "\n")
