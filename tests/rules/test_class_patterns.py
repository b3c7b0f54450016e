"""The shipped patterns put invented sentences into the class that a clerk would give them.

Must never quote a real bulletin: every sentence is our own. A table holds the sentences of one class, parted
by bars; the near misses look like one class and belong to another.
"""

from __future__ import annotations

import re

import pytest

from tracker.domain.classes import OTHER, classify
from tracker.rules import load_rules

CLASSES = load_rules(None).classes
DOMAINS = {each.code: each.domain for each in CLASSES}

# Every sentence belongs to the class that heads it, whether or not the document names the domain.
SENTENCES = {
    # ── 一网通办 ──
    "late_return": """
        3件办件的结果信息没有回传 | 办件信息未在规定时间内回传市级平台 | 办件数据回传不及时
        有7条过程信息回传超时 | 办件信息未按要求推送至受理平台 | 结果信息回流滞后 | 没有推送12条办件
    """,
    "overdue_acceptance": """
        4件申请超过5个工作日未受理 | 6件办件超过5个工作日才受理 | 存在逾期受理的办件2件
        网上申请受理不及时 | 没有及时受理网上申请3件 | 未在规定时间内受理办件 | 窗口受理超时5件
    """,
    "overdue_completion": """
        8件办件超过承诺时限才办结 | 有2件超出法定期限办结 | 出现超期办结件1件 | 逾期未办结3件
        未在承诺期限内办结的事项有2件 | 上月有5件超期 | 没有按期办结 | 超期办件9件
    """,
    "license_not_archived": """
        5本证照没有入库 | 电子证照未及时归集 | 一类证照未按时生成 | 证照入库滞后
        2个电子证照没有及时入库 | 历史证照入库不及时 | 证照库中有6条异议数据
    """,
    "unevaluated_cases": """
        有未评办件43件 | 61件办件没有评价 | 现场办件未主动评价 | 上半年办件评价率仅为七成
        窗口没有引导群众评价 | 120件好差评未评价 | 连续两个月零评价
    """,
    "exempt_unmarked": """
        3个证照可免提交但没有标注 | 应免于提交的材料仍要求上传 | 9个免提交证照未标注
        免提交清单落实不到位 | 营业执照等证照没有标注 | 可以免交材料却要求重复提供
        5项免予提交的材料未公示
    """,
    "visit_count_mismatch": """
        承诺零跑动，实际须到大厅一次 | 跑动次数与公示不符 | 群众反映多跑了一趟
        承诺最多跑一次，实际两次 | 办事人跑腿次数多于承诺 | 到现场次数与承诺不一致
        到大厅办理次数超出公示
    """,
    "guide_inaccurate": """
        4个事项的办事指南不准确 | 办理指南内容有误 | 服务指南未及时更新 | 申请材料名称不规范
        受理条件与实际不符 | 办理地点已搬迁，仍为旧址 | 承诺时限长于法定时限 | 收费依据已失效
        办理流程前后不一致
    """,
    "no_app_topics": """
        移动端没有上线主题事项 | 未上线高频应用 | 掌上办事平台尚未接入 | 高频服务尚未上线
        手机端上线事项为零 | 上线应用数量不足 | 本单位主题没有在手机端上线 | 小程序没有入驻
    """,
    "depth": """
        12个事项办理深度不够 | 网办深度偏低 | 服务深度有待提升 | 全程网办比例低 | 网上可办率不高
        有6项不能全程网办 | 事项办理深度未达到四级 | “不见面”事项偏少
    """,
    "no_publicity": """
        没有开展“一网通办”宣传 | 未组织“一网通办”有关工作 | 未进行宣传推广 | 宣传力度不够 | 缺少宣传材料
        宣传工作不到位 | 窗口没有摆放宣传资料 | 未组织政务服务宣传活动 | 宣传不足，知晓率低
    """,
    # ── 互联网+监管 ──
    "underreported_supervision": """
        监管行为数据推送偏少 | 上报的行为数量少于实际 | 漏报监管行为数据 | 未报送监管行为数据
        没有推送行政检查数据 | 监管数据存在少报 | 行政检查数据没有上报 | 上传的检查记录低于实际发生数
    """,
    "low_coverage": """
        监管事项覆盖率为41% | 监管行为覆盖率偏低 | 事项覆盖不足六成 | 主项覆盖率低于平均水平
        监管事项没有全覆盖 | 覆盖率未达标 | 系统覆盖不足一半 | 行政检查事项覆盖不全
    """,
    "late_upload": """
        监管数据上传不及时 | 行为数据上传及时率仅38% | 数据报送滞后 | 未及时上传监管行为数据
        监管数据没有按时报送 | 数据推送逾期 | 上报及时率低于目标 | 本月数据未按期报送
    """,
    "low_activity": """
        系统用户活跃度低 | 监管平台活跃用户仅三成 | 执法人员长期未登录系统 | 活跃度排名靠后
        有9个账户半年没有登录 | 用户登录率不足五成 | 日均登录次数偏少
    """,
    "low_registration": """
        执法人员注册率低 | 监管人员尚未注册 | 仍有15名用户没有注册 | 注册率不到六成 | 账户开通率偏低
        用户没有全部开通 | 执法人员注册不足一半 | 监管用户注册偏少
    """,
    "no_joint_supervision": """
        没有制定联合监管方案 | 未开展联合检查 | 无部门联合执法计划 | 联合监管机制缺失
        未组织跨部门联合抽查 | 缺少联合监管制度 | 全年没有联合检查任务
    """,
    "no_innovation": """
        没有监管创新方案 | 无创新举措 | 未报送创新做法 | 创新监管方式不多 | 缺少监管方式创新
        监管创新不足 | 没有可推广的创新案例
    """,
    "checklist_defect": """
        检查实施清单未填报 | 监管事项清单缺项 | 两条检查清单要素缺失 | 有未填报的实施清单
        监管清单与法规不一致 | 清单要素不完整 | 检查事项清单没有更新
    """,
    "random_inspection_low": """
        “双随机、一公开”检查比例只有32% | 抽查比例偏低 | 没有开展双随机抽查 | 双随机检查次数偏少
        抽查率不足两成 | 双随机监管未达到计划数 | 随机抽查事项仅完成4项
    """,
    # ── 政务公开 ──
    "missing_column": """
        没有设置行政裁决专栏 | 未开设稳岗就业专题 | 缺少招标投标栏目 | 没有食品抽检公开专栏
        没有设置建议提案办理 | 网站无回应关切栏目 | 灾害预警专区缺失 | 尚未建立旧改信息板块
        没有设置财政预决算专栏
    """,
    "empty_column": """
        就业创业栏目没有内容 | 专栏内容为空 | 社会救助栏目是空的 | 三个空白栏目 | 环境保护专栏无信息
        栏目缺少实质内容 | 药品监管栏目暂无内容 | 点开后为空
    """,
    "stale_column": """
        工作动态栏目长期不更新 | 通知公告半年没有更新 | 栏目更新不及时 | 网站已停更
        政策文件栏目严重逾期未更新 | 更新频率不达标 | 连续两个月没有信息发布 | 领导信息未及时调整
        没有按时更新政府信息公开目录
    """,
    "wrong_column": """
        应将“通知”改为“通知公告” | 建议把两个栏目合并为一个 | 栏目名称不规范 | 栏目归类错误
        稿件错放在动态栏目 | 要将财务信息改成财政资金专栏 | 专栏位置不当 | 应移至重点领域栏目
    """,
    "content_not_published": """
        没有公布证明事项清单 | 2023年度决算未公开 | 未按时公布年度报告 | 行政处罚结果没有公示
        “义务教育”栏目缺少招生范围 | 政策解读不全 | 没有对文件进行解读 | 公开内容不完整 | 缺少权责清单
        3份文件逾期公开 | 预算说明公开不及时
    """,
    "message_history": """
        历史留言没有分类 | 公众互动数据没有汇总 | 未对信箱来信进行归类 | 没有对咨询留言进行整理
        历史留言数据未分类汇总 | 互动交流数据没有按年度归类 | 没有对历史互动信息分类
    """,
    "platform_missing": """
        没有设置乡镇政务公开平台 | 未建立统一公开平台 | 网站没有搜索功能 | 站内检索结果不准
        搜索功能无法使用 | 公开平台尚未建成 | 缺少公开平台 | 无障碍功能不完善 | 没有提供互动渠道
        无法检索文件
    """,
    "dormant_account": """
        “云澜发布”微信公众号三个月没有更新 | 政务微博长期不更新 | 抖音账号已停用，没有注销
        “澜东在线”公众号更新不及时 | 两个账号为僵尸账号 | 没有完成注销手续 | 头条号半年未发布信息
        微信检查时最后更新日期为2023年3月2日 | 建议关停该客户端
    """,
    OTHER: """
        窗口人员上班时间玩手机 | 叫号机停用 | 网站打不开 | 信息有错别字 | 留言超过半年没有答复
        咨询电话无人接听 | 没有报送整改结果 | 没有开展自查 | 规范性文件没有标注有效性 | 整改及时率低
        材料报送不及时 | 外链失效
    """,
}

