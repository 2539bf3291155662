"""What pages of sites that nobody had looked at got wrong, a test for each cause."""

from __future__ import annotations

import pytest

from crawlers import attachments, generic, numbers
from tests.crawlers import shapes
from tests.crawlers.fields_pages import PROSE, TITLE, article, both, page, paragraphs, read

SOURCE, DAY = shapes.SOURCE, shapes.DAY
LETTER = "<div class=tit>来信内容</div><div class=cont>{}</div><div class=tit>答复内容</div><div class=cont>{}</div>"


def test_a_letter_and_its_answer_are_one_body() -> None:
    asked = "我家门前的水渠去年冬天开裂，至今没有修好，春灌就要开始了，请问什么时候能够修复，期间怎样取水？"
    facts = "<table><tr><th>信件编号</th><td>20240212</td><th>来信人</th><td>林某</td></tr></table>"
    inside = f"{facts}<div class=box>{LETTER.format(asked, paragraphs())}</div><div>满意度评价：满意 不满意</div>"
    for said in both(shapes.around(f"{shapes.TOP}{inside}")):
        assert said.body.split("\n") == ["来信内容", asked, "答复内容", *PROSE]


@pytest.mark.parametrize("label", ["添加日期", "公布时间", "刊登日期", "发帖时间", "提交日期"])
def test_a_day_under_any_word_for_publishing_counts(label: str) -> None:
    for said in both(article(f"<div>{label}：2024年3月1日 8:51:06　阅读次数：[]</div>")):
        assert said.published_at == "2024-03-01T08:51:06+08:00"


def test_a_subtitle_in_two_lines_stays_in_the_body() -> None:
    subtitle = "（2024年2月28日云溪县第十七届人民代表大会<br>常务委员会第三次会议通过）"
    for said in both(article(f"<p>发布日期：{DAY}</p>", f"<p>{subtitle}</p>{paragraphs()}")):
        assert said.body.split("\n") == [*subtitle.split("<br>"), *PROSE]


def test_the_day_of_the_header_line_wins_over_that_of_generation() -> None:
    box = "<table><tr><td>索引号：</td><td>X00/2024-00012</td><td>生成日期：</td><td>2024-02-20</td></tr></table>"
    inside = f"{box}<h1>{TITLE}</h1><div>更新时间：<em>{DAY}</em>　|　来源：<em>{SOURCE}</em></div>"
    for said in both(shapes.around(f"{inside}<div class=nr1>{paragraphs()}</div>")):
        assert said.published_at == DAY


def test_a_summary_that_begins_with_the_title_does_not_hide_the_header_line() -> None:
    header = f"<small>时间:</small>{DAY} 08:41<small>来源:</small>{SOURCE} <small>点击:</small>"
    summary = f"<div class=intro>3月1日，县政府印发{TITLE}</div>"
    inside = f"<h2>{TITLE}</h2><div class=info>{header}</div>{summary}<div class=content>{paragraphs()}</div>"
    for said in both(shapes.around(inside)):
        assert (said.published_at, said.source) == (f"{DAY}T08:41:00+08:00", SOURCE)


def test_the_tab_behind_an_empty_label_is_no_source() -> None:
    header = f"<div>信息时间：{DAY}<span>信息来源：</span></div><ul><li>通知公告</li><li>中标结果</li></ul>"
    for said in both(shapes.around(f"<h1>{TITLE}</h1>{header}<div class=nr1>{paragraphs()}</div>")):
        assert said.source is None


def test_of_two_boxes_of_one_name_the_body_is_the_fuller() -> None:
    menu = '<div class="content"><span>导航</span></div>'
    inside = f'{menu}{shapes.TOP}<div class="content">{paragraphs()}</div>'
    said = read(shapes.around(inside, "/zwgk/202403/t20240301_123456.html"))
    assert (said.extractor, said.body.split("\n")) == ("trs/1", list(PROSE))


def test_a_button_in_the_familys_box_is_not_the_body() -> None:
    inside = f'<div class="view"><span>展开导航</span></div>{shapes.TOP}<div class="nr1">{paragraphs()}</div>'
    said = read(shapes.around(inside, "/zwgk/202403/t20240301_123456.html"))
    assert said.body.split("\n") == list(PROSE)
    assert said.warnings == ("trs: hardly a body",)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("云农（农药）罚〔2023〕12号", "云农（农药）罚〔2023〕12号"),
        ("决定书文号\t云水罚〔2024〕3号", "云水罚〔2024〕3号"),
    ],
)
def test_a_number_is_read_with_its_brackets_and_from_its_cell(cell: str, number: str) -> None:
    assert numbers.own_doc_number([cell, "案件名称\t取水案"], TITLE) == number


