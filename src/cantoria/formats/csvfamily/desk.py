"""The desk at which a family of tables is read: who sends it, which things its keys and codes name, what came of it.

Keys live as long as the desk: what one table names, the next can refer to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.csvfamily.cells import Cells, code_key, own_key, wrong
from cantoria.formats.csvfamily.columns import Table
from cantoria.formats.csvfamily.context import Context as Context
from cantoria.formats.csvfamily.reading import Broken, Record, Sheet, split_mapping
from cantoria.formats.types import Counts, Finding, Imported, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import LinkId, typed_id, uuid_of
from cantoria.registry import Relation, Tier
from cantoria.registry.facts import LinkAsserted

KINDS: Final = ("party", "work", "recording", "release", "catalogue", "delegation")
# Codes that are given to one thing only, so that who carries one is the thing known by it.
STRONG: Final = {
    "party": ("ipi_name", "ipi_base", "ipn", "isni", "dpid"),
    "work": ("iswc",),
    "recording": ("isrc",),
    "release": ("gtin", "grid"),
}


@dataclass(slots=True)
class Page:
    """One table being read: where it came from, and what came of it so far."""

    sheet: Sheet
    sha256: str
    constants: Mapping[str, str] = field(default_factory=dict)
    grouped: bool = False  # whether numbers may have thousands commas
    facts: list[Any] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    registered: int = 0
    refused: int = 0
    duplicate: int = 0

    def source(self, record: Record) -> Source:
        """Return where a record stands."""
        return Source(self.sheet.file, self.sha256, record.line)

    def refuse(self, record: Record, error: InputError) -> None:
        """Count a row as refused, and say why."""
        self.refused += 1
        self.note(record, error.message, error.remedy, Severity.ERROR, **error.context)

    def repeat(self, record: Record, before: int) -> None:
        """Count a row as a duplicate of the one on line `before`."""
        self.duplicate += 1
        field = "isrc" if "isrc" in record.cells else next(iter(record.cells))
        message = f"the same row stands on line {before}; it counts once"
        self.note(record, message, "delete one of them", Severity.WARNING, field=field, value=record.cells[field])

    def note(
        self,
        record: Record,
        message: str,
        remedy: str,
        severity: Severity,
        *,
        field: str = "",
        value: str = "",
        **_: str,
    ) -> None:
        """Add a finding at a cell of a row."""
        found = self.sheet.finding(record.line, message, remedy=remedy, field=field, value=value, severity=severity)
        self.findings.append(found)

    def imported(self) -> Imported:
        """Return what came of the table."""
        counts = Counts(
            received=self.registered + self.refused + self.duplicate,
            registered=self.registered,
            refused=self.refused,
            duplicate=self.duplicate,
        )
        return Imported(tuple(self.facts), tuple(self.findings), counts)


class Desk:
    """Names things while a family of tables is read."""

    __slots__ = ("_by_code", "_own", "_refused", "context")

    def __init__(self, context: Context) -> None:
        self.context = context
        self._by_code: dict[str, str] = {}
        self._own: dict[str, str] = {}
        self._refused: dict[str, int] = {}

    def open(self, table: Table, data: bytes, *, file: str) -> Page:
        """Open a table of the family as a page of this desk."""
        sheet = Sheet(data, file=file, table=table)
        return Page(sheet, hashlib.sha256(data).hexdigest(), findings=list(sheet.findings))

    def open_mapped(self, table: Table, data: bytes, *, file: str, columns: Mapping[str, str]) -> Page:
        """Open a foreign table as a page of this desk, by a mapping from our columns to its headings."""
        renamed, constants = split_mapping(columns)
        sheet = Sheet(data, file=file, table=table, renamed=renamed)
        return Page(sheet, hashlib.sha256(data).hexdigest(), constants, grouped=True)

    def rows(self, page: Page, *, key: str = "") -> list[Cells]:
        """Return the readable rows of a page, each once; count and report the others. A `key` names one row only."""
        rows = []
        seen: dict[object, int] = {}
        keys: dict[str, int] = {}
        for record in page.sheet.records():
            if isinstance(record, Broken):
                page.refused += 1
                page.findings.append(record.finding)
                continue
            content = frozenset(record.cells.items())
            named = record.cells.get(key, "")
            if content in seen:
                page.repeat(record, seen[content])
            elif named and named in keys:
                message = f"the key stands on line {keys[named]} already, with other content"
                page.refuse(record, wrong(key, named, message, "give each thing its own key"))
            else:
                seen[content] = keys[named] = record.line
                whole = replace(record, cells={**page.constants, **record.cells}) if page.constants else record
                rows.append(Cells(whole, grouped=page.grouped))
        return rows

    def own(self, key: str) -> str:
        """Return the code key of one of the sender's own keys."""
        code = self._own.get(key)
        if code is None:
            code = self._own[key] = codes.key(Scheme.OWN, f"{self.context.namespace}:{key}")
        return code

    def name(self, kind: str, key: str, strong: Sequence[str] = ()) -> tuple[str, bool]:
        """Return the id of the thing that the sender calls `key`, and whether it is new to the registry.

        It is the thing that the key named before; else the one that carries one of the codes `strong`, unless another
        key of this family carries that code; else a new one.
        """
        own = self.own(key)
        known = self._known(own, kind)
        fresh = known is None
        for code in strong:
            if known is None and code not in self._by_code:
                found = self.context.define(code)
                known = found if found is not None and found.startswith(kind + "_") else None
        thing = known or self.context.new_id(kind)
        for code in (own, *strong):
            self._by_code.setdefault(code, thing)
        return thing, fresh

    def _known(self, own: str, kind: str) -> str | None:
        found = self._by_code.get(own) or self.context.define(own)
        if found is not None and not found.startswith(kind + "_"):
            key = own.split(":", 2)[2]
            raise wrong(kind, key, f"the key names a {found.partition('_')[0]} already", "give each thing its own key")
        return found

    def shared(self, code: str, thing: str) -> bool:
        """Tell whether another thing of this family carries the code."""
        return self._by_code.get(code, thing) != thing

    def refuse(self, key: str, line: int) -> None:
        """Remember that the row of a key was refused, so that references to it are too."""
        own = self.own(key)
        if self.context.lookup(own) is None:
            self._refused[own] = line

    def refer(self, field: str, text: str, *kinds: str) -> str:
        """Return the id of what a reference names: an own key, a code with scheme, or an id; of one of `kinds`."""
        found = self._find(field, text)
        if found is None:
            listed = " or ".join(kinds)
            raise wrong(
                field, text, f"no {listed} is known by this reference", "list it first, or correct the reference"
            )
        if found.partition("_")[0] not in kinds:
            raise wrong(field, text, f"this is a {found.partition('_')[0]}", f"name a {' or '.join(kinds)}")
        return found

    def _find(self, field: str, text: str) -> str | None:
        if is_id(text):
            return text
        code = code_key(field, text, warn=[]) if ":" in text else self.own(own_key(field, text))
        if code in self._refused:
            line = self._refused[code]
            raise wrong(field, text, f"the row that defines it (line {line}) was refused", "correct that row first")
        return self._by_code.get(code) or self.context.lookup(code)

    def link(
        self,
        left: str,
        relation: Relation,
        right: str,
        *,
        source: Source,
        asserted_by: str = "",
        tier: Tier = Tier.DOCUMENTED,
    ) -> LinkAsserted:
        """Return an assertion, by the sender unless `asserted_by` says otherwise."""
        return LinkAsserted(
            link=LinkId(self.context.new_id("link")),
            left=left,
            relation=relation,
            right=right,
            asserted_by=asserted_by or self.context.sender,
            tier=tier,
            source=source,
        )


def is_id(text: str) -> bool:
    """Tell whether a reference is one of Cantoria's own ids."""
    kind = text.rpartition("_")[0]
    if kind not in KINDS:
        return False
    try:
        uuid_of(text, prefix=kind)
    except InputError:
        return False
    return True


def derived_id(prefix: str, *parts: str) -> str:
    """Return an id that depends on `parts` alone, so that the same row read again speaks of the same thing."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return typed_id(prefix, digest[:16])
