"""The only place that configures logging: one JSON line an event on stderr, libraries and Celery included."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import IO, Any

import structlog
from structlog.types import Processor

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# user:password@ in an address and password=… behind it, whsec_… of Standard Webhooks, and what stands behind Bearer;
# bounded, because lines hold what strangers wrote, and so is each text of a line
_LONGEST = 4000
_SECRET = re.compile(
    r"(://[^\s/:@?#]{0,64}:)[^\s\"'<>]{1,256}(?=@)|([?&](?:\w*password|passwd|secret|token)=)[^&#\s\"'<>]+"
    r"|(whsec_)[\w+/=-]+|(\bBearer\s+)[^\s\"',]+",
    re.IGNORECASE,
)
# A line for every tick and every pulse would bury what happened to the pages.
# These repeat themselves for as long as a broker is away, or for each tick that came too late.
_REPEATING = ("celery.beat", "celery.worker.consumer.consumer", "celery.worker.request")
_QUIET_SECONDS = 60.0
_NOISY = ("httpx", "httpcore", "alembic", "asyncio", "celery.beat", "celery.worker.strategy", "celery.app.trace")


def configure(level: str = "info", stream: IO[str] | None = None) -> None:
    """Send every log line, ours and everybody's, to `stream` (stderr) as JSON; called once, at an entry point."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), _name_foreign],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _hide_secrets,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else max(logging.WARNING, _LEVELS[level]))
    for name in _REPEATING:
        logging.getLogger(name).filters[:] = [_Once()]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Once(logging.Filter):
    """Lets the same words through once, and again after a quiet minute."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        words = str(record.msg)
        before = self._said_at.get(words, 0.0)
        self._said_at[words] = record.created
        return record.created - before > _QUIET_SECONDS


def _shared() -> list[Processor]:
    """What ours and foreign lines have in common. Locals never go into a traceback: they hold secrets."""
    tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=12)
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(tracebacks),
        _drop_empty,
    ]


def _name_foreign(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's line gets an event name too; what it said is its message."""
    record = line.get("_record")
    line["message"] = line.get("event")
    line["event"] = "library.logged"
    line["logger"] = record.name if isinstance(record, logging.LogRecord) else None
    return line


def hidden(text: str) -> str:
    """Text without passwords in addresses, webhook secrets and bearer tokens."""
    return _SECRET.sub(lambda match: f"{match[match.lastindex or 0]}***", text)


def _hide_secrets(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Secrets are hidden wherever a library or a mistake has put them into a line."""
    return {key: _hide(value) for key, value in line.items()}


def _hide(value: Any) -> Any:
    if isinstance(value, str):
        return hidden(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…")
    if isinstance(value, dict):
        return {key: _hide(each) for key, each in value.items()}
    return [_hide(each) for each in value] if isinstance(value, list | tuple) else value


def _drop_empty(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Facts that are not known are left out of a line."""
    return {key: value for key, value in line.items() if value is not None}
