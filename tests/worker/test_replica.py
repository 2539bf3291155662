"""The replica is deterministic, full of the tricks of portals, and says what its truth says when adapters read it."""

from __future__ import annotations

from collections import Counter

import pytest

from config.portal import Column, Portal
from crawlers import registry
from crawlers.errors import PageError
from crawlers.models import Extract, Request
from tests.replica_pages import Reader, digest, find, read, told
from worker.outcomes import Outcome
from worker.replica.plan import NO_REPORT, TWINS, Quirk
from worker.replica.router import address
from worker.replica.site import Phase, World
from worker.replica.truth import truth

ANNEX = Quirk.ANNEX


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_the_same_seed_gives_the_same_truth_and_another_seed_another(world: World) -> None:
    assert truth(world, 2) == truth(World(40, 1), 2)
    assert truth(world, 2) != truth(World(40, 2), 2)


def test_phase_one_has_exactly_as_many_pages_as_asked_for_in_equal_parts() -> None:
    shares = Counter(one.portal for one in truth(World(103), 1))
    assert sum(shares.values()) == 103
    assert max(shares.values()) - min(shares.values()) == 1


@pytest.mark.parametrize("quirk", [quirk for quirk in Quirk if quirk is not Quirk.PLAIN], ids=lambda quirk: quirk.name)
def test_the_default_world_has_every_quirk(world: World, quirk: Quirk) -> None:
    assert find(world, quirk)


@pytest.mark.parametrize("phase", [1, 2])
@pytest.mark.parametrize("reports", [40, 300])
def test_lists_read_by_the_adapters_lead_to_the_pages_of_the_truth(reports: int, phase: Phase) -> None:
    world = World(reports)
    reader = Reader(world, phase)
    found = {registry.canonical(portal, row.url): row.title for portal in world.portals for row in reader.rows(portal)}
    assert found == {one.url: one.title for one in truth(world, phase)}


@pytest.mark.parametrize("phase", [1, 2])
def test_pages_read_by_the_adapters_say_what_the_truth_says(phase: Phase) -> None:
    world = World(150, seed=7)
    reader = Reader(world, phase)
    expected = {
        one.url: (one.title, one.published_at, one.content_hash) for one in truth(world, phase) if one.content_hash
    }
    said: dict[str, tuple[str, str | None, str | None]] = {}
    for portal in world.portals:
        for row in reader.rows(portal):
            url = registry.canonical(portal, row.url)
            if url in expected:
                extract = registry.report(reader.page(portal, row.model_copy(update={"url": url})))
                assert isinstance(extract, Extract)
                said[url] = (extract.title, extract.published_at, digest(extract))
    assert said == expected


@pytest.mark.parametrize("quirk", sorted(NO_REPORT), ids=lambda quirk: quirk.name)
def test_a_page_that_is_no_report_is_refused_by_status_or_by_the_adapter(world: World, quirk: Quirk) -> None:
    case = find(world, quirk)
    page = Reader(world).page(case.portal, Request(url=address(case.portal, case.page)))
    assert told(case).content_hash is None
    if page.raw.status == 200:
        with pytest.raises(PageError):
            registry.report(page)


def test_reports_on_two_portals_differ_in_bytes_and_meet_in_hash(world: World) -> None:
    for pair in ((Quirk.TWIN_A, Quirk.COPY_A), (Quirk.TWIN_B, Quirk.COPY_B)):
        one, other = (find(world, quirk) for quirk in pair)
        assert one.portal.family != other.portal.family
        assert told(one).content_hash == told(other).content_hash
        assert {told(one).outcome, told(other).outcome} == {Outcome.NEW, Outcome.DUPLICATE}


def test_no_other_two_reports_share_a_hash() -> None:
    world = World(400, seed=3)
    hashes = Counter(one.content_hash for one in truth(world, 2) if one.content_hash)
    assert sorted(times for times in hashes.values() if times > 1) == [2, 2]


