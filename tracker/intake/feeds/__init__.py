"""Exports of other systems (cases, accounts) → rows → facts, as a stream: memory does not follow the rows."""
