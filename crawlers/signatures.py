"""What pages say that are no content: missing pages, broken servers, challenges and redirects, by their own words.

Sources: the products' own pages (瑞数, 加速乐, 创宇盾, 网神, 安全狗, 云防护, Aliyun WAF, Cloudflare), Tomcat, Spring,
FreeMarker, nginx, IIS and PHP error pages. All are looked for in titles and in pages of hardly any text.
"""

from __future__ import annotations

import re

_THING = "(?:页面?|网页|文章|文件|信息|内容|栏目|资源|地址|链接|记录|数据|网址)"
_MISSING = "(?:不存在|未找到|没有找到|找不到|已经?被?删除|已失效|已下线|走丢|丢失)"

TITLE_WORDS = (
    *(
        "40",
        "41",
        "50",
        "不存在",
        "找不到",
        "没有找到",
        "未找到",
        "删除",
        "失效",
        "走丢",
        "错误",
        "异常",
        "繁忙",
        "维护",
    ),
    *("升级", "not found", "error", "gateway", "unavailable", "exception"),
)
TITLE_OF_GONE = re.compile(
    rf"^\W*(?:error\W*)?(?:404|410)(?!\d)|{_THING}{_MISSING}|(?:找不到|无法找到).{{0,6}}{_THING}|\bnot found\b",
    re.IGNORECASE,
)
TITLE_OF_ERROR = re.compile(
    r"^\W*(?:http\s*)?(?:status\s*|error\s*)?50[0-4](?!\d)|bad gateway|service (?:temporarily )?unavailable"
    r"|internal server error|gateway time-?out|服务器(?:内部)?错误|系统(?:错误|异常|繁忙)|exception report"
    r"|网站(?:维护|升级)中",
    re.IGNORECASE,
)
GONE = re.compile(
    rf"{_THING}.{{0,8}}{_MISSING}|(?:找不到|未找到|没有找到|无法找到|不存在).{{0,10}}{_THING}|\b404\b"
    r"|\bnot\s+found\b|(?:page|file|resource|url).{0,40}(?:does not|doesn.t|no longer) exist",
    re.IGNORECASE,
)
ERROR = re.compile(
    r"freemarker (?:template )?error|whitelabel error page|http status 50\d|\bjava\.lang\.\w+|stack\s*trace"
    r"|\bat (?:com|org|java)\.[\w.]+\(|bad gateway|service (?:temporarily )?unavailable|internal server error"
    r"|gateway time-?out|\b50[0-4]\b.{0,20}(?:error|错误)|服务器(?:内部)?(?:错误|异常|繁忙)"
    r"|系统(?:错误|异常|繁忙|维护)|数据库.{0,6}(?:错误|失败)|server error in|runtime error|fatal error"
    r"|microsoft ole db|网站(?:正在)?(?:维护|升级)",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"just a moment|checking your browser|enable javascript and cookies|(?:访问|请求)被?(?:阻断|拦截|拒绝|禁止)"
    r"|被拦截|云防护|疑似黑客|创宇盾|安全狗|防火墙|\bWAF\b|access denied|request (?:blocked|rejected)"
    r"|\bforbidden\b|人机验证|安全验证|滑动.{0,4}验证|非法(?:请求|访问|参数)|不合法参数"
    r"|(?:访问|请求)(?:过于|太)频繁",
    re.IGNORECASE,
)
CHALLENGE_SCRIPT = re.compile(
    r"\$_ts\b|__jsl_clearance|__jsluid|acw_sc__v2|\bC3VK\b|wzwschallenge|wzws_|cf-browser-verification"
    r"|challenge-platform|document\.cookie\s*=(?:(?!document\.cookie\s*=)[\s\S]){0,6000}?location\.?(?:\(|href|reload|replace|assign)",
    re.IGNORECASE,
)
REFRESH = re.compile(r"<meta\b[^<>]{0,200}\brefresh\b[^<>]{0,200}\burl\s*=", re.IGNORECASE)
REDIRECT = re.compile(
    r"\blocation(?:\.href)?\s*=\s*[\"'(\w]|\blocation\.(?:replace|assign)\s*\(|\bwindow\.navigate\s*\(",
    re.IGNORECASE,
)
