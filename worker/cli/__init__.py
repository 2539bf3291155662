"""The command line: one module for each kind of command, imported only when it is used."""

from __future__ import annotations

import os
import sys

import typer

from config.portal import ConfigError
from worker.cli import crawling, ingesting, output, pages, processes, reading, serving, subscribing

app = typer.Typer(
    name="gongbao",
    help="Gongbao 公报: ingests newly published reports from Chinese government portals.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in (crawling, ingesting, pages, reading, processes, serving, subscribing):
    module.add_to(app)


def main() -> None:
    """The entry point: a user's mistake is one line on stderr and exit status 2, trouble outside is status 1."""
    output.escape_what_cannot_be_written()
    try:
        app(prog_name="gongbao")
    except ConfigError as error:
        sys.exit(_complain(str(error), 2))
    except output.Unread:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of a pipe has seen enough
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if not _is_from_outside(error):
            raise
        sys.exit(_complain(" ".join(str(error).split()), 1))


def _complain(message: str, status: int) -> int:
    from worker.logs import hidden

    print(f"gongbao: {output.plain(hidden(message))}", file=sys.stderr)
    return status


def _is_from_outside(error: Exception) -> bool:
    """Trouble with disk, database or broker; anything else is a bug and shows its traceback."""
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    return bool(names & {"builtins.OSError", "sqlalchemy.exc.OperationalError", "redis.exceptions.RedisError"})
