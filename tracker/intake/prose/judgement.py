"""What a piece of a sentence says: a fault, praise, a mere figure, a demand, or nothing of these.

Must never take the absence of faults (未发现问题) or a demand (要及时更新) for a fault.
"""

from __future__ import annotations

import re
from enum import Enum


class Tone(Enum):
    """What is said; the value is the reason shown for a line that gave no finding."""

    FAULT = "问题"
    CLEAR = "说明没有问题或已经改正，不是问题"
    PRAISE = "表扬，不是问题"
    FIGURE = "统计数字，不是问题"
    DEMAND = "工作要求，不是问题"
    NEUTRAL = "情况叙述，不是问题"


def _any_of(*phrases: str) -> re.Pattern[str]:
    """One pattern of many, grouped line by line by what they have in common."""
    return re.compile("|".join(phrases))


_DENIED = "没有|未|无|尚未|均未|暂未"
_NO_FAULT_FOUND = _any_of(
    rf"(?:{_DENIED})再?(?:查出|发现|出现|发生|触碰|检查?出|监测到|接到|收到|存在)[^，,；;]{{0,30}}",
    r"没有不合格的?|无(?:超时|逾期|问题)",
    r"(?:没有|无)(?:超时|逾期|超期|不合格|不达标|单项否决|严重(?:表述)?错误)[^，,；;]{0,10}",
    r"(?:问题|错误)(?:都|均|已|全部)+[^，,；;]{0,6}(?:改|整改|完成)[^，,；;]{0,4}",
)
_FAULT = _any_of(
    # not there, or not done
    r"没有|没能|没按|未(?!来|成年|婚)|尚无|均无|缺(?!席审)|空白|空栏|空号|空链|是空的|为空|空缺|缺失|遗漏",
    r"不(?!断|仅|但|久|得|许|再|准有|要|忘|动产|可|含|计入|影响|少于|低于|超过)",
    r"无(?!障碍|业务|办件|差评|投诉|需|偿|线|人机|烟|纸|疑|论|锡)|漏(?:报|填|项|洞|登|标|缺)",
    r"零(?:报送|信息|更新|发布)|为零|为 ?0|不足|欠缺|停更|断更|停止(?:更新|维护)|断档",
    # wrong
    r"错(?:误|别字|链|敏)|(?<!查)错$|有误|差错|失误|失效|打不开|断链|死链|暗链|错链|乱码|雷同|照搬|虚假|写成|误为",
    r"瞒报|谎报|违规|违反|泄露|广告|隐私|身份证号|敏感|涉密|个人账号|重复|脱节|退回",
    r"玩手机|迟到|早退|脱岗|空岗|离岗|串岗|聊天|睡觉|旷工|暂缓|取消资格",
    # late
    r"逾期|超时(?!率为?0)|超期|过期|过了|超(?:出|承诺)|滞后|延迟|延误|迟(?:报|缓|交)|拖延|卡着|长期|半年以上",
    r"超过(?!\d+[%％]|全|平均)[^，,；;]{0,14}(?:才|仍|未|受理|办结|公开|回复|时限|期限)|个月(?:以上|没)",
    r"(?<!不|放)慢(?!性)|仍(?:在|未|有|可)|僵尸|睡眠",
    # poor
    r"偏[低少慢差]|较[低少慢差]|过[低少慢]|最[低差慢]|低于|[%％]以下|落后|垫底|末位|倒数|低效|单一|薄弱",
    r"答非所问|敷衍|推诿|应付|模糊|笼统|粗糙|随意|混乱|被动|扣分|失分|倒查|约谈|批评|(?<!好)差评",
    r"(?:仍|还|[有存出])[^，,；;]{0,14}问题|问题(?:突出|较|严重|仍|依然|还)",
)
_PRAISE = _any_of(
    r"(?:较|很|更|最|比较|非常)(?:好|快|高|多|强|及时|到位|规范|积极|完善|突出)|突出(?!问题|短板)",
    r"良好|优秀|先进|表扬|靠前|名列|领先|第一|[做办发抓]得好|成效(?:明显|显著)|有力|积极(?!性)|扎实|圆满",
    r"合格率(?:为|达|均为)?100|均(?:为)?合格|全部合格|总体达标|运行(?:正常|平稳|良好)|按时完成",
    r"符合(?!.{0,6}不)|提升|增长|改善",
)
_ASKING = r"(?<!申)请(?!示|求)|务必|必须"
_DEMAND = _any_of(
    rf"(?:^|[，,；;、：:]|{_ASKING}|应当|应|须|需|尽快|限期)[^，,；;]{{0,16}}(?<![重主需次])要(?!求|点|素|件|闻|么|不|目)",
    r"^(?:请|务必|要|希望|望|必须|应当|不许|不得|严禁|切实|进一步|尽快|限期|下一步|各(?:级|单位|部门|地|有关|相关|[省市州县区乡镇]))",
    rf"(?:{_ASKING}|须于|应于|限于)[^，,；;]{{2,}}",
    r"(?:要|应|须)(?:加强|加快|尽快|及时|高度|认真|切实|严格|进一步|立即|马上|按|对照|结合|提高|对)",
)
_REQUEST = re.compile(r"(?:将(?=把|对|按|继续|进一步)|拟|计划|要|应|请|须|需|务必|必须|尽快|立即|马上)")
_CHECKING = "检查|抽查|督查|监测|巡查|通知"
_ACTS = _any_of(
    rf"(?:最近|近期|近日|马上|已|及时|定期)?(?:会同|联合|组织|对|按照|根据|\d+月\d+日)[^。]{{0,40}}"
    rf"(?:{_CHECKING}|通报|部署|排查|普查|测评)",
    rf"(?:最近|近期|近日|马上)[^，,]{{0,30}}(?:{_CHECKING})",
    rf"(?:{_CHECKING}|汇总|组织|开展|作|做)了|网?(?:昨天|今天|日前|近日)?(?:发布|公布|印发|通报)[《了]",
)
_TOLD = _any_of(
    r"[^，,；;]{0,12}(?:村民|市民|群众|居民|网民|网友|负责人|来电人|家长|业主)[^，,；;]{0,4}"
    r"(?:反映|投诉|来电|咨询|求助|表示|称)",
    r"反映|转来",
)
_FIGURE = _any_of(
    r"率[^，,；;]{0,8}?\d+(?:\.\d+)?\s*[%％]|[%％]|同比|环比|占比|占\d|平均|得分|分值|总数|共[计有]?\d|累计|排名"
)
_RATE = re.compile(r"[^，,；;]{0,16}率[^，,；;]{0,8}\d+(?:\.\d+)?\s*[%％][^，,；;]{0,6}")


