"""Every golden page gives the report that was reviewed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from config.portal import load_portals
from crawlers import cms, registry, sites
from crawlers.models import Extract, RawPage
from crawlers.page import Page

CASES = Path(__file__).parents[1] / "cases"
PORTALS = load_portals()


def _cases() -> list[Path]:
    return sorted(path.parent for path in CASES.glob("*/*/page.json"))


def _read(case: Path) -> Extract:
    facts = json.loads((case / "page.json").read_text(encoding="utf-8"))
    page = next(case.glob("page.[ht]*"))
    media = "text/plain" if page.suffix == ".txt" else "text/html"
    raw = RawPage(
        url=facts["url"],
        headers=(("content-type", media),),
        body=page.read_bytes(),
        fetched_at=datetime.fromisoformat(facts["fetched_at"]),
    )
    found = registry.report(Page(raw, PORTALS.get(case.parent.name)))
    assert isinstance(found, Extract)
    return found


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_golden_page_gives_its_reviewed_report(case: Path) -> None:
    found = _read(case).model_dump(mode="json")
    path = case / "expected.json"
    if not path.exists():
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        pytest.fail(f"{path} was missing and is written now: review it")
    assert found == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_golden_page_is_read_by_the_family_of_its_folder_or_of_the_portal_that_it_is_named_after(case: Path) -> None:
    portal = PORTALS.get(case.parent.name)
    assert _read(case).extractor.split("/")[0] == (portal.family if portal else case.parent.name)


def test_every_family_and_site_has_a_golden_page() -> None:
    modules = [*Path(cms.__path__[0]).glob("*.py"), *Path(sites.__path__[0]).glob("*.py")]
    assert {module.stem for module in modules} - {"__init__"} <= {case.parent.name for case in _cases()}
