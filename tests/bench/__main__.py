"""Every bench in this folder, one after the other: `make bench`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run each `bench_*.py` as its own program would."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        sys.stdout.write(f"\n{path.stem}\n")
        runpy.run_path(str(path), run_name="__main__")


if __name__ == "__main__":
    main()
