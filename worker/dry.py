"""A copy of the data folder that is thrown away, so that a dry run goes the whole way and leaves nothing."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from config.portal import ConfigError
from config.settings import Settings


@contextmanager
def scratch(settings: Settings, *, dry: bool) -> Iterator[Settings]:
    """The settings to crawl with: the operator's, or for a dry run ones whose home is a copy that ends with the block.

    The archive is not copied: a page whose last version lies only there counts as revised if it differs.
    """
    if not dry:
        yield settings
        return
    if settings.database_url is not None:
        raise ConfigError(
            "--dry-run copies the SQLite ledger, not what GONGBAO_DATABASE_URL names; GONGBAO_DATABASE_URL= before the "
            "command has it begin with an empty one"
        )
    with tempfile.TemporaryDirectory(prefix="gongbao-dry-") as folder:
        copy = Path(folder)
        source = settings.home / "gongbao.sqlite3"
        if source.is_file():
            _copy(source, copy / source.name)
        yield settings.model_copy(update={"home": copy})


def _copy(source: Path, to: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(to)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise ConfigError(f"cannot copy the ledger {source}: {error}; check GONGBAO_HOME") from error