def test_a_file_behind_a_download_servlet_is_an_attachment() -> None:
    body = f'{paragraphs()}<p><a href="/cacp/downloadServlet?id=8a81&amp;type=2">采购文件</a></p>'
    for said in both(article(f"<p>时间：{DAY}</p>", body)):
        assert [(file.url, file.name) for file in said.attachments] == [
            ("/cacp/downloadServlet?id=8a81&type=2", "采购文件")
        ]


def test_a_link_that_a_script_writes_is_an_attachment() -> None:
    html = """<script>fj="细化标准.xlsx";if(fj!=""){
        document.write('<p>可下载附件：<a href="./P0201.xlsx">细化标准.xlsx<br></a></p>');}</script>"""
    found = attachments.in_scripts(html, lambda href: href)
    assert [(file.url, file.name) for file in found] == [("./P0201.xlsx", "细化标准.xlsx")]


def test_markup_that_says_more_than_the_json_beside_it_is_read() -> None:
    box = "<table><tr><td>索引号：</td><td>X00/2024-00012</td></tr>"
    box += f"<tr><td>文号：</td><td>云水〔2024〕5号</td><td>发布日期：</td><td>{DAY}</td></tr></table>"
    config = '<script>window._CONFIG = {"DETAIL": {"title": "T", "content": "<p>各乡镇：</p>"}};</script>'
    inside = f'{config}{box}<h3 class="title">{TITLE}</h3><div class="article-content">{paragraphs()}</div>'
    said = read(page(inside, url=f"{shapes.SITE}/gkmlpt/content/1/2/post_3.html"))
    assert (said.title, said.published_at, said.doc_no) == (TITLE, DAY, "云水〔2024〕5号")
    assert said.body.split("\n") == list(PROSE)


@pytest.mark.parametrize("label", ["时间", "发布时间"])
def test_a_header_line_that_begins_with_the_site_is_no_text(label: str) -> None:
    line = f"云溪县人民政府门户网站 www.example.gov.cn {label}：{DAY} 14:21 来源：{SOURCE} 分享："
    for said in both(shapes.around(f"<h1>{TITLE}</h1><div class=x><p>{line}</p>{paragraphs()}</div>")):
        assert (said.published_at, said.source) == (f"{DAY}T14:21:00+08:00", SOURCE)
        assert said.body.split("\n") == list(PROSE)


def test_thumbs_tags_and_a_cut_summary_are_no_text() -> None:
    above = f"<p>{PROSE[0]}{PROSE[1]}</p>"
    summary = f"<div>{(PROSE[0] + PROSE[1])[:30]}...</div>"
    below = (
        "<p>标签： 水利、灌溉</p><div>顶一下</div><div>(0)</div><div>0%</div><div>踩一下</div><p>------分隔线------</p>"
    )
    for said in both(article(f"<p>时间：{DAY}</p>", summary + above + paragraphs(*PROSE[2:]) + below)):
        assert said.body.split("\n") == [PROSE[0] + PROSE[1], *PROSE[2:]]


def test_a_first_sentence_that_holds_the_title_does_not_begin_a_second_copy() -> None:
    tools = f"<div>打印本页 关闭窗口 收藏本页\n{' ' * 40}</div>" * 15
    header = f"<div><span>发布时间：{DAY}</span></div>{tools}"
    lead = f"3月1日，{TITLE}正式印发。"
    for said in both(article(header, paragraphs(lead, *PROSE), after=f"<div>\n{' ' * 40}<b></b></div>")):
        assert said.body.split("\n") == [lead, *PROSE]


def test_a_page_of_nothing_but_a_file_keeps_it() -> None:
    bar = f"<div class=q1>发布时间：{DAY} 字体：小 中 大 <a href='javascript:window.print();'>打印本页</a></div>"
    bar += "<input type=image src='/images/colour.gif' width=13 height=13>" * 80
    file = f"<p>附件<a href='javascript:;' title='{TITLE}.doc' oldsrc='W0201.doc'>{TITLE}.doc</a></p>"
    share = "<div class=q3>分享到：QQ空间</div>"
    inside = f"<div class=q0><div class=q4><h1>{TITLE}</h1>{bar}</div><div class=q2>{file}</div>{share}</div>"
    for said in both(shapes.around(inside)):
        assert [found.url for found in said.attachments] == ["W0201.doc"]


