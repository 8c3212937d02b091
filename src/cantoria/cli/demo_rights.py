"""The first half of the demonstration: a catalogue comes in, people decide, a dataset is cleared, models train."""

from __future__ import annotations

import time
from collections import Counter

from rich.markup import escape

from cantoria.app import training
from cantoria.app.clearing import Order, clear
from cantoria.app.intake import Intake
from cantoria.app.sample import Asked
from cantoria.clearance import Request, Row
from cantoria.clearance.facts import Aftermath, Remedy
from cantoria.cli.cleared import show_certificate
from cantoria.cli.console import page, progress, table
from cantoria.cli.demo_stage import CLEARED, Stage
from cantoria.formats.csvfamily import read_manifest
from cantoria.formats.types import Finding
from cantoria.kernel.periods import parse_moment


def import_all(stage: Stage) -> None:
    """Bring in every file; planted errors become findings, nothing hides the good rows."""
    stage.heading("A catalogue comes in, people say yes or no")
    facts: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    findings: list[Finding] = []
    families = [files for _, files in stage.world.families()]
    with progress("Importing files", total=sum(map(len, families))) as step:

        def watch(files: int, intake: Intake) -> None:
            step(files, None)
            counts = intake.imported.counts
            facts.update(fact.TYPE.name for fact in intake.imported.facts)
            totals.update(received=counts.received, registered=counts.registered, refused=counts.refused)
            totals.update(duplicate=counts.duplicate, other=counts.passed_over)
            findings.extend(intake.imported.findings)

        stage.builder.rights(watch)
    table("Facts recorded", ("type", "count"), [(n, f"{c:,}") for n, c in sorted(facts.items())], right=(1,))
    page.print(
        f"{totals['received']:,} records received = {totals['registered']:,} registered + "
        f"{totals['refused']:,} refused + {totals['duplicate']:,} duplicate + {totals['other']:,} passed over"
    )
    page.print(f"{len(findings):,} findings, such as:")
    for finding in [one for one in findings if one.severity.value == "error"][:4]:
        page.print(f"  {escape(str(finding))}")
    page.print(f"ledger size {stage.house.engine.size:,}")


def clear_all(stage: Stage) -> None:
    """Clear the first developer's dataset, and the second's request over the same rows."""
    stage.heading("An AI developer's dataset is cleared, with a reason for every line")
    stage.clock.set(parse_moment(CLEARED))
    manifest = stage.world.of_kind("manifest")[0]
    read = read_manifest(stage.world.files[manifest.name], file=manifest.name, namespace=stage.world.namespace)
    for asked in stage.world.requests:
        order = Order(
            title=f"{asked.model} dataset",
            rows=read.rows,
            request=request_of(stage, asked),
            aftermath=Aftermath(Remedy.RETIRE_BY, 180),
        )
        before = time.monotonic()
        with progress(f"Clearing {len(read.rows):,} rows"):
            certified = clear(
                stage.house, order, author=stage.builder.registrar, folder=stage.home / "out" / asked.licensee
            )
        stage.certificates[asked.model] = certified
        show_certificate(certified.certificate)
        counts = ", ".join(f"{one.rows:,} {one.status.value}" for one in certified.certificate.counts)
        stage.tell(f"{asked.model} dataset", counts)
        page.print(
            f"cleared for {asked.licensee} in {time.monotonic() - before:.1f} s: certificate "
            f"{certified.certificate.certificate}, bound to ledger size {certified.certificate.as_of.size:,}"
        )


def train(stage: Stage) -> None:
    """Register the models and start a run each: the first on cleared rows only, the second with rows slipped in."""
    stage.heading("A model is trained only on the yes; a row slipped in is flagged")
    for asked in stage.world.requests:
        author = stage.builder.authors[asked.licensee]
        stage.models[asked.model] = training.register_model(stage.house, asked.model, author=author)
        version = training.register_version(
            stage.house, stage.models[asked.model], label=asked.model_version or "1", author=author
        )
        stage.versions[asked.model] = version
        certificate = stage.certificates[asked.model].certificate
        cleared = (stage.home / "out" / asked.licensee / "cleared.csv").read_bytes()
        rows = list(read_manifest(cleared, file="cleared.csv", namespace=stage.world.namespace).rows)
        rows += _slipped_in(stage, asked.licensee, after=max(row.line for row in rows))
        with progress(f"Starting the run of {asked.model}"):
            report = training.start(
                stage.house, version=version, rows=rows, certificate=certificate.certificate, author=author
            )
        reasons = Counter(row.reason.name.lower() for row in report.unauthorised)
        flags = ", ".join(f"{count} {name}" for name, count in sorted(reasons.items())) or "none"
        page.print(f"{asked.model}: {report.rows:,} rows, unauthorised: {escape(flags)}")
        stage.tell(f"{asked.model} trained on", f"{report.rows:,} rows, {len(report.unauthorised)} unauthorised")


def request_of(stage: Stage, asked: Asked) -> Request:
    """Return what a developer asks, as of now."""
    return Request(
        use=asked.use,
        licensee=stage.builder.party(asked.licensee),
        territories=asked.territories,
        at=stage.clock.now(),
        size=stage.house.engine.size,
        licensee_classes=asked.licensee_classes,
        model_version=asked.model_version,
        offer=asked.offer,
        attribution=asked.attribution,
        label=asked.label,
    )


def _slipped_in(stage: Stage, developer: str, *, after: int) -> list[Row]:
    """Return the rows that a developer adds to what was cleared for it."""
    manifests = [one for one in stage.world.of_kind("manifest")[1:] if one.organisation == developer]
    rows: list[Row] = []
    for delivery in manifests:
        data = stage.world.files[delivery.name]
        read = read_manifest(data, file=delivery.name, namespace=stage.world.namespace)
        rows += [Row(after + row.line, row.codes, row.media) for row in read.rows]
    return rows
