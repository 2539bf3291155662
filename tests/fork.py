"""What a quick child does: become the program, with its own arguments, environment and files for what it says."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def run(arguments: list[str], env: dict[str, str], said: Path) -> None:
    """Run the program's entry point; whatever goes wrong from here on is written to `said`."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(said / name, os.O_WRONLY), number)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8")
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["gongbao", *arguments]

    from worker.cli import main

    main()
