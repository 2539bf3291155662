"""Which page of which portal plays which of the tricks that real portals play, and when."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Quirk(StrEnum):
    """What is peculiar about one page; PLAIN is nothing."""

    PLAIN = "plain"
    SLOW = "slow: answers after a second"
    TWIN_A = "another portal publishes it as well"
    COPY_A = "the same report as TWIN_A, without its signature"
    TWIN_B = "another portal publishes it as well, a second case"
    COPY_B = "the same report as TWIN_B, without its signature"
    FILES = "has attachments"
    TABLE = "has a table"
    SPLIT = "figures are cut by inline tags"
    FIGURES = "has pictures with captions"
    ANNEX = "its whole body is 详见附件"
    PICTURES = "its body is nothing but pictures"
    LEGACY = "is GB18030 and says gb2312"
    TRUNCATED = "its title is cut in the list"
    PINNED = "is old and stays on top of the list (置顶)"
    REVISED = "phase 2 corrects a figure"
    RETITLED = "phase 2 corrects a figure and says so in title and list"
    RESTYLED = "phase 2 changes its list row, header and footer, not the report"
    ADDED = "appears in phase 2 on top of the list"
    BACKDATED = "appears in phase 2 in the middle of the list"
    MISSING = "is listed and answers 404"
    SOFT_MISSING = "is listed and says with status 200 that it is gone"
    CHALLENGE = "is listed and answers 412 with a script"
    REDIRECT = "is listed and only forwards readers by script to the home page"


TWINS: Mapping[Quirk, str] = {Quirk.TWIN_A: "A", Quirk.COPY_A: "A", Quirk.TWIN_B: "B", Quirk.COPY_B: "B"}
LATER = frozenset({Quirk.ADDED, Quirk.BACKDATED})
NO_REPORT = frozenset({Quirk.MISSING, Quirk.SOFT_MISSING, Quirk.CHALLENGE, Quirk.REDIRECT})

# Portal, then place among the portal's pages, the newest being 0. Twins have equal places, hence equal dates.
PLAN: Mapping[str, Mapping[int, Quirk]] = {
    "heilongjiang-sft": {1: Quirk.SLOW, 2: Quirk.TWIN_A, 3: Quirk.FILES, 4: Quirk.SPLIT, 5: Quirk.TABLE},
    "harbin-pingfang": {1: Quirk.REVISED, 2: Quirk.ANNEX, 4: Quirk.MISSING, 5: Quirk.TABLE},
    "tahe": {1: Quirk.ANNEX, 3: Quirk.TWIN_B, 5: Quirk.FILES, 6: Quirk.CHALLENGE},
    "dalian-sfj": {
        0: Quirk.PINNED,
        1: Quirk.TRUNCATED,
        2: Quirk.COPY_A,
        3: Quirk.LEGACY,
        4: Quirk.RETITLED,
        5: Quirk.REDIRECT,
        6: Quirk.FILES,
    },
    "gansu-zfw": {
        1: Quirk.PICTURES,
        2: Quirk.FIGURES,
        3: Quirk.COPY_B,
        4: Quirk.SOFT_MISSING,
        5: Quirk.TRUNCATED,
        6: Quirk.RESTYLED,
    },
}
BACKDATED_ON = "heilongjiang-sft"
ENOUGH = 1 + max(place for places in PLAN.values() for place in places)  # pages a portal must have to play along
