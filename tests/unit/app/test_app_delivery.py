"""Files of any size are taken in part by part, account for every record, and go on after a crash."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest

from cantoria.app import delivery
from cantoria.app.delivery import Entries, Parcel, deliver
from cantoria.app.extract import extract, things
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse
from cantoria.formats.entries import Entry, Outcome, Recording, Work
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import RecordingRegistered
from cantoria.registry.trade_facts import FileTaken

Reopen = Callable[[], WiredHouse]
ROWS = 60


class Crash(Exception):  # noqa: N818 - it stands for kill -9
    pass


def read_rows(stream: BinaryIO, *, file: str) -> Iterator[Entry]:
    """One recording a line; `bad` cannot be read, `note` is of no kind that is registered."""
    for line, raw in enumerate(stream, 1):
        text = raw.decode().strip()
        if text == "bad":
            yield Entry(line=line, kind="row", outcome=Outcome.REFUSED, findings=(Finding(file=file, message="bad"),))
        elif text == "note":
            yield Entry(line=line, kind="note", outcome=Outcome.PASSED_OVER)
        else:
            work = Work(key=f"W{text}", title=f"Song {text}")
            take = Recording(key=f"R{text}", title=f"Song {text}", works=(f"W{text}",))
            yield Entry(line=line, kind="row", works=(work,), recordings=(take,))


def parcel(*lines: str, name: str = "list.txt") -> Parcel:
    return Parcel(name=name, open=lambda: io.BytesIO("\n".join(lines).encode()))


def rows(count: int = ROWS) -> list[str]:
    return [f"{number:03d}" for number in range(count)]


def reading() -> Entries:
    return Entries("rows", read_rows)


def accounts(house: WiredHouse) -> list[FileTaken]:
    house.index.catch_up()
    return [said.fact for said in house.index.scan(tags=[FileTaken.TYPE.tag])]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "PART_FACTS", 50)


def test_every_record_is_accounted_for(house: WiredHouse, label: Author) -> None:
    lines = [*rows(), "bad", "note"]
    noted: list[Finding] = []
    seen: list[int] = []
    done = deliver(
        house, parcel(*lines), reading=reading(), namespace="BLUE", author=label, note=noted.append, watch=seen.append
    )
    assert (done.counts.received, done.counts.registered) == (ROWS + 2, ROWS)
    assert (done.counts.refused, done.counts.passed_over) == (1, 1)
    assert [finding.message for finding in noted] == ["bad"]
    assert seen == sorted(seen)
    parts = accounts(house)
    assert len(parts) > 3
    assert [part.first for part in parts] == [sum(one.received for one in parts[:nth]) for nth in range(len(parts))]
    assert sum(part.received for part in parts) == ROWS + 2
    assert [part.whole for part in parts] == [False] * (len(parts) - 1) + [True]
    assert house.attachments.get(done.sha256) == "\n".join(lines).encode()


def test_a_file_is_not_taken_in_twice_unless_asked(house: WiredHouse, label: Author) -> None:
    file = parcel(*rows(5))
    first = deliver(house, file, reading=reading(), namespace="BLUE", author=label)
    size = house.journal.size()
    again = deliver(house, file, reading=reading(), namespace="BLUE", author=label)
    assert (again.known, again.before, again.facts.total()) == (True, 5, 0)
    assert house.journal.size() == size
    anew = deliver(house, file, reading=reading(), namespace="BLUE", author=label, again=True)
    assert anew.counts == first.counts
    things_named = {said.fact.recording for said in house.index.scan(tags=[RecordingRegistered.TYPE.tag])}
    assert len(things_named) == 5, "the same keys name the same things"


def test_a_run_that_was_cut_off_goes_on_behind_the_last_part(reopen: Reopen) -> None:
    lines = rows()
    house = reopen()
    bytes_whole = "\n".join(lines).encode()

    def broken(stream: BinaryIO, *, file: str) -> Iterator[Entry]:
        for number, entry in enumerate(read_rows(stream, file=file)):
            if number == 45:
                raise Crash
            yield entry

    file = Parcel(name="list.txt", open=lambda: io.BytesIO(bytes_whole))
    with pytest.raises(Crash):
        deliver(house, file, reading=Entries("rows", broken), namespace="BLUE", author=house.author("label"))
    house.close()
    house = reopen()
    taken = sum(part.received for part in accounts(house))
    assert 0 < taken < 45
    done = deliver(house, file, reading=reading(), namespace="BLUE", author=house.author("label"))
    assert (done.before, done.counts.received) == (taken, ROWS - taken)
    facts = [said.fact for said in house.index.scan(tags=[RecordingRegistered.TYPE.tag])]
    assert sorted(fact.title for fact in facts) == [f"Song {line}" for line in lines], "each once, none lost"


def test_a_dry_run_records_nothing(house: WiredHouse, label: Author) -> None:
    before = house.journal.size()
    done = deliver(house, parcel(*rows()), reading=reading(), namespace="BLUE", author=label, dry_run=True)
    assert (done.counts.registered, done.last_index) == (ROWS, None)
    assert house.journal.size() == before
    with pytest.raises(InputError):
        house.attachments.get(done.sha256)


def test_an_empty_file_is_refused(house: WiredHouse, label: Author) -> None:
    with pytest.raises(InputError, match="empty"):
        deliver(house, parcel(), reading=reading(), namespace="BLUE", author=label)


def test_what_went_in_comes_out_as_entries(house: WiredHouse, label: Author) -> None:
    deliver(house, parcel(*rows(7)), reading=reading(), namespace="BLUE", author=label)
    size = house.index.catch_up()
    entries = list(extract(house, things(house), size=size))
    works = [entry.works[0] for entry in entries if entry.kind == "work"]
    takes = [entry.recordings[0] for entry in entries if entry.kind == "recording"]
    assert sorted(work.title for work in works) == sorted(take.title for take in takes)
    assert {take.works for take in takes} == {(work.key,) for work in works}
    assert sorted(code for work in works for code in work.codes) == [("own", f"BLUE:W{row}") for row in rows(7)]
