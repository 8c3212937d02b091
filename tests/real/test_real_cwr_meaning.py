"""Real CWR files: every transaction is accounted for, and registrations survive the way out and back."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cantoria.formats import cwr
from cantoria.formats.csvfamily import Context
from cantoria.formats.entries import Entry, Outcome, Scribe, Work, write_down
from cantoria.formats.outgoing import Lost
from cantoria.formats.types import Imported, Severity
from cantoria.kernel import territories
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import DAY, parse_moment
from cantoria.registry.answer_facts import AnswerStatus, RegistrationAnswered
from cantoria.registry.facts import LinkAsserted

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "cwr"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the real files are not on this machine")
HEADS = {"NWR", "REV", "AGR", "ISW", "EXC", "ACK", "WRK", "DRW", "ISR", "ISA", "LIC"}
FRAME = {"HDR", "GRH", "GRT", "TRL"}
AT = parse_moment("2026-11-20")
FILES = {
    "CW220001000_DMP.V21": (2, Outcome.REGISTER),
    "CW220002DMP_0000_V3-0-0.SUB": (1, Outcome.REGISTER),
    "CW220003DMP_0000_V3-0-0.ISR": (1, Outcome.PASSED_OVER),
    "ackexample.V21": (20, Outcome.REGISTER),
    "nwrexample2.V21": (1, Outcome.REGISTER),
}


def entries_of(data: bytes, file: str) -> list[Entry]:
    return list(cwr.read(io.BytesIO(data), file=file))


def written(entries: list[Entry], file: str) -> Imported:
    """Return everything that the entries state, in a registry that knows nothing yet."""
    made: list[str] = []

    def new_id(prefix: str) -> str:
        made.append(prefix)
        return typed_id(prefix, len(made).to_bytes(16, "big"))

    context = Context(
        sender=PartyId("party_sender"), namespace="BLUE", now=20_000 * DAY, new_id=new_id, lookup=lambda code: None
    )
    scribe = Scribe(context, file=file, sha256="00" * 32)
    return sum((write_down(scribe, entry) for entry in entries), Imported())


def registrations(path: Path) -> bytes:
    """Return the registrations that an acknowledgement repeats, as the file that they once came in."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line[:3] not in {*FRAME, "ACK", "MSG"}]
    groups: dict[str, list[list[str]]] = {}
    for line in lines:
        if line[:3] in HEADS:
            groups.setdefault(line[:3], []).append([])
            kind = line[:3]
        groups[kind][-1].append(line)
    out = ["HDRPB226144593THE SENDER                                   01.10201603152210032016031500000"[:86]]
    for number, (kind, members) in enumerate(groups.items(), start=1):
        out.append(f"GRH{kind}{number:05d}02.100000000000  ")
        for place, records in enumerate(members):
            out += [f"{line[:3]}{place:08d}{count:08d}{line[19:]}" for count, line in enumerate(records)]
        out.append(f"GRT{number:05d}{len(members):08d}{sum(map(len, members)) + 2:08d}   0000000000")
    transactions = sum(map(len, groups.values()))
    out.append(f"TRL{len(groups):05d}{transactions:08d}{len(out) + 1:08d}")
    return "".join(f"{line}\r\n" for line in out).encode()


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_transaction_is_one_entry_and_accounted_for(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    entries = entries_of(data, name)
    lines = data.decode().splitlines()
    in_answers = any(line.startswith("GRHACK") for line in lines)
    heads = [line[:3] for line in lines if line[:3] in ({"ACK"} if in_answers else HEADS)]
    assert [entry.kind for entry in entries] == heads
    counts = written(entries, name).counts
    assert (counts.received, counts.refused, counts.duplicate) == (FILES[name][0], 0, 0)
    assert {entry.outcome for entry in entries} == {FILES[name][1]}
    assert not [str(one) for entry in entries for one in entry.findings if one.severity is Severity.ERROR]


def test_the_acknowledgement_answers_for_all_twenty_works() -> None:
    data = (SAMPLES / "ackexample.V21").read_bytes()
    facts = written(entries_of(data, "ackexample.V21"), "ackexample.V21").facts
    answers = [fact for fact in facts if isinstance(fact, RegistrationAnswered)]
    assert {fact.answered_by for fact in answers} == {"society:052"}
    assert Counter(fact.status for fact in answers) == {AnswerStatus.ACCEPTED: 19, AnswerStatus.REJECTED: 1}
    lines = data.decode().splitlines()
    messages = [message for fact in answers for message in fact.messages]
    assert len(messages) == sum(line.startswith("MSG") for line in lines)
    assert {(message.level, message.rule) for message in messages} == {("field", "005")}
    asserted = [fact for fact in facts if isinstance(fact, LinkAsserted) and fact.asserted_by == "society:052"]
    numbers = {fact.left for fact in asserted if fact.left.startswith("own:PRS:")}
    repeated = {f"iswc:{line[95:106]}" for line in lines if line[:3] in ("NWR", "REV") and line[95:106].strip()}
    assert (len(numbers), {fact.left for fact in asserted} - numbers) == (19, repeated)


def meaning(work: Work) -> dict[str, object]:
    """Return what a work says, such that the same meaning is the same value."""
    return {
        "titles": {(one.kind, one.text) for one in work.titles} | {work.title},
        "codes": set(work.codes),
        "shares": Counter((one.party, one.role, one.right, one.share) for one in work.shares),
        "collections": Counter(
            (one.party, one.role, one.right, one.share, country)
            for one in work.collections
            for country in territories.resolve(one.territory, at=AT)
        ),
        "chains": {
            (one.grantor, one.acquirer, one.kind, territories.resolve(one.territory, at=AT).mask, one.agreement)
            for one in work.chains
        },
    }


def test_twenty_real_registrations_go_out_and_come_back_the_same() -> None:
    data = registrations(SAMPLES / "ackexample.V21")
    entries = entries_of(data, "registrations.V21")
    counts = written(entries, "registrations.V21").counts
    assert (counts.received, counts.registered) == (20, 20)
    assert not [str(one) for entry in entries for one in entry.findings if one.severity is Severity.ERROR]
    sender = cwr.Sender(name="Blue Songs", created="20261120101500", code="BLU", ipi="00014107338")
    for version in ("2.1", "2.2"):
        lost = Lost()
        changed = cwr.Sender(
            name=sender.name, created=sender.created, code=sender.code, ipi=sender.ipi, version=version
        )
        out = b"".join(cwr.write(entries, sender=changed, lost=lost))
        again = entries_of(out, "out")
        works = [work for entry in entries for work in entry.works if not work.mentioned]
        back = [work for entry in again for work in entry.works if not work.mentioned]
        assert [work.key for work in back] == [work.key for work in works]
        for before, after in zip(works, back, strict=True):
            assert meaning(after) == meaning(before)
        assert sum(len(entry.recordings) for entry in again) == sum(len(entry.recordings) for entry in entries)


def test_a_house_gives_real_registrations_out_as_they_came_in(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "CW160001BLU_052.V21").write_bytes(registrations(SAMPLES / "ackexample.V21"))
    (tmp_path / "CW160001052_BLU.V21").write_bytes((SAMPLES / "ackexample.V21").read_bytes())
    cli(tmp_path, "ledger", "init", "--origin", "rights.example.org/log")
    cli(tmp_path, "organisation", "admit", "blue", "--in", "publisher")
    cli(tmp_path, "--as", "blue", "import", "cwr", "CW160001BLU_052.V21")
    cli(tmp_path, "--as", "blue", "import", "cwr", "CW160001052_BLU.V21")
    named = ("--name", "Blue Songs", "--code", "BLU", "--ipi", "00014107338")
    cli(tmp_path, "--as", "blue", "export", "cwr", "--to", "out", *named, "--mine", "--version", "2.2")
    (out,) = (tmp_path / "out").iterdir()
    before = entries_of(registrations(SAMPLES / "ackexample.V21"), "before")
    after = entries_of(out.read_bytes(), out.name)
    assert not [str(one) for entry in after for one in entry.findings if one.severity is Severity.ERROR]
    came = {work.key: meaning(work) for entry in before for work in entry.works if not work.mentioned}
    went = {work.key: meaning(work) for entry in after for work in entry.works if not work.mentioned}
    assert went.keys() == came.keys()
    numbers = {code for work in went.values() for code in work.pop("codes") if code[0] == "own"}  # type: ignore[attr-defined]
    assert len(numbers) == 19, "the society's numbers of the works it took, from its acknowledgement"
    for work in came.values():
        work.pop("codes")
    assert went == came


def test_real_registrations_are_answered_in_their_version() -> None:
    society = cwr.Sender(name="KOMCA", created="20261121101500", code="118", society="118")
    for name in ("nwrexample2.V21", "CW220002DMP_0000_V3-0-0.SUB"):
        data = (SAMPLES / name).read_bytes()
        answer = b"".join(cwr.acknowledge(io.BytesIO(data), file=name, sender=society))
        (entry,) = entries_of(answer, "answer")
        assert (entry.kind, entry.outcome) == ("ACK", Outcome.REGISTER)
        assert not [str(one) for one in entry.findings if one.severity is Severity.ERROR]
