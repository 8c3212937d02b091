"""`cantoria dataset clear --snapshot`: millions of rows by a published snapshot, in a house or offline."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.duckdb.manifests import ManifestLoaded, load_manifest
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.adapters.system import SystemClock
from cantoria.app import snapshot_clearing
from cantoria.app.signals import Look
from cantoria.app.snapshot_clearing import CertifiedBySnapshot, Decided, Order, Say
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party
from cantoria.clearance import Request
from cantoria.clearance.analytics import Analytics, Format
from cantoria.clearance.facts import Aftermath
from cantoria.clearance.published import Opened
from cantoria.clearance.snapshot_schema import MANIFEST_SCHEMAS
from cantoria.cli.asking import Promises, Wish, request_by
from cantoria.cli.console import progress, say
from cantoria.cli.importing import show_findings, write_findings
from cantoria.cli.snapshot import house_key, keys_of
from cantoria.cli.snapshot_cleared import show_decided
from cantoria.cli.state import author, author_named, house
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId, uuid_of

MEMORY_BYTES: Final = 2 << 30
_FORMS: Final = {
    ".parquet": Format.PARQUET,
    ".csv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
}


class EngineName(StrEnum):
    """Which query engine decides."""

    DUCKDB = "duckdb"
    SPARK = "spark"


SNAPSHOT = Annotated[
    Path | None, typer.Option("--snapshot", help="Decide by the snapshot in this folder.", exists=True, file_okay=False)
]
KEY = Annotated[
    Path | None,
    typer.Option("--key", help="With --snapshot: the log's public key; then no house is needed.", exists=True),
]
ENGINE = Annotated[EngineName, typer.Option("--engine", help="With --snapshot: the query engine that decides.")]
SPARK_URL = Annotated[
    str,
    typer.Option(
        "--spark-url", help="With --engine spark: the cluster (and CANTORIA_SPARK_STORAGE); local[2] when empty."
    ),
]


@dataclass(frozen=True, slots=True)
class Certifying:
    """What the certificate is to say; a dry run records none."""

    title: str
    days: int
    aftermath: Aftermath
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Out:
    """Where the files go, in which form the results are written, and where all findings go."""

    to: Path
    suffix: str
    findings: Path | None


@dataclass(frozen=True, slots=True)
class By:
    """The snapshot to decide by, the key that signed it (then it is done offline), and the engine."""

    snapshot: Path
    key: Path | None
    engine: EngineName
    spark_url: str


@dataclass(frozen=True, slots=True)
class Job:
    """What to clear, for what, and how: as the options say."""

    manifest: Path
    renamed: Mapping[str, str] | None
    wish: Wish
    promises: Promises
    certifying: Certifying
    out: Out
    beside: Look  # signals that stand beside the whole data set

    def namespace(self, name: str) -> str:
        """Return the namespace of own codes: the licensee's, or that of the organisation called `name`."""
        return self.wish.licensee.upper() if self.wish.licensee.isalnum() else name.upper()


def run_by_snapshot(job: Job, by: By) -> None:
    """Clear the rows of a job and show what they came to. Exit 1 when none is cleared."""
    if job.renamed is not None:
        raise InputError("--map does not go with --snapshot", "rename the columns in the file")
    done = _offline(job, by) if by.key is not None else _in_house(job, by)
    if not done.rows_cleared:
        raise typer.Exit(1)


def _offline(job: Job, by: By) -> Decided:
    """Clear without a house: results and the list of cleared rows, no certificate."""
    folder = SnapshotFolder(by.snapshot, keys=keys_of(by.key))
    opened = _open(folder)
    request = request_by(job.wish, job.promises, find=party_id, now=SystemClock().now(), size=opened.head.size)
    with _engine(by, job.out.to, memory_bytes=MEMORY_BYTES) as (engine, work):
        loaded = _load(job, engine, work, namespace=job.namespace("sender"))
        folder.attach(opened.head, engine)
        with progress("Clearing") as step:
            done = _decide(job, engine, opened, request=request, loaded=loaded, say=_saying(step))
        show_decided(done, loaded, None)
    say("offline: nothing was certified")
    return done


