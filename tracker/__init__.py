"""整改通 (`rectify`): from a bulletin's problem list to struck-off items, rates and reminders."""

__version__ = "0.1.0"
