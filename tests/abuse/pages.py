"""Pages made to stop, fill or crash whoever reads them, each with what is promised for it."""

from __future__ import annotations

import json
from dataclasses import dataclass

HEAD = "<html><head><title>关于法治政府建设情况的报告</title></head><body>"
PROSE = "<p>2024年，甲县扎实推进法治政府建设，各项任务有序推进，办理行政复议案件412件，审结率达到95%。</p>" * 20
HONEST = HEAD + "<h1>甲县2024年法治政府建设情况报告</h1><p>发布时间：2025-02-28</p>" + PROSE
MILLION = 1_000_000
TEN_MB = 10 * MILLION


@dataclass(frozen=True)
class Heavy:
    """A page and its promised end: a reason, or None where it is read as the text that it is."""

    page: str
    reason: str | None


def _attributes(number: int, written: str, between: str = " ") -> str:
    """One tag with that many attributes."""
    return f"{HEAD}<div {between.join(written.format(n) for n in range(number))}>x</div>"


def _datastore(markup: str) -> str:
    records = f"<datastore><recordset><record><![CDATA[{markup}]]></record></recordset></datastore>"
    return f'{HEAD}<script type="text/xml">{records}</script>{PROSE}'


def _hidden(markup: str) -> str:
    """Markup behind the escapes of a JSON that a page carries."""
    detail = json.dumps({"title": "关于报告", "content": markup}).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<html><head><title>x</title></head><body><script>window._CONFIG = {{DETAIL: {detail}}}</script>{PROSE}"


_LEVELS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))

HEAVY = {
    "a million divs inside each other": Heavy(HEAD + "<div>" * MILLION, "too_deep"),
    "a million b inside each other": Heavy(HEAD + "<b>" * MILLION, "too_deep"),
    "a hundred thousand tables inside each other": Heavy(HEAD + "<table><tr><td>" * 100_000, "too_deep"),
    "a hundred thousand templates inside each other": Heavy(HEAD + "<template>" * 100_000, "too_deep"),
    "formatting that is closed in the wrong order": Heavy(HEAD + "<b><i><u><p></b></i></u>" * 40_000, "too_large"),
    "a million paragraphs": Heavy(HEAD + "<p>" * MILLION, "too_large"),
    "600,000 short lines": Heavy(HEAD + "<p>一、x</p>" * 600_000, "too_large"),
    "two million line breaks": Heavy(HEAD + "x<br>" * 2 * MILLION, "too_large"),
    "200,000 links": Heavy(HEAD + '<a href="/a/1.html">关于报告</a>' * 200_000, "too_large"),
    "a million comments": Heavy(HEAD + "<!---->" * MILLION, "too_large"),
    "ten million <": Heavy("<" * TEN_MB, "too_large"),
    "40,000 options": Heavy(HEAD + "<select>" + "<option>x" * 40_000, "too_large"),
    "200,000 options, closed": Heavy(HEAD + "<select>" + "<option>x</option>" * 200_000 + "</select>", "too_large"),
    "50,000 attributes": Heavy(_attributes(50_000, "a{}=1"), "too_large"),
    "500,000 attributes": Heavy(_attributes(500_000, "a{}=1"), "too_large"),
    "50,000 attributes without values": Heavy(_attributes(50_000, "a{}"), "too_large"),
    "50,000 attributes without spaces": Heavy(_attributes(50_000, 'a{}=""', ""), "too_large"),
    "50,000 attributes between slashes": Heavy(_attributes(50_000, "a{}", "/"), "too_large"),
    "50,000 attributes with tags in them": Heavy(_attributes(50_000, 'a{}="<p>"'), "too_large"),
    "50,000 attributes of a tag that never ends": Heavy(_attributes(50_000, "a{}=1").partition(">x")[0], "too_large"),
    "50,000 attributes behind a quote too many": Heavy(HEAD + '<p "><a b>' + _attributes(50_000, "a{}"), "too_large"),
    "nested markup in the records of a list": Heavy(_datastore("<div>" * 200_000), "too_large"),
    "nested markup behind escapes": Heavy(_hidden("<div>" * 200_000), None),
    "a line of 10 MB": Heavy(HEAD + "<p>" + "法" * (TEN_MB // 3), "too_large"),
    "a line of 10 MB of spaces": Heavy(HEAD + "<p>" + " " * TEN_MB, "too_large"),
    "a line of 10 MB of digits": Heavy(HEAD + "<p>" + "1" * TEN_MB, "too_large"),
    "a line of 10 MB of half dates": Heavy(HEAD + "<p>发布日期：" + "2025-" * (TEN_MB // 5), "too_large"),
    "a line of 10 MB of labels": Heavy(HEAD + "<p>" + "来源：" * (TEN_MB // 9), "too_large"),
    "a line of 10 MB of opened brackets": Heavy(HEAD + "<p>" + "甲发〔" * (TEN_MB // 9), "too_large"),
    "a line of 10 MB of breadcrumbs": Heavy(HEAD + "<p>当前位置：" + "首页 > " * (TEN_MB // 9), "too_large"),
    "10 MB of quotes without end": Heavy(('<a "' + " " * 70_000) * 142, "too_large"),
    "10 MB of a comment without end": Heavy(HEAD + "<!--" + "-" * TEN_MB, "too_large"),
    "all the text that is allowed": Heavy(HEAD + "<p>" + "法" * 1_499_000, None),
    "all the text that is allowed, as breadcrumbs": Heavy(HEAD + "<p>当前位置：" + "首页 > " * 299_000, None),
    "all the tags that are allowed": Heavy(HEAD + "<li>一、x" * 79_000, None),
    "all the options that are allowed": Heavy(HEAD + "<select>" + "<option>x" * 9_990, "empty"),
    "10 MB of one class": Heavy(HEAD + '<div class="' + "a" * TEN_MB + '">x</div>', "empty"),
    "10 MB of entities": Heavy(HEAD + "<p>" + "&amp;" * (TEN_MB // 5), "too_large"),
    "a title of 5 MB": Heavy(f"<title>{'报' * (TEN_MB // 6)}</title>{PROSE}", "too_large"),
    "a table with a hundred thousand columns": Heavy(
        HEAD + "<table><tr><td colspan=100000 rowspan=100000>x" + "<tr><td>y" * 10_000 + "</table>" + PROSE, None
    ),
    "the entities of an XML bomb": Heavy(
        f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">{_LEVELS}]><l>&a11;</l>{PROSE}', None
    ),
    "an entity that names a file": Heavy(
        f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>{PROSE}', None
    ),
    "control characters": Heavy(HEAD + "<p>" + "\x1b[31m\x07\x9b" * 100_000 + PROSE, None),
    "NUL": Heavy(HEAD + "<p>" + "\0" * MILLION, "undecodable"),
}
SLOW = _attributes(70_000, "a{}<")  # no limit catches it: some seconds in a parser that nothing can interrupt