def test_blanks_do_not_make_a_header_line_a_text() -> None:
    bar = f"<div>【信息时间：\n{' ' * 80}2024/3/1\n{' ' * 80}阅读次数：\n{' ' * 80}】<a href=#>【我要打印】</a></div>"
    box = f"<table><tr><td>{bar}</td></tr><tr><td><a href='/files/20240301.doc'>申报材料.doc</a></td></tr></table>"
    said = generic.report(shapes.around(f"<div><font>{TITLE}</font></div>{box}", title=TITLE))
    assert (said.published_at, [file.name for file in said.attachments]) == (DAY, ["申报材料.doc"])


@pytest.mark.parametrize("label", ["发布：{} 08:36", "发表：{} 08:36"])
def test_a_day_behind_a_bare_word_for_publishing_counts(label: str) -> None:
    header = f"<p><span>{label.format(DAY)}</span> <span>来源：{SOURCE}</span></p>"
    for said in both(article(header)):
        assert (said.published_at, said.source) == (f"{DAY}T08:36:00+08:00", SOURCE)


def test_a_script_may_cut_what_it_writes() -> None:
    call = "document.write('<span>来源：'+so+'</span>　<span>类型：原创</span>　<span>'+tm.substring(0,16)+'</span>');"
    script = f'<script>var tm = "{DAY} 10:00:27"; var so = "{SOURCE}"; {call}</script>'
    for said in both(article(f"<div>{script}</div>")):
        assert (said.published_at, said.source) == (f"{DAY}T10:00:27+08:00", SOURCE)


def test_files_some_boxes_away_from_the_body_are_the_reports() -> None:
    files = "<div class=fj0><b>附件下载</b><ul><li><a href='./P0201.pdf'>结果公告.pdf</a></li></ul></div>"
    body = f"<div class=a1><div class=a2><div class=TRS_Editor><div>{paragraphs()}</div></div></div></div>"
    for said in both(shapes.around(f"<div>{shapes.TOP}{body}{files}</div>")):
        assert [file.url for file in said.attachments] == ["./P0201.pdf"]


def test_a_title_in_two_lines_that_begins_with_the_source_leaves_the_source() -> None:
    title = f"<h1 class=article-title>{SOURCE}<br>关于发布今年第一期工程造价信息的通知</h1>"
    header = f"<div><span>发布日期：{DAY}</span><span>来源：{SOURCE}</span></div>"
    window = f"{SOURCE} 关于发布今年第一期工程造价信息的通知"
    for said in both(shapes.around(f"{title}{header}<div class=article-content>{paragraphs()}</div>", title=window)):
        assert (said.source, said.published_at) == (SOURCE, DAY)


def test_a_number_on_a_line_between_title_and_body_is_the_reports() -> None:
    for said in both(article(f"<div>财政部 税务总局公告2023年第12号</div><div>发布日期：{DAY}</div>")):
        assert said.doc_no == "财政部税务总局公告2023年第12号"


def test_a_source_may_stand_in_brackets_beside_the_day() -> None:
    for said in both(article(f"<h5><span>[{SOURCE}]</span>&nbsp;&nbsp;{DAY}&nbsp;&nbsp;字号：<a>T</a></h5>")):
        assert (said.source, said.published_at) == (SOURCE, DAY)


def test_a_window_that_names_only_the_body_whose_site_it_is_gives_no_title() -> None:
    banner = "<h1><span class=sp_title>云溪县人民法院</span> &gt; 执行信息</h1>"
    inside = (
        f"{banner}<h2>正文</h2><h4>失信被执行人名单</h4><p>{DAY} 21:16:25　来源: {SOURCE}</p><div>{paragraphs()}</div>"
    )
    for said in both(page(inside, title="云溪县人民法院")):
        assert (said.title, said.published_at) == ("失信被执行人名单", f"{DAY}T21:16:25+08:00")


