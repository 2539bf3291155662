"""The bytes decide: declared charset against the real one against a byte order mark."""

from __future__ import annotations

import codecs
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.decode import decode

TEXT = "云溪县人民政府关于印发《2024年法治政府建设要点》的通知，请认真贯彻落实。" * 6
DECLARED = ("utf-8", "gb2312", "gbk", "gb18030", "big5", "iso-8859-1", "nonsense", None)
MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
BIG5 = "雲溪縣政府關於印發要點的通知，請認真貫徹落實各項工作。" * 6


def _page(text: str, declared: str | None) -> str:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<html><head>{meta}<title>{text[:12]}</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(("actual", "header", "meta"), list(product(("utf-8", "gb18030"), DECLARED, DECLARED)))
def test_utf8_and_gb18030_are_read_whatever_is_declared(actual: str, header: str | None, meta: str | None) -> None:
    content_type = f"text/html; charset={header}" if header else None
    found = decode(_page(TEXT, meta).encode(actual), content_type)
    if actual == "gb18030" and "big5" in (header, meta):
        assert found.replaced or TEXT in found.text  # Big5 and GB overlap: a label that fits the bytes is believed
    else:
        assert TEXT in found.text
        assert found.replaced == 0


@pytest.mark.parametrize("declared", ["big5", None])
def test_big5_is_read_when_it_is_declared_or_detected(declared: str | None) -> None:
    assert BIG5 in decode(_page(BIG5, declared).encode("big5")).text


@pytest.mark.parametrize(("codec", "declared"), list(product(MARKS, DECLARED)))
def test_a_byte_order_mark_beats_every_label(codec: str, declared: str | None) -> None:
    page = MARKS[codec] + _page(TEXT, declared).encode(codec)
    found = decode(page, f"text/html; charset={declared}" if declared else None)
    assert TEXT in found.text
    assert found.replaced == 0


def test_four_byte_characters_declared_as_gb2312_are_read() -> None:
    rare = "㐀䶵龦𠀀" * 3 + TEXT
    assert rare in decode(_page(rare, "gb2312").encode("gb18030")).text


def test_what_cannot_be_read_is_counted() -> None:
    cut = _page(TEXT, "gb2312").encode("gb18030") + b"\xff\xff\xff"
    assert decode(cut).replaced > 0


@given(st.binary(max_size=400), st.sampled_from([None, "text/html; charset=gb2312", "text/html; charset=\x00"]))
def test_no_bytes_make_decoding_fail(body: bytes, content_type: str | None) -> None:
    found = decode(body, content_type)
    assert found.replaced == found.text.count("\ufffd")


def test_nul_is_left_out_of_what_is_decoded() -> None:
    assert decode(b"\xe4\xb8\xad\0\xe6\x96\x87").text == "中文"
    assert decode("中文".encode("utf-16")).text == "中文"


def test_a_flaw_in_utf8_does_not_make_another_encoding_of_it() -> None:
    flawed = _page(TEXT, "gb2312").encode().replace("法治".encode(), b"\xe6\xb3", 1)
    found = decode(flawed, "text/html; charset=gb2312")
    assert found.codec == "utf-8"
    assert found.replaced == 1
