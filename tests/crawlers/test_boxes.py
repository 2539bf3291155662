"""索引号 boxes: rows of labels, empty cells, and boxes that stand inside the body."""

from __future__ import annotations

import pytest

from crawlers import boxes
from tests.crawlers import fields_pages as pages

INDEX, NUMBER, ISSUER = "00123456-7/2024-00112", "云政水〔2024〕5号", "云溪县水利局"
WANTED = (INDEX, NUMBER, ISSUER)
PAIRS = (
    f"<table><tr><td>索引号：</td><td>{INDEX}</td><td>主题分类：</td><td></td></tr>"
    f"<tr><td>发布机构：</td><td>{ISSUER}</td><td>文号：</td><td>{NUMBER}</td></tr>"
    "<tr><td>有效性：</td><td></td><td>关键词：</td><td></td></tr></table>"
)
ROW_OF_LABELS = (
    "<table><thead><tr><th>索取号</th><th>公开日期</th><th>发布机构</th><th>文件编号</th><th>备注</th></tr></thead>"
    f"<tbody><tr><td>{INDEX}</td><td></td><td>{ISSUER}</td><td>{NUMBER}</td><td></td></tr></tbody></table>"
)
FIRST_EMPTY = (
    "<table><tr><th>主题分类</th><th>信息索引</th><th>发布机构</th><th>文号</th></tr>"
    f"<tr><td></td><td>{INDEX}</td><td>{ISSUER}</td><td>{NUMBER}</td></tr></table>"
)
ITEMS = (
    f"<ul><li><b>索 引 号：</b>{INDEX}</li><li><b>发布机构：</b>{ISSUER}</li>"
    f"<li><b>名　　称：</b>{pages.TITLE}</li><li><b>文　　号：</b>{NUMBER}</li><li><b>有 效 性：</b></li></ul>"
)
TERMS = (
    f"<dl><dt>索引号</dt><dd>{INDEX}</dd><dt>发布机构</dt><dd>{ISSUER}</dd><dt>有效性</dt><dd>有效</dd>"
    f"<dt>文号</dt><dd>{NUMBER}</dd></dl>"
)
RENDERINGS = {"pairs": PAIRS, "row": ROW_OF_LABELS, "first empty": FIRST_EMPTY, "items": ITEMS, "terms": TERMS}


@pytest.mark.parametrize("box", RENDERINGS.values(), ids=RENDERINGS)
def test_a_box_above_the_title_gives_its_fields(box: str) -> None:
    inside = f'<div class="wrap">{box}<h1>{pages.TITLE}</h1><div class="nrong">{pages.paragraphs()}</div></div>'
    for found in pages.both(pages.page(inside)):
        assert (found.index_no, found.doc_no, found.issuer) == WANTED


@pytest.mark.parametrize("box", RENDERINGS.values(), ids=RENDERINGS)
@pytest.mark.parametrize("name", ["nrong", "article-content", "TRS_Editor"])
def test_a_box_inside_the_body_gives_its_fields_and_is_no_text(box: str, name: str) -> None:
    inside = (
        f'<div class="wrap"><h1>{pages.TITLE}</h1><p>发布时间：2024-03-01</p>'
        f'<div class="{name}">{box}{pages.paragraphs()}</div></div>'
    )
    for found in pages.both(pages.page(inside)):
        assert (found.index_no, found.doc_no, found.issuer) == WANTED
        assert found.body.split("\n") == list(pages.PROSE)


def test_an_empty_value_does_not_swallow_the_next_label() -> None:
    found = boxes.boxed("索引号：\n文号：\n云政水〔2024〕5号\n发布机构：\n有效性：\n")
    assert found == {"doc_no": NUMBER}


def test_a_table_with_rows_of_documents_is_the_reports_own() -> None:
    lines = ["文件名称\t发文字号\t发布机构", "甲办法\t云政〔2024〕1号\t县政府", "乙办法\t云政〔2024〕2号\t县政府"]
    assert boxes.leading(lines) == 0


def test_a_lone_label_opens_no_box() -> None:
    assert boxes.leading(["成文日期：2024年1月2日", *pages.PROSE]) == 0


def test_a_large_table_is_no_box() -> None:
    assert boxes.tabled(f"<table><tr><td>索引号</td><td>{'x' * 30_000}</td></tr></table>") == {}
