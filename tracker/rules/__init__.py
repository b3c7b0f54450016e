"""`config/*.toml` → domain rules. Strict: unknown keys are errors, and all errors are told at once."""

from tracker.rules.checking import check_file
from tracker.rules.loader import Rules, load_rules

__all__ = ["Rules", "check_file", "load_rules"]