def _in_house(job: Job, by: By) -> Decided:
    """Clear in a house of the snapshot's ledger and certify."""
    with house() as opened_house:
        folder = SnapshotFolder(by.snapshot, keys=[house_key(opened_house)])
        opened = _open(folder)
        snapshot_clearing.check_ours(opened_house, opened)
        who = author_named(opened_house)
        request = request_by(
            job.wish,
            job.promises,
            find=lambda text: find_party(opened_house, text),
            now=opened_house.clock.now(),
            size=opened.head.size,
        )
        with _engine(by, job.out.to, memory_bytes=opened_house.settings.memory_mib << 20) as (engine, work):
            loaded = _load(job, engine, work, namespace=job.namespace(who.name))
            folder.attach(opened.head, engine)
            with progress("Clearing") as step:
                done = _decide(job, engine, opened, request=request, loaded=loaded, say=_saying(step))
                certified = _certify(job, opened_house, done, say=_saying(step))
            show_decided(done, loaded, certified)
    if certified is None:
        say("dry run: nothing was certified")
    return done


def _decide(
    job: Job, engine: Analytics, opened: Opened, *, request: Request, loaded: ManifestLoaded, say: Say
) -> Decided:
    out = job.out
    return snapshot_clearing.decide(
        engine, opened, request, folder=out.to, suffix=out.suffix, signals=loaded.signals, say=say
    )


def _certify(job: Job, opened: WiredHouse, done: Decided, *, say: Say) -> CertifiedBySnapshot | None:
    """Certify; only now others have to wait with what they record."""
    wanted = job.certifying
    if wanted.dry_run:
        return None
    order = Order(title=wanted.title, valid_days=wanted.days, aftermath=wanted.aftermath)
    return snapshot_clearing.certify(opened, done, order, author=author(opened), folder=job.out.to, say=say)


def _open(folder: SnapshotFolder) -> Opened:
    with progress("Verifying the snapshot") as step:
        return folder.open(step)


@contextmanager
def _engine(by: By, to: Path, *, memory_bytes: int) -> Iterator[tuple[Analytics, Path]]:
    """Give the engine that decides, and a folder beside the results for what is passing."""
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".spill-", dir=to) as spill:
        if by.engine is EngineName.DUCKDB:
            with DuckDBAnalytics(memory_bytes_max=memory_bytes, spill=spill) as duck:
                yield duck, Path(spill)
            return
        from cantoria.adapters.spark.analytics import SparkAnalytics  # a large library: only where it is asked for

        storage = os.environ.get("CANTORIA_SPARK_STORAGE", "")  # a cluster's workers must reach it
        with SparkAnalytics(by.spark_url or "local[2]", storage=storage) as spark:
            yield spark, Path(spill)


def _load(job: Job, engine: Analytics, work: Path, *, namespace: str) -> ManifestLoaded:
    """Read the manifest into the engine."""
    form = form_of(job.manifest)
    with progress("Reading the manifest"):
        if isinstance(engine, DuckDBAnalytics):
            loaded = load_manifest(
                engine, str(job.manifest), file_format=form, namespace=namespace, refused=job.beside.refused
            )
        else:
            loaded = _hand_over(job, engine, work, form=form, namespace=namespace)
    show_findings(loaded.findings, option="--findings")
    if job.out.findings is not None:
        write_findings(job.out.findings, loaded.findings)
    return loaded


def form_of(manifest: Path) -> Format:
    """Return the form that a manifest's name says, or raise `InputError`."""
    form = _FORMS.get(manifest.suffix.lower())
    if form is None:
        raise InputError(f"{manifest.name} is no manifest", "give .csv, .jsonl or .parquet")
    return form


def _hand_over(job: Job, engine: Analytics, work: Path, *, form: Format, namespace: str) -> ManifestLoaded:
    """Read the manifest on this machine and give it to an engine that may be elsewhere."""
    with DuckDBAnalytics(memory_bytes_max=MEMORY_BYTES, spill=str(work)) as duck:
        loaded = load_manifest(
            duck, str(job.manifest), file_format=form, namespace=namespace, refused=job.beside.refused
        )
        for name, schema in MANIFEST_SCHEMAS.items():
            path = str(work / f"{name}.parquet")
            duck.export(f"SELECT {', '.join(schema)} FROM {name}", path=path, file_format=Format.PARQUET)  # noqa: S608
            engine.attach(name, path=path, schema=schema)
    return loaded


def party_id(text: str) -> PartyId:
    """Return the party that an id names; without a house no name or code leads to one."""
    uuid_of(text, prefix="party")
    return PartyId(text)


def _saying(step: Callable[..., None]) -> Callable[[str], None]:
    return lambda text: say(f"  {text} …")
