"""What is on every page of a portal and in no report, told line by line.

Words that also occur in prose (打印, 分享, 点击, 责任 …) count only when a whole short line at an edge consists of such
words. Signature, date line, 附件 and （此件公开发布） are content.
"""

from __future__ import annotations

import re

PROVINCE = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新港澳台"
_CHROME = (
    r"(?:用手机|用微信|手机|微信)?扫一扫(?:，)?(?:在)?(?:手机|微信)?(?:打开|查看|分享|阅读)?(?:当前|此|"
    r"本)?页(?:面)?|微信扫一扫(?:分享)?|扫一扫(?:分享)?|"
    r"(?:请?使?用)?(?:手机|微信)?扫描二维码(?:分享(?:到手机)?)?|分享[到至](?:手机|微信|微博)?|我要(?:打印|推荐|纠错|收藏|分享)|"
    r"打印(?:本页|此页|本文|正文|"
    r"文章|页面)?|"
    r"关闭(?:窗口|本页|页面|此页|本窗口)?|收藏(?:本页|本站)?|加入收藏|设为首页|返回(?:顶部|首页|列表|上一页|上级|"
    r"原图)?|回到顶部|"
    r"字体(?:大小|颜色)?|字号|放大|缩小|默认|超大|特大|标准|视力保护色|背景颜?色|颜色|"
    r"大(?=$|[中小超特打收\W])|中(?=$|[大小\W])|小(?=$|[中大打收\W])|A\+?-?|"
    r"QQ空间|QQ好友|QQ|新浪微博|腾讯微博|人人网|豆瓣网?|微信(?:好友|朋友圈|公众号)?|朋友圈|开心网|Qzone|一键分享|"
    r"更多|分享|"
    r"(?:本页面?|本站|总|今日|昨日|累计|已)*(?:浏览|访问|点击|阅读)总?(?:次数|人次|人数|量|数|率)?|人气|次数?|"
    r"(?:当前)?在线人数|您是(?:本站|本网)?第\s*\d*\s*[位名个](?:(?:访问|浏览|来访)[者人]|访客|来客)|"
    r"网站支持IPv6|支持IPv6|本网站支持IPv6|无障碍(?:浏览|阅读)?|网站无障碍|关怀版|长者(?:版|模式|助手)|"
    r"适老化(?:无障碍)?(?:服务)?|IPv6|TOP|客户端|(?:关注)?(?:官方)?(?:微信(?:公众号)?|微博)|"
    r"老年版|手机版|电脑版|"
    r"语[音言]播报|朗读|简体(?:版|中文)?|繁[体體](?:版|中文)?|English|EN|"
    r"(?:用户)?登录|请输入关键[字词]|注册|退出|搜索|高级搜索|个人中心|网站首页|首页|网站地图|联系我们|网站声明|免责声明|隐私声明|关于我们|"
    r"智能(?:问答|客服)?机器人|智能(?:问答|客服)|网站?纠错|我为?政府网站找错|政府网站找错|党政机关|事业单位|"
    r"保存|下载本文|阅读全文|点击查看更多|展开|收起|上一页|下一页|尾页|末页|复制链接|举报|取消|确定|继续访问|放弃|"
    r"内容纠错|导出|纯文本|顶一下|踩一下|-*分隔线-*"
)
_TOKENS = re.compile(_CHROME, re.IGNORECASE)
_REST = re.compile(r"[\W_\d]+")
_RELATED = re.compile(
    r"^[\W_]*(?:相关|关联)(?:信息|稿件|链接|文档|解读|文章|新闻|阅读|内容|报道|政策|推荐|专题|导读)[\W_]*$|"
    r"^[\W_]*(?:更多(?:视频|图片|新闻|信息|内容)|推荐阅读|热点新闻|最新文章|猜你喜欢|延伸阅读|热门推荐|新闻链接|友情链接|为您推荐|网友评论|"
    r"政策问答)[\W_]*$"
)
_NEIGHBOUR = re.compile(r"^[\W_]*(?:上|下)一(?:篇|条|页|主题)(?:[\W_]|$)|^[\W_]*(?:上|下)一(?:篇|条)\S{0,60}$")
_FOOTER = re.compile(
    rf"[{PROVINCE}]\s*(?:公网安备|ICP备)|ICP备\s*[:：]?\d{{6,}}|公网安备\s*[:：]?\s*\d{{6,}}|备案(?:编|"
    rf"序)?号\s*[:：]|网站标识码|版权所有|"
    r"Copyright|©|^友情链接\s*[:：]|All Rights Reserved|建议使用.{0,30}分辨率|(?:网站)?(?:主办|承办|"
    r"主管)(?:单位)?\s*[:：].{0,60}(?:承办|主办|维护|备案|地址|技术)|"
    r"^技术支持\s*[:：]|^违法和不良信息举报|您访问的链接即将离开|hi\s*[!！]\s*我是|我是智小|很高兴为您服务",
    re.IGNORECASE,
)
_FOOTER_WORDS = (  # in lower case: one of them is in every line that the pattern finds
    *("公网安备", "icp备", "备案", "网站标识码", "版权所有", "copyright", "©", "all rights reserved", "友情链接"),
    *("主办", "承办", "主管", "建议使用", "技术支持", "违法和不良信息", "即将离开", "我是", "很高兴为您服务"),
)
_LONGEST_FOOTER = 300  # characters
_BANNER = re.compile(
    r"^欢迎(?:访问|来到|光临|您|登录)|今天是\s*[:：]?|^(?:公元)?\d{4}年\d{1,2}月\d{1,2}日\s*星期|"
    r"^天气\s*[:：]|^\S{0,12}\s?-?\d{1,2}℃|^热门(?:搜索|关键词)\s*[:：]"
)
_DAY = r"(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
_CRUMBS = re.compile(
    r"^(?:您?(?:当前|现在)?(?:所在)?的?(?:位置|栏目)(?:是|为|在)?\s*[:：]?|首页\s*(?:>|»|›|》|-|/|\\|→))|"
    r"^(?:网站)?首页(?:[\s|丨·]+[^\s|丨·]{2,8}){2,}$"
)
_CRUMB_TRAIL = re.compile(r"^\S{1,12}(?:\s*(?:>|»|›|>>)\s*\S{1,16}){2,}\s*(?:>|»|›)?$")
_META = re.compile(
    r"^[【\[（(]?\s*(?:(?:信息|文章|稿件|新闻|内容)?来\s*源|(?:信息)?(?:发布|发表|更新|录入|添加|创建|公开|上传|"
    r"发文|生成)(?:时间|日期)|时间发布|日\s*期|时\s*间|"
    r"作\s*者|责任编辑|责\s*编|编\s*辑|浏览(?:次数|量)?|访问(?:量|次数)|点击(?:数|量|率|次数)?|阅读(?:次数|量)?|"
    r"字\s*[号体](?:大小)?|索\s*引\s*号|"
    r"发\s*布\s*机\s*构|发\s*文\s*机\s*关|发\s*文\s*字\s*号|主题分类|组配分类|公开(?:方式|形式|范围|时限)|"
    r"有\s*效\s*性|体\s*裁|文\s*号|关\s*键\s*词|主\s*题\s*词|信息名称|内容概[述览]|成文日期|所属地区|效力状[态况])\s*[:：]"
)
_AMONG_OTHERS = re.compile(  # 某县人民政府门户网站 www.example.gov.cn 时间：2024-03-01; [某局] 2024-03-01 字号：
    rf"(?:网站?|www\.[\w.]+|平台|中心|频道)\s.{{0,40}}(?:时间|日期)\s*[:：]\s*{_DAY}|{_DAY}.{{0,12}}(?:字[号体]|浏览|点击|阅读次)"
)
_PLAIN_META = re.compile(
    r"^[【\[（(]?\s*(?:(?:信息|文章|稿件)?来\s*源|(?:信息)?(?:发布|更新)(?:时间|日期)|时间发布|浏览(?:次数|量)?|"
    r"访问(?:量|次数)|"
    r"点击(?:数|量|率|次数)?|阅读(?:次数|量)?|字\s*[号体](?:大小)?|索\s*引\s*号)\s*[:：]"
)
_DATED = re.compile(  # the day in brackets or without; an open bracket is a subtitle's: （2023年8月29日县人大常委会
    rf"^(?:[\[【(（|\s]+{_DAY}[\]】)）|\s]+|{_DAY}\s*)"
    r"(?:$|作者|来源|浏览|点击|阅读|访问|字体|字号|打印|【|分享|[\u4e00-\u9fa5-]{3,30}$)"
)
_SIGN_OFF = re.compile(
    r"^[【\[（(]?\s*(?:责任编辑|责编|编辑|审核|审稿|校对|初审|复审|终审|签发|编审|监制|值班编辑|网络编辑|一审|"
    r"二审|三审)(?:人)?\s*[:：/]\s*\S{0,30}.{0,30}$"
)
_COUNTER = re.compile(
    r"^[^。，；]{0,20}(?:浏览|访问|点击|阅读)(?:次数|量|数|率)?\s*[:：]\s*\d+(?:[^\d。，；][^。，；]{0,30})?$"
)
_BRACKETS = re.compile(r"(?:【[^【】]{1,30}】\s*)+")
_BRACKETED = re.compile(r"【([^【】]{1,30})】")
_SHORT = 120  # characters
_PROSE = re.compile(r"[。；！？]|[，,、].*[，,、]")
_NOT_PROSE = re.compile(r"[|丨>»]")


