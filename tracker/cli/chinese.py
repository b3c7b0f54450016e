"""Makes Click speak Chinese, whatever the machine's language is: its users read nothing else."""

from __future__ import annotations

import gettext
import os
import sys
from pathlib import Path

_DOMAIN = "rectify"


def speak_chinese() -> None:
    """Point gettext, which Click asks for every word of its own, at our catalogue.

    Also make the output UTF-8 where a pipe or an old locale would make it fail on Chinese.
    """
    os.environ["LANGUAGE"] = "zh_CN"
    gettext.bindtextdomain(_DOMAIN, Path(__file__).parent / "locale")
    gettext.textdomain(_DOMAIN)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