def test_figures_in_large_type_are_no_title() -> None:
    body = "".join(f"<p>{line}<font size=5>{number}</font></p>" for number, line in enumerate(PROSE, 64771806))
    inside = f"<table><tr><td><span class=S5>{TITLE}</span> (被点击72次)</td></tr><tr><td>{body}</td></tr>"
    inside += "<tr><td><a href='#'>返回</a> 添加时间:2024-3-1 9:15:44</td></tr></table>"
    for said in both(shapes.around(inside, title="云溪镇政府网")):
        assert (said.title, said.published_at) == (TITLE, f"{DAY}T09:15:44+08:00")


def test_a_table_of_facts_above_the_title_counts_where_nothing_nearer_tells_the_day() -> None:
    facts = (
        f"<table><tr><td>所属地区：</td><td>云溪县</td><td>来源网站发布日期：</td><td><a>{DAY}</a></td></tr></table>"
    )
    inside = f"{facts}<table><tr><td class=dbiaoti>{TITLE}</td></tr><tr><td>{paragraphs()}</td></tr></table>"
    for said in both(shapes.around(inside, title="公开信息服务平台")):
        assert (said.title, said.published_at) == (TITLE, DAY)


def test_a_label_that_markup_parts_is_read() -> None:
    box = "<table><tr><th>索<span></span>引<span></span>号：</th><td>K16185922-201704-00036</td></tr></table>"
    for said in both(article(f"{box}<p>发布日期：{DAY}</p>")):
        assert said.index_no == "K16185922-201704-00036"


def test_a_source_may_be_called_where_it_is_from() -> None:
    for said in both(article(f"<p><span>时间：{DAY}</span> <span>出处：{SOURCE}</span></p>")):
        assert said.source == SOURCE


def test_a_file_in_the_table_of_facts_is_an_attachment() -> None:
    facts = "<tr><td>信息索引号</td><td>014034703/2026-00839</td></tr>"
    facts += "<tr><td>文件下载</td><td><a href='/uploadfiles/20260820.pdf'>云水〔2026〕7号.pdf</a></td></tr>"
    inside = f"<table>{facts}</table><h1>{TITLE}</h1><div id=zoom>{paragraphs()}</div>"
    said = read(shapes.around(inside, "/zwgk/202403/t20240301_123456.html"))
    assert [file.url.rpartition("/")[2] for file in said.attachments] == ["20260820.pdf"]


def test_a_day_in_two_boxes_beside_the_title_counts() -> None:
    for day in ("<strong>01</strong><em>2024-03</em>", "<em>2024年03月</em><strong>1日</strong>"):
        inside = (
            f"<div class=hd><div>{day}</div><h2>{TITLE}</h2><p>发布人：办公室 点击：<i>8</i> 来源：{SOURCE}</p></div>"
        )
        for said in both(shapes.around(f"{inside}<div class=nr1>{paragraphs()}</div>")):
            assert (said.published_at, said.source) == (DAY, SOURCE)


def test_a_day_alone_above_the_title_counts() -> None:
    inside = f"<ul><li>2024.03.01</li><li>1,286</li><li>字体 <a>A+</a></li></ul><h2>{TITLE}</h2>"
    banner = "<div class=rq>2026年2月28日</div>"
    for said in both(shapes.around(f"{inside}<div class=nr1>{paragraphs()}</div>")):
        assert said.published_at == DAY
    for said in both(shapes.around(f"{banner}{shapes.NAV}<h2>{TITLE}</h2><div class=nr1>{paragraphs()}</div>")):
        assert said.published_at is None


def test_labels_of_a_body_are_no_title() -> None:
    body = f"<p><strong>活动时间：</strong>2024年4月20日</p>{paragraphs()}"
    inside = f"<h3 class=n1>【讲坛】从地方志看灌溉史</h3><p><em>发布于 {DAY}</em></p><div class=nr1>{body}</div>"
    for said in both(shapes.around(inside, title="讲坛-云溪图书馆")):
        assert (said.title, said.published_at) == ("【讲坛】从地方志看灌溉史", DAY)


def test_a_day_in_two_boxes_behind_the_body_is_another_reports() -> None:
    others = "<ul><li><b>12</b><em>2024-02</em><a href='/b.html'>另一份通知</a></li><li><p>2024-02-11</p></li></ul>"
    inside = f"<h2>{TITLE}</h2><div class=nr1>{paragraphs()}</div><div class=lb>办公时间{others}</div>"
    for said in both(shapes.around(inside)):
        assert said.published_at is None


