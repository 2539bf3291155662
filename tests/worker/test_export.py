"""Exports: every report, in the form that the file's ending names, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import importlib.util
import json
from pathlib import Path

import pytest

from config.portal import ConfigError
from worker.export import FIELDS, export, safe_cell

REPORT = {"id": "r1", "title": "=HYPERLINK(1)", "body": "甲\n乙,丙", "report_year": 2024, "sections": [{"level": 1}]}


def test_jsonl_has_everything(tmp_path: Path) -> None:
    to = tmp_path / "a.jsonl"
    assert export([REPORT, REPORT], to) == 2
    assert [json.loads(line) for line in to.read_text(encoding="utf-8").splitlines()] == [REPORT, REPORT]


def test_csv_has_its_columns_and_keeps_line_feeds_in_their_cell(tmp_path: Path) -> None:
    to = tmp_path / "a.csv"
    export([REPORT], to)
    with to.open(encoding="utf-8", newline="") as file:
        [row] = list(csv.DictReader(file))
    assert tuple(row) == FIELDS
    assert (row["body"], row["report_year"], row["title"]) == ("甲\n乙,丙", "2024", "'=HYPERLINK(1)")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert safe_cell(f"{start}1") == f"'{start}1"
    assert safe_cell("1") == "1"


def test_parquet_without_its_library_says_what_to_install(tmp_path: Path) -> None:
    if importlib.util.find_spec("pyarrow"):
        assert export([REPORT], tmp_path / "a.parquet") == 1
        return
    with pytest.raises(ConfigError, match=r"gongbao\[parquet\]"):
        export([REPORT], tmp_path / "a.parquet")


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.jsonl, \.csv or \.parquet"):
        export([REPORT], tmp_path / "a.xlsx")
