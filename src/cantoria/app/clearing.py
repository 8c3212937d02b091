"""Clear a dataset and certify it; recheck a certificate; answer for one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from cantoria.app import as_of, rights
from cantoria.app.datasets import KeptDataset
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.clearance import Answer, Request, Row, decide, results
from cantoria.clearance import certificate as certificates
from cantoria.clearance.analytics import Format
from cantoria.clearance.certificate import Dataset, Terms
from cantoria.clearance.dataset import clear_rows
from cantoria.clearance.facts import KEEP, Aftermath, DatasetCleared, ReasonCount
from cantoria.clearance.results import Recheck
from cantoria.consent import law_book
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import CertificateId

FORMATS: Final = {".parquet": Format.PARQUET, ".csv": Format.CSV, ".jsonl": Format.JSONL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to clear and how to certify it. `request.size` and `request.at` are set when it is carried out.

    `signals` has by line what was stated beside a row, in words for its answer. What refuses a use is in the row itself
    (`Row.refused`) and can only tighten that row (RULES section 6). `certificate` is the id of the certificate to be,
    a fresh one when empty.
    """

    title: str
    rows: Sequence[Row]
    request: Request
    signals: Mapping[int, str] = field(default_factory=dict)
    valid_days: int = certificates.VALID_DAYS
    aftermath: Aftermath = KEEP
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Certified:
    """A cleared dataset: its certificate, the receipt of it, the files written, and how many rows have each reason,
    first or not."""

    certificate: DatasetCleared
    receipt: Receipt | None
    files: tuple[Path, ...]
    reasons: tuple[ReasonCount, ...]


def clear(
    house: House,
    order: Order,
    *,
    author: Author,
    folder: Path,
    dry_run: bool = False,
    suffix: str = ".parquet",
    writing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Certified:
    """Decide every row as of now, record the certificate, and write to `folder` the results (with reasons, parties,
    missing yeses and the law column), the cleared part of the manifest, and the certificate as a proof file.

    A dry run writes the results, but records and certifies nothing. Within `writing` it records.
    """
    if not order.rows:
        raise InputError("the manifest has no rows", "give at least one")
    if suffix not in FORMATS:
        raise InputError(f"{suffix} is no form of results", "one of " + ", ".join(FORMATS))
    size = house.index.catch_up()
    request = replace(order.request, size=size)
    view = house.rights.load(size=size, codes=_codes_of(order.rows))
    secret = house.entropy.token(32)
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"results{suffix}"
    with house.analytics() as engine:
        found = clear_rows(order.rows, request=request, rights=view, analytics=engine, evidence=True)
        found.export(str(written), file_format=FORMATS[suffix], signals=order.signals)
        reasons = found.all_reasons()
        decided = list(found.results())
        subjects = found.subjects()
        dataset = Dataset(
            rows=order.rows, results=decided, because=list(found.because()), secret=secret, subjects=subjects
        )
    terms = _terms(house, order, request, author)
    issued = certificates.issue(dataset, terms=terms)
    if dry_run:
        return Certified(issued.fact, None, (written,), reasons)
    house.attachments.put(issued.results_file)
    house.attachments.put(issued.relied_file)
    house.datasets.keep(terms.certificate, KeptDataset(order.rows, secret, subjects))
    with writing():
        receipt = house.journal.record([issued.fact], author=author)[0]
    proof = folder / "certificate.json"
    house.write_file(proof, house.sequencer.bundle(receipt.index))
    cleared = folder / "cleared.csv"
    house.write_file(cleared, manifest_csv(dataset.cleared_rows()))
    return Certified(issued.fact, receipt, (written, cleared, proof), reasons)


def _terms(house: House, order: Order, request: Request, author: Author) -> Terms:
    """Return what a new certificate says beside its answers."""
    return Terms(
        certificate=CertificateId(order.certificate or house.ids.new("certificate")),
        title=order.title,
        issuer=author.party,
        request=request,
        as_of=as_of.present(house, request.size),
        issued_at=house.clock.now(),
        valid_days=order.valid_days,
        aftermath=order.aftermath,
        law=law_book().digest,
    )


def recheck_certificate(house: House, issued: DatasetCleared, *, lines: frozenset[int] | None = None) -> Recheck:
    """Decide the rows of a certificate (or just those on `lines`) again, as of now, and compare: `lost` are the lines
    no longer cleared."""
    kept = house.datasets.get(issued.certificate)
    if kept is None:
        raise InputError(
            f"the rows of {issued.certificate} are not kept here", "recheck it in the house that cleared them"
        )
    size = house.index.catch_up()
    request = replace(issued.request, size=size, at=house.clock.now())
    with house.analytics() as engine:
        rows = [row for row in kept.rows if lines is None or row.line in lines]
        view = house.rights.load(size=size, codes=_codes_of(rows))
        now = list(clear_rows(rows, request=request, rights=view, analytics=engine).results())
    then = results.decode_results(house.attachments.get(issued.results.sha256))
    return results.recheck([result for result in then if lines is None or result.line in lines], now)


def _codes_of(rows: Sequence[Row]) -> set[str]:
    return {code for row in rows for code in row.codes}


def answer_row(house: House, row: Row, request: Request) -> Answer:
    """Answer for one row as of now; reads only what hangs together with its codes."""
    size = house.index.catch_up()
    view = rights.load_around(
        house.index, subjects=[*row.codes, *request.persons, request.licensee], size=size, media=row.media
    )
    return decide(row, replace(request, size=size), rights=view)


def manifest_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as a manifest.csv of the CSV family."""
    schemes = ("isrc", "iswc", "uci", "youtube_asset", "iscc", "gtin", "grid", "own")
    lines = [",".join(("line", *schemes, "media"))]
    for row in rows:
        cells = {scheme: "|".join(_codes(row, scheme)) for scheme in schemes}
        lines.append(",".join((str(row.line), *(_cell(cells[scheme]) for scheme in schemes), row.media)))
    return ("\r\n".join(lines) + "\r\n").encode()


def _codes(row: Row, scheme: str) -> list[str]:
    return [code.partition(":")[2] for code in row.codes if code.startswith(scheme + ":")]


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text