def test_the_call_of_a_script_behind_a_source_is_no_part_of_it() -> None:
    code = f'function ly(){{var s="{SOURCE}";if(s!="")document.write("&nbsp;来源："+s)}}ly()'
    for said in both(article(f"<p>发布时间：{DAY} 15:12<span><script>{code}</script></span></p>")):
        assert (said.source, said.published_at) == (SOURCE, f"{DAY}T15:12:00+08:00")


def test_the_files_behind_a_body_of_pictures_are_the_reports() -> None:
    picture = "<div class=TRS_Editor><p><img src='./W0201.jpg'></p></div>"
    files = "<div class=fj><b>附件下载：</b><ul><li><a href='./P0202.doc' title='须知.doc'>须知.doc</a></li></ul></div>"
    inside = f"<h1>{TITLE}</h1><p>发布时间：{DAY} 来源：{SOURCE}</p><div class=xl_con>{picture}</div>{files}"
    for said in both(shapes.around(inside, "/zwgk/202403/t20240301_123456.html")):
        assert [file.name for file in said.attachments] == ["须知.doc"]


def test_a_file_that_a_script_keeps_in_a_variable_is_an_attachment() -> None:
    script = """<script>var hasFJ='<a href="./P0203.docx">节水标语.docx</a>';
        if(hasFJ!=''){ var all=hasFJ.split("<BR/>"); document.write('<p>附件下载：</p>'); }</script>"""
    inside = f"<h1>{TITLE}</h1><p>发布时间：{DAY} 来源：{SOURCE}</p><div class=TRS_Editor>{paragraphs()}</div>{script}"
    said = read(shapes.around(inside, "/zwgk/202403/t20240301_123456.html"))
    assert [(file.url.rpartition("/")[2], file.name) for file in said.attachments] == [("P0203.docx", "节水标语.docx")]


def test_a_file_in_a_table_of_facts_is_an_attachment_on_an_unknown_page() -> None:
    facts = "<tr><td>信息索引号</td><td>014034703/2026-00839</td></tr>"
    facts += "<tr><td>文件下载</td><td><a href='/uploadfiles/20260820.pdf'>云水〔2026〕7号.pdf</a></td></tr>"
    inside = f"<table class=tab>{facts}</table><h2>{TITLE}</h2><div class=con1>{paragraphs()}</div>"
    said = generic.report(shapes.around(inside))
    assert [file.name for file in said.attachments] == ["云水〔2026〕7号.pdf"]


def test_the_number_that_a_window_adds_to_the_title_is_none_of_it() -> None:
    facts = "<tr><td>索引号：</td><td>000014/2024-00022</td><td><b>主题分类：</b></td><td>农业、水利\\防汛</td></tr>"
    facts += f"<tr><td><b>发文机关：</b></td><td>县政府</td><td><b>成文日期：</b></td><td>{DAY}</td></tr>"
    facts += f"<tr><td><b>标　　题：</b></td><td>{TITLE}</td><td><b>发布日期：</b></td><td>{DAY}</td></tr>"
    inside = f"<table><tbody>{facts}</tbody></table><div class=w1>{paragraphs()}</div>"
    for said in both(shapes.around(inside, title=f"{TITLE}（云政发〔2024〕43号）_政府信息公开专栏")):
        assert (said.title, said.published_at) == (TITLE, DAY)


def test_a_list_of_more_videos_is_no_body() -> None:
    player = "<div id=a1></div><script>var video='/d/file/5c1b2f.mp4';</script>"
    more = "<div class=more_video><h3>更多视频</h3><ul><li><a href=9919.html>今日云溪（上期）</a></li></ul></div>"
    head = f"<h1>{TITLE}</h1><p class=info><span>来源：{SOURCE}</span> <span>时间：{DAY}</span></p>"
    for said in both(shapes.around(f"<div class=video_box>{head}{player}{more}</div>")):
        assert said.body == ""


@pytest.mark.parametrize("name", ["云溪县水利局", "土地整治中心"])
def test_a_public_bodys_name_below_a_day_without_a_label_is_the_source(name: str) -> None:
    header = f"<p><span>{DAY} 10:31</span><span>{name}</span><span>浏览量：<em></em></span></p>"
    for said in both(article(header)):
        assert (said.source, (said.published_at or "")[:10]) == (name, DAY)


