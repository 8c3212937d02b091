"""The demonstration's trade: works go out as CWR, a neighbour's registrations come in and contradict them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from rich.markup import escape

from cantoria.adapters.files import write_file
from cantoria.app import cases
from cantoria.app import search as words
from cantoria.app.delivery import Delivered, Entries, Parcel, deliver
from cantoria.app.extract import extract, things
from cantoria.bootstrap.naming import cwr_moment
from cantoria.cli.console import page, progress, table
from cantoria.cli.demo_stage import Stage, must
from cantoria.formats import cwr
from cantoria.formats.entries import Entry, Name, Party, Share, Work
from cantoria.registry.ageing import BUCKETS
from cantoria.registry.types import CaseKind, Right, Role

SENT: Final = 200  # works
DISPUTED: Final = 3
OURS, THEIRS = "org-haneulsori", "org-cantares"
INVENTED: Final = {OURS: "00000000199", THEIRS: "00000000297"}  # IPI name numbers that nobody has
SOUGHT: Final = "편지"


def exchange(stage: Stage) -> None:
    """Send registrations out, take a neighbour's in, answer them, and show what is now to be settled."""
    stage.heading("Societies exchange registrations; what contradicts becomes a case with a clock")
    entries = _works(stage)
    data = _written(stage, entries, OURS)
    page.print(f"{len(entries):,} works written as CWR 2.2: {len(data):,} bytes")
    neighbours = _written(stage, _contradicting(entries), THEIRS)
    neighbours = _spoilt(neighbours)
    done = _delivered(stage, "neighbour.V22", neighbours)
    counts = done.counts
    page.print(
        f"a neighbour's file: {counts.received} records = {counts.registered} registered + {counts.refused} refused"
    )
    for finding in [one for one in done.findings if one.severity.value == "error"][:2]:
        page.print(f"  {escape(str(finding))}")
    sender = _sender(stage, OURS)
    answer = b"".join(cwr.acknowledge(io.BytesIO(neighbours), file="neighbour.V22", sender=sender))
    write_file(stage.home / "out" / "trade" / "acknowledgement.V22", answer)
    _settle(stage)
    _seek(stage)


def _works(stage: Stage) -> list[Entry]:
    """Return entries of works whose writers' shares are whole."""
    size = stage.house.index.catch_up()
    found: list[Entry] = []
    with progress("Writing CWR"):
        for entry in extract(stage.house, things(stage.house, kinds=("work",))[: SENT * 2], size=size):
            work = entry.works[0]
            if any(scheme == "iswc" for scheme, _ in work.codes) and work.shares and not work.parts:
                found.append(replace(entry, recordings=()))
    return found[:SENT]


def _contradicting(entries: list[Entry]) -> Iterator[Entry]:
    """Give registrations of some of the works by which somebody else wrote them alone."""
    for number, entry in enumerate(entries[: DISPUTED + 1]):
        writer = Party(key=f"CLAIMANT{number}", names=(Name("Claimant, Another"),))
        shares = tuple(
            Share(party=writer.key, role=Role.COMPOSER, right=right, share=Fraction(1))
            for right in (Right.PERFORMING, Right.MECHANICAL, Right.SYNCHRONISATION)
        )
        work = entry.works[0]
        same = Work(key=f"NEIGHBOUR{number}", title=work.title, codes=work.codes, shares=shares)
        yield Entry(line=0, kind="work", parties=(writer,), works=(same,))


def _spoilt(data: bytes) -> bytes:
    """Return the file with the title of its last work lost on the way."""
    head, mark, tail = data.rpartition(b"\nNWR")
    return head + mark + tail[:16] + b" " * 60 + tail[76:]


def _written(stage: Stage, entries: Iterator[Entry] | list[Entry], organisation: str) -> bytes:
    sender = _sender(stage, organisation)
    data = b"".join(cwr.write(entries, sender=sender))
    folder = stage.home / "out" / "trade"
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / cwr.file_name(sender), data)
    return data


def _sender(stage: Stage, organisation: str) -> cwr.Sender:
    house = next(one for one in stage.world.houses if one.key == organisation)
    created = cwr_moment(stage.clock.now())
    code = organisation.partition("-")[2][:2].upper()
    return cwr.Sender(name=house.names[-1], created=created, code=code, ipi=INVENTED[organisation], version="2.2")


def _delivered(stage: Stage, name: str, data: bytes) -> Delivered:
    return deliver(
        stage.house,
        Parcel(name=name, open=lambda: io.BytesIO(data)),
        reading=Entries(cwr.FORMAT, cwr.read),
        namespace="CANTARES",
        author=stage.builder.authors[THEIRS],
    )


def _settle(stage: Stage) -> None:
    """Show the conflicts by kind and age, as anybody may see them."""
    with progress("Working out cases"):
        found = cases.statistics(stage.house).rows
    rows = [(one.kind.value, one.days, one.stage.value, str(one.cases), str(one.blocked)) for one in found]
    table("Open cases", ("kind", "days", "stage", "cases", "subjects blocked"), rows, right=(3, 4))
    fresh = [one for one in found if one.kind is CaseKind.SHARES_ABOVE_WHOLE and one.days == BUCKETS[0][1]]
    opened = sum(one.cases for one in fresh)
    must(opened >= DISPUTED, "a neighbour's contradicting registrations opened no case")
    stage.tell("A neighbour's CWR", f"{DISPUTED} works contradicted, {opened} cases opened")


def _seek(stage: Stage) -> None:
    found = words.find(stage.house, SOUGHT, limit=5)
    rows = [(hit.kind.value, hit.title, hit.artist, hit.code) for hit in found.hits]
    table(f"Search for {SOUGHT}, complete as of ledger size {found.size:,}", ("kind", "title", "artist", "code"), rows)
