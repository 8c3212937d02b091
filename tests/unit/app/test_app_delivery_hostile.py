"""Files that change, runs that meet, and files of nothing but faults: no record is lost, none is counted twice."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cantoria.app import delivery
from cantoria.app.cases import open_cases
from cantoria.app.delivery import Entries, Parcel, deliver
from cantoria.app.house import House
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse
from cantoria.formats.entries import Entry, Outcome, Recording, Work
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import RecordingRegistered
from cantoria.registry.trade_facts import FileTaken

ROWS = 40


def read_rows(stream: BinaryIO, *, file: str) -> Iterator[Entry]:
    """One recording a line; `bad` cannot be read."""
    for line, raw in enumerate(stream, 1):
        text = raw.decode().strip()
        if text == "bad":
            yield Entry(line=line, kind="row", outcome=Outcome.REFUSED, findings=(Finding(file=file, message="bad"),))
        else:
            yield Entry(line=line, kind="row", recordings=(Recording(key=f"R{text}", title=f"Song {text}"),))


def parcel(*lines: str) -> Parcel:
    return Parcel(name="list.txt", open=lambda: io.BytesIO("\n".join(lines).encode()))


def rows(count: int = ROWS) -> list[str]:
    return [f"{number:03d}" for number in range(count)]


def reading(form: str = "rows", read: Callable[..., Iterator[Entry]] = read_rows) -> Entries:
    return Entries(form, read)


def accounts(house: House) -> list[FileTaken]:
    house.index.catch_up()
    return [said.fact for said in house.index.scan(tags=[FileTaken.TYPE.tag])]


def titles(house: House) -> list[str]:
    house.index.catch_up()
    return sorted(said.fact.title for said in house.index.scan(tags=[RecordingRegistered.TYPE.tag]))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "PART_FACTS", 10)
    monkeypatch.setattr(delivery, "PART_RECORDS", 15)


def taken(first: int, received: int, *, whole: bool = False, form: str = "rows", digest: str) -> FileTaken:
    return FileTaken(
        sha256=digest,
        file="list.txt",
        format=form,
        first=first,
        received=received,
        registered=0,
        refused=received,
        duplicate=0,
        passed_over=0,
        findings=0,
        whole=whole,
    )


PARTS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from(["rows", "other"])), max_size=8)


@given(parts=PARTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_app_delivery_goes_on_where_the_first_gap_is(
    house: WiredHouse, label: Author, parts: list[tuple[int, int, str]]
) -> None:
    """Whatever parts earlier runs recorded, a record that none of them covers is read."""
    # A digest of its own for each example: a house is made once for all of them.
    lines = [*rows(), f"{len(accounts(house))}-{len(titles(house))}"]
    digest = delivery._digest(parcel(*lines))[0]
    facts = [taken(first, received, form=form, digest=digest) for first, received, form in parts]
    house.journal.record(facts, author=label)
    covered = {place for first, count, form in parts if form == "rows" for place in range(first, first + count)}
    gap = next(place for place in range(ROWS + 50) if place not in covered)
    done = deliver(house, parcel(*lines), reading=reading(), namespace="BLUE", author=label, dry_run=True)
    assert (done.before, done.counts.received) == (gap, max(0, len(lines) - gap))


def test_app_delivery_two_runs_of_one_file_do_not_mix(house: WiredHouse, label: Author) -> None:
    lines = rows()
    file = parcel(*lines)

    def slow(stream: BinaryIO, *, file: str) -> Iterator[Entry]:
        """Another run takes the whole file in while this one is on its first records."""
        for number, entry in enumerate(read_rows(stream, file=file)):
            if number == 5:
                deliver(house, parcel(*lines), reading=reading(), namespace="BLUE", author=label)
            yield entry

    with pytest.raises(InputError, match="another run"):
        deliver(house, file, reading=reading(read=slow), namespace="BLUE", author=label)
    assert titles(house) == [f"Song {line}" for line in lines], "each once"
    assert deliver(house, file, reading=reading(), namespace="BLUE", author=label).known


def test_app_delivery_what_another_form_made_of_a_file_says_nothing_of_this_one(
    house: WiredHouse, label: Author
) -> None:
    def nothing(stream: BinaryIO, *, file: str) -> Iterator[Entry]:
        for line, _ in enumerate(stream, 1):
            yield Entry(line=line, kind="?", outcome=Outcome.REFUSED)

    deliver(house, parcel(*rows()), reading=reading("other", nothing), namespace="BLUE", author=label)
    done = deliver(house, parcel(*rows()), reading=reading(), namespace="BLUE", author=label)
    assert (done.known, done.before, done.counts.registered) == (False, 0, ROWS)


def test_app_delivery_nobody_takes_the_file_of_another_in(house: WiredHouse, label: Author, society: Author) -> None:
    digest = delivery._digest(parcel(*rows()))[0]
    house.journal.record([taken(0, ROWS, whole=True, digest=digest)], author=society)
    done = deliver(house, parcel(*rows()), reading=reading(), namespace="BLUE", author=label)
    assert (done.known, done.counts.registered) == (False, ROWS)


@pytest.mark.parametrize("opened", [2, 3])
def test_app_delivery_records_what_it_kept_of_a_file_that_changes(
    house: WiredHouse, label: Author, opened: int
) -> None:
    """It is hashed, kept, and read: whatever is written in between, sources name the bytes that were read."""
    times = 0

    def open_it() -> BinaryIO:
        nonlocal times
        times += 1
        lines = rows(6) if times < opened else [*rows(6), "grown"]
        return io.BytesIO("\n".join(lines).encode())

    file = Parcel(name="list.txt", open=open_it)
    if opened == 2:
        with pytest.raises(InputError, match="changed while"):
            deliver(house, file, reading=reading(), namespace="BLUE", author=label)
        assert titles(house) == []
        assert accounts(house) == []
        return
    done = deliver(house, file, reading=reading(), namespace="BLUE", author=label)
    assert titles(house) == [f"Song {line}" for line in rows(6)]
    assert house.attachments.get(done.sha256) == "\n".join(rows(6)).encode()


def test_app_delivery_takes_a_file_of_faults_in_parts(house: WiredHouse, label: Author) -> None:
    done = deliver(house, parcel(*["bad"] * 100), reading=reading(), namespace="BLUE", author=label)
    assert done.counts.refused == 100
    assert [(part.first, part.received) for part in accounts(house)] == [(at, 15) for at in range(0, 90, 15)] + [
        (90, 10)
    ]


def test_app_delivery_a_dry_run_lets_go_of_what_it_read(
    house: WiredHouse, label: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    add = delivery._Part.add

    def watched(part: delivery._Part, portion: object) -> None:
        add(part, portion)  # type: ignore[arg-type]
        held.append(len(part.facts))

    monkeypatch.setattr(delivery._Part, "add", watched)
    done = deliver(house, parcel(*rows(200)), reading=reading(), namespace="BLUE", author=label, dry_run=True)
    assert done.counts.registered == 200
    assert max(held) < 20
    assert accounts(house) == []


def test_app_delivery_the_key_of_a_work_names_no_recording(house: WiredHouse, label: Author) -> None:
    """One key for two kinds: in each file it names the same two things again."""

    def both(stream: BinaryIO, *, file: str) -> Iterator[Entry]:
        yield Entry(
            line=1,
            kind="row",
            works=(Work(key="1", title="Song"),),
            recordings=(Recording(key="1", title="Song", works=("1",)),),
        )

    for text in ("a", "b", "c"):
        deliver(house, parcel(text), reading=reading(read=both), namespace="BLUE", author=label)
    found = {said.fact.recording for said in house.index.scan(tags=[RecordingRegistered.TYPE.tag])}
    assert len(found) == 1
    assert open_cases(house) == (), "a work and a recording of one number are no conflict"