def tone(text: str) -> Tone:
    """What a predicate or sentence says; mixed ones are faults when a fault stands outside what denies it."""
    if _REQUEST.match(text):
        return Tone.DEMAND
    if _ACTS.match(text) or _TOLD.match(text):
        return Tone.NEUTRAL  # who checked or complained, not who was at fault
    affirmed = _NO_FAULT_FOUND.sub("", text)
    fault, demand = _FAULT.search(affirmed), _DEMAND.search(affirmed)
    if fault and not (demand and demand.start() <= fault.start()):
        faulty = [clause for clause in re.split(r"[，,；;]", affirmed) if _FAULT.search(clause)]
        return Tone.FIGURE if faulty and all(map(_is_mere_rate, faulty)) else Tone.FAULT
    return _faultless(text, affirmed, is_demand=demand is not None)


def _faultless(text: str, affirmed: str, *, is_demand: bool) -> Tone:
    if is_demand:
        return Tone.DEMAND
    if affirmed != text:
        return Tone.CLEAR
    if _PRAISE.search(text):
        return Tone.PRAISE
    return Tone.FIGURE if _FIGURE.search(text) else Tone.NEUTRAL


def _is_mere_rate(clause: str) -> bool:
    """合格率低于70%: a low figure, nothing yet that can be mended; below a stated standard it is a fault."""
    return _RATE.fullmatch(clause.strip()) is not None and not re.search("标准|要求|目标", clause)
