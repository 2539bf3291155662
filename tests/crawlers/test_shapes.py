"""Pages whose names of elements nobody has seen give the same report as those that a family knows."""

from __future__ import annotations

import pytest

from crawlers.models import Extract
from crawlers.page import Page
from tests.crawlers import shapes
from tests.crawlers.fields_pages import PROSE, TITLE, both, read


def expect(found: Extract, lines: list[str] | tuple[str, ...] = PROSE) -> None:
    """Title, day, source and body are right."""
    assert (found.title, (found.published_at or "")[:10], found.source) == (TITLE, shapes.DAY, shapes.SOURCE)
    assert found.body == "\n".join(lines)


@pytest.mark.parametrize("found", shapes.FAMILIES.values(), ids=shapes.FAMILIES)
def test_a_family_page_of_unknown_names_is_read_generically(found: Page) -> None:
    for said in both(found):
        expect(said)


@pytest.mark.parametrize("title", [f"{TITLE}-云溪县人民政府", "云溪县人民政府门户网站", TITLE])
@pytest.mark.parametrize("inside", shapes.LAYOUTS.values(), ids=shapes.LAYOUTS)
def test_an_article_is_found_in_each_layout(inside: str, title: str) -> None:
    for said in both(shapes.around(inside, title=title)):
        expect(said)


@pytest.mark.parametrize(("inside", "lines"), shapes.SHORT.values(), ids=shapes.SHORT)
def test_short_notices_and_tables_are_whole(inside: str, lines: list[str]) -> None:
    for said in both(shapes.around(inside)):
        expect(said, lines)


@pytest.mark.parametrize("family", shapes.WRAPPERS)
@pytest.mark.parametrize("shape", ["list beside", "list before"])
def test_a_familys_container_around_the_whole_page_is_not_the_body(family: str, shape: str) -> None:
    name, url = shapes.WRAPPERS[family]
    said = read(shapes.around(f'<div class="{name}">{shapes.LAYOUTS[shape]}</div>', url))
    expect(said)
    assert said.warnings == (f"{family}: the {family} body holds the whole page",)


@pytest.mark.parametrize("after", [";", "\nvar page = {};", " ; init();"])
@pytest.mark.parametrize("day", [{"display_publish_time": "2024-03-01 09:00:00"}, {"date": 1709254800}])
def test_the_json_of_a_disclosure_page_is_read_whatever_follows_it(after: str, day: dict[str, object]) -> None:
    said = read(shapes.gkmlpt(after, **day))
    expect(said)
    assert said.doc_no == "云水〔2024〕5号"


@pytest.mark.parametrize("doctype", ["", "<!DOCTYPE html>"])
@pytest.mark.parametrize("name", ["TRS_Editor", "trs_EDITOR"])
def test_without_a_doctype_a_familys_name_counts_in_any_case(doctype: str, name: str) -> None:
    known = shapes.around(f"<h1>{TITLE}</h1>{shapes.HEADER}<div class={name}>{shapes.TEXT}</div>")
    body = known.raw.body.replace(b"<!DOCTYPE html>", doctype.encode())
    said = read(Page(known.raw.model_copy(update={"body": body})))
    expect(said)
    assert said.extractor.startswith("generic" if doctype and name != "TRS_Editor" else "trs")