# What the sentence looks like, at first sight; in what domain; and where it belongs.
NEAR_MISSES = """late_return 一网通办 电子证照未归集 license_not_archived
overdue_acceptance 一网通办 已受理的2件逾期未办结 overdue_completion
overdue_acceptance 一网通办 8月受理量为零 other
overdue_completion 一网通办 承诺时限超过法定时限 guide_inaccurate
overdue_completion 一网通办 超时未受理办件2件 overdue_acceptance
overdue_completion - 群众留言2件超期答复 other
overdue_completion - 账号逾期未办理注销 dormant_account
license_not_archived 一网通办 证照没有标注免提交 exempt_unmarked
unevaluated_cases 一网通办 窗口没有设置评价器 other
unevaluated_cases - 规范性文件未评估 other
exempt_unmarked - 转载文章没有标注来源 other
visit_count_mismatch 一网通办 窗口服务承诺未公示 other
guide_inaccurate 一网通办 应标注为免提交的证照未在指南中标注 exempt_unmarked
guide_inaccurate - 没有及时更新政府信息公开指南 stale_column
guide_inaccurate - 办事指南等3个栏目半年没有更新 stale_column
no_app_topics - 新版网站没有按期上线 other
depth - 政务公开深度不够 other
no_publicity 一网通办 没有开展自查 other
underreported_supervision 互联网+监管 未及时上传监管数据 late_upload
underreported_supervision - 没有报送整改材料 other
low_coverage - 宣传覆盖面不足 no_publicity
late_upload - 群众诉求回复及时率偏低 other
low_activity - 无法登录系统 other
low_registration - 没有开通留言功能 platform_missing
no_joint_supervision 互联网+监管 双随机抽查比例低 random_inspection_low
no_innovation - 工作缺乏新意 other
checklist_defect - 没有公布权责清单 content_not_published
random_inspection_low - 被随机抽中的网站打不开 other
missing_column 政务公开 没有设置标识 other
missing_column 政务公开 没有按要求整改栏目问题 other
missing_column 政务公开 没有设置财政专栏，要将财务公开改成财政专栏 wrong_column
empty_column 政务公开 没有信息公开专栏 missing_column
empty_column 政务公开 连续一个季度没有信息发布 stale_column
stale_column 政务公开 公众号两周没有更新 dormant_account
stale_column 政务公开 信息公开不及时 content_not_published
wrong_column 政务公开 账号名称没有体现主办单位 other
content_not_published 政务公开 没有及时更新权责清单 stale_column
content_not_published 政务公开 没有按清单整改 other
content_not_published 政务公开 没有设置预算公开栏目 missing_column
message_history 政务公开 留言没有答复 other
platform_missing 政务公开 没有在管理平台备案 other
platform_missing 政务公开 未设置公告栏目 missing_column
dormant_account 政务公开 公众号发布的信息有错别字 other
dormant_account 政务公开 政务新媒体没有备案 other
dormant_account 政务公开 已申请关停的网站仍在运行 other"""


