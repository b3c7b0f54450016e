"""Documents become findings here, each with its place in the source.

Must never write to the database, resolve a unit or judge a problem: it only says what was written where.
"""

from tracker.intake.reading import read_document

__all__ = ["read_document"]
