"""Request bodies: read piece by piece within a limit and a time, and parsed without mercy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from crawlers.models import Value
from worker.web.problems import Problem

MOST_BYTES = 256 * 1024
MOST_SECONDS = 10.0
MOST_URLS = 100

# No address has control characters, and a database may not store them; half surrogate pairs are no string here anyway.
Url = Annotated[str, StringConstraints(min_length=1, max_length=8192, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Ask(Value):
    """What a sender asks for."""

    urls: Annotated[tuple[Url, ...], Field(min_length=1, max_length=MOST_URLS)]


_ASK = TypeAdapter(Ask)


async def read(request: Request) -> bytes:
    """The raw body. Raises Problem (413, 408) and starlette's ClientDisconnect."""
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told[:12]) > MOST_BYTES:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(MOST_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise Problem(408, "too_slow", f"the body took more than {MOST_SECONDS:.0f} seconds") from None
    return bytes(body)


def urls_of(body: bytes) -> Sequence[str]:
    """The addresses in a body. Raises Problem: 400 for what is no JSON, 422 for JSON of another shape."""
    try:
        parsed = json.loads(body.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _Refused) else "it could not be parsed"
        raise Problem(400, "malformed", f"the body is not the JSON that was promised: {said}") from None
    try:
        return _ASK.validate_python(parsed).urls
    except ValidationError as error:
        first = next(iter(error.errors(include_input=False, include_url=False, include_context=False)))
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Problem(422, "invalid", f"{where}: {first['msg']}") from None


class _Refused(ValueError):
    """JSON that parsers understand in different ways."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("a key stands twice")
    return found


def _no_constant(_name: str) -> None:
    raise _Refused("NaN and Infinity are no JSON")


def _too_large() -> Problem:
    return Problem(413, "too_large", f"a body may have {MOST_BYTES} bytes")
