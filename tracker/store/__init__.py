"""The database: tables, queries, the outbox's claim. The only place with SQL.

Functions take an open Connection, so that a service decides what is one transaction.
"""

from sqlalchemy import Connection

from tracker.store.database import Database

__all__ = ["Connection", "Database"]
