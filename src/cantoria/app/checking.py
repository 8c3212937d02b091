"""Check a file of the trade without taking it in: its account, its findings, and what it would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO, Final

from cantoria.app.code_book import CodeBook
from cantoria.app.house import House
from cantoria.app.intake import context_of
from cantoria.app.ports import Author
from cantoria.app.previewing import contradicts, known_things
from cantoria.app.trade_files import Form, entries_of
from cantoria.formats import csvfamily, ern
from cantoria.formats import sheet as sheets
from cantoria.formats.csvfamily import Context
from cantoria.formats.entries import Entry, Outcome
from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet import Change, Difference, State
from cantoria.formats.types import Counts, Finding, Imported, Severity
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.registry.facts import PartyRegistered, RecordingRegistered, ReleaseRegistered, WorkRegistered

FINDINGS_KEPT: Final = 20_000
EXAMPLES: Final = 12
CONFLICTING: Final = "conflicting"
TEXT_CHARS_MAX: Final = 300
_THINGS: Final = (RecordingRegistered, WorkRegistered, ReleaseRegistered, PartyRegistered)
_OUTCOMES: Final = {
    Outcome.REGISTER: "registered",
    Outcome.REFUSED: "refused",
    Outcome.DUPLICATE: "duplicate",
    Outcome.PASSED_OVER: "passed_over",
}


@dataclass(slots=True)
class Checked:
    """What a check found. `states` counts rows by what they would do (`State`, or `conflicting`), with examples; both
    are empty where nobody in particular asks, for then there is no catalogue to compare with."""

    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def note(self, found: Iterable[Finding]) -> None:
        """Take findings in; all are counted, the first are kept."""
        for one in found:
            self.severities[one.severity.value] += 1
            if len(self.findings) < FINDINGS_KEPT:
                self.findings.append(one)

    def compare(self, one: Difference) -> None:
        """Take in what a row would do."""
        state = CONFLICTING if any(map(contradicts, one.changes)) else one.state.value
        self.states[state] += 1
        kept = self.examples.setdefault(state, [])
        if len(kept) < EXAMPLES and state != State.SAME:
            changes = [{"field": c.field, "old": _short(c.old), "new": _short(c.new)} for c in one.changes[:8]]
            kept.append({"line": one.line, "thing": _short(one.thing), "changes": changes})


def check(
    house: House,
    form: Form,
    open_file: Callable[[], BinaryIO],
    *,
    name: str,
    author: Author | None = None,
    namespace: str = "",
    step: Callable[[int], None] = lambda records: None,
    limits: SheetLimits = SHEET,
) -> Checked:
    """Read a file as importing would, and record nothing. `author` is whose catalogue it is compared with; `step` is
    told the records read. Raises `InputError` for a file that cannot be read at all."""
    done = Checked()
    with open_file() as stream:
        if form in (Form.ERN, Form.CSV):
            _in_context(house, form, stream, name=name, author=author, namespace=namespace, done=done, step=step)
            return done
        read = entries_of(form, owner=author.party if author else "", limits=limits)
        entries = _noted(read(stream, file=name), done, step)
        if author is None:
            for _ in entries:
                pass
            return done
        for one in sheets.preview(entries, known=known_things(house, namespace=namespace, author=author)):
            done.compare(one)
    return done


def _noted(entries: Iterable[Entry], done: Checked, step: Callable[[int], None]) -> Iterator[Entry]:
    for number, entry in enumerate(entries, 1):
        done.outcomes[_OUTCOMES[entry.outcome]] += 1
        done.kinds[entry.kind] += 1
        done.note(entry.findings)
        step(number)
        yield entry


def _in_context(
    house: House,
    form: Form,
    stream: BinaryIO,
    *,
    name: str,
    author: Author | None,
    namespace: str,
    done: Checked,
    step: Callable[[int], None],
) -> None:
    """Check a message or a table of our own: what they say depends on what is known already."""
    who = author or _stranger(house)
    context = context_of(house, CodeBook(house), namespace=namespace or "CHECKED", author=who)
    counts = Counts()
    for portion in _portions(form, stream, name, context):
        counts += portion.counts
        done.note(portion.findings)
        step(counts.received)
        for fact in portion.facts:
            done.kinds[fact.TYPE.name] += 1
            if author is not None and isinstance(fact, _THINGS):
                done.compare(_difference(house, fact))
    for outcome in _OUTCOMES.values():
        done.outcomes[outcome] = getattr(counts, outcome)


def _portions(form: Form, stream: BinaryIO, name: str, context: Context) -> Iterator[Imported]:
    if form is Form.ERN:
        yield from ern.read_stream(BytesIO(stream.read()), file=name, context=context)
    else:
        yield csvfamily.read_family({name: stream.read()}, context=context)


def _difference(house: House, fact: Any) -> Difference:
    """Return what registering a thing would change."""
    thing = fact.subjects()[0]
    now = {part: str(getattr(fact, part, "") or "") for part in ("title", "display_artist", "version")}
    before = [one.fact for one in house.index.about([thing], tags=[fact.TYPE.tag]) if one.fact.subjects()[0] == thing]
    said = {part: str(getattr(before[0], part, "") or "") for part in now} if before else {}
    changes = tuple(Change(part, said.get(part, ""), text) for part, text in now.items() if said.get(part, "") != text)
    state = State.NEW if not before else State.CHANGED if changes else State.SAME
    line = fact.source.line if getattr(fact, "source", None) else 0
    return Difference(line, state, now["title"] or thing, changes, ())


def _stranger(house: House) -> Author:
    """Return an author whom nobody knows: nothing is ever recorded as theirs."""
    return Author("", PartyId(house.ids.new("party")), Capacity.PUBLISHER, Ed25519Signer(house.entropy.token(32)))


def worst(done: Checked) -> str:
    """Return how the file fares: `refused` where something of it would not be taken in, else `odd` or `fine`."""
    if done.outcomes["refused"] or done.severities[Severity.ERROR.value]:
        return "refused"
    return "odd" if done.severities[Severity.WARNING.value] else "fine"


def _short(text: str) -> str:
    return text if len(text) <= TEXT_CHARS_MAX else text[:TEXT_CHARS_MAX] + "…"
