"""Reading sentences: who is named, what is said of them, and whether that is a fault.

Must never know a place, a unit or a bulletin by name: only how such sentences are built.
"""
