"""One use case per module, one transaction each. Orchestrates; judges nothing itself and holds no SQL."""
