"""An office for the pages: a real database, the shipped rules, only the sandbox, a clock set by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from notifiers.sandbox import Sandbox
from tests.support import shipped_rules
from tracker.services import accounts, register
from tracker.services.office import SANDBOX, Office
from tracker.services.register import Preview, Source
from tracker.store import Database

STAFF, CONTACT, PASSWORD = "shenpiju", "lianluo", "yunlan-2026-mima"
BULLETIN = """云澜市政务服务问题整改通报

2026年11月16日

附件 1

序号\t单位名称\t“一网通办”问题\t“互联网+监管”问题\t政务公开问题\t备注
1\t市水务局\t未评价办件12件。\t\t1.未设置节约用水专栏。 2.没有公布R&D用水统计。\t
2\t市体育局\t\t监管数据上传及时率仅为60%。\t“全民健身”栏目打开后内容为空。\t
3\t澜东区\t有4件办件超出承诺时限办结。\t\t未设置社区服务专栏。\t
"""
START = datetime(2026, 11, 17, 2, tzinfo=UTC)  # Tuesday, 10:00 in Shanghai


@cache
def _new_database() -> tuple[bytes, dict[str, str]]:
    """A migrated database with two accounts that have signed in, and the token of each one's session.

    Made once per process, and copied: scrypt is slow on purpose.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        database = Database(f"sqlite:///{file}")
        database.prepare()
        office = Office(database, shipped_rules(), {SANDBOX: Sandbox()}, ())
        for login in (STAFF, CONTACT):
            accounts.save_account(office, login, PASSWORD, now=START)
        tokens = {
            login: accounts.sign_in(office, login, PASSWORD, now=START).token for login in (STAFF, CONTACT)
        }
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return file.read_bytes(), tokens


_played: dict[Callable[[Town], None], tuple[bytes, dict[str, str], datetime]] = {}


class Town:
    """The office, and what its tests move: the clock."""

    def __init__(self, folder: Path, public_url: str | None = None) -> None:
        content, tokens = _new_database()
        self.folder = folder
        self._file = folder / "rectify.db"
        self._file.write_bytes(content)
        self.session_tokens = dict(tokens)
        database = Database(f"sqlite:///{self._file}", busy_seconds=1)
        self.now = START
        self.office = Office(database, shipped_rules(), {SANDBOX: Sandbox()}, (), public_url)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **by: int) -> None:
        self.now += timedelta(**by)

    def take_in(self, text: str = BULLETIN, filename: str = "tongbao.txt") -> Preview:
        source = Source(text.encode(), filename)
        return register.commit(self.office, source, by=STAFF, now=self.now)

    def sign_in(self, login: str) -> None:
        """A session of today; `session_tokens` holds its token."""
        self.session_tokens[login] = accounts.sign_in(self.office, login, PASSWORD, now=self.now).token

    def begin(self, beginning: Callable[[Town], None]) -> None:
        """Put this town, in which nothing has happened yet, where `beginning(town)` leads.

        Played once per process and copied from then on; `beginning` is a function of a module, and all that
        it does is in the database, the clock and the sessions.
        """
        if beginning not in _played:
            beginning(self)
            self.office.database.close()
            _played[beginning] = self._file.read_bytes(), dict(self.session_tokens), self.now
        self.office.database.close()
        content, tokens, self.now = _played[beginning]
        self._file.write_bytes(content)
        self.session_tokens = dict(tokens)

    def close(self) -> None:
        self.office.database.close()