def is_chrome(line: str) -> bool:
    """Whether a line consists only of buttons, counters and the like."""
    if len(line) > 120:
        return False
    opening = _REST.match(line)
    if not _TOKENS.match(line, opening.end() if opening else 0):
        return False
    return not _REST.sub("", _TOKENS.sub("", line.replace(" ", "").replace("\u3000", "")))


def is_metadata(line: str, whole: bool = True) -> bool:
    """Whether a short line is a page's header line. `whole` knows labels (时间：, 作者：) that a body has as well."""
    if len(line) > 160:
        return False
    return bool((_META if whole else _PLAIN_META).match(line) or ("。" not in line and _AMONG_OTHERS.search(line)))


def is_footer(line: str) -> bool:
    """Whether a line belongs to the foot of every page."""
    if len(line) > _LONGEST_FOOTER:
        return False
    lowered = line.lower()  # the words tell most lines of a report apart for a tenth of what the pattern costs
    return any(word in lowered for word in _FOOTER_WORDS) and bool(_FOOTER.search(line))


def is_sign_off(line: str) -> bool:
    """Whether a line names editors and reviewers."""
    return len(line) <= 60 and bool(_SIGN_OFF.match(line))


def is_crumbs(line: str) -> bool:
    """Whether a line is the path of columns above the title."""
    return len(line) <= 120 and bool(_CRUMBS.match(line) or _CRUMB_TRAIL.match(line))