def test_texts_have_the_length_of_real_reports_and_share_no_long_paragraph(world: World) -> None:
    pages = [page for portal in world.portals for page in world.pages(portal, 1) if page.quirk is Quirk.PLAIN]
    texts = [world.document(page, 1).text for page in pages]
    assert all(800 <= len(text) <= 6000 for text in texts)
    paragraphs = Counter(line for text in texts for line in text.split("\n") if len(line) > 40)
    assert set(paragraphs.values()) == {1}


def test_two_notices_whose_body_is_see_attachment_have_two_hashes(world: World) -> None:
    urls = {address(portal, page) for portal in world.portals for page in world.pages(portal, 1) if page.quirk is ANNEX}
    assert len(urls) == 2
    assert len({one.content_hash for one in truth(world, 1) if one.url in urls}) == 2


def test_phase_two_corrects_one_figure_and_nothing_else(world: World) -> None:
    case = find(world, Quirk.REVISED)
    before, after = (read(case, phase).body.split("\n") for phase in (1, 2))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    assert told(case, 2).outcome is Outcome.REVISED


def test_a_new_header_and_footer_change_the_bytes_and_not_the_hash(world: World) -> None:
    case = find(world, Quirk.RESTYLED)
    before, after = (Reader(world, phase).get(address(case.portal, case.page)).body for phase in (1, 2))
    assert before != after
    assert digest(read(case, 1)) == digest(read(case, 2))
    assert told(case, 2).outcome is Outcome.UNCHANGED


def test_banners_change_at_each_request(world: World) -> None:
    case = find(world, Quirk.FIGURES)
    reader = Reader(world)
    url = address(case.portal, case.page)
    assert reader.get(url).body != reader.get(url).body


def test_the_backdated_row_appears_in_the_middle_of_its_list(world: World) -> None:
    case = find(world, Quirk.BACKDATED)
    rows = world.rows(case.portal, case.page.column, 2)
    assert 0 < rows.index(case.page) < len(rows) - 1
    assert case.page not in world.rows(case.portal, case.page.column, 1)
    assert world.find(case.portal, case.page.serial, 1) is None


def test_the_pinned_row_is_the_oldest_and_stands_on_top(world: World) -> None:
    case = find(world, Quirk.PINNED)
    first, *others = Reader(world).rows(case.portal)
    assert first.pinned
    assert all(first.date < row.date for row in others if first.date and row.date)


def test_the_legacy_page_is_gb18030_with_characters_that_gb2312_lacks(world: World) -> None:
    case = find(world, Quirk.LEGACY)
    body = Reader(world).get(address(case.portal, case.page)).body
    assert b'charset="gb2312"' in body
    assert "䶮" in body.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        body.decode("gb2312")


def test_the_mobile_twin_says_the_same(world: World) -> None:
    case = find(world, Quirk.FIGURES)
    desktop = address(case.portal, case.page)
    mobile = desktop.replace("/Show/", "/Wap/Show/")
    page = Reader(world).page(case.portal, Request(url=mobile))
    assert registry.canonical(case.portal, mobile) == desktop
    assert "图为" in page.text


def test_only_the_slow_page_is_slow(world: World) -> None:
    reader = Reader(world)
    slow = [
        page.quirk
        for portal in world.portals
        for page in world.pages(portal, 1)
        if reader.get(address(portal, page)).pause
    ]
    assert slow == [Quirk.SLOW]


def test_too_few_reports_for_the_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        World(9)


def test_other_portals_of_the_families_can_be_played() -> None:
    starts = {"ucap": "/site/c100001/list.shtml", "jcms": "/col/col7/index.html", "gszfw": "/"}
    portals = [
        Portal(
            name=f"simulated-{family}",
            title="某市人民政府",
            family=family,
            url=f"http://{family}.example.gov.cn",
            columns=(Column(name="报告", url=f"http://{family}.example.gov.cn{path}"),),
        )
        for family, path in starts.items()
    ]
    world = World(90, portals=portals)
    reader = Reader(world)
    assert [len(reader.rows(portal)) for portal in portals] == [30, 30, 30]
    assert not {page.quirk for portal in portals for page in world.pages(portal, 1)} & (NO_REPORT | TWINS.keys())
