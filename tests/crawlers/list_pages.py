"""List pages that the project writes itself, in the shapes that portals have: each is markup around the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

NAV = (
    '<div class="nav"><ul>'
    + "".join(f'<li><a href="/lm{n}/index.html">{name}</a></li>' for n, name in enumerate(("首页", "要闻", "政务公开")))
    + "</ul></div>"
    '<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/gk/">政务公开</a></div>'
)
FOOTER = (
    '<div class="foot"><a href="/about.html">网站地图</a> <a href="http://www.gov.cn/">中国政府网</a>'
    "<p>主办：某某局 更新于2031-01-01 备案号：某ICP备00000001号</p></div>"
)
SIDEBAR = (
    '<div class="side"><h3>热点信息</h3><ul>'
    + "".join(
        f'<li><a href="/hot/t2021010{n}_{n}.html">热点信息第{n}条的标题</a><i>2021-01-0{n}</i></li>'
        for n in range(1, 6)
    )
    + "</ul></div>"
)


class Entry(NamedTuple):
    """A row as it should be read."""

    title: str
    url: str
    date: str | None


def entries(count: int = 8) -> list[Entry]:
    """Rows of different days and lengths; one title has two characters."""
    rows = [
        Entry(
            f"关于做好第{n}批行政规范性文件清理工作的通知",
            f"/gk/202403/t202403{n + 1:02d}_{1000 + n}.html",
            f"2024-03-{n + 1:02d}",
        )
        for n in range(count)
    ]
    return [row._replace(title="公示") if at == 1 else row for at, row in enumerate(rows)]


def page(body: str, before: str = "", after: str = "") -> str:
    """A whole page around a list."""
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>通知公告</title></head><body>"
        f"{NAV}{before}<div class='main'><h2>通知公告</h2>{body}</div>{after}{FOOTER}</body></html>"
    )


def _each(row: Callable[[Entry], str]) -> str:
    return "\n".join(row(entry) for entry in entries())


def _parts(date: str) -> tuple[str, str, str]:
    year, month, day = date.split("-")
    return year, month, day


def _split_day(entry: Entry) -> str:
    year, month, day = _parts(entry.date or "")
    return f"<li><div class='t'><b>{day}</b><i>{year}-{month}</i></div><a href='{entry.url}'>{entry.title}</a></li>"


def _month_day(entry: Entry) -> str:
    _, month, day = _parts(entry.date or "")
    return f"<li><span>[{month}-{day}]</span><a href='{entry.url}'>{entry.title}</a></li>"


def _cut(entry: Entry) -> str:
    shown = entry.title if len(entry.title) < 9 else entry.title[:8] + "..."
    return f"<li><a href='{entry.url}' title='{entry.title}'>{shown}</a><span>{entry.date}</span></li>"


def _five_a_list() -> str:
    rows = [f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>" for e in entries()]
    lists = (rows[at : at + 5] for at in range(0, len(rows), 5))
    return "<div class='line'></div>".join(f"<ul class='list'>{''.join(part)}</ul>" for part in lists)


def _chinese_day(entry: Entry) -> str:
    year, month, day = _parts(entry.date or "")
    return f"<p>·<a href='{entry.url}'>{entry.title}</a>（{year}年{int(month)}月{int(day)}日）</p>"


def _gazette_row(entry: Entry) -> str:
    cells = (f"X-{entry.date}", f"<a href='{entry.url}'>{entry.title}</a>", "某发〔2024〕1号", "2024-02-01", entry.date)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _card(entry: Entry) -> str:
    return (
        f"<div class='card'><a href='{entry.url}'><img src='/i/1.jpg'></a>"
        f"<h3><a href='{entry.url}'>{entry.title}</a></h3>"
        f"<p>为进一步规范有关工作，现就有关事项通知如下。2023年12月31日前完成。<a href='{entry.url}'>[详细]</a></p>"
        f"<div class='info'>来源：某某局 发布时间：{entry.date}</div></div>"
    )


def _whole_link(entry: Entry) -> str:
    return f"<a class='x' href='{entry.url}'><span class='tit'>{entry.title}</span><em>{entry.date}</em></a>"


def _with_header(entry: Entry) -> str:
    year, month, day = (entry.date or "--").split("-")
    header = f"<p class='dt'>发布时间：{year}年{month}月{day}日 来源：县水利局</p>"
    return f"<li><a href='{entry.url}'><p class='tt'>{entry.title}</p>{header}</a></li>"


def _dated_heading(entry: Entry) -> str:
    return f"<a class='box' href='{entry.url}'><h3>{entry.title}({entry.date})</h3><p>{entry.title}</p></a>"


def _in_a_script(entry: Entry) -> str:
    call = f"open_page('{entry.url}','$article.user');"
    return f"""<li><a href="javascript:void(0);" onclick="{call}">{entry.title}</a><span>{entry.date}</span></li>"""


def _under_a_district(entry: Entry) -> str:
    shown = f"[市本级] {entry.title[:9]}..."
    return f"<tr><td><a href='{entry.url}' title='{entry.title}'>{shown}</a></td><td>{entry.date}</td></tr>"


def _archived(entry: Entry) -> str:
    meta = f"<a href='{entry.url}'><time>{entry.date}</time></a> <a href='{entry.url}#respond'>发表评论请点击这里</a>"
    more = f"近日，有关工作已经部署。<a href='{entry.url}#more'>继续阅读“{entry.title}”</a>"
    return f"<article><h2><a href='{entry.url}'>{entry.title}</a></h2><div>{meta}</div><p>{more}</p></article>"


def _with_readings(entry: Entry) -> str:
    more = "<p><a href='./jd/1.shtml'>[文件解读]</a> <a href='./tj/1.shtml'>[图解]</a></p>"
    link = f"<a href='{entry.url}' title='{entry.title}'>{entry.title[:9]}…</a>"
    return f"<tr><td>1</td><td>{link}{more}</td><td>某发〔2024〕1号</td><td>2024-02-01</td><td>{entry.date}</td></tr>"


SHAPES: dict[str, str] = {
    "items": "<ul>" + _each(lambda e: f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span></li>") + "</ul>",
    "date first": "<ul>" + _each(lambda e: f"<li><span>{e.date}</span> <a href='{e.url}'>{e.title}</a></li>") + "</ul>",
    "dots": "<ul>"
    + _each(lambda e: f"<li><a href='{e.url}'>{e.title}</a><i>{(e.date or '').replace('-', '.')}</i></li>")
    + "</ul>",
    "cut titles": f"<ul>{_each(_cut)}</ul>",
    "day and month apart": f"<ul>{_each(_split_day)}</ul>",
    "no year": f"<ul>{_each(_month_day)}</ul>",
    "table rows": "<table>"
    + _each(lambda e: f"<tr><td>-</td><td><a href='{e.url}'>{e.title}</a></td><td>{e.date}</td></tr>")
    + "</table>",
    "two dates a row": "<table><tr><th>索引号</th><th>标题</th><th>文号</th><th>成文日期</th><th>发布日期</th></tr>"
    + _each(_gazette_row)
    + "</table>",
    "a table a row": _each(
        lambda e: f"<table><tr><td><a href='{e.url}'>{e.title}</a></td><td>{e.date}</td></tr></table>"
    ),
    "definition list": "<dl>" + _each(lambda e: f"<dt><a href='{e.url}'>{e.title}</a></dt><dd>{e.date}</dd>") + "</dl>",
    "line breaks": "<div>" + _each(lambda e: f"<a href='{e.url}'>{e.title}</a> [{e.date}]<br>") + "</div>",
    "paragraphs": _each(_chinese_day),
    "cards": _each(_card),
    "links as rows": f"<div>{_each(_whole_link)}</div>",
    "header line in the link": f"<ul>{_each(_with_header)}</ul>",
    "date in the link": "<ul>" + _each(lambda e: f"<li><a href='{e.url}'>{e.title} [{e.date}]</a></li>") + "</ul>",
    "five a list": _five_a_list(),
    "category before": "<ul>"
    + _each(lambda e: f"<li>[<a href='/lm/'>公告</a>] <a href='{e.url}'>{e.title}</a> <i>{e.date}</i></li>")
    + "</ul>",
    "unclosed items": "<ul>" + _each(lambda e: f"<li><a href='{e.url}'>{e.title}</a><span>{e.date}</span>") + "</ul>",
    "dated headings": f"<div>{_each(_dated_heading)}</div>",
    "addresses in scripts": f"<ul>{_each(_in_a_script)}</ul>",
    "districts": f"<table>{_each(_under_a_district)}</table>",
    "documents with readings": "<table><tr><th>序号</th><th>标题</th><th>文号</th><th>成文</th><th>发布</th></tr>"
    + f"{_each(_with_readings)}</table>",
    "an archive": f"<main>{_each(_archived)}</main>",
    "labels": "<ul>"
    + _each(lambda e: f"<li><p><a href='{e.url}'>{e.title}</a></p><p>发布时间：{e.date} 浏览：12</p></li>")
    + "</ul>",
}
