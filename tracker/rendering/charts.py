"""The digest's chart: one bar per group or unit, readable in a chat, on paper and in black and white.

Must never touch matplotlib's global state (no pyplot, no rcParams): pages and jobs draw at the same
time. matplotlib costs 0.3 s to import, so only the call that draws imports it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.domain.errors import RectifyError
from tracker.domain.rates import EMPTY, Rate
from tracker.rendering.chart_theme import BAR, INK, SOFT, TRACK
from tracker.rendering.environment import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

_DPI = 110
_WIDTH, _ROW, _TOP, _BOTTOM = 9.0, 0.42, 1.2, 0.2  # inches
_POINTS = 10
_EM = _POINTS / 72  # inches: the width of one Chinese character of a label
# What a typesetter puts where a character is missing from the case.
_MISSING = "〓"


@dataclass(frozen=True)
class RateBar:
    """One bar. `previous` is the rate of the period before, None if there was none."""

    label: str
    rate: Rate
    previous: Rate | None = None

    @property
    def value_label(self) -> str:
        """`84.1%（148/176）`, or `—` for an empty denominator."""
        if not self.rate.denominator:
            return EMPTY
        return f"{self.rate.percent}（{self.rate.numerator}/{self.rate.denominator}）"


class Pen:
    """Writes with the carried font, and only what it has glyphs for."""

    def __init__(self, path: Path) -> None:
        from matplotlib.ft2font import FT2Font  # noqa: PLC0415 - see the module's docstring

        self._path = path
        self._glyphs = FT2Font(str(path)).get_charmap()

    def font(self, points: float = _POINTS) -> FontProperties:
        from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - see the module's docstring

        return FontProperties(fname=self._path, size=points)

    def fit(self, text: str, ems: float, lines: int = 1) -> str:
        """`text` without unknown glyphs, broken after `ems`; what does not fit in `lines` ends in `…`."""
        known = "".join(c if ord(c) in self._glyphs else _MISSING for c in one_line(text))
        broken = [""]
        for char in known:
            if _ems(broken[-1] + char) > ems:
                if len(broken) == lines:
                    broken[-1] = broken[-1][:-1] + "…"
                    break
                broken.append("")
            broken[-1] += char
        return "\n".join(broken)


def rate_chart(rows: Sequence[RateBar], title: str, subtitle: str, *, legend: str = "竖线为上周") -> bytes:
    """Draw `rows` from top to bottom; return a PNG, the same bytes for the same input.

    legend: what the line across a bar is.

    Raises RectifyError if the font with Chinese glyphs is not installed.
    """
    path = font_file()
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see the module's docstring
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    pen = Pen(path)
    labels = [pen.fit(row.label, ems=16, lines=2) for row in rows]
    left = 0.35 + _EM * max((_ems(line) for label in labels for line in label.split("\n")), default=0)
    right = 0.4 + _EM * max(_ems(text) for text in (legend, *(row.value_label for row in rows)))
    height = _TOP + _BOTTOM + _ROW * max(len(rows), 1)
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)  # binds itself to the figure
    _head(figure, pen, title, subtitle)
    axes = figure.add_axes(
        (left / _WIDTH, _BOTTOM / height, (_WIDTH - left - right) / _WIDTH, 1 - (_TOP + _BOTTOM) / height)
    )
    _scale(axes, labels, pen)
    _bars(axes, rows, pen, legend)
    target = BytesIO()
    # By default the file names the version of matplotlib that drew it.
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def font_file(package: str = "zhplot") -> Path:
    """The Chinese font carried by `package`, found without importing it (importing changes rcParams).

    Raises RectifyError if it is not there.
    """
    spec = find_spec(package)
    for folder in spec.submodule_search_locations or () if spec else ():
        path = Path(folder) / "fonts" / "NotoSansSC-Regular.ttf"
        if path.is_file():
            return path
    raise RectifyError(f"无法绘制图表：缺少中文字体（应由依赖包 {package} 提供），请重新安装本程序的依赖")


def _head(figure: Figure, pen: Pen, title: str, subtitle: str) -> None:
    height = figure.get_figheight()
    parts = ((pen.fit(title, ems=38), 16, 0.18, INK), (pen.fit(subtitle, ems=60), _POINTS, 0.54, SOFT))
    for text, points, below, colour in parts:
        place = 0.2 / _WIDTH, 1 - below / height
        font = pen.font(points)
        figure.text(*place, text, va="top", color=colour, fontproperties=font, parse_math=False)


def _scale(axes: Axes, labels: Sequence[str], pen: Pen) -> None:
    axes.set_xlim(0, 100)
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)  # the first row on top
    ticks = range(0, 101, 20)
    font = pen.font()
    axes.set_xticks(ticks, [f"{tick}%" for tick in ticks], fontproperties=font)
    axes.set_yticks(range(len(labels)), labels, fontproperties=font, parse_math=False)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelcolor=INK)
    axes.set_frame_on(False)


def _bars(axes: Axes, rows: Sequence[RateBar], pen: Pen, legend: str) -> None:
    """A grey track of 100%, the bar on it, the period before as a tick with a white edge, figures beside."""
    if not rows:
        axes.text(50, 0, "没有可统计的整改事项", ha="center", va="center", fontproperties=pen.font())
    axes.barh(range(len(rows)), 100, height=0.62, color=TRACK)
    axes.barh(range(len(rows)), [float(row.rate.value or 0) for row in rows], height=0.62, color=BAR)
    font = pen.font()
    known = [(place, row.previous.value) for place, row in enumerate(rows) if row.previous]
    past = [(place, float(value)) for place, value in known if value is not None]
    for width, colour in ((4.5, "white"), (1.8, INK)):
        for place, value in past:
            axes.plot(
                (value, value), (place - 0.4, place + 0.4), color=colour, linewidth=width, clip_on=False
            )
    if past:
        axes.text(106, -0.82, legend, color=SOFT, fontproperties=font)
    for place, row in enumerate(rows):
        axes.text(103, place, row.value_label, va="center", color=INK, fontproperties=font)


def _ems(text: str) -> float:
    """The width of `text` in Chinese characters; Latin letters and digits count a little over a half."""
    return sum(1 if unicodedata.east_asian_width(char) in "WFA" else 0.58 for char in text)
