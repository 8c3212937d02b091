"""The demonstration's pipeline: a developer's own table, filtered offline by a published snapshot."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
from rich.markup import escape

from cantoria.adapters.files import write_file
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.app import coverage as coverages
from cantoria.app import saying, snapshots
from cantoria.app.coverage import Scope
from cantoria.app.snapshots import Made
from cantoria.clearance import Row, Status
from cantoria.clearance.coverage_svg import heat_map
from cantoria.clearance.dataset import ClearanceResult, clear_rows
from cantoria.cli.console import page, progress, table
from cantoria.cli.demo_licence import dataset_rows, licensed_request
from cantoria.cli.demo_stage import PUBLISHED, TAKEN_BACK, Stage, must
from cantoria.cli.serving import SNAPSHOT_FOLDER
from cantoria.cli.snapshot import house_key
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import ScopeKind, Verdict
from cantoria.kernel.errors import IntegrityError
from cantoria.kernel.periods import format_moment, parse_moment
from cantoria.kernel.uses import Use
from cantoria.registry.facts import PartyRegistered
from cantoria.registry.types import PartyKind
from cantoria.sdk.gate import Gate

ISRC: Final = "isrc:"
LOOKED_AT: Final = 200  # cleared rows among which a yes to take back is looked for
REPORTED: Final = 10  # lines of the gate's report: the statuses and the most frequent reasons
MAP_USES: Final = (Use.TRAIN_GENERATIVE, Use.ANALYSE)


def run_pipeline(stage: Stage) -> None:
    """Publish a snapshot, filter a table by it offline, take one yes back, refresh, and filter again."""
    stage.heading("The developer's own pipeline lets through only the yes, offline")
    stage.clock.set(parse_moment(PUBLISHED))
    store = SnapshotFolder(stage.home / SNAPSHOT_FOLDER, keys=[house_key(stage.house)])
    _publish(stage, store)
    rows = _rows(stage)
    held = pa.table({"isrc": [row.codes[0].removeprefix(ISRC) for row in rows]})
    first = _gate(stage)
    before = time.monotonic()
    kept = first.table(held)
    page.print(f"{held.num_rows:,} rows of an Arrow table in {(time.monotonic() - before) * 1000:.0f} ms, offline:")
    page.print(escape("\n".join(str(first.report()).splitlines()[:REPORTED])))
    _agree(stage, first, rows, kept)
    page.print("[green]✔[/green] row for row what clearance by the ledger says")
    statement = _yes(stage, rows, kept)
    stage.clock.set(parse_moment(TAKEN_BACK))
    saying.withdraw(stage.house, statement.statement, author=stage.builder.authors["org-haneulsori"])
    name = stage.house.index.name_of(statement.party)
    page.print(f"\n{escape(name)} takes a yes back; the snapshot is refreshed:")
    _publish(stage, store)
    second = _gate(stage)
    left = second.table(held)
    must(left.num_rows < kept.num_rows, "a yes was taken back and the gate lets as many rows pass")
    _agree(stage, second, rows, left)
    page.print(f"[green]✔[/green] {kept.num_rows:,} rows passed, now {left.num_rows:,}, as clearance says")
    stage.tell("The developer's gate", f"passes {kept.num_rows:,} of {held.num_rows:,} rows, as clearance does")
    stage.tell("After one more yes is withdrawn", f"{left.num_rows:,} rows pass by the refreshed snapshot")
    _map(stage, store, rows)


def _publish(stage: Stage, store: SnapshotFolder) -> Made:
    """Build or refresh the snapshot and record that it was published."""
    signer = stage.house.keys.log_signer()
    with progress("Making the snapshot") as step:
        made = snapshots.refresh_snapshot(stage.house, store, signer=signer, step=step)
    snapshots.bind(stage.house, made.opened, author=stage.builder.registrar)
    head = made.opened.head
    page.print(
        f"{made.opened.id}, as of ledger size {head.size:,}, generation {head.generation}: {len(made.files)} new files "
        f"of {sum(one.bytes for one in made.files):,} bytes\nit answers from {format_moment(head.at)} to before "
        f"{format_moment(head.until)}"
    )
    return made


def _rows(stage: Stage) -> list[Row]:
    """Return the rows of the second developer's dataset that name a recording by its ISRC alone."""
    by_isrc = [row for row in dataset_rows(stage) if len(row.codes) == 1 and row.codes[0].startswith(ISRC)]
    found = [row for row in by_isrc if row.media == "recording"]
    must(bool(found), "the rows of the dataset were not kept")
    return found


