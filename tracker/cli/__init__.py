"""The command line: parses, calls one service, prints. Its names and JSON are public (docs/cli.zh.md)."""

from tracker.cli.app import app, run

__all__ = ["app", "run"]
