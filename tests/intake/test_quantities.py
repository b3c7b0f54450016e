"""What a text counts, and what only looks like a count."""

from __future__ import annotations

import pytest

from tracker.intake.model import Quantity
from tracker.intake.quantities import quantity_of


@pytest.mark.parametrize(
    ("text", "value", "measure"),
    [
        ("7个应标注的证照未标注。", 7, "个"),
        ("一个许可证未按时归集。", 1, "个"),
        ("存在两条要素错误的清单。", 2, "条"),
        ("十二项指标没有上报。", 12, "项"),
        ("有未评办件1,036件。", 1036, "件"),
        ("未评价办件1.2万件以外，尚有3万件未评。", 30_000, "件"),
        ("5个工作日内未受理的办件有4件。", 4, "件"),
        ("5个办件结果没有在48小时内送达平台。", 5, "个"),
        ("承诺跑动1次，与承诺不符的情况有2次。", 2, "次"),
        ("出现与承诺不符的跑动次数，情况有2次。", 2, "次"),
        ("检查10个栏目，3个没有更新。", 3, "个"),
        ("“十件实事”专栏有２处错误。", 2, "处"),
        ("3家单位未报送，占全部20家的15%。", 3, "家"),
        ("2个证照应标“免提交”，至今未标注。", 2, "个"),
        ("超过5个栏目内容为空。", 5, "个"),
    ],
)
def test_the_count_of_faulty_things_is_the_quantity(text: str, value: int, measure: str) -> None:
    assert quantity_of(text) == Quantity(value, measure)


@pytest.mark.parametrize(
    "text",
    [
        "活跃用户占比不足50%。",
        "覆盖率46.23%，低于平均值70.56%。",
        "承诺跑动1次，实际不符。",
        "12345热线工单没有及时回复。",
        "超过5个工作日未回复。",
        "连续3个月没有更新。",
        "没有设置“最多跑一次”专栏。",
        "没有设置“高效办成一件事”专栏。",
        "没有落实最多跑一次。",
        "已开展检查事项363项，检查比例仅为45.8%，低于平均水平。",
        "未公布2026年度决算。",
        "76号窗口无人值守。",
        "缺少国办秘函〔2019〕19号要求的栏目。",
        "3-5个栏目没有内容。",
    ],
)
def test_times_rates_promises_and_names_are_no_quantity(text: str) -> None:
    assert quantity_of(text) is None
