"""The rules of rectification, pure: standard library only; `now` and the calendar come in as arguments."""
