"""The compiled templates of the pages, kept for all offices of a test process.

The product has one office in a process and compiles each page once. A test process has hundreds of them, and
would spend a third of the time of the web tests on compiling the same pages anew. A template that changes is
compiled again: Jinja's key of what is kept is the text of the template.
"""

from __future__ import annotations

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class KeptInMemory(BytecodeCache):
    """Code by name and text of its template."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


COMPILED = KeptInMemory()
