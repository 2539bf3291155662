"""Writes reports as JSONL, CSV or Parquet."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from config.portal import ConfigError

FIELDS = (
    "id", "content_hash", "portal", "url", "title", "published_at", "published_from", "source", "issuer", "editor",
    "index_no", "doc_no", "written_on", "region_code", "report_year", "kind", "body", "extractor", "first_seen_at",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(reports: Iterable[dict[str, Any]], to: Path) -> int:
    """Write reports to a file whose ending names the form, or as JSONL to stdout for `-`; returns how many."""
    writers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    writer = _jsonl if str(to) == "-" else writers.get(to.suffix.lower())
    if writer is None:
        raise ConfigError(f"cannot tell the form of {to}; name it .jsonl, .csv or .parquet")
    return writer(reports, to)


def safe_cell(value: object) -> object:
    """A CSV cell that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _jsonl(reports: Iterable[dict[str, Any]], to: Path) -> int:
    count = 0
    with _open(to) as file:
        for report in reports:
            count += 1
            file.write(json.dumps(report, ensure_ascii=False) + "\n")
    return count


def _csv(reports: Iterable[dict[str, Any]], to: Path) -> int:
    count = 0
    with _open(to) as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for report in reports:
            count += 1
            writer.writerow([safe_cell(report.get(name)) for name in FIELDS])
    return count


def _parquet(reports: Iterable[dict[str, Any]], to: Path) -> int:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ConfigError("Parquet needs pyarrow: pip install 'gongbao[parquet]'") from error
    schema = pa.schema([(name, pa.int32() if name == "report_year" else pa.string()) for name in FIELDS])
    rows = [{name: report.get(name) for name in FIELDS} for report in reports]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), to)
    return len(rows)


@contextmanager
def _open(to: Path) -> Iterator[IO[str]]:
    if str(to) == "-":
        yield sys.stdout
        return
    with to.open("w", encoding="utf-8", newline="") as file:
        yield file
