"""Where a unit's name ends inside a sentence: by the office's own names, by usual organs, by endings.

Must never resolve a name or complete it: it only says how many characters belong to it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tracker.domain.lexicon import Lexicon

_HANZI = "\u3400-\u9fff"
_NEVER_IN_NAMES = "对的了在有未没不被把等各均是该此其及已仍也并且或但则而、"
_CHARACTER = rf"(?:(?![{_NEVER_IN_NAMES}])[{_HANZI}]|有(?=[限色资企])|等(?=[专职教学])|对(?=外))"
_LEVELS = "省市州盟县区旗"
_PLACE = rf"(?:(?:{_CHARACTER}){{1,8}}?(?:自治[州县旗]|[{_LEVELS}]|镇|乡|街道))"

# What a name may end in, with what would make it another word.
_STRONG_ENDS = "|".join(
    (
        r"分公司|公司|集团|分行|支行|银行|合作社|供销社",
        r"委员会|管委会|党工委|街道办事处|街道办|街道(?!办)|办事处|办公室",
        r"(?:人民)?政府办(?:公室)?|人民政府|政府(?!采购|信息公开|部门|工作|系统|各|办)",
        r"总队|支队|大队|中队|法院|检察院|学院|大学|医院|卫生院|敬老院|小学|中学|学校|幼儿园",
        r"协会|联合会|总工会|工商联|红十字会",
        r"开发区|高新区|经开区|示范区|产业园|工业园|园区|新区|管理区",
        r"局(?!长|域|部|面|限|势)|中心(?!城|工作|任务|主任|组)|苏木|农场|林场",
        r"镇(?!区|级|政府办|长|域|街)|乡(?!镇|村|级|愁|土|长)",
    )
)
_WEAK_ENDS = "|".join(
    (
        r"(?<![开主承举协督交直联])(?<![网省市域区]通)办(?!理|件|结|事|法|好|证|公|学|税|分|完|复|文)|委(?!托|派|员|任|书记|会)",
        r"处(?!理|置|罚|于|室|长)|部(?!门|分|署|长|位)|站(?!点|长|群)|所(?!有|属|长|在|需|列|辖)",
        r"厅(?!长|局)|院(?!长|校|士|内)|馆(?!长|内)|台(?!账|风)|队(?!伍|长)|社(?!会|区|保|团)",
        r"区(?!域|划|直|级|内|间|块|县|委)|市(?!场|民|直|级|政|区|委|长|容|本级|县)",
        r"县(?!级|直|区|域|市|委|政|长)|州(?!级|直)|省(?!份|级|直|委|政|厅|市|区)|旗(?!下|帜|县)|网(?!站|民|络|上|友|格|点|页|办|信|速|购|址)",
    )
)
# Not one unit but any of them, or a part of the sentence rather than a name.
_GENERAL = re.compile(
    "|".join(
        (
            r"全[省市州县区镇乡体]",
            r"[我本各该某贵两几多一二三四五六七八九十](?:[省市州县区旗镇乡个家]|单位|部门)",
            r"部分|个别|少数|多数|大多|有[的些关]|其[他它余]|相关|所有|上述|以上|一些|不少|所辖|下辖|辖区|属地|基层",
            r"部门|单位|机关|[省市州县区][级直]|上级|下级|第三方|主管|主办|承办|牵头|责任",
            r"含|不含|包括|给|让|使|把|被|为|报(?![社业])|经(?![开济信发贸])|将(?!乐)|向(?!阳)",
            r"按照|根据|通过|截至|关于|针对|对于|由于|要求|加强|进一步",
            r"号|第|出现|导致|折射|大部分|绝大|多名|工作人员|[县市区]{2,3}(?:政府|直|各)|办理|承办|交办|受理|转办|群众|主要|具体|存在|抽查|检查|督查|工作|信息|栏目|网站|政务公开(?!办)",
        )
    )
)
_COMMON_WORDS = re.compile(
    "|".join(
        (
            r"城市|超市|本市|县市|都市|门市|地区|社区|园区|专区|景区|小区|校区|灾区|山区|城区|市区|县城|城镇|乡镇|集镇",
            r"中心|公司|集团|学校|医院|银行|政府|人民政府|办公室|委员会|街道|办事处|管委会|大队|支队|协会|分局",
            r"开发区|新区|内部|全部|干部|局部|窗口|平台|后台|电视台|场所|住所|到位|到处|多处|政务服务网|政府网|门户网",
        )
    )
)
_VERBS = re.compile(
    "|".join(
        (
            r"存在|发布|办理|出现|发生|开展|落实|更新|报送|反馈|回复|答复|整改|自查|主动|及时|超时|逾期|超期|超过",
            r"网站|门户|官网|栏目|微信|微博|抖音|账号|公众号|政务公开(?!办)|政府信息|信息公开|办件|事项",
            r"本月|上月|本季|因|仅|只|虽|由于",
        )
    )
)
_NEVER_INSIDE = re.compile(
    r"率|低于|高于|季度|年度|月份|全[省市州县区]|[一二三四五六七八九十\d][个件条项次份]"
)
_CHECKED = "抽查|检查|自查|巡查|监测|督查|核查|复查|测评|暗访"
LEAD = re.compile(
    "(?:"
    + "|".join(
        (
            r"其中|例如|比如|譬如|诸如|如|包括|分别(?:是|为)|依次(?:是|为)|主要(?:有|是)|特别是|尤其是",
            r"还有|同时|此外|另外|经(?:查|核查|检查|抽查)|发现",
            rf"(?:{_CHECKED})(?:时|中)?(?:还)?(?:发现)?",
            r"目前|至今|近期|本月|上月|本期|本季度|第?[一二三四]季度|\d{1,2}月份?|全年|上半年|下半年",
            r"请|有|在|对|由|以及|和|及|与|(?<=的)[有是为]|(?<=单位)[有是为]|(?<=部门)[有是为]",
        )
    )
    + r")\s*"
)
"""Words that stand before a name without belonging to it."""
_BRANCH = re.compile(rf"(?:(?![和与及])[{_HANZI}]){{2,8}}(?:分局|分公司|分中心|分行|支行|支队|大队|办事处)")
_BARE = re.compile(rf"[^{_LEVELS}镇乡道]{{2,12}}(?:局|委|委员会|办|办公室|中心)")
_THINGS = ("项目", "工程", "建设")  # behind a name: then it is the name of a thing
_LONGEST = 24


class NameFinder:
    """Finds names of units; made once per `Lexicon`."""

    def __init__(self, lexicon: Lexicon) -> None:
        organs = "|".join(map(re.escape, sorted(lexicon.organs, key=len, reverse=True))) or r"(?!)"
        names = "|".join(map(re.escape, sorted(lexicon.names, key=len, reverse=True))) or r"(?!)"
        branch = rf"(?:(?:(?![和与及]){_CHARACTER}){{2,8}}?(?:分局|分公司|分中心|分行|支行))?"
        self._known = re.compile(rf"(?:{names})")
        self._organ = re.compile(rf"(?:{_PLACE}){{0,3}}[{_LEVELS}]?(?:{organs}){branch}")
        self._bare_organ = re.compile(rf"(?:{organs})")
        # Behind its 局 a name only goes on with a branch: else a neighbour lost its comma.
        self._strong = re.compile(rf"(?:(?!局){_CHARACTER}){{1,{_LONGEST}}}(?:{_STRONG_ENDS})")
        self._weak = re.compile(rf"(?:{_CHARACTER}){{1,{_LONGEST}}}(?:{_WEAK_ENDS})")

    def end(self, text: str, start: int) -> int | None:
        """The end of the unit's name that starts at `start`, or None.

        The office's own names go first, then place + usual organ, then the longest run with a usual ending
        that holds no verb.
        """
        lead = LEAD.match(text, start)
        if _GENERAL.match(text, start) or (lead and self.end(text, lead.end()) is not None):
            return None  # 如市教育局: the name begins behind the lead-in word
        if match := self._known.match(text, start):
            return match.end()
        found = self._candidates(text, start)
        return (
            self._first_of_two(text, start, max(found)) or self._best(text, start, found) if found else None
        )

    def _candidates(self, text: str, start: int) -> list[int]:
        """The ends that the three forms give, the surest first."""
        limit = self._limit(text, start)
        matches = (pattern.match(text, start, limit) for pattern in (self._organ, self._strong, self._weak))
        ends = [match.end() for match in matches if match and self._is_name(match[0])]
        return [end for end in ends if not text.startswith(_THINGS, end)]

    def _first_of_two(self, text: str, start: int, end: int) -> int | None:
        """The end of 市教育局 in 市教育局和市民政局, None if the whole is one name (文化和旅游局)."""
        name = text[start:end]
        joints = (mark.start() for mark in re.finditer("[和与及]", name))
        return next((start + place for place in joints if self.end(name[:place], 0) == place), None)

    def _best(self, text: str, start: int, found: list[int]) -> int:
        shortest = min(found)
        if text.endswith("政府", start, shortest):
            return max(found)  # 市政府信访局
        return max(end for end in found if end == found[0] or self._extends(text[shortest:end]))

    def is_bare_organ(self, name: str) -> bool:
        """Whether a name is an organ with neither level nor place (财政局)."""
        return self._bare_organ.fullmatch(name) is not None or _BARE.fullmatch(name) is not None

    def is_general(self, text: str, start: int) -> bool:
        """Whether words stand here that mean any unit or none (各单位, 部分账号), never one by name."""
        return _GENERAL.match(text, start) is not None

    def _extends(self, more: str) -> bool:
        """Whether what follows an organ's name is its branch, not a neighbour that lost its comma."""
        return (
            re.fullmatch(rf"[{_HANZI}]{{2,8}}(?:分局|分公司|分中心|分行|支行|支队|大队|办事处)", more)
            is not None
        )

    def _limit(self, text: str, start: int) -> int:
        """Where a name must have ended: at the first verb, or after the longest name."""
        verb = _VERBS.search(text, start + 1)
        return min(start + _LONGEST, verb.start() if verb else len(text))

    def _is_name(self, name: str) -> bool:
        if _COMMON_WORDS.fullmatch(name) or len(name) < 3:
            return False
        return _NEVER_INSIDE.search(name) is None


@lru_cache(maxsize=8)
def name_finder(lexicon: Lexicon) -> NameFinder:
    """The finder for these words; compiling them takes longer than reading a bulletin."""
    return NameFinder(lexicon)