def is_prose(line: str) -> bool:
    """Whether a line reads as running text."""
    return len(line) >= 18 and bool(_PROSE.search(line)) and not (len(line) < 60 and _NOT_PROSE.search(line))


def is_heading_furniture(line: str, whole: bool = True) -> bool:
    """Whether a line above a body is no part of it: a banner, crumbs, metadata, buttons."""
    return bool(
        is_chrome(line)
        or is_metadata(line, whole)
        or is_crumbs(line)
        or (len(line) <= 60 and _BANNER.search(line))
        or (whole and len(line) <= 120 and _DATED.match(line))
    )


def is_neighbouring(line: str) -> bool:
    """Whether a line opens what is about other reports: the ones before and after it, related titles."""
    return len(line) <= 120 and bool(_RELATED.match(line) or _NEIGHBOUR.match(line))


def is_closing(line: str) -> bool:
    """Whether a line opens what follows a report: neighbours, related titles, buttons, the footer."""
    if len(line) <= _SHORT and (is_chrome(line) or _COUNTER.search(line) or _is_row_of_buttons(line)):
        return True
    return is_neighbouring(line) or is_footer(line)


def _is_row_of_buttons(line: str) -> bool:
    """Whether a line is 【打印】 beside 【关闭】 and others in brackets."""
    groups: list[str] = _BRACKETED.findall(line) if _BRACKETS.fullmatch(line) else []
    return len(groups) > 1 and any(map(is_chrome, groups))
