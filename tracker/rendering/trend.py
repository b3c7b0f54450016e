"""Rates over time as lines: one list of series, drawn as SVG on the page and as PNG for paper and chat.

Must never count: every rate arrives with its numerator and denominator. The vertical scale always reaches
100 % and begins at a round number below the lowest rate, which its labels say.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from tracker.domain.rates import Rate
from tracker.rendering.chart_theme import INK, LINE_WIDTH, MARKER_SIZE, MARKERS, SOFT, TRACK, as_json, stroke
from tracker.rendering.charts import Pen, font_file

_STEPS = 4  # parts of the vertical scale
_COARSE = 20  # it begins at a multiple of this
_SIZE, _DPI = (9.0, 3.6), 110  # inches


@dataclass(frozen=True)
class Series:
    """One line: a rate or None for each label of the chart."""

    name: str
    rates: tuple[Rate | None, ...]

    @property
    def values(self) -> list[float | None]:
        """Percentages to draw by; what is printed is `Rate.percent`."""
        return [None if rate is None or rate.value is None else float(rate.value) for rate in self.rates]


@dataclass(frozen=True)
class Trend:
    """Lines over the same labels, the oldest first."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def floor(self) -> int:
        """Where the vertical scale begins."""
        known = [value for line in self.series for value in line.values if value is not None]
        return min(80, int(min(known, default=0)) // _COARSE * _COARSE)

    def as_json(self) -> dict[str, Any]:
        """For the page's script."""
        return {
            "theme": as_json(),
            "labels": list(self.labels),
            "floor": self.floor,
            "series": [
                {
                    "name": line.name,
                    "values": line.values,
                    "words": [rate_words(rate) for rate in line.rates],
                }
                for line in self.series
            ],
        }

    def drawing(self, width: int = 720, height: int = 240) -> Drawing:
        """Coordinates in pixels for an SVG of that size."""
        left, right, top, bottom = 52, 24, 14, 30
        across, down, floor = width - left - right, height - top - bottom, self.floor

        def place(index: int, value: float) -> tuple[float, float]:
            x = left + across * (index / max(len(self.labels) - 1, 1))
            return round(x, 1), round(top + down * (100 - value) / (100 - floor), 1)

        lines = tuple(
            DrawnLine(
                line.name,
                position,
                tuple(place(index, value) for index, value in enumerate(line.values) if value is not None),
            )
            for position, line in enumerate(self.series)
        )
        marks = [floor + (100 - floor) * step // _STEPS for step in range(_STEPS + 1)]
        ticks = tuple((f"{mark}%", place(0, mark)[1]) for mark in marks)
        every = -(-len(self.labels) // 7) if self.labels else 1
        last = len(self.labels) - 1
        labels = tuple(
            (label, place(index, floor)[0])
            for index, label in enumerate(self.labels)
            if (last - index) % every == 0
        )
        return Drawing(width, height, left, width - right, lines, ticks, labels)


@dataclass(frozen=True)
class DrawnLine:
    """`position` chooses the stroke; `points` are pixels."""

    name: str
    position: int
    points: tuple[tuple[float, float], ...]

    @property
    def colour(self) -> str:
        return stroke(self.position).colour

    @property
    def dash(self) -> str:
        return " ".join(map(str, stroke(self.position).dash)) or "none"

    @property
    def marker(self) -> str:
        return stroke(self.position).marker

    @property
    def path(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)


@dataclass(frozen=True)
class Drawing:
    """What the SVG template draws: ticks are (words, y), labels (words, x), all in pixels."""

    width: int
    height: int
    left: int
    right: int
    lines: tuple[DrawnLine, ...]
    ticks: tuple[tuple[str, float], ...]
    labels: tuple[tuple[str, float], ...]


def rate_words(rate: Rate | None) -> str:
    """`84.1%（148/176）`, or `—`."""
    if rate is None or not rate.denominator:
        return "—"
    return f"{rate.percent}（{rate.numerator}/{rate.denominator}）"


def trend_chart(trend: Trend, title: str, subtitle: str) -> bytes:
    """The same lines as PNG, the same bytes for the same input.

    Raises RectifyError if the font with Chinese glyphs is not installed.
    """
    path = font_file()
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - as in `charts`
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    pen = Pen(path)
    figure = Figure(figsize=_SIZE, dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)  # binds itself to the figure
    for text, points, y, colour in ((title, 16, 0.95, INK), (subtitle, 10, 0.85, SOFT)):
        words = pen.fit(text, ems=60)
        font = pen.font(points)
        figure.text(0.03, y, words, va="top", color=colour, fontproperties=font, parse_math=False)
    _draw(figure.add_axes((0.07, 0.1, 0.9, 0.58)), trend, pen)
    target = BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _draw(axes: Any, trend: Trend, pen: Pen) -> None:
    for position, line in enumerate(trend.series):
        known = [(index, value) for index, value in enumerate(line.values) if value is not None]
        if not known:
            continue
        look = stroke(position)
        scale = [length / LINE_WIDTH for length in look.dash]  # matplotlib counts dashes in line widths
        axes.plot(
            *zip(*known, strict=True),
            color=look.colour,
            linewidth=LINE_WIDTH,
            linestyle=(0, scale) if scale else "-",
            marker=MARKERS[look.marker],
            markersize=MARKER_SIZE,
            clip_on=False,
            label=pen.fit(f"{line.name} {rate_words(line.rates[-1])}", ems=16),
        )
    axes.set_ylim(trend.floor, 100)
    axes.set_xlim(-0.3, max(len(trend.labels) - 1, 0) + 0.3)
    font = pen.font()
    axes.set_xticks(range(len(trend.labels)), trend.labels, fontproperties=font, parse_math=False)
    marks = [trend.floor + (100 - trend.floor) * step // _STEPS for step in range(_STEPS + 1)]
    axes.set_yticks(marks, [f"{mark}%" for mark in marks], fontproperties=font)
    axes.grid(axis="y", color=TRACK)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelcolor=INK)
    axes.set_frame_on(False)
    if axes.lines:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.02),
            ncols=len(axes.lines),
            frameon=False,
            prop=font,
            handlelength=3.6,
        )
