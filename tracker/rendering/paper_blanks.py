"""The shipped templates of papers, made of the official layout: `python -m tracker.rendering.paper_blanks`.

Made once and committed, so that an office opens them in Word; a test holds them to this. Must never fill one
in: that is `paper_templates`' work.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

from tracker.domain.issuing import PaperKind
from tracker.rendering.official import Look, Paper
from tracker.rendering.paper_templates import settled
from tracker.resources import shipped

_Column = tuple[tuple[str, ...], int]
_NUMBER, _DAY = 14, 26  # millimetres: a running number; a day, a name
_FIRST: dict[str, _Column] = {
    "序号": (("{{ 事项.序号 }}",), _NUMBER),
    "编号": (("{{ 事项.编号 }}",), _NUMBER + 4),
    "整改事项": (("{{ 事项.整改事项 }}",), 0),
}
"""Heading → the paragraphs of its cell and its width; 0: whatever the others leave."""
_FORM = (32, 46, 32, 46)
_SPACE = "　　　　　　　签字：　　　　　　年　　月　　日"


def blank(kind: PaperKind) -> bytes:
    """The shipped template of this kind (docx)."""
    paper = Paper(f"{kind} {{{{ 文号 }}}}")
    _MADE[kind](paper)
    out = io.BytesIO()
    paper.save(out)
    return settled(out.getvalue())


def main() -> None:
    """Write all templates anew into `templates/documents/`."""
    for kind in PaperKind:
        folder = shipped("templates") / "documents" / kind.stem
        folder.mkdir(exist_ok=True)
        (folder / f"{kind.stem}.docx").write_bytes(blank(kind))


def _letter(paper: Paper) -> None:
    body = (
        "截至{{ 成文日期 }}，你单位有{{ 事项数 }}项整改事项{{ 事由 }}（清单附后）。现予督办。",
        "请你单位明确责任人和完成时限，逐项抓紧整改，于{{ 报送期限 }}前报送整改情况和佐证材料；"
        "确有困难的，请一并说明原因和拟完成时间。仍不整改的，将按规定通报。",
    )
    _correspond(paper, "关于限期完成逾期整改事项的督办函", body, "特此函告。")
    _annex(paper, "逾期整改事项清单", {"逾期": "{{ 事项.逾期 }}"})


def _urging(paper: Paper) -> None:
    body = (
        "截至{{ 成文日期 }}，你单位有{{ 事项数 }}项整改事项已超过整改时限，尚未报送整改结果（清单附后）。",
        "请抓紧整改，于{{ 报送期限 }}前报送整改情况和佐证材料。已完成整改的，请及时报送，以便核验销号。",
    )
    _correspond(paper, "整改事项催办通知书", body, "特此通知。")
    _annex(paper, "逾期整改事项清单", {"逾期": "{{ 事项.逾期 }}"})


def _reminder(paper: Paper) -> None:
    body = (
        "你单位有{{ 事项数 }}项整改事项临近整改时限（清单附后）。",
        "请按时限完成整改，报送整改情况和佐证材料；确需延期的，请在时限届满前提出申请。",
    )
    _correspond(paper, "关于按期完成整改事项的提醒函", body, "特此提醒。")
    _annex(paper, "临近时限整改事项清单", {"剩余": "{{ 事项.剩余 }}"})


def _strike_off(paper: Paper) -> None:
    paper.lie_down()
    paper.add("整改事项销号单", Look.TITLE)
    paper.add("{{ 文号 }}", Look.LETTER_SERIAL)
    paper.add("责任单位：{{ 责任单位 }}　　　共{{ 事项数 }}项", Look.PLAIN)
    columns = _FIRST | {
        "整改时限": (("{{ 事项.整改时限 }}",), _DAY),
        "整改情况": (("{{ 事项.整改情况 }}",), 46),
        "报送": (("{{ 事项.报送人 }}", "{{ 事项.报送日期 }}"), _DAY),
        "核验销号": (("{{ 事项.核验人 }}", "{{ 事项.销号日期 }}"), _DAY),
        "完成情况": (("{{ 事项.完成情况 }}",), _NUMBER + 4),
    }
    _table(paper, columns)
    paper.add("经核验，以上事项已完成整改，予以销号。", Look.BODY_KEPT)
    paper.add("审核人（签字）：　　　　　　　　　负责人（签字）：", Look.BODY_KEPT)
    _sign(paper)


def _extension(paper: Paper) -> None:
    paper.add("整改事项延期审批表", Look.TITLE)
    paper.add("{{ 文号 }}", Look.LETTER_SERIAL)
    paper.add_form(
        (
            ("责任单位", "{{ 责任单位 }}", "事项编号", "{{ 编号 }}"),
            ("整改事项", "{{ 整改事项 }}（{{ 来源通报 }}）"),
            ("原整改时限", "{{ 整改时限 }}", "申请延期至", "{{ 申请延期至 }}"),
            ("申请理由", "{{ 申请理由 }}"),
            ("申请人", "{{ 申请人 }}", "申请日期", "{{ 申请日期 }}"),
            ("责任单位负责人意见", _SPACE),
            ("审批意见", "{{ 审批意见 }}"),
            ("审批人", "{{ 审批人 }}", "审批日期", "{{ 审批日期 }}"),
            ("审批机关负责人意见", _SPACE),
        ),
        _FORM,
    )
    _sign(paper)


_MADE: Mapping[PaperKind, Callable[[Paper], None]] = {
    PaperKind.LETTER: _letter,
    PaperKind.URGING: _urging,
    PaperKind.REMINDER: _reminder,
    PaperKind.STRIKE_OFF: _strike_off,
    PaperKind.EXTENSION: _extension,
}


def _correspond(paper: Paper, title: str, body: Sequence[str], close: str) -> None:
    """A paper to one unit in the form of a letter (信函格式, GB/T 9704-2012, 10.1)."""
    paper.add("{{ 落款单位 }}", Look.HEAD)
    paper.add("{{ 文号 }}", Look.LETTER_SERIAL)
    paper.add(title, Look.LETTER_TITLE)
    paper.add("{{ 责任单位 }}：", Look.ADDRESSEE)
    for words in body:
        paper.add(words, Look.BODY)
    paper.add(close, Look.BODY_KEPT)


def _annex(paper: Paper, title: str, last: Mapping[str, str]) -> None:
    """The list of items on pages of its own, on their side, after the signature that names it."""
    paper.add(f"附件：{title}", Look.BODY_KEPT)
    _sign(paper)
    paper.begin_landscape()
    paper.add("附件", Look.ANNEX)
    paper.add(title, Look.ANNEX_TITLE)
    columns = _FIRST | {
        "领域": (("{{ 事项.领域 }}",), _DAY + 4),
        "来源通报": (("{{ 事项.来源通报 }}",), 50),
        "整改时限": (("{{ 事项.整改时限 }}",), _DAY),
    }
    further: dict[str, _Column] = {name: ((words,), _DAY) for name, words in last.items()}
    _table(paper, columns | further)


def _table(paper: Paper, columns: Mapping[str, _Column]) -> None:
    """A row an item."""
    fixed = [width for _, width in columns.values()]
    widths = [width or Paper.LANDSCAPE_WIDTH - sum(fixed) for width in fixed]

    def across(mark: str) -> list[tuple[str, ...]]:
        return [(mark,), *((),) * (len(widths) - 1)]

    row = [paragraphs for paragraphs, _ in columns.values()]
    rows = (across("{%tr for 事项 in 清单 %}"), row, across("{%tr endfor %}"))
    paper.add_table(list(columns), rows, widths)


def _sign(paper: Paper) -> None:
    paper.add("{{ 落款单位 }}", Look.SIGNATURE)
    paper.add("{{ 成文日期 }}", Look.DATE)


if __name__ == "__main__":
    main()
