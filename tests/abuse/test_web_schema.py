"""The service keeps to its own OpenAPI document, whatever is made up from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.abuse.door import door

CONFIG = Path(__file__).with_name("schemathesis.toml")


def made_up(
    home: Path, broker: str, examples: int, *more: str, seconds: float = 280
) -> subprocess.CompletedProcess[str]:
    """What schemathesis finds in an unsigned server that has a broker."""
    with door(home, broker_url=broker, webhook_secrets="", webhook_rate="1000000") as service:
        program = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
        target = f"http://127.0.0.1:{service.port}/openapi.json"
        options = ["--max-examples", str(examples), "--no-color", *more]
        return subprocess.run(
            [*program, "--config-file", str(CONFIG), "run", target, *options],
            cwd=home,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )


@pytest.mark.slow
def test_a_short_pass_over_the_schema_finds_nothing(tmp_path: Path, valkey: str) -> None:
    ran = made_up(tmp_path, valkey, 5, "--seed", "1", "--phases", "coverage,fuzzing")
    assert ran.returncode == 0, ran.stdout[-20_000:]


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_long_pass_over_the_schema_finds_nothing(tmp_path: Path, valkey: str) -> None:
    ran = made_up(tmp_path, valkey, 300, seconds=3500)
    assert ran.returncode == 0, ran.stdout[-20_000:]