def _gate(stage: Stage) -> Gate:
    """Return the gate of the second developer, with the request by which its licensed rows were cleared."""
    asked = licensed_request(stage)
    with progress("Opening the gate"):
        return Gate(
            stage.home / SNAPSHOT_FOLDER,
            key=(stage.home / "log.vkey").read_text(encoding="ascii").strip(),
            cache=stage.home / "out" / "gate",
            clock=stage.clock.now,
            use=asked.use.value,
            licensee=asked.licensee,
            territories=asked.territories,
            licensee_classes=asked.licensee_classes,
            model_version=asked.model_version,
            offer=asked.offer,
            attribution=asked.attribution,
            label=asked.label,
        )


def _clear(stage: Stage, rows: list[Row], engine: Any, *, evidence: bool = False) -> ClearanceResult:
    """Clear rows by the ledger as of now."""
    request = replace(licensed_request(stage), size=stage.house.index.catch_up())
    view = stage.house.rights.load(size=request.size, codes={code for row in rows for code in row.codes})
    return clear_rows(rows, request=request, rights=view, analytics=engine, evidence=evidence)


def _agree(stage: Stage, gate: Gate, rows: list[Row], kept: Any) -> None:
    """End the run unless the gate passed exactly what clearance by the ledger clears, in its order."""
    with progress("Clearing the same rows"), stage.house.analytics() as engine:
        statuses = {one.line: one.status for one in _clear(stage, rows, engine).results()}
    counts = Counter(statuses.values())
    must(gate.report().statuses() == {one.value: counts[one] for one in Status}, "the gate and clearance differ")
    cleared = [row.codes[0].removeprefix(ISRC) for row in rows if statuses[row.line] is Status.CLEARED]
    must(kept.column("isrc").to_pylist() == cleared, "the gate passes other rows than clearance")


def _yes(stage: Stage, rows: list[Row], kept: Any) -> StatementMade:
    """Return a person's yes to all of their present works: of some rows that passed, the one on which most rest."""
    passed = set(kept.column("isrc").to_pylist())
    some = [row for row in rows if row.codes[0].removeprefix(ISRC) in passed][:LOOKED_AT]
    with stage.house.analytics() as engine:
        relied = Counter(name for _, names in _clear(stage, some, engine, evidence=True).because() for name in names)
    for name in sorted(relied, key=lambda name: (-relied[name], name)):
        statement = saying.find_statement(stage.house, name).fact
        wide = statement.verdict is Verdict.YES and statement.scope.kind is ScopeKind.PRESENT_WORKS
        if wide and statement.party == statement.speaker and _is_person(stage, statement.party):
            return statement
    raise IntegrityError("no row that passed rests on a person's own yes", "this is a defect in Cantoria: report it")


def _is_person(stage: Stage, party: str) -> bool:
    said = stage.house.index.about([party], tags=[PartyRegistered.TYPE.tag])
    return any(one.fact.party == party and one.fact.kind is PartyKind.PERSON for one in said)


def _map(stage: Stage, store: SnapshotFolder, rows: list[Row]) -> None:
    """Draw for two uses and three countries how much of the dataset is cleared, by the same snapshot."""
    asked = stage.world.requests[-1]
    territories = asked.territories.split()
    opened = store.head()
    with progress("Drawing the map") as step, stage.house.analytics() as engine:
        store.attach(opened.head, engine)
        coverages.fill(engine, Scope(title=f"{asked.model} dataset", rows=rows))
        ready = coverages.by_snapshot(engine, opened, licensed_request(stage))
        found = coverages.coverage(ready, title=asked.model, uses=MAP_USES, territories=territories, step=step)
    path = stage.home / "out" / "coverage.svg"
    write_file(path, heat_map(found).encode())
    lines = [
        (use, *(f"{found.cell(use, where).share(Status.CLEARED)} %" for where in territories)) for use in found.uses()
    ]
    table(f"Cleared of {found.rows:,} rows, by use and country", ("use", *territories), lines)
    page.print(f"drawn in {escape(str(path.relative_to(stage.home)))}")
