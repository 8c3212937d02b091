"""What `cantoria coverage` looks at: a file, a catalogue or everything, by the ledger or by a published snapshot."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.duckdb.manifests import load_manifest
from cantoria.adapters.manifest_files import read_rows
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.adapters.system import SystemClock
from cantoria.app import coverage as coverages
from cantoria.app.coverage import Ready, Scope
from cantoria.app.snapshot_clearing import check_ours
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_thing
from cantoria.clearance import Request
from cantoria.cli.asking import Promises, Wish, request_by, request_of
from cantoria.cli.console import progress, say
from cantoria.cli.importing import mapping_of, show_findings
from cantoria.cli.snapshot import house_key, keys_of
from cantoria.cli.snapshot_clearing import MEMORY_BYTES, form_of, party_id
from cantoria.cli.state import house
from cantoria.kernel.errors import InputError

EVERYTHING = "every registered recording"


@dataclass(frozen=True, slots=True)
class Source:
    """What to look at and by what, as the options say; at most one of `manifest` and `catalogue`."""

    manifest: Path | None
    catalogue: str
    columns: list[str]
    snapshot: Path | None
    key: Path | None

    def check(self) -> None:
        """Raise `InputError` for options that do not go together."""
        if self.manifest is not None and self.catalogue:
            raise InputError("a manifest and a catalogue are named", "name one of them")
        if self.manifest is not None and not self.manifest.exists():
            raise InputError(f"{self.manifest} is not there", "name a file")
        if self.key is not None and (self.snapshot is None or self.catalogue):
            raise InputError("--key goes with --snapshot, and not with a catalogue", "look without a house at a file")
        if self.snapshot is not None and self.columns:
            raise InputError("--map does not go with --snapshot", "rename the columns in the file")


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to look at, what it is called, how many members of a catalogue have no code, and how voices are
    called."""

    ready: Ready
    title: str
    unnamed: int
    name: Callable[[str], str]


@contextmanager
def looking(source: Source, wish: Wish, promises: Promises) -> Iterator[Looked]:
    """Give what the options name, ready to be looked at."""
    source.check()
    if source.snapshot is not None and source.key is not None:
        request = request_by(wish, promises, find=party_id, now=SystemClock().now(), size=0)
        folder = SnapshotFolder(source.snapshot, keys=keys_of(source.key))
        with _by_snapshot(folder, source, request, None) as looked:
            yield looked
        return
    with house() as opened:
        request = request_of(opened, wish, promises)
        if source.snapshot is not None:
            folder = SnapshotFolder(source.snapshot, keys=[house_key(opened)])
            with _by_snapshot(folder, source, request, opened) as looked:
                yield looked
            return
        scope = _scope(source, opened, namespace=wish.licensee)
        with coverages.by_house(opened, scope, request) as ready:
            yield Looked(ready, scope.title, scope.unnamed, _namer(opened))


@contextmanager
def _by_snapshot(
    folder: SnapshotFolder, source: Source, request: Request, opened: WiredHouse | None
) -> Iterator[Looked]:
    """Give the manifest, a catalogue or everything, by a snapshot; its files are verified first."""
    with progress("Verifying the snapshot") as step:
        head = folder.open(step)
    if opened is not None:
        check_ours(opened, head)
    memory = opened.settings.memory_mib << 20 if opened else MEMORY_BYTES
    with (
        tempfile.TemporaryDirectory(prefix="cantoria-") as spill,
        DuckDBAnalytics(memory_bytes_max=memory, spill=spill) as engine,
    ):
        folder.attach(head.head, engine)
        title, unnamed = _fill(engine, source, opened, namespace=request.licensee.upper())
        ready = coverages.by_snapshot(engine, head, request)
        yield Looked(ready, title, unnamed, _namer(opened) if opened is not None else str)


def _fill(engine: DuckDBAnalytics, source: Source, opened: WiredHouse | None, *, namespace: str) -> tuple[str, int]:
    """Make the manifest in an engine that holds a snapshot; return what it is called and how many have no code."""
    if source.manifest is not None:
        with progress("Reading the manifest"):
            form = form_of(source.manifest)
            loaded = load_manifest(engine, str(source.manifest), file_format=form, namespace=namespace)
        show_findings(loaded.findings)
        return source.manifest.name, 0
    scope = Scope(title=EVERYTHING, rows=None)
    if source.catalogue and opened is not None:
        scope = _of_catalogue(opened, source.catalogue)
    coverages.fill(engine, scope)
    return scope.title, scope.unnamed


def _scope(source: Source, opened: WiredHouse, *, namespace: str) -> Scope:
    if source.catalogue:
        return _of_catalogue(opened, source.catalogue)
    if source.manifest is None:
        return Scope(title=EVERYTHING, rows=None)
    called = namespace.upper() if namespace.isalnum() else ""
    read = read_rows(source.manifest, namespace=called, renamed=mapping_of(source.columns))
    show_findings(read.findings)
    return Scope(title=source.manifest.name, rows=read.rows)


def _of_catalogue(opened: WiredHouse, catalogue: str) -> Scope:
    scope = coverages.of_catalogue(opened, find_thing(opened, catalogue))
    if scope.unnamed:
        say(f"{scope.unnamed:,} members of the catalogue have no code and are left out")
    return scope


def _namer(opened: WiredHouse) -> Callable[[str], str]:
    def name(voice: str) -> str:
        return " via ".join(opened.index.name_of(part) for part in voice.split(" via "))

    return name
