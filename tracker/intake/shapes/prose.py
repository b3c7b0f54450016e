"""Problems told in sentences: who is named, what is said, and why every other sentence is none.

Must never drop a sentence: it is a finding, unassigned, unread, or context with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate, islice, takewhile

from tracker.domain.lexicon import Lexicon
from tracker.intake.document import Document, Line
from tracker.intake.front import date_in, issued_on
from tracker.intake.model import Finding, Leftover, MediaAccount, Source
from tracker.intake.prose.accounts import ACCOUNT_WORDS
from tracker.intake.prose.clauses import fault_clauses
from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.names import NameFinder, name_finder
from tracker.intake.prose.outline import Paragraph, Section, Sentence, paragraphs_of
from tracker.intake.prose.sentences import Problem, Said, read_sentence
from tracker.intake.prose.summaries import without_repetitions, without_summaries
from tracker.intake.quantities import quantity_of
from tracker.intake.roles import Harvest
from tracker.intake.shapes.columns import is_title
from tracker.intake.spool import Spool

_WHY_NO_UNIT = "没有写明责任单位"
_WHY_CUT = "文件在此处中断，内容可能不完整，请对照原文核对"
_WHY_TASK = "点名要求单位办理的事，请确认是否列为整改事项"
_WHY_UNCLEAR = "提到了单位和问题，但没有读懂是谁的什么问题，请对照原文核对"
_WHY_SUMMARY = "概括语，明细在后文"
_WHY_TOPIC = "群众诉求的热点，不是单位的问题"
_WHY_DONE = "说的是已经做了什么，不是新问题"
_WHY_REPEATED = "与前文重复"
_WHY_HEADING = "标题"
_YOU = re.compile(r"你[局委办院厅处镇乡县区市州中公校]|你单位|贵[局单委办]")
_GENERAL = re.compile(r"有[的些]|部分|个别|少数|一些|各别|多个")
_ASKED = re.compile(r"(?<!申)请[^。]{0,80}(?:整改|改正|补充|补报|完善|更新|公开|发布|注销|关停|反馈|上报)")
_STILL = re.compile(
    r"没有|没能|未|仍|不到位|不力|缓慢|滞后|逾期|超期"
)  # what is not done, among what was done
_LABEL = re.compile(r"^(?:责任|整改|承办|牵头|被检查|问题)(?:单位|部门)\s*[:：]\s*")
_ABOUT = re.compile(r"(?:主要)?(?:存在)?的?(?:主要)?(?:问题|情况)$|存在$")
_NEEDS = re.compile(r"需要?(?:更新|整改|完善)|待(?:更新|整改|完善)|(?:未|没有)更新|不合格|缺失|空白")
_MOST_SIGNS = 200_000
_WHY_TOO_LONG = "正文超过20万字，以下未逐句识别"
_LABEL_LENGTH = 16


@dataclass
class _Walk:
    """What has been made of the text so far, and what the next sentence may lean on."""

    finder: NameFinder
    filename: str
    issued: date | None
    found: list[tuple[Problem, Finding]] = field(default_factory=list)
    unassigned: list[Leftover] = field(default_factory=list)
    unread: Spool[Leftover] = field(default_factory=Spool)
    context: list[Leftover] = field(default_factory=list)
    statement: str = ""
    subject: Problem | None = None
    subject_rank: int = 0
    addressee: Problem | None = None
    tasks: list[tuple[Problem, Sentence]] = field(default_factory=list)

    def note(self, sentence: Sentence, why: str) -> None:
        self.context.append(Leftover(sentence.text, sentence.line, why))


def read(document: Document, filename: str, lexicon: Lexicon) -> Harvest:
    """All that is left of the document, sentence by sentence."""
    issued = issued_on(document.lines)
    walk = _Walk(name_finder(lexicon), filename, issued)
    lines, beyond = _as_much_as_is_read(document.lines)
    walk.unread.extend(Leftover(line.text, line.number, _WHY_TOO_LONG) for line in beyond)
    paragraphs = list(paragraphs_of(lines))
    for paragraph in paragraphs:
        _paragraph(walk, paragraph, is_last=paragraph is paragraphs[-1])
    _settle_tasks(walk)
    once, repeated = without_repetitions(walk.found)
    findings, summaries = without_summaries(once)
    context = walk.context + [Leftover(one.text, one.source.line, _WHY_SUMMARY) for one in summaries]
    context += [Leftover(one.text, one.source.line, _WHY_REPEATED) for one in repeated]
    return Harvest(
        findings=tuple(findings),
        unassigned=tuple(walk.unassigned),
        unread=walk.unread,
        rest=(),
        has_problem_list=bool(findings),
        context=tuple(context),
    )


def _as_much_as_is_read(lines: Sequence[Line]) -> tuple[Sequence[Line], Iterator[Line]]:
    """The lines up to what a bulletin may hold, and those beyond: reading sentences takes its time."""
    ends = accumulate(len(line.text) for line in lines)
    count = sum(1 for _ in takewhile(lambda end: end <= _MOST_SIGNS, ends))
    return lines[:count], islice(lines, count, None)


def _paragraph(walk: _Walk, paragraph: Paragraph, *, is_last: bool) -> None:
    if walk.subject is not None and paragraph.own is not None and paragraph.own.rank <= walk.subject_rank:
        walk.subject = None
    for extra in paragraph.lines[1:]:
        walk.context.append(Leftover("", extra, "与上一行同属一段"))
    title = paragraph.headings[-1].title if paragraph.headings else ""
    walk.statement = title if tone(title) is Tone.FAULT else ""
    for position, sentence in enumerate(paragraph.sentences):
        is_cut = is_last and position + 1 == len(paragraph.sentences) and not sentence.ended
        rest = paragraph.sentences[position + 1 :]
        _sentence(walk, paragraph, sentence, rest, is_cut=is_cut)


def _sentence(
    walk: _Walk, paragraph: Paragraph, sentence: Sentence, rest: Sequence[Sentence], *, is_cut: bool
) -> None:
    if paragraph.section is Section.TOPICS:
        walk.note(sentence, _WHY_TOPIC)
        return
    about_accounts = any(ACCOUNT_WORDS.search(heading.title) for heading in paragraph.headings)
    if paragraph.section is Section.DEMANDS:
        _demand(walk, sentence)
        return
    said = read_sentence(
        sentence.text, walk.finder, about_accounts=about_accounts, statement=walk.statement, is_cut=is_cut
    )
    for name in said.cut:
        walk.unread.append(Leftover(name, sentence.line, _WHY_CUT))
    if said.missing:
        why = f"原文说的单位比列出的多 {said.missing} 家，请补全"
        walk.unread.append(Leftover(sentence.text, sentence.line, why))
    problems = said.problems or _labelled(walk, paragraph, sentence, said)
    if paragraph.section is Section.DONE:
        problems = tuple(problem for problem in problems if _STILL.search(problem.text))
    for problem in problems:
        walk.found.append((problem, _finding(walk, problem, sentence)))
    if problems and said.unsaid:
        walk.unread.append(Leftover("、".join(said.unsaid), sentence.line, _WHY_UNCLEAR))
    if not problems and not said.cut:
        _without_problem(walk, paragraph, sentence, said, rest)
    walk.statement = said.statement


def _labelled(walk: _Walk, paragraph: Paragraph, sentence: Sentence, said: Said) -> tuple[Problem, ...]:
    """市教育局：通知公告、政策法规。 below a heading that says what is wrong with what they list."""
    if len(said.groups) != 1 or not paragraph.headings or not _NEEDS.search(paragraph.headings[-1].title):
        return ()
    names = "、".join(member.name for member in said.groups[0].members)
    label, mark, text = sentence.text.partition("：" if "：" in sentence.text else ":")
    if not mark or label != names or not text.strip() or tone(text) not in {Tone.NEUTRAL, Tone.FAULT}:
        return ()
    words = text.strip()
    return tuple(Problem(member, words, quantity_of(words), -1) for member in said.groups[0].members)


def _finding(walk: _Walk, problem: Problem, sentence: Sentence) -> Finding:
    member = problem.member
    account = None
    text = problem.text
    if member.is_account:
        updated = date_in(member.updated, walk.issued) if member.updated else None
        account = MediaAccount(member.name, member.platform, updated)
        if member.owner:
            text = f"{member.platform or ''}“{member.name}”{text}"
    source = Source(walk.filename, None, None, None, sentence.line)
    return Finding(
        member.name, None, None, text, problem.quantity, source, account=account, owner=member.owner
    )


def _without_problem(
    walk: _Walk, paragraph: Paragraph, sentence: Sentence, said: Said, rest: Sequence[Sentence]
) -> None:
    """A sentence that says nothing bad of those it names: of those named before, of nobody, or no fault."""
    kind = tone(sentence.text)
    members = [member for group in said.groups for member in group.members]
    is_label = _becomes_subject(walk, paragraph, sentence, said)
    if is_label or is_title(sentence.text):
        walk.note(sentence, _WHY_HEADING)
    elif kind is not Tone.FAULT:
        walk.note(sentence, kind.value)
    elif (owner := _leaned_on(walk, sentence)) is not None:
        for text in fault_clauses(sentence.text):
            problem = Problem(owner.member, text, quantity_of(text), -1, is_counted=True)
            walk.found.append((problem, _finding(walk, problem, sentence)))
    elif paragraph.section is Section.DONE:
        walk.note(sentence, _WHY_DONE)
    elif members:
        walk.unread.append(Leftover(sentence.text, sentence.line, _WHY_UNCLEAR))
    elif _is_summary(sentence, rest):
        walk.note(sentence, _WHY_SUMMARY)
    else:
        for text in fault_clauses(sentence.text):
            walk.unassigned.append(Leftover(text, sentence.line, _WHY_NO_UNIT))


def _becomes_subject(walk: _Walk, paragraph: Paragraph, sentence: Sentence, said: Said) -> bool:
    """（一）市教育局 above problems, 市教育局： or 责任单位：市教育局 before them: whose they are."""
    if len(said.groups) != 1 or len(said.groups[0].members) != 1:
        return False
    member = said.groups[0].members[0]
    words = _LABEL.sub("", sentence.text)
    if re.sub(r"[\s：:，,、存在的问题主要情况]", "", words) != re.sub(
        r"[存在的问题主要情况]", "", member.name
    ):
        return False
    problem = Problem(member, "", None, -1)
    if not paragraph.headings and sentence.text.endswith(("：", ":")):
        walk.addressee = problem
        return True
    walk.subject = problem
    walk.subject_rank = paragraph.headings[-1].rank if paragraph.headings else 0
    return True


def _leaned_on(walk: _Walk, sentence: Sentence) -> Problem | None:
    if walk.addressee is not None and _YOU.search(sentence.text):
        return walk.addressee
    return walk.subject


def _is_summary(sentence: Sentence, rest: Sequence[Sentence]) -> bool:
    """一是更新慢。 before its details, or what some (有的单位) do before those who do."""
    return bool(rest) and (
        ((sentence.opens or sentence.is_listed) and len(sentence.text) <= _LABEL_LENGTH)
        or _GENERAL.search(sentence.text) is not None
    )


def _demand(walk: _Walk, sentence: Sentence) -> None:
    """What named units are asked to do; whether it is news or repeats their problems is told at the end."""
    said = read_sentence(sentence.text, walk.finder, about_accounts=False, statement="", is_cut=False)
    asked = _ASKED.search(sentence.text)
    members = [member for group in said.groups for member in group.members if not member.is_account]
    if not members:
        walk.note(sentence, Tone.DEMAND.value)
    elif asked is None:
        walk.unread.append(Leftover(sentence.text, sentence.line, _WHY_TASK))
    else:
        text = _tail_after(sentence.text, members[-1].name)
        walk.tasks += [(Problem(member, text, None, -1), sentence) for member in members]


def _tail_after(text: str, name: str) -> str:
    return text[text.rfind(name) + len(name) :].strip(" ，,。；;：:")


def _settle_tasks(walk: _Walk) -> None:
    """A task for a unit of which no problem is told is an item; for the others it only says: mend it."""
    known = {finding.responsible for _, finding in walk.found}
    for problem, sentence in walk.tasks:
        if (problem.member.owner or problem.member.name) in known:
            walk.note(sentence, Tone.DEMAND.value)
        else:
            walk.found.append((problem, _finding(walk, problem, sentence)))
