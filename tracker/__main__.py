"""Entry of `rectify` and `python -m tracker`."""

from __future__ import annotations

import sys

from tracker.cli import run


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
