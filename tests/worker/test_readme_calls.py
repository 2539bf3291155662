"""The signed calls in the README work when they are pasted; only the port is the test's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import SECRET, serving, signed
from tests.stack import deps_of

README = Path(__file__).parents[2] / "README.md"
INTERPRETERS = {"sh": ["sh", "-eu"], "python": [sys.executable, "-"]}


@pytest.mark.parametrize("language", INTERPRETERS)
def test_a_signed_call_of_the_readme_is_taken(tmp_path: Path, language: str) -> None:
    if language == "sh" and not (shutil.which("curl") and shutil.which("openssl")):
        pytest.skip("the example needs curl and openssl")
    webhooks = README.read_text(encoding="utf-8").partition("## Webhooks")[2].partition("\n## ")[0]
    [example] = re.findall(rf"```{language}\n(.*?)```", webhooks, re.DOTALL)
    deps = deps_of(tmp_path, **signed())
    with serving(deps) as service:
        ran = subprocess.run(
            INTERPRETERS[language],
            input=example.replace("127.0.0.1:8000", f"127.0.0.1:{service.port}"),
            env={**os.environ, "GONGBAO_WEBHOOK_SECRETS": f"newsroom={SECRET}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    deps.ledger.dispose()
    assert [each["outcome"] for each in json.loads(ran.stdout)["urls"]] == ["queued"]
