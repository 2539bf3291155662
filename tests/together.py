"""Lets many do one thing at one moment, which is when they would get into each other's way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def at_once(times: int, work: Callable[[], T]) -> list[T]:
    """What so many threads got that began together; raises what one of them met, once all have ended."""
    ready, results, errors = threading.Barrier(times), [], []

    def one() -> None:
        ready.wait()
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - raised below, in the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors.pop()
    return results
