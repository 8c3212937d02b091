"""How a dataset that was cleared by a snapshot is drawn."""

from __future__ import annotations

from typing import Any

import typer

from cantoria.adapters.duckdb.manifests import ManifestLoaded
from cantoria.app.snapshot_clearing import CertifiedBySnapshot, Decided
from cantoria.cli.console import STATUS_MARK, STATUS_STYLE, bars, emit, say
from cantoria.kernel.periods import format_moment


def show_decided(done: Decided, loaded: ManifestLoaded, certified: CertifiedBySnapshot | None) -> None:
    """Show what clearing came to; `certified` where it was recorded."""
    opened = done.opened
    value = _value(done, loaded, certified)

    def text() -> None:
        marks = [
            (f"{STATUS_MARK[one.status.value]} {one.status.value}", one.rows, STATUS_STYLE[one.status.value])
            for one in done.counts
        ]
        bars(f"{done.result.rows:,} rows by status", marks)
        bars("Not cleared, by first reason", [(one.reason.name.lower(), one.rows, "cyan") for one in done.reasons])
        typer.echo(f"by {opened.id}, as of ledger size {opened.head.size}")
        for path in value["files"]:
            typer.echo(f"  {path}")

    emit(value, text=text)
    if loaded.counts.refused:
        say(f"left out, because they repeat the number of another row: {loaded.counts.refused:,}")
    if certified is None:
        return
    say(f"certificate {certified.certificate.certificate} recorded")
    if certified.revoked.rows:
        say(
            f"[bold yellow]since the snapshot:[/bold yellow] {certified.revoked.rows:,} cleared rows rest on what was "
            "revoked; refresh the snapshot and clear again: a run that starts now is not authorised to use them"
        )


def _value(done: Decided, loaded: ManifestLoaded, certified: CertifiedBySnapshot | None) -> dict[str, Any]:
    opened = done.opened
    value: dict[str, Any] = {
        "snapshot": opened.id,
        "as_of": {"size": opened.head.size, "root": opened.head.root},
        "rows": done.result.rows,
        "refused": loaded.counts.refused,
        "findings": loaded.findings_total,
        "signals": len(loaded.signals),
        "counts": {one.status.value: one.rows for one in done.counts},
        "reasons": {one.reason.name.lower(): one.rows for one in done.reasons},
        "all_reasons": {one.reason.name.lower(): one.rows for one in done.all_reasons},
        "files": [str(path) for path in (*done.files, *([certified.file] if certified else []))],
        "recorded": certified is not None,
    }
    if certified is not None:
        value["certificate"] = certified.certificate.certificate
        value["expires_at"] = format_moment(certified.certificate.expires_at)
        value["revoked_since"] = {"rows": certified.revoked.rows, "statements": sorted(certified.revoked.statements)}
    return value
