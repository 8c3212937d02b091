"""How a cleared dataset is drawn: statuses, reasons, signals, and the files that were written."""

from __future__ import annotations

import typer

from cantoria.app.clearing import Certified
from cantoria.clearance.facts import DatasetCleared
from cantoria.cli.console import STATUS_MARK, STATUS_STYLE, bars, emit, say
from cantoria.formats.csvfamily import ManifestRead
from cantoria.kernel.periods import format_moment


def show_certificate(certificate: DatasetCleared) -> None:
    """Draw statuses and first reasons of a certified dataset."""
    marks = [
        (f"{STATUS_MARK[c.status.value]} {c.status.value}", c.rows, STATUS_STYLE[c.status.value])
        for c in certificate.counts
    ]
    bars(f"{certificate.title}: {certificate.manifest.rows:,} rows by status", marks)
    reasons = [(one.reason.name.lower(), one.rows, "cyan") for one in certificate.reasons]
    bars("Not cleared, by first reason", reasons)


def show_cleared(done: Certified, read: ManifestRead) -> None:
    """Show what clearing the rows of a manifest came to."""
    certificate, recorded = done.certificate, done.receipt is not None
    value = {
        "certificate": certificate.certificate,
        "recorded": recorded,
        "rows": certificate.manifest.rows,
        "refused": read.counts.refused,
        "counts": {one.status.value: one.rows for one in certificate.counts},
        "reasons": {one.reason.name.lower(): one.rows for one in certificate.reasons},
        "all_reasons": {one.reason.name.lower(): one.rows for one in done.reasons},
        "signals": len(read.signals),
        "signals_refusing": sum(bool(row.refused) for row in read.rows),
        "as_of": {"size": certificate.as_of.size, "root": certificate.as_of.root},
        "expires_at": format_moment(certificate.expires_at),
        "files": [str(path) for path in done.files],
    }

    def text() -> None:
        show_certificate(certificate)
        if done.reasons != certificate.reasons:
            listed = ", ".join(f"{one.reason.name.lower()} {one.rows:,}" for one in done.reasons)
            typer.echo(f"counting every reason of a row: {listed}")
        if read.signals:
            typer.echo(
                f"rows with a licence or another signal beside them: {len(read.signals):,} (column `signal`; nobody's "
                f"yes here), of which refuse a use: {value['signals_refusing']:,}"
            )
        typer.echo(f"as of ledger size {certificate.as_of.size}, valid until {value['expires_at']}")
        for path in done.files:
            typer.echo(f"  {path}")

    emit(value, text=text)
    if read.counts.refused:
        say(f"left out, because they repeat the number of another row: {read.counts.refused:,}")
    say(f"certificate {certificate.certificate} recorded" if recorded else "dry run: nothing was certified")
