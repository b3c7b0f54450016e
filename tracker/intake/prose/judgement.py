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


_NO_FAULT_FOUND = re.compile(
    r"(?:没有|未|无|尚未|均未|暂未)(?:再)?(?:查出|发现|出现|发生|触碰|检出|检查出|监测到|接到|收到|存在)[^，,；;]{0,30}"
    r"(?:问题|错误|差错|情况|情形|现象|红线|项|账号|网站|链接|事故|单位|内容|信息|栏目|件|投诉|案件|逾期|超时)?"
    r"|没有不合格的?|(?:没有|无)(?:超时|逾期|超期|不合格|不达标|单项否决|严重(?:表述)?错误)[^，,；;]{0,10}|无(?:超时|逾期|问题)"
    r"|(?:问题|错误)(?:都|均|已|全部)+[^，,；;]{0,6}(?:改|整改|完成)[^，,；;]{0,4}"
)
_FAULT = re.compile(
    r"没有|没能|没按|未(?!来|成年|婚)|尚无|均无|不(?!断|仅|仅仅|但|久|得|许|再|准有|要|忘|动产|可|含|计入|影响|少于|低于|超过)|"
    r"无(?!障碍|业务|办件|差评|投诉|需|偿|线|人机|烟|纸|疑|论|锡)|缺(?!席审)|错(?:误|别字|链|敏)|(?<!查)错$|有误|差错|失误|漏(?:报|填|项|洞|登|标|缺)|遗漏|"
    r"逾期|超时(?!率为?0)|超期|超过(?!\d+[%％]|全|平均)[^，,；;]{0,14}(?:才|仍|未|受理|办结|公开|回复|时限|期限)|过了|"
    r"(?<!不|放)慢(?!性)|滞后|延迟|延误|迟(?:报|缓|交)|拖延|偏[低少慢差]|较[低少慢差]|过[低少慢]|最[低差慢]|低于|落后|垫底|末位|倒数|"
    r"空白|空栏|空号|空链|是空的|为空|失效|打不开|断链|死链|暗链|错链|僵尸|睡眠|停更|断更|停止(?:更新|维护)|瞒报|谎报|答非所问|敷衍|推诿|应付|"
    r"重复|单一|薄弱|虚假|泄露|违规|违反|过期|退回|扣分|失分|卡着|个人账号|长期|仍(?:在|未|有|可)|空缺|缺失|不足|欠缺|模糊|笼统|"
    r"粗糙|随意|混乱|乱码|雷同|照搬|脱节|断档|被动|[%％]以下|(?:仍|还|[有存出])[^，,；;]{0,14}问题|问题(?:突出|较|严重|仍|依然|还)|倒查|约谈|批评|差评|超(?:出|承诺)|半年以上|个月(?:以上|没)|低效|广告|隐私|身份证号|敏感|涉密|零(?:报送|信息|更新|发布)|为零|为0|为 0"
)
_PRAISE = re.compile(
    r"(?:较|很|更|最|比较|非常)(?:好|快|高|多|强|及时|到位|规范|积极|完善|突出)|良好|优秀|先进|表扬|靠前|名列|领先|突出(?!问题|短板)|"
    r"[做办发抓]得好|成效(?:明显|显著)|有力|积极(?!性)|扎实|合格率(?:为|达|均为)?100|均(?:为)?合格|全部合格|总体达标|运行(?:正常|平稳|良好)|"
    r"符合(?!.{0,6}不)|按时完成|圆满|提升|增长|改善|第一"
)
_DEMAND = re.compile(
    r"(?:^|[，,；;、：:]|(?<!申)请(?!示|求)|务必|必须|应当|应|须|需|尽快|限期)[^，,；;]{0,16}(?<!重)(?<!主)(?<!需)(?<!次)要(?!求|点|素|件|闻|么|不|目)|"
    r"^(?:请|务必|要|希望|望|必须|应当|不许|不得|严禁|切实|进一步|尽快|限期|下一步|各)|(?:(?<!申)请(?!示|求)|务必|必须|须于|应于|限于)[^，,；;]{2,}|"
    r"(?:要|应|须)(?:加强|加快|尽快|及时|高度|认真|切实|严格|进一步|立即|马上|按|对照|结合|提高|对)"
)
_ACTS = re.compile(
    r"^(?:最近|近期|近日|马上|已|及时|定期)?(?:会同|联合|组织|对|按照|根据|\d+月\d+日)[^。]{0,40}(?:检查|抽查|督查|监测|巡查|通知|通报|部署|排查|普查|测评)"
    r"|^(?:最近|近期|近日|马上)[^，,]{0,30}(?:检查|抽查|督查|监测|巡查|通知)"
)
_TOLD = re.compile(r"^[^，,；;]{0,12}(?:村民|市民|群众|居民|网民|网友|负责人|来电人|家长|业主)[^，,；;]{0,4}(?:反映|投诉|来电|咨询|求助|表示|称)|^反映|^转来")
_REQUEST = re.compile(r"^(?:将(?=把|对|按|继续|进一步)|拟|计划|要|应|请|须|需|务必|必须|尽快|立即|马上)")
_FIGURE = re.compile(
    r"率[^，,；;]{0,8}?\d+(?:\.\d+)?\s*[%％]|[%％]|同比|环比|占比|占\d|平均|得分|分值|总数|共[计有]?\d|累计|排名"
)


def tone(text: str) -> Tone:
    """What a predicate or sentence says; mixed ones are faults when a fault stands outside what denies it."""
    denied = _NO_FAULT_FOUND.sub("", text)
    if _REQUEST.match(text):
        return Tone.DEMAND
    if _ACTS.match(text) or _TOLD.match(text):
        return Tone.NEUTRAL  # who checked or complained, not who was at fault
    fault = _FAULT.search(denied)
    if fault and not (_DEMAND.search(denied) and _DEMAND.search(denied[: fault.start() + 1])):
        faulty = [clause for clause in re.split(r"[，,；;]", denied) if _FAULT.search(clause)]
        return Tone.FIGURE if faulty and all(map(_is_mere_rate, faulty)) else Tone.FAULT
    if _DEMAND.search(denied):
        return Tone.DEMAND
    if denied != text:
        return Tone.CLEAR
    if _PRAISE.search(text):
        return Tone.PRAISE
    return Tone.FIGURE if _FIGURE.search(text) else Tone.NEUTRAL


def _is_mere_rate(clause: str) -> bool:
    """合格率低于70%: a figure that is low, not yet something that can be mended."""
    return re.fullmatch(r"[^，,；;]{0,16}率[^，,；;]{0,8}\d+(?:\.\d+)?\s*[%％][^，,；;]{0,6}", clause.strip()) is not None
