"""Reports that say almost the same are flagged with what differs, and never merged."""

from worker.similar import BANDS, VERSION, differences, similarity, sketch

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
