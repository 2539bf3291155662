"""Reports that say almost the same are flagged with what differs, and never merged."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from tests.papers import paper, reading
from tests.stack import deps_on
from tests.together import at_once
from worker.ledger import reports, sketches
from worker.ledger.schema import bands as bands_table
from worker.ledger.schema import lanes as lanes_table
from worker.ledger.schema import near_duplicates
from worker.ledger.schema import sketches as sketches_table
from worker.ledger.sketches import Near
from worker.similar import BANDS, VERSION, differences, flag, similarity, sketch

BODY = "\n".join(
    f"{number}．第{number}项工作按照年度计划推进，组织检查{number * 7}次，发现问题{number * 3}个，均已整改到位。"
    for number in range(1, 25)
)


def document(body: str, name: str = "r1") -> dict[str, str]:
    return {"id": name, "content_hash": "0" * 64, "body": body}


def test_one_changed_line_leaves_two_sketches_alike() -> None:
    revised = BODY.replace("组织检查49次", "组织检查50次")
    one, other = sketch(document(BODY)), sketch(document(revised))
    assert similarity(one, other) > 0.9
    assert set(one.bands) & set(other.bands)


def test_unrelated_texts_are_not_alike() -> None:
    other = "".join(chr(0x4E00 + (step * 7919) % 20000) for step in range(1500))
    assert similarity(sketch(document(BODY)), sketch(document(other))) < 0.1


def test_a_sketch_is_the_same_each_time_and_names_its_version() -> None:
    assert sketch(document(BODY)) == sketch(document(BODY))
    assert sketch(document(BODY)).version == VERSION
    assert len(sketch(document(BODY)).bands) == BANDS


def test_a_text_shorter_than_a_shingle_has_a_sketch() -> None:
    assert sketch(document("略")).bands


def test_differences_are_the_lines_that_only_one_of_them_has() -> None:
    found = differences("甲\n乙\n丙", "甲\n丁\n丙")
    assert [(line.sign, line.line) for line in found] == [("-", "乙"), ("+", "丁")]


def test_many_who_look_for_near_duplicates_at_once_do_it_once(database: str, tmp_path: Path) -> None:
    """Each once ended its task with an error, for all of them stored the same sketches."""
    deps = deps_on(database, tmp_path, {})
    with deps.ledger.begin() as connection:
        for number in range(12):
            reports.store(
                connection, reading("a", f"{number}", paper(body=f"{BODY}\n第{number}号", title=f"标题{number}"))
            )
    at_once(6, lambda: flag(deps))
    while flag(deps):
        pass
    with deps.ledger.begin() as connection:
        assert connection.execute(select(func.count()).select_from(sketches_table)).scalar_one() == 12
        assert connection.execute(select(func.count()).select_from(near_duplicates)).scalar_one() > 0
    deps.ledger.dispose()


def test_where_every_report_has_its_sketch_nothing_is_written(database: str, tmp_path: Path) -> None:
    deps = deps_on(database, tmp_path, {})
    with deps.ledger.begin() as connection:
        reports.store(connection, reading("a", "1", paper()))
    assert flag(deps) == 1
    with deps.ledger.begin() as connection:
        before = connection.execute(select(lanes_table)).all()
    assert flag(deps) == 0
    with deps.ledger.begin() as connection:
        assert connection.execute(select(lanes_table)).all() == before
    deps.ledger.dispose()


def test_a_sketch_that_is_kept_twice_at_once_is_kept_once(database: str, tmp_path: Path) -> None:
    deps = deps_on(database, tmp_path, {})
    mine = sketch(document(BODY))

    def keep() -> None:
        with deps.ledger.begin() as connection:
            sketches.keep(connection, mine, [Near(other_id="r2", similarity=0.9, differences=())])

    at_once(4, keep)
    with deps.ledger.begin() as connection:
        assert connection.execute(select(func.count()).select_from(bands_table)).scalar_one() == len(set(mine.bands))
    deps.ledger.dispose()