def sentences(lines: str) -> list[str]:
    return [text.strip() for text in lines.strip().replace("\n", "|").split("|")]


@pytest.mark.parametrize(
    ("text", "code"),
    [(text, code) for code, lines in SENTENCES.items() for text in sentences(lines)],
)
def test_a_sentence_gets_its_class_with_the_domain_named_or_not(text: str, code: str) -> None:
    assert classify(text, DOMAINS[code], CLASSES) == code
    assert classify(text, None, CLASSES) == code


@pytest.mark.parametrize("line", NEAR_MISSES.splitlines())
def test_a_near_miss_goes_where_it_belongs(line: str) -> None:
    lookalike, domain, text, code = line.split()
    assert lookalike != code
    assert classify(text, None if domain == "-" else domain, CLASSES) == code


def test_no_shipped_pattern_is_without_a_sentence_that_shows_it() -> None:
    for each in CLASSES:
        shown = sentences(SENTENCES[each.code])
        assert [p for p in each.patterns if not any(re.search(p, text) for text in shown)] == []


def test_every_class_has_sentences_and_a_lookalike_or_two() -> None:
    assert set(SENTENCES) == set(DOMAINS)
    near = [line.split()[0] for line in NEAR_MISSES.splitlines()]
    for code, lines in SENTENCES.items():
        assert len(sentences(lines)) + near.count(code) >= 8, code
