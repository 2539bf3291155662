"""Sentence templates of generated reports, by theme; words in braces are slots (`vocabulary.word`)."""

from __future__ import annotations

from typing import NamedTuple


class Theme(NamedTuple):
    """A chapter's subject: headings, the short sentences that lead a paragraph, and the sentences that fill it."""

    headings: tuple[str, ...]
    leads: tuple[str, ...]
    sentences: tuple[str, ...]


OPENINGS = (
    "{year}年，{place}坚持把法治政府建设放在全局工作中谋划推进，对照年度任务清单逐项落实，{few}个方面{tens}项重点任务全部完成。现将有关情况报告如下。",
    "{year}年以来，{place}以提升依法行政能力为主线，统筹制度建设、执法规范和法律服务，各项工作取得新的进展，年度考核群众满意率为{percent}。",
    "过去一年，{place}围绕中心、服务大局，把依法办事贯穿决策、执行、监督全过程，全年办理各类涉法事项{thousands}件，较上年增加{growth}个百分点。",
    "{year}年，{place}认真落实上级关于法治建设的部署，聚焦企业和群众反映集中的{few}类问题持续用力，法治环境进一步改善。现将主要工作报告如下：",
)

THEMES = (
    Theme(
        ("加强组织领导，压实法治建设责任", "健全推进机制，凝聚法治建设合力", "强化统筹谋划，夯实工作基础"),
        ("压实第一责任人职责", "健全会前学法制度", "完善督察考核机制", "加强统筹协调"),
        (
            "{leader}带头述法，全年听取法治工作专题汇报{few}次，研究解决重点难点问题{tens}个。",
            "召开专题会议{few}次，印发年度工作要点，将{tens}项任务分解到{tens}个责任单位。",
            "把法治课程列入干部培训必修内容，举办专题讲座{tens}期，培训{thousands}人次。",
            "建立月调度、季通报工作机制，下发督办单{tens}份，推动{field}等问题按期整改。",
            "对{few}个镇街和{tens}个部门开展实地督察，反馈问题{hundreds}条，整改率为{percent}。",
            "将法治建设成效纳入绩效考核，考核结果与评优评先挂钩，{few}家单位被约谈提醒。",
            "组织新任职人员参加法律知识测试，参考{hundreds}人，合格率{percent}。",
        ),
    ),
    Theme(
        ("完善制度体系，提高文件质量", "规范制发程序，维护法制统一", "健全依法行政制度"),
        ("严格合法性审查", "开展文件清理", "强化备案监督", "扩大公众参与"),
        (
            "严格执行{rule}，全年审查规范性文件{tens}件，提出修改意见{hundreds}条。",
            "修订{rule}，进一步明确起草、审核、公布和备案各环节的时限与责任。",
            "对现行有效的{hundreds}件文件集中清理，宣布失效{tens}件，修改{few}件。",
            "审查政府合同{hundreds}份，涉及金额{wan}元，避免和挽回损失{hundreds}万元。",
            "依托{platform}公开现行文件目录，累计访问{wan}人次，采纳群众建议{tens}条。",
            "设立{venue}{few}处，收集立法意见{hundreds}条，其中{tens}条被吸收。",
            "向上一级政府报送备案文件{tens}件，报备率、及时率和规范率均为100%。",
        ),
    ),
    Theme(
        ("规范决策程序，提升决策公信力", "坚持科学民主依法决策", "落实重大行政决策制度"),
        ("公布决策事项目录", "发挥法律顾问作用", "做实风险评估", "开展决策后评估"),
        (
            "围绕{matter}等事项公开征求意见，收到反馈{hundreds}条，采纳{tens}条。",
            "将{matter}、{matter}等{few}个事项列入年度目录并向社会公布。",
            "就{matter}召开听证会{few}场，邀请代表、专家和居民{tens}人参加。",
            "法律顾问列席会议{tens}次，出具法律意见书{hundreds}份，参与谈判{few}次。",
            "对{matter}开展后评估，调整措施{few}项，完善配套办法{few}件。",
            "落实{rule}，社会稳定风险评估率为100%，暂缓实施项目{few}个。",
            "全年提交常务会议审议的{hundreds}项议题均经过合法性审查，退回补正{tens}项。",
        ),
    ),
    Theme(
        ("规范行政执法，提升执法质效", "推进严格规范公正文明执法", "聚焦重点领域，加强执法监管"),
        ("落实执法三项制度", "推行柔性执法", "加强执法监督", "提升队伍能力"),
        (
            "在{field}、{field}等领域开展联合检查{hundreds}次，检查经营主体{thousands}户，发现并整改问题{hundreds}个。",
            "{office}办理行政处罚案件{hundreds}件，行政许可{thousands}件，法制审核率为100%。",
            "推行“综合查一次”，涉企检查频次同比下降{growth}个百分点，为企业节约时间{hundreds}小时。",
            "公布轻微违法不予处罚清单{tens}项，适用{hundreds}件，减免金额{hundreds}万元。",
            "评查行政执法案卷{hundreds}卷，优秀率{percent}，对{tens}卷问题案卷发出整改建议。",
            "举办{event}{few}场，{hundreds}名执法人员通过资格考试，通过率{percent}。",
            "{office}会同{office}查处{field}领域违法行为{tens}起，移送线索{few}条。",
            "聘请执法监督员{tens}名，收到意见建议{hundreds}条，办结率{percent}。",
        ),
    ),
    Theme(
        ("依法化解矛盾，维护和谐稳定", "发挥复议主渠道作用，推进争议化解", "健全多元解纷机制"),
        ("畅通复议渠道", "规范行政应诉", "做强人民调解", "前移化解关口"),
        (
            "收到行政复议申请{hundreds}件，受理{hundreds}件，经调解和解终止{tens}件。",
            "在{place}设立{venue}{few}个，接待咨询{thousands}人次，当场办理{hundreds}件。",
            "一审行政诉讼案件{tens}件，负责人出庭应诉率为{percent}，败诉率下降{growth}个百分点。",
            "人民调解组织排查{dispute}、{dispute}等纠纷{thousands}件，调解成功率{percent}。",
            "制发复议建议书{tens}份，推动{office}、{office}规范同类行为。",
            "{dispute}纠纷专业调解委员会受理案件{hundreds}件，涉及金额{wan}元。",
            "建立“警调、诉调、访调”衔接机制，{hundreds}件{dispute}纠纷在镇街一级化解。",
        ),
    ),
    Theme(
        ("优化法律服务，增进民生福祉", "健全公共法律服务体系", "办好法治惠民实事"),
        ("织密服务网络", "扩大法律援助", "做优公证服务", "服务乡村振兴"),
        (
            "建成{venue}{tens}个，全年提供法律咨询{wan}人次，群众满意率{percent}。",
            "办理法律援助案件{hundreds}件，为{thousands}名受援人挽回损失{hundreds}万元。",
            "推行“容缺受理”和上门服务，办理公证{thousands}件，减免费用{tens}万元。",
            "{hundreds}名律师担任村（社区）法律顾问，开展服务{thousands}次，审查合同{hundreds}份。",
            "服务热线接听来电{thousands}通，平均等待时间缩短{growth}秒，回访率{percent}。",
            "针对{dispute}问题开设绿色通道，当日受理{hundreds}件，办结周期压缩{few}天。",
            "组织{event}{tens}场，现场解答问题{hundreds}个，赠送资料{wan}份。",
        ),
    ),
    Theme(
        ("深化法治宣传，培育法治文化", "创新普法方式，营造守法氛围", "提升全民法治素养"),
        ("抓住重点对象", "打造普法品牌", "建设文化阵地", "落实普法责任制"),
        (
            "开展{event}、{event}等活动{hundreds}场次，直接参与群众{wan}人次。",
            "培育“法律明白人”{thousands}名，每个村（社区）不少于{few}名，参与调解{hundreds}件。",
            "新建{venue}{few}处，改造提升{tens}处，覆盖{hundreds}个村（社区）。",
            "制作短视频{tens}部、推文{hundreds}篇，点击量达到{wan}次，线上答题{wan}人次。",
            "向{office}等{tens}个单位制发普法责任清单，开展履职评议{few}次。",
            "选派法治副校长{hundreds}名，为{wan}名学生讲授法治课{hundreds}节。",
            "在农贸市场、车站和广场分享典型案例{hundreds}个，发放提示卡{wan}张。",
        ),
    ),
    Theme(
        ("优化营商环境，服务高质量发展", "护航经营主体，激发市场活力", "深化放管服改革"),
        ("精简审批环节", "加强信用监管", "保护企业权益", "规范涉企检查"),
        (
            "推进“高效办成一件事”，整合{tens}个事项，申请材料压减{growth}%，平均办结时间缩短{few}个工作日。",
            "走访企业{hundreds}家，开展{event}{tens}次，提示法律风险{hundreds}条。",
            "依托{platform}归集信用信息{wan}条，完成信用修复{hundreds}户。",
            "下放和委托办理事项{tens}项，{percent}的事项实现网上可办。",
            "开展公平竞争审查{hundreds}件，废止含有排除限制条款的文件{few}件。",
            "建立涉企诉求直通机制，收到诉求{hundreds}件，办结{percent}。",
            "新登记经营主体{thousands}户，同比增长{growth}%，开办时间压缩至{few}小时以内。",
        ),
    ),
    Theme(
        ("加快数字赋能，建设数字法治政府", "推进数据共享，提升治理效能", "强化科技支撑"),
        ("推动系统互联", "推广移动执法", "深化数据应用", "保障数据安全"),
        (
            "{platform}与{platform}完成对接，共享数据{wan}条，调用{wan}次。",
            "为{hundreds}名执法人员配发移动终端，在线办案{thousands}件，当场办结率{percent}。",
            "利用{platform}开展非现场监管，预警{field}风险{hundreds}次，处置率{percent}。",
            "电子证照应用场景增加到{hundreds}个，免交材料{wan}份。",
            "完成{platform}安全测评，修复漏洞{tens}个，组织演练{few}次。",
            "上线智能咨询功能，解答问题{wan}次，准确率{percent}。",
        ),
    ),
    Theme(
        ("强化监督制约，规范权力运行", "自觉接受监督，推进政务公开", "健全权力监督体系"),
        ("主动接受人大政协监督", "加强审计监督", "深化政务公开", "畅通投诉渠道"),
        (
            "办理人大代表建议{hundreds}件、政协提案{hundreds}件，办结率100%，满意率{percent}。",
            "实施审计项目{tens}个，促进增收节支{hundreds}万元，推动建立制度{tens}项。",
            "主动公开政府信息{thousands}条，答复依申请公开{hundreds}件，均在法定期限内办结。",
            "举办政务开放日{few}次，邀请{hundreds}名居民走进{office}、{office}。",
            "受理投诉举报{hundreds}件，{percent}在规定时限内答复，回访{hundreds}人。",
            "对{field}领域开展专项监督，发现问题{tens}个，追责问责{few}人。",
            "组织特邀监督员明察暗访{tens}次，形成问题清单{few}份，全部销号。",
        ),
    ),
)

SHORTCOMINGS = (
    "基层执法力量与承担的任务还不相适应，{field}、{field}等领域专业人员不足",
    "个别单位对{rule}理解不够深入，程序意识有待增强",
    "法治宣传的针对性不强，面向{dispute}当事人的精准普法还不够",
    "{platform}与业务系统的数据共享仍有堵点",
    "{office}等部门运用法治方式化解{dispute}矛盾的能力需要提高",
    "执法案卷质量不均衡，{tens}卷案卷存在说理不充分的情况",
    "公共法律服务资源分布不均，边远村（社区）服务频次偏低",
)

PLANS = (
    "健全会前学法和专题述法制度，开展{event}不少于{tens}场",
    "组织实施{rule}，完成{tens}件文件的评估和清理",
    "在{field}、{field}领域推行分级分类检查，检查频次再压减{growth}%",
    "建好用好{venue}，新增服务点{few}个",
    "推进{platform}建设，实现{tens}类数据互通",
    "对{matter}等{few}个事项开展决策后评估",
    "提高行政复议调解成功率，力争达到{percent}",
    "培训执法人员{hundreds}人，组织案卷评查{few}次",
)
