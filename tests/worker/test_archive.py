"""What was fetched comes back byte for byte, is kept once, and is never half there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crawlers.models import RawPage
from worker.archive import Archive, Lost

WHEN = datetime(2025, 3, 1, 8, 30, tzinfo=UTC)


def page(body: bytes = b"<p>\xb9\xab</p>", **facts: object) -> RawPage:
    given_: dict[str, object] = {
        "url": "https://www.example.gov.cn/1.html",
        "final_url": "https://www.example.gov.cn/2.html",
        "headers": (("content-type", "text/html; charset=gbk"), ("etag", '"1"')),
        "body": body,
        "fetched_at": WHEN,
        "portal": "example",
    }
    return RawPage.model_validate({**given_, **facts})


def files(archive: Archive) -> list[Path]:
    return [path for path in archive.folder.rglob("*") if path.is_file()]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def test_a_page_comes_back_as_it_was_fetched(archive: Archive) -> None:
    put = archive.put(page())
    assert archive.get(put.key, WHEN.timestamp(), "example") == page()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000))
def test_any_bytes_come_back(archive: Archive, body: bytes) -> None:
    assert archive.get(archive.put(page(body)).key, 0.0, None).body == body


def test_the_same_page_is_kept_once_whenever_it_is_fetched(archive: Archive) -> None:
    again = page(fetched_at=datetime(2026, 1, 1, tzinfo=UTC), headers=(*page().headers, ("date", "now")))
    assert archive.put(page()) == archive.put(again)
    assert len(files(archive)) == 1


@pytest.mark.parametrize("change", [{"body": b"x"}, {"status": 412}, {"url": "https://www.example.gov.cn/3.html"}])
def test_another_page_has_another_entry(archive: Archive, change: dict[str, object]) -> None:
    assert archive.put(page()).key != archive.put(page(**change)).key


def test_what_was_dropped_or_never_put_is_lost(archive: Archive) -> None:
    key = archive.put(page()).key
    archive.drop(key)
    archive.drop(key)
    for gone in (key, "0" * 64):
        with pytest.raises(Lost):
            archive.get(gone, 0.0, None)


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b", b"no gzip at all", None])
def test_a_damaged_entry_is_lost_too(archive: Archive, damage: bytes | None) -> None:
    key = archive.put(page(b"some text " * 100)).key
    [path] = files(archive)
    path.write_bytes(path.read_bytes()[:60] if damage is None else damage)
    with pytest.raises(Lost):
        archive.get(key, 0.0, None)
