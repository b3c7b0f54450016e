"""The forms in which problems are written: the explicit tuple of shapes, and prose, which takes the rest.

Must never hold two shapes that understand the same line; the earlier one takes it.
"""

from __future__ import annotations

from tracker.intake.roles import Shape
from tracker.intake.shapes import flat, prose, replies, tables

SHAPES: tuple[Shape, ...] = (replies, tables, flat)
"""Asked in this order; each sees only the lines that the ones before it left."""

NARRATIVE: Shape = prose
"""Reads what is left, to the last sentence."""
