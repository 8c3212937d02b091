"""The desk at which datasets are cleared: manifests from files, who certifies in this house, the published snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from cantoria.adapters import result_pages
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.duckdb.manifests import load_manifest
from cantoria.adapters.manifest_files import read_rows
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.app import snapshot_clearing
from cantoria.app.house import House
from cantoria.app.pages.developer_types import Few, Filter, Listed, Loaded
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance.analytics import Analytics, Format
from cantoria.clearance.facts import ISSUERS
from cantoria.clearance.published import Opened
from cantoria.formats.csvfamily import ManifestRead
from cantoria.kernel.errors import CantoriaError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.ledger.notes import NoteKey

SNAPSHOT_FOLDER: Final = "snapshot"
FORMATS: Final = {
    ".csv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".parquet": Format.PARQUET,
}
ISSUING: Final = (Capacity.REGISTRAR, Capacity.OPERATOR, Capacity.CMO)  # who certifies rather than who


@dataclass(frozen=True, slots=True)
class HouseDesk:
    """The `DatasetDesk` of the house at `home`."""

    home: Path

    def issuer(self, house: House, author: Author) -> Author:
        """Return who certifies: the author where it may, else the first by capacity and name whose key is here."""
        if author.capacity in ISSUERS:
            return author
        keys = cast("WiredHouse", house).keys
        for capacity in ISSUING:
            for name in keys.names():
                if capacity in keys.capacities(name):
                    return keys.author(name, capacity=capacity)
        raise UnavailableError("nobody here may certify", "have the registrar's key put into this house")

    def read(self, path: Path, *, namespace: str) -> ManifestRead:
        """Return the rows of a manifest by its suffix."""
        return read_rows(path, namespace=namespace)

    def snapshot(self, house: House) -> Opened | None:
        """Return the snapshot that this house publishes, None where there is none of this ledger and whole."""
        folder = self._folder(house)
        try:
            opened = folder.find()
            if opened is not None:
                snapshot_clearing.check_ours(house, opened)
                folder.open()
        except CantoriaError:
            return None  # the house itself answers
        return opened

    def attach(self, opened: Opened, engine: Analytics) -> None:
        """Name the tables of that snapshot in an engine."""
        SnapshotFolder(self.home / SNAPSHOT_FOLDER, keys=()).attach(opened.head, engine)

    def load(self, engine: Analytics, path: Path, *, form: str, namespace: str) -> Loaded:
        """Read a manifest of millions of rows into an engine."""
        duck = cast("DuckDBAnalytics", engine)
        found = load_manifest(duck, str(path), file_format=FORMATS[form], namespace=namespace)
        return Loaded(found.findings, found.findings_total, found.counts.refused, found.signals)

    def few(self, house: House, results: str, chosen: Filter, *, after: int, limit: int) -> Few:
        """Return rows of kept results behind a line."""
        with house.attachments.open(results) as file:
            return result_pages.few(file, chosen, after=after, limit=limit)

    def lines(self, house: House, results: str, chosen: Filter, *, limit: int) -> list[int]:
        """Return the lines of all chosen rows, up to a limit."""
        with house.attachments.open(results) as file:
            return result_pages.lines(file, chosen, limit=limit)

    def moves(self, house: House, before: str, now: str) -> dict[tuple[str, str], int]:
        """Return how many lines went from which status to which."""
        with house.attachments.open(before) as then, house.attachments.open(now) as present:
            return result_pages.moves(then, present)

    def write(self, rows: Sequence[Listed]) -> bytes:
        """Return rows as a file of results."""
        return result_pages.write(rows)

    def as_csv(self, house: House, results: str) -> bytes:
        """Return kept results as CSV."""
        with house.attachments.open(results) as file:
            return result_pages.as_csv(file)

    def _folder(self, house: House) -> SnapshotFolder:
        opened = cast("WiredHouse", house)
        key = NoteKey(opened.settings.origin, opened.keys.log_signer().public_key)
        return SnapshotFolder(self.home / SNAPSHOT_FOLDER, keys=[key])
