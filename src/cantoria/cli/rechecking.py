"""`cantoria dataset recheck`: what became of a certificate, drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import typer

from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.app import rechecking
from cantoria.app.rechecking import Rechecked
from cantoria.app.revocations import Revocation
from cantoria.bootstrap.house import WiredHouse
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.snapshot import house_key
from cantoria.cli.state import author, house
from cantoria.kernel.periods import format_moment

SHOWN: Final = 50


def recheck_and_show(certificate: str, *, snapshot: Path | None, recorded: bool) -> None:
    """Recheck a certificate and show what was lost. Exit 1 when rows were lost."""
    with house() as opened:
        with progress("Rechecking"):
            found = rechecking.recheck(opened, certificate, by=_by(opened, snapshot))
        receipt = rechecking.record(opened, found, author=author(opened)) if recorded else None
        emit(_value(found), text=lambda: _draw(found))
    if receipt is not None:
        say(f"recorded as entry {receipt.index}")
    if found.changes.lost:
        raise typer.Exit(1)


def _by(opened: WiredHouse, snapshot: Path | None) -> Any:
    if snapshot is None:
        return None
    folder = SnapshotFolder(snapshot, keys=[house_key(opened)])
    return folder, folder.open()


def _value(found: Rechecked) -> dict[str, Any]:
    return {
        "certificate": found.certificate.certificate,
        "validity": found.validity.value,
        "issued_as_of": found.certificate.as_of.size,
        "rechecked_as_of": found.size,
        "snapshot": found.certificate.snapshot,
        "changes": len(found.changes.changes),
        "lost": [
            {
                "line": one.line,
                "status": one.status.value,
                "reason": one.reason.name.lower() if one.reason else None,
                "facts": list(found.causes[one.line]),
            }
            for one in found.changes.lost
        ],
        "facts": [_fact_value(one) for one in found.facts],
        "runs": [{"run": one.run, "version": one.version} for one in found.runs],
        "versions": [
            {
                "version": one.version,
                "model": one.model,
                "remedy": one.remedy.value,
                "due_at": None if one.due_at is None else format_moment(one.due_at),
                "inherited": one.inherited,
                "done": one.done_at is not None,
            }
            for one in found.versions
        ],
    }


def _fact_value(one: Revocation) -> dict[str, Any]:
    return {
        "index": one.index,
        "kind": one.kind.value,
        "fact": one.fact,
        "at": format_moment(one.recorded_at),
        "statement": one.statement,
    }


def _draw(found: Rechecked) -> None:
    lost = found.changes.lost
    title = f"{len(found.changes.changes):,} rows changed, {len(lost):,} no longer cleared"
    rows = [
        (
            change.line,
            change.before.value,
            change.after.status.value,
            change.after.reason.name.lower() if change.after.reason else "",
            " ".join(map(str, found.causes.get(change.line, ()))) or ("time" if change.after in lost else ""),
        )
        for change in found.changes.changes[:SHOWN]
    ]
    table(title, ("line", "before", "now", "reason", "by entry"), rows, right=(0,))
    typer.echo(
        f"issued as of ledger size {found.certificate.as_of.size}, rechecked as of {found.size}; {found.validity.value}"
    )
    if found.facts:
        told = [(one.index, one.fact, format_moment(one.recorded_at), one.statement) for one in found.facts[:SHOWN]]
        table("What was said since", ("entry", "fact", "when", "statement"), told, right=(0,))
    if found.runs:
        table("Runs under it", ("run", "version"), [(one.run, one.version) for one in found.runs])
    if found.versions:
        held = [
            (one.version, one.remedy.value, format_moment(one.due_at) if one.due_at is not None else "")
            for one in found.versions
        ]
        table("Model versions that carry its rows", ("version", "licence demands", "until"), held)
