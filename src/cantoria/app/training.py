"""Register models and versions, and start training runs under their certificate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.app import as_of, lineage_views
from cantoria.app.clearing import recheck_certificate
from cantoria.app.datasets import KeptDataset
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.clearance import results
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.types import Row, Status
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import CertificateId, ModelId, RunId, VersionId
from cantoria.kernel.uses import Use
from cantoria.lineage import Lineage, start_run
from cantoria.lineage.facts import ModelRegistered, ModelVersionRegistered, RunOutcome, TrainingRunEnded
from cantoria.lineage.types import Certified, RunRequest, UnauthorisedRow
from cantoria.registry.types import Found

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RunReport:
    """A started run: its receipt (None of a dry run), and the rows that no certificate in force covers."""

    receipt: Receipt | None
    rows: int
    unauthorised: tuple[UnauthorisedRow, ...]


def register_model(house: House, name: str, *, author: Author) -> ModelId:
    """Register a model of the recording developer; return its id."""
    model = ModelId(house.ids.new("model"))
    house.journal.record([ModelRegistered(model=model, developer=author.party, name=name)], author=author)
    return model


def register_version(house: House, model: str, *, label: str, author: Author, bases: Sequence[str] = ()) -> VersionId:
    """Register a version of a model, made from earlier versions (`bases`) or from nothing; return its id."""
    history = lineage_views.load(house, size=house.index.catch_up())
    _own(history, ModelId(model), author)
    for base in bases:
        _known(history, base)
    version = VersionId(house.ids.new("version"))
    fact = ModelVersionRegistered(
        version=version, model=ModelId(model), label=label, bases=tuple(VersionId(base) for base in bases)
    )
    house.journal.record([fact], author=author)
    return version


def start(
    house: House,
    *,
    version: str,
    rows: Sequence[Row],
    certificate: str | None,
    author: Author,
    use: Use = Use.TRAIN_GENERATIVE,
    dry_run: bool = False,
) -> RunReport:
    """Record the start of a run over `rows`: the certificate is rechecked as of now, rows outside are recorded.

    Nothing is refused (RULES section 6): whatever is outside the certificate is flagged for everyone to see.
    """
    size = house.index.catch_up()
    history = lineage_views.load(house, size=size)
    issued = history.certificate(CertificateId(certificate)) if certificate else None
    known = _known(history, version)
    _own(history, known.model, author)
    request = RunRequest(
        run=RunId(house.ids.new("run")),
        version=VersionId(version),
        developer=author.party,
        use=use,
        as_of=as_of.present(house, size),
        started_at=house.clock.now(),
        version_label=known.label,
    )
    certified = _certified(house, issued) if issued else None
    secret = house.entropy.token(32)
    registry = house.rights.load(size=size, codes={code for row in rows for code in row.codes}).registry
    found = {row.line: registry.resolve(row.codes, media=row.media) for row in rows}
    subjects = {line: one.subject for line, one in found.items() if isinstance(one, Found)}
    started = start_run(request, rows=rows, secret=secret, certificate=issued, certified=certified, subjects=subjects)
    if dry_run:
        return RunReport(None, len(rows), started.unauthorised)
    if started.unauthorised_file is not None:
        house.attachments.put(started.unauthorised_file)
    house.datasets.keep(request.run, KeptDataset(rows, secret, subjects))
    receipt = house.journal.record([started.fact], author=author)[0]
    return RunReport(receipt, len(rows), started.unauthorised)


def end(
    house: House, run: str, *, weights_sha256: str, author: Author, aborted: bool = False, dry_run: bool = False
) -> Receipt | None:
    """Record the end of a run and the digest of the weights that came out; a dry run only checks."""
    history = lineage_views.load(house, size=house.index.catch_up())
    started = history.runs.get(RunId(run))
    if started is None:
        raise InputError(f"no run {run}", "copy the id that `cantoria model train` printed")
    if RunId(run) in history.ended:
        raise InputError(f"{run} has ended already", "start another run")
    if started.fact.developer != author.party:
        raise InputError(f"{run} is a run of {started.fact.developer}", "let its developer end it")
    if weights_sha256 and not _SHA256.fullmatch(weights_sha256):
        raise InputError(f"{weights_sha256!r:.80} is not a SHA-256", "write 64 hex digits in lower case")
    outcome = RunOutcome.ABORTED if aborted else RunOutcome.COMPLETED
    fact = TrainingRunEnded(run=RunId(run), ended_at=house.clock.now(), outcome=outcome, weights_sha256=weights_sha256)
    return None if dry_run else house.journal.record([fact], author=author)[0]


def _known(history: Lineage, version: str) -> ModelVersionRegistered:
    known = history.versions.get(VersionId(version))
    if known is None:
        raise InputError(f"no version {version}", "register it with `cantoria model version`")
    return known.fact


def _own(history: Lineage, model: ModelId, author: Author) -> None:
    known = history.models.get(model)
    if known is None:
        raise InputError(f"no model {model}", "register it with `cantoria model register`")
    if known.fact.developer != author.party:
        raise InputError(f"{model} is a model of {known.fact.developer}", "let its developer record it")


def _certified(house: House, issued: DatasetCleared) -> Certified:
    kept = house.datasets.get(issued.certificate)
    if kept is None:
        raise InputError(
            f"the rows of {issued.certificate} are not kept here", "start the run in the house that cleared them"
        )
    decided = results.decode_results(house.attachments.get(issued.results.sha256))
    cleared = frozenset(result.line for result in decided if result.status is Status.CLEARED)
    lost = recheck_certificate(house, issued, lines=cleared).lost
    return Certified(rows=kept.rows, results=decided, lost=[result.line for result in lost])
