"""Watermarks as the lock by which schedulers take turns, and the record of their runs."""

from __future__ import annotations

import threading
from datetime import timedelta

from tests.store.conftest import OpenDatabase
from tests.support import at
from tracker.store import Database, clockwork
from tracker.store.clockwork import BEGINNING, JobRun

ROUNDS = 20


def test_a_new_name_starts_at_the_beginning_and_keeps_where_it_got(database: Database) -> None:
    with database.write() as connection:
        assert clockwork.take_turn(connection, "remind") == BEGINNING
        clockwork.move_watermark(connection, "remind", at("2021-07-26 09:00"))
    with database.write() as connection:
        assert clockwork.take_turn(connection, "remind") == at("2021-07-26 09:00")
        assert clockwork.take_turn(connection, "digest") == BEGINNING
    with database.read() as connection:
        assert clockwork.watermarks(connection) == {"remind": at("2021-07-26 09:00"), "digest": BEGINNING}


def test_two_schedulers_take_turns_and_lose_no_step(open_database: OpenDatabase, database_url: str) -> None:
    """Each reads the mark, lingers, and moves it one second on: without turns steps would be lost."""
    databases = [open_database(database_url) for _ in range(2)]
    start = threading.Barrier(len(databases))
    linger = threading.Event()
    inside: list[int] = []
    crowds: list[int] = []
    faults: list[BaseException] = []

    def work(which: int) -> None:
        try:
            for _ in range(ROUNDS):
                start.wait(timeout=60)
                with databases[which].write() as connection:
                    mark = clockwork.take_turn(connection, "remind")
                    inside.append(which)
                    linger.wait(0.002)
                    crowds.append(len(inside))
                    inside.remove(which)
                    clockwork.move_watermark(connection, "remind", mark + timedelta(seconds=1))
        except BaseException as fault:  # a thread's failure must fail the test
            faults.append(fault)
            start.abort()

    threads = [threading.Thread(target=work, args=(which,)) for which in range(len(databases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert set(crowds) == {1}
    with databases[0].read() as connection:
        steps = clockwork.watermarks(connection)["remind"] - BEGINNING
    assert steps == timedelta(seconds=len(databases) * ROUNDS)


def test_only_the_last_run_of_a_job_is_kept(database: Database) -> None:
    started = at("2021-07-26 09:00")
    failed = JobRun("deliver", started, started, "StoreError")
    runs = [failed, JobRun("check", started, None, None), JobRun("deliver", started, started, None)]
    for run in runs:
        with database.write() as connection:
            clockwork.record_run(connection, run)
    with database.read() as connection:
        assert clockwork.last_runs(connection) == runs[1:]
