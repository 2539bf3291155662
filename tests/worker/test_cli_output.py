"""What is printed reaches whoever reads it: in any encoding, for any file name, and also when they stop reading."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import texts
from tests.stack import command, environment, gongbao

NAME = os.fsdecode(b"\xd6\xd0.txt")  # 中 in GBK, which is no UTF-8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a text whose name is no UTF-8 and one with a plain name."""
    for name in (NAME, "a.txt"):
        (tmp_path / name).write_text(texts.text(1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii", "gbk", "latin-1"])
@pytest.mark.parametrize("verb", ["extract", "ingest"])
def test_json_is_whole_whatever_encoding_stdout_has(verb: str, encoding: str, folder: Path) -> None:
    env = environment(folder / "home") | {"PYTHONIOENCODING": encoding}
    paths = [str(folder / NAME), str(folder / "a.txt")]
    done = subprocess.run(
        command([verb, "--json", *paths]),
        env=env,
        capture_output=True,
        encoding=encoding.partition(":")[0],
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["file"] for line in told] == paths


@pytest.mark.parametrize("arguments", [("extract",), ("extract", "--json"), ("listing",), ("ingest",)])
def test_a_terminal_that_cannot_show_chinese_gets_escapes(arguments: tuple[str, ...], folder: Path) -> None:
    env = environment(folder / "home") | {"PYTHONIOENCODING": "ascii"}
    done = gongbao(*arguments, folder / NAME, env=env)
    assert done.status == 0, done.err
    assert done.out.isascii()


@pytest.mark.parametrize(
    "arguments",
    ["settings", "settings --json", "replica --truth --reports 300", "portals list --json", "reports export"],
)
def test_a_reader_that_has_seen_enough_is_no_failure(arguments: str, folder: Path) -> None:
    env = environment(folder / "home")
    if "export" in arguments:
        assert gongbao("ingest", folder / "a.txt", env=env).status == 0
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command(arguments.split()), env=env, stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