def test_a_comment_within_a_paragraph_ends_no_line() -> None:
    cut = "<p>为做好今年<!--StartFragment--><span>春季</span><!--EndFragment-->农田水利工作，确保灌溉用水安全。</p>"
    inside = f"{shapes.TOP}<div class=TRS_Editor>{cut}{paragraphs()}</div>"
    said = read(shapes.around(inside, "/zwgk/202403/t20240301_123456.html"))
    assert said.body.split("\n")[0] == "为做好今年春季农田水利工作，确保灌溉用水安全。"


META = f"<meta name=ArticleTitle content='{TITLE}'>"


@pytest.mark.parametrize("heading", [f"\n  {TITLE}\n", f"{TITLE[:7]}<br>{TITLE[7:]}"])
def test_a_link_to_the_page_itself_in_a_list_beside_it_is_not_its_heading(heading: str) -> None:
    rows = "".join(f"<li><a href='/x/{n}.html'>全县第{n}次推进会召开，部署重点任务</a></li>" for n in range(6))
    beside = f"<div class=ce><ul><li><a href='/x/9.html'>{TITLE}</a></li>{rows}</ul></div>"
    inside = f"<div class=zuo><h1>{heading}</h1>{shapes.HEADER}<div class=nr1>{paragraphs()}</div></div>{beside}"
    for said in both(shapes.around(inside, head=META)):
        assert said.body.split("\n") == [*PROSE]


def test_a_heading_that_says_more_than_meta_and_the_path_of_columns_is_the_title() -> None:
    inside = f"<div class=dq>首页 &gt; <a>{TITLE}</a></div><h1>{TITLE}（试行）</h1>{shapes.HEADER}"
    inside += f"<div class=TRS_Editor>{paragraphs()}</div>"
    said = read(shapes.around(inside, "/zwgk/202403/t20240301_123456.html", META))
    assert said.title == f"{TITLE}（试行）"


def test_a_column_that_meta_has_for_the_title_is_not_the_title() -> None:
    inside = f"<ul><li>通知公告</li></ul>{shapes.TOP}<div class=TRS_Editor>{paragraphs()}</div>"
    head = "<meta name=ArticleTitle content=通知公告>"
    page_ = shapes.around(inside, "/zwgk/202403/t20240301_123456.html", head, f"{TITLE}_通知公告_云溪县人民政府")
    assert read(page_).title == TITLE


@pytest.mark.parametrize("blank", ["", "\n  "])
def test_the_header_is_found_above_a_body_that_only_repeats_the_title(blank: str) -> None:
    header = f"<p>{DAY} {SOURCE}</p>"
    body = f"<div class=TRS_Editor>{blank}<p><a href=a.doc>{TITLE}</a></p>{blank}</div>"
    said = read(shapes.around(f"<h1>{TITLE}</h1>{header}{body}", "/zwgk/202403/t20240301_123456.html"))
    assert (said.title, said.published_from, said.source) == (TITLE, "page", SOURCE)


def test_a_day_below_a_long_menu_is_found_though_the_title_is_in_pieces() -> None:
    menu = "".join(f"<li><a href=/m{n}/>栏目{n}</a></li>" for n in range(60))
    heading = f"<h4 class=tit>办<i>公</i>室主任：林某</h4><p>{DAY}</p>"
    inside = f"<ul>{menu}</ul>{heading}<div class=TRS_Editor>{paragraphs()}</div>"
    said = read(shapes.around(inside, "/zwgk/202403/t20240305_123456.html", title="办公室主任：林某"))
    assert (said.title, said.published_at, said.published_from) == ("办公室主任：林某", DAY, "page")


@pytest.mark.parametrize(
    ("label", "source"), [("", SOURCE), ("<span>来源：</span>", None), ("<i>来源：县府办</i>", "县府办")]
)
def test_whoever_publishes_is_the_source_where_nothing_is_called_so(label: str, source: str | None) -> None:
    facts = f"<tr><td>索引号</td><td>014034703/2026-00839</td></tr><tr><td>发布机构</td><td>{SOURCE}</td></tr>"
    inside = f"<table>{facts}</table><h1>{TITLE}</h1><p>发布时间：{DAY} {label}</p><div id=zoom>{paragraphs()}</div>"
    for said in both(shapes.around(inside)):
        assert (said.source, said.issuer) == (source, SOURCE)
