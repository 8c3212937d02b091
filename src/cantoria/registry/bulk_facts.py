"""A large catalogue as one fact: rows of one kind, kept as a Parquet attachment (spec/batch.md). Tag 165."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.kernel.facts import FactType
from cantoria.registry.facts import REGISTRARS


class BatchTable(StrEnum):
    """What the rows of a batch are."""

    RECORDINGS = "recordings"
    WORKS = "works"
    LINKS = "links"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRegistered:
    """Every row of the attachment was registered, as if its facts stood at this very place of the ledger.

    `first` and `last` are the ids of the first and the last row (of links: their left ends), `version` is that of the
    layout. `taken` is how many records of the source file (its SHA-256 in `source`), from record `start` (0-based)
    on, this fact accounts for: taken = rows + refused + duplicate. `attachment` is empty when none of them gave a row.
    """

    TYPE: ClassVar = FactType(165, "batch-registered", REGISTRARS)
    table: BatchTable
    attachment: str
    rows: int
    first: str
    last: str
    file: str
    source: str
    start: int
    taken: int
    refused: int = 0
    duplicate: int = 0
    version: int = 1

    def subjects(self) -> tuple[str, ...]:
        return (f"file:{self.source}", f"batch:{self.attachment}")
