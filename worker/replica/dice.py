"""Chance that is the same on every machine and in every process: seeded by names, never by a clock."""

from __future__ import annotations

import hashlib
from random import Random


def dice(*names: object) -> Random:
    """A generator that depends on the names alone."""
    return Random("/".join(map(str, names)))  # noqa: S311 - it makes up texts, it guards nothing


def hex_name(*names: object) -> str:
    """32 hexadecimal digits that depend on the names alone, as the CMS uses them for ids."""
    return hashlib.sha256("/".join(map(str, names)).encode()).hexdigest()[:32]
