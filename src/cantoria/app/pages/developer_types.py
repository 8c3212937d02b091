"""What a developer asks of a dataset, as the parameters of a job, and what the job's work needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

from cantoria.app.house import House
from cantoria.app.ports import Author
from cantoria.clearance.analytics import Analytics
from cantoria.clearance.certificate import VALID_DAYS
from cantoria.clearance.facts import KEEP, Aftermath
from cantoria.clearance.published import Opened
from cantoria.clearance.rights import countries_of
from cantoria.clearance.types import Request
from cantoria.formats.csvfamily import ManifestRead
from cantoria.formats.types import Finding
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.uses import Use

CLEAR: Final = "dataset_clear"
PLAN: Final = "licence_plan"
SEND: Final = "licence_send"
FORMS: Final = (".csv", ".jsonl", ".ndjson", ".parquet")
ASKABLE: Final = "askable"  # as a status: rows that nothing but yeses keep from being cleared
ROWS_MAX: Final = 2_000_000  # of one manifest that comes by the portal
ASK_ROWS_MAX: Final = 100_000
VALID_DAYS_MAX: Final = 366
Writing = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a manifest is to be cleared for, as `Request` says it, and how it is certified.

    `form` is the manifest's suffix, `namespace` that of its own codes. With `despite` it is cleared without the rows
    that cannot be taken; else it is only checked where there are such rows. `previous` is the dataset that it repeats.
    """

    title: str
    form: str
    namespace: str
    use: Use
    licensee: PartyId
    territories: str = ""
    training_place: str = ""
    establishment: str = ""
    markets: str = ""
    offer: Money | None = None
    model: str = ""
    model_version: str | None = None
    licensee_classes: frozenset[str] = frozenset()
    profile: str = "base"
    attribution: bool = False
    label: bool = False
    campaign: str | None = None
    persons: tuple[PartyId, ...] = ()
    tuned_on: bool = False
    used_input: bool = False
    valid_days: int = VALID_DAYS
    aftermath: Aftermath = KEEP
    despite: bool = False
    previous: str = ""

    def request(self, *, now: int, size: int) -> Request:
        """Return the request as of a moment (UTC microseconds) and a ledger size."""
        return Request(
            use=self.use,
            licensee=self.licensee,
            territories=self.territories,
            at=now,
            size=size,
            licensee_classes=self.licensee_classes,
            profile=self.profile,
            model_version=self.model_version,
            offer=self.offer,
            attribution=self.attribution,
            label=self.label,
            campaign=self.campaign,
            persons=self.persons,
            tuned_on=self.tuned_on,
            used_input=self.used_input,
            training_place=self.training_place,
            establishment=self.establishment,
            markets=self.markets,
        )

    def check(self) -> None:
        """Raise `InputError` for what no clearing could be made of."""
        if self.form not in FORMS:
            raise InputError(f"{self.form or 'a file without a suffix'} is no manifest", "give " + ", ".join(FORMS))
        if not 1 <= self.valid_days <= VALID_DAYS_MAX:
            raise InputError(f"a certificate of {self.valid_days} days", f"give 1 to {VALID_DAYS_MAX} days")
        if not any((self.territories, self.training_place, self.establishment, self.markets)):
            raise InputError("the request names no place", "say where it is trained, established or sold")
        countries_of(self.request(now=0, size=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows of a dataset are meant: those of a status, with a reason, with a text in code or subject."""

    status: str = ""
    reason: str = ""
    text: str = ""

    @property
    def given(self) -> bool:
        """Tell whether it leaves anything out."""
        return bool(self.status or self.reason or self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What is asked for in bulk: the chosen rows of a dataset, under terms, at a price for each thing (or `lump`: all
    of a holder's together). `until` ends the term (UTC microseconds); silence for `expires_days` is a no."""

    dataset: str
    certificate: str
    terms: str
    chosen: Filter = field(default_factory=Filter)
    price: Money | None = None
    lump: bool = False
    model: str = ""
    model_version: str | None = None
    until: int | None = None
    expires_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of a dataset's results."""

    line: int
    codes: tuple[str, ...]
    status: str
    reasons: tuple[str, ...]
    parties: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    subject: str = ""
    signal: str = ""


@dataclass(frozen=True, slots=True)
class Few:
    """Some rows; `after` is the line to go on behind, None where there are no more."""

    rows: tuple[Listed, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A manifest that was read into an engine: its findings, of which some are listed, how many rows were left out, and
    by line what signals beside a row say."""

    findings: tuple[Finding, ...]
    findings_total: int
    refused: int
    signals: Mapping[int, str]


class DatasetDesk(Protocol):
    """What clearing datasets needs beside the house: files, whoever certifies here, and the published snapshot."""

    def issuer(self, house: House, author: Author) -> Author:
        """Return who certifies: the author where it may, else the house's registrar, operator or society."""
        ...

    def read(self, path: Path, *, namespace: str) -> ManifestRead:
        """Return the rows of a manifest by its suffix."""
        ...

    def snapshot(self, house: House) -> Opened | None:
        """Return the verified snapshot that this house publishes, None where there is none that answers now."""
        ...

    def attach(self, opened: Opened, engine: Analytics) -> None:
        """Name the tables of that snapshot in an engine."""
        ...

    def load(self, engine: Analytics, path: Path, *, form: str, namespace: str) -> Loaded:
        """Read a manifest of millions of rows into an engine."""
        ...

    def few(self, house: House, results: str, chosen: Filter, *, after: int, limit: int) -> Few:
        """Return rows of kept results (their digest) behind a line; it may look at a bounded part at a time."""
        ...

    def lines(self, house: House, results: str, chosen: Filter, *, limit: int) -> list[int]:
        """Return the lines of all chosen rows, up to a limit."""
        ...

    def moves(self, house: House, before: str, now: str) -> dict[tuple[str, str], int]:
        """Return how many lines went from which status to which between two results."""
        ...

    def write(self, rows: Sequence[Listed]) -> bytes:
        """Return rows as a file of results (Parquet)."""
        ...

    def as_csv(self, house: House, results: str) -> bytes:
        """Return kept results as CSV in which no cell is a formula."""
        ...


def parameters(name: str, value: Wanted | Bulk) -> dict[str, Any]:
    """Return what a job keeps of what was asked."""
    return {name: to_json(value)}


def wanted_of(given: Mapping[str, Any]) -> Wanted:
    """Return what a clearing job was asked."""
    found: Wanted = from_json(Wanted, given.get("wanted"), path="wanted")
    return found


def bulk_of(given: Mapping[str, Any]) -> Bulk:
    """Return what a job that asks for licences was asked."""
    found: Bulk = from_json(Bulk, given.get("bulk"), path="bulk")
    return found


def again(wanted: Wanted, *, dataset: str) -> Wanted:
    """Return the same to be done once more."""
    return replace(wanted, previous=dataset, despite=True)
