"""Flags reports that say almost the same, with what differs; they are never merged.

A report's sketch is a MinHash (Broder 1997) of its body's three-character shingles. Two reports are compared when
their sketches share a band, so that a new report costs a few index look-ups however many there are.
"""

from __future__ import annotations

import difflib
import hashlib
from contextlib import suppress
from typing import Any

import structlog
from rensa import RMinHash

from crawlers.models import Value
from worker.deps import Deps
from worker.fingerprint import fold, squeeze
from worker.ledger import lanes, sketches
from worker.ledger.engine import AWAY
from worker.ledger.sketches import Near, Sketch

log = structlog.get_logger()

VERSION = 1
PERMUTATIONS = 128
BANDS = 32  # of four rows each: at a similarity of 0.8 all but one pair in ten million share a band
ALIKE = 0.8
BATCH = 50
_LANE = "near-duplicates"
_SEED = 1
_SHINGLE = 3
_MOST_LINES = 40
_MOST_CHARS = 200


class Difference(Value):
    """One line that only one of two reports has; `sign` is - for the older report and + for the newer."""

    sign: str
    line: str


def flag(deps: Deps, limit: int = BATCH) -> int:
    """Sketch reports that have no sketch of their present content, and flag what is near them; returns how many.

    One process does so at a time, since all of them would find the same reports; for the others there is nothing to do.
    Where nothing lacks a sketch, nothing is written either: this is asked at every tick.
    """
    with deps.ledger.begin() as connection:
        lacking = sketches.missing(connection, VERSION, 1)
        lease = lanes.acquire(connection, _LANE, deps.holder) if lacking else None
    if lease is None:
        return 0
    try:
        return _flag(deps, limit)
    finally:
        with suppress(*AWAY), deps.ledger.begin() as connection:  # otherwise the lease runs out by itself
            lanes.release(connection, lease, 0.0)


def _flag(deps: Deps, limit: int) -> int:
    with deps.ledger.begin() as connection:
        documents = sketches.missing(connection, VERSION, limit)
    for document in documents:
        mine = sketch(document)
        with deps.ledger.begin() as connection:
            near = [_compare(document, mine, other) for other in sketches.sharing_a_band(connection, mine)]
            found = [pair for pair in near if pair is not None]
            sketches.keep(connection, mine, found)
        for pair in found:
            log.info("report.resembled", report_id=mine.report_id, other_id=pair.other_id, similarity=pair.similarity)
    return len(documents)


def sketch(document: dict[str, Any]) -> Sketch:
    """The sketch of a report's body."""
    text = squeeze(fold(document["body"]))
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    minhash.update(sorted({text[at : at + _SHINGLE] for at in range(max(len(text) - _SHINGLE + 1, 1))}))
    digest = [int(value) for value in minhash.digest()]
    rows = PERMUTATIONS // BANDS
    bands = [_band(number, digest[number * rows : (number + 1) * rows]) for number in range(BANDS)]
    return Sketch(
        report_id=document["id"],
        content_hash=document["content_hash"],
        version=VERSION,
        digest=tuple(digest),
        bands=tuple(bands),
    )


def similarity(one: Sketch, other: Sketch) -> float:
    """The share of positions in which two sketches agree: an estimate of the Jaccard similarity of their shingles."""
    return sum(a == b for a, b in zip(one.digest, other.digest, strict=True)) / PERMUTATIONS


def differences(older: str, newer: str) -> list[Difference]:
    """The lines that only one of two bodies has, in order, long ones cut."""
    lines = difflib.ndiff(older.split("\n"), newer.split("\n"))
    found = [Difference(sign=line[0], line=line[2:][:_MOST_CHARS]) for line in lines if line[0] in "+-"]
    return found[:_MOST_LINES]


def _compare(document: dict[str, Any], mine: Sketch, other: tuple[Sketch, str]) -> Near | None:
    theirs, body = other
    alike = similarity(mine, theirs)
    if alike < ALIKE:
        return None
    return Near(
        other_id=theirs.report_id,
        similarity=round(alike, 3),
        differences=tuple(difference.model_dump() for difference in differences(body, document["body"])),
    )


def _band(number: int, rows: list[int]) -> int:
    """A band's name as a signed 64-bit number, which both databases hold."""
    digest = hashlib.sha256(f"{number}:{rows}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
