"""Jobs: handed in once, run once, taken up again whatever happens to their runner."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.jobs import ATTEMPTS_MAX, SqliteJobs
from cantoria.app import jobs
from cantoria.app.access.permissions import Permission
from cantoria.app.jobs import Job, JobState, Kind, Owner, Task
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.bootstrap.job_runner import JobRunner, open_jobs
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import RecordingRegistered
from cantoria.registry.trade_facts import FileTaken

LEASE = 30_000_000
OWNER = Owner("society", "account_alice")
CSV = b"recording,isrc,title,artist\nR1,KRA381900123,One,Ada\nR2,KRA381900124,Two,Bo\nR3,KRA381900125,,Bo\n"


def kind_of(run: Any) -> Mapping[str, Kind]:
    return {"test": Kind(run=run, needs=Permission.SUBMIT_FILES, about="a test")}


@pytest.fixture
def store(home: Path) -> SqliteJobs:
    return open_jobs(home)


def handed_in(home: Path, store: SqliteJobs, kind: str, files: list[tuple[str, bytes]], **parameters: str) -> Job:
    house = open_house(home)
    try:
        return jobs.submit(house, store, kind, owner=OWNER, files=files, parameters={"namespace": "TEST", **parameters})
    finally:
        house.close()


def titles(house: WiredHouse) -> list[str]:
    house.index.catch_up()
    return [one.fact.title for one in house.index.scan(tags=[RecordingRegistered.TYPE.tag])]


def test_an_import_runs_and_says_what_came_of_it(home: Path, store: SqliteJobs) -> None:
    job = handed_in(home, store, "import", [("recordings.csv", CSV)])
    runner = JobRunner(home, store=store)
    done = runner.run_next()
    runner.release()
    assert done is not None
    assert (done.job, done.state) == (job.job, JobState.DONE)
    assert done.result["registered"] == 2
    assert done.result["refused"] == 1
    assert done.result["first"][0]["line"] == 4
    house = open_house(home)
    assert sorted(titles(house)) == ["One", "Two"]
    house.close()
    assert runner.run_next() is None


def test_a_table_that_was_taken_in_is_not_taken_in_twice(home: Path, store: SqliteJobs) -> None:
    runner = JobRunner(home, store=store)
    for _ in range(2):
        handed_in(home, store, "import", [("recordings.csv", CSV)])
    first, second = runner.run_next(), runner.run_next()
    runner.release()
    assert first is not None
    assert second is not None
    assert (first.result["known"], second.result["known"]) == (False, True)
    house = open_house(home)
    assert len(titles(house)) == 2
    assert len(list(house.index.scan(tags=[FileTaken.TYPE.tag]))) == 1
    house.close()


def test_a_job_is_given_to_one_runner_and_taken_up_when_that_one_falls_silent(home: Path, store: SqliteJobs) -> None:
    job = handed_in(home, store, "import", [("recordings.csv", CSV)])
    other = open_jobs(home)  # as another process has it
    assert store.take("one", now=1_000, lease=LEASE) is not None
    assert other.take("two", now=1_000 + LEASE, lease=LEASE) is None
    assert store.beat(job.job, runner="one", now=2_000, progress=(3, 9, "reading")) == "ours"
    assert other.take("two", now=1_001 + LEASE, lease=LEASE) is None
    taken = other.take("two", now=2_001 + LEASE, lease=LEASE)
    assert taken is not None
    assert taken.attempts == 2
    assert store.beat(job.job, runner="one", now=2_002 + LEASE) == "lost"
    assert not store.end(job.job, runner="one", now=3_000 + LEASE, state=JobState.DONE, result={})
    assert other.end(job.job, runner="two", now=3_000 + LEASE, state=JobState.DONE, result={"a": 1})
    assert jobs.find(store, job.job).result == {"a": 1}


def test_a_job_that_ends_every_runner_fails(home: Path, store: SqliteJobs) -> None:
    job = handed_in(home, store, "import", [("recordings.csv", CSV)])
    for attempt in range(ATTEMPTS_MAX):
        assert store.take(f"runner {attempt}", now=(attempt + 1) * 2 * LEASE, lease=LEASE) is not None
    assert store.take("last", now=99 * LEASE, lease=LEASE) is None
    assert jobs.find(store, job.job).state is JobState.FAILED


def test_a_run_that_was_cut_off_goes_on_behind_its_last_part(home: Path, store: SqliteJobs) -> None:
    rows = "".join(f"KRA3819{number:05},Song {number},Ada\n" for number in range(6_000))
    handed_in(home, store, "import", [("list.csv", b"ISRC,Track,Artist\n" + rows.encode())])
    runner = JobRunner(home, store=store)
    taken = store.take("killed", now=1, lease=LEASE)
    assert taken is not None
    house = open_house(home)
    parts = 0

    def killed(done: int, total: int, phase: str) -> None:
        nonlocal parts
        if house.engine.size > before:
            parts += 1
            raise KeyboardInterrupt  # as good as kill -9: nothing is tidied up behind it

    before = house.engine.size
    author = house.author("society")
    from contextlib import nullcontext

    from cantoria.app.jobs.kinds import KINDS

    with pytest.raises(KeyboardInterrupt):
        KINDS["import"].run(Task(job=taken, house=house, author=author, step=killed, writing=nullcontext))
    house.close()
    assert parts == 1
    done = runner.run_next()
    runner.release()
    assert done is not None
    assert done.state is JobState.DONE
    assert done.result["before"] > 0
    assert done.result["before"] + done.result["registered"] == 6_000
    house = open_house(home)
    assert len(set(titles(house))) == len(titles(house)) == 6_000
    house.close()


def test_cancelling_stops_a_running_job_at_its_next_step(home: Path, store: SqliteJobs) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def run(task: Task) -> Mapping[str, Any]:
        begun.set()
        go_on.wait(20)
        for number in range(10_000):
            task.step(number, 10_000, "counting")
        return {}

    job = handed_in(home, store, "test", [])
    runner = JobRunner(home, store=store, kinds=kind_of(run), lease_seconds=0.2)
    runner.start()
    begun.wait(20)
    house = open_house(home)
    jobs.cancel(house, store, jobs.find(store, job.job))
    go_on.set()
    while not jobs.find(store, job.job).ended:
        pass
    runner.close()
    assert jobs.find(store, job.job).state is JobState.CANCELLED
    with pytest.raises(InputError):
        jobs.cancel(house, store, jobs.find(store, job.job))
    house.close()


def test_a_server_that_stops_puts_its_job_back(home: Path, store: SqliteJobs) -> None:
    begun = threading.Event()

    def run(task: Task) -> Mapping[str, Any]:
        begun.set()
        while True:
            task.step(0, 0, "for ever")

    job = handed_in(home, store, "test", [])
    runner = JobRunner(home, store=store, kinds=kind_of(run))
    runner.start()
    begun.wait(20)
    runner.close()
    assert jobs.find(store, job.job).state is JobState.QUEUED


@pytest.mark.parametrize("error", [InputError("wrong file", "send another"), ZeroDivisionError("no")])
def test_what_goes_wrong_ends_the_job_and_not_the_runner(home: Path, store: SqliteJobs, error: Exception) -> None:
    def run(task: Task) -> Mapping[str, Any]:
        raise error

    handed_in(home, store, "test", [])
    runner = JobRunner(home, store=store, kinds=kind_of(run))
    done = runner.run_next()
    runner.release()
    assert done is not None
    assert done.state is JobState.FAILED
    assert done.result["message"]


def test_jobs_are_listed_for_their_owner_alone_newest_first(home: Path, store: SqliteJobs) -> None:
    first, second = (handed_in(home, store, "import", [("recordings.csv", CSV)]) for _ in range(2))
    assert [one.job for one in store.listed("society")] == [second.job, first.job]
    assert [one.job for one in store.listed("society", before=second.job)] == [first.job]
    assert [one.job for one in store.listed("society", account="account_bob")] == []
    assert store.listed("label") == []
    with pytest.raises(InputError):
        jobs.find(store, first.job, organisation="label")


def test_a_runner_that_is_killed_is_found_out(home: Path, store: SqliteJobs) -> None:
    """A process with a job in hand dies by SIGKILL; the job is taken up and done by the next runner."""
    job = handed_in(home, store, "import", [("recordings.csv", CSV)])
    script = (
        "import sys, time; from pathlib import Path; from cantoria.bootstrap.job_runner import open_jobs\n"
        "taken = open_jobs(Path(sys.argv[1])).take('doomed', now=time.time_ns() // 1000, lease=10**12)\n"
        "print(taken.job, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline().strip() == job.job
        doomed.kill()
    runner = JobRunner(home, store=store, lease_seconds=0.2)
    done = None
    while done is None:
        done = runner.run_next()
    runner.release()
    assert (done.state, done.attempts) == (JobState.DONE, 2)
