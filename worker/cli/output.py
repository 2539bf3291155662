"""What commands print: one JSON object a line, or tables and short lines for people; progress goes to stderr."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import typer

from config.settings import Settings, load_settings
from worker import logs


class Unread(Exception):
    """Nobody reads standard output any more. No OSError, for Typer takes a broken pipe for a failure."""


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_CHINA = timezone(timedelta(hours=8))


def set_up(*, quiet: bool = False) -> Settings:
    """Read the settings and start logging; `quiet` logs warnings only, for commands that print their own lines."""
    settings = load_settings(os.environ)
    level = "warning" if quiet and settings.log_level == "info" else settings.log_level
    logs.configure(level)
    return settings


def line(fields: Mapping[str, Any]) -> None:
    """One JSON object on a line of stdout: UTF-8, or ASCII where stdout is told to be something else."""
    _print(json.dumps(fields, ensure_ascii=not _is_utf8(sys.stdout.encoding)))


def say(text: str) -> None:
    """One line for people; control characters from pages cannot reach the terminal."""
    _print(plain(text))


def escape_what_cannot_be_written() -> None:
    r"""Write what a stream's encoding lacks as an escape: 中 on a Latin terminal, a file name that is no UTF-8.

    Half surrogates stand for such bytes in names, and `\udcff` is how JSON spells one, too.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None when it is closed
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def until_nobody_reads() -> Iterator[None]:
    """What is written to stdout in this block may be cut short by its reader, as `head` does; raises Unread then."""
    try:
        yield
    except BrokenPipeError:
        raise Unread from None


def _print(text: str) -> None:
    with until_nobody_reads():
        print(text, flush=True)


def _is_utf8(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "") == "utf8"


def plain(text: object) -> str:
    """Text without characters that move cursors or turn text round."""
    return _CONTROL.sub(" ", "" if text is None else str(text))


def table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=title, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(plain(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 160)
    with console.capture() as drawn:
        console.print(shown)
    _print(drawn.get().removesuffix("\n"))


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Any]:
    """A progress bar on stderr where that is a terminal; yields a function to call after each step."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    console = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def utc(seconds: float | None) -> str | None:
    """Seconds since 1970 as UTC with Z."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local(seconds: float | None) -> str:
    """Seconds since 1970 as people in China read it."""
    return "–" if seconds is None else datetime.fromtimestamp(seconds, _CHINA).strftime("%Y-%m-%d %H:%M")
