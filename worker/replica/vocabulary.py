"""The words that generated reports are filled with: places, offices, fields, rules and figures; all made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

_FIRST = "云青临清岚永碧和宁澄东沐栖槐新苍芦德曲蓝松霞渔锦墨瑶枫鹤梅桐"
_SECOND = "溪川岭河桥泉阳源原林湾坪浦屏峪田湖港塘庄丘渡冈汀台"
_LEVEL = "县区市"
_WORDS: Mapping[str, str] = {
    "field": """
        食品安全 道路运输 安全生产 生态环境 劳动保障 城市管理 农资经营 医疗卫生 教育培训 养老服务
        燃气经营 特种设备 校园周边 建筑施工 文化市场 河道采砂 预付式消费 网络交易 粮食收购
        林地保护 危险化学品 物业服务
    """,
    "rule": """
        《行政规范性文件管理办法》 《重大行政决策程序实施细则》 《行政执法监督工作规则》
        《行政裁量权基准动态调整办法》 《合法性审查工作规程》 《政务服务事项委托办理规定》
        《涉企行政检查计划管理办法》 《行政应诉工作规定》 《法律顾问管理办法》 《行政执法案卷评查标准》
        《突发事件分级响应办法》 《公共法律服务站点建设规范》 《社会稳定风险评估办法》
        《政府合同管理办法》
    """,
    "platform": """
        行政执法综合平台 一体化政务服务平台 信用信息共享平台 行政复议在线平台 规范性文件数据库
        掌上办事大厅 矛盾纠纷信息系统 智慧监管平台 电子证照库 法律援助管理系统
    """,
    "event": """
        宪法宣传周 民法典宣传月 国家安全教育日 法律服务进乡村 送法进企业 模拟法庭进校园 旁听庭审
        法治文艺巡演 法律明白人培训 普法夜市 法治体检 行政执法大练兵 案卷互评 知识竞赛
    """,
    "venue": """
        法治文化公园 法治宣传长廊 公共法律服务中心 基层立法联系点 行政复议受理点 劳动争议调解室
        涉外法律服务站 法治驿站 青少年法治教育基地 村（社区）法律顾问工作室
    """,
    "matter": """
        老旧小区改造 城区供热价格调整 公共停车收费 义务教育学区划分 集中供水工程 农村公路养护
        河湖岸线利用 公交线路优化 垃圾分类处置 产业园区规划 历史街区保护 医疗集团组建
    """,
    "leader": """
        政府主要负责同志 分管负责同志 党组书记 各部门主要负责人 领导班子成员 镇街负责人
    """,
    "dispute": """
        土地流转 劳动报酬 物业管理 婚姻家庭 消费维权 道路交通 征收补偿 邻里关系 医患 工程款
    """,
    "office": """
        司法局 市场监督管理局 生态环境局 交通运输局 农业农村局 应急管理局 文化和旅游局 自然资源局
        住房和城乡建设局 教育局 卫生健康局 水务局 人力资源和社会保障局 财政局 民政局 林业和草原局
        城市管理局 商务局
    """,
}
_FIGURES: Mapping[str, Callable[[Random], str]] = {
    "few": lambda chance: str(chance.randint(2, 9)),
    "tens": lambda chance: str(chance.randint(11, 99)),
    "hundreds": lambda chance: str(chance.randint(101, 999)),
    "thousands": lambda chance: str(chance.randint(1001, 9899)),
    "wan": lambda chance: f"{chance.randint(11, 389) / 10:.1f}万",
    "percent": lambda chance: f"{chance.randint(8105, 9996) / 100:.2f}%",
    "growth": lambda chance: f"{chance.randint(21, 389) / 10:.1f}",
}


def word(name: str, chance: Random) -> str:
    """A word or figure for a slot of a sentence; KeyError for a slot that nobody knows."""
    figure = _FIGURES.get(name)
    return figure(chance) if figure else chance.choice(_WORDS[name].split())


def place(chance: Random) -> str:
    """The name of a county, district or city that does not exist."""
    return chance.choice(_FIRST) + chance.choice(_SECOND) + chance.choice(_LEVEL)
