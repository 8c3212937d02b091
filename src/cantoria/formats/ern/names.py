"""Which things the records of a message name: known by a code, or new; and the codes that are fit to name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.csvfamily.desk import Context
from cantoria.formats.ern.records import Code
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

# In this order: the first code that is known tells which thing it is.
STRONG: Final = {
    "party": ("isni", "ipi_name", "ipn", "dpid", "own"),
    "work": ("iswc", "own"),
    "recording": ("isrc", "own"),
    "release": ("gtin", "grid", "own"),
}


@dataclass(slots=True)
class Notes:
    """Findings of one message."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        line: int,
        message: str,
        remedy: str,
        *,
        severity: Severity = Severity.WARNING,
        field: str = "",
        value: str = "",
    ) -> None:
        """Add a finding at a line of the message."""
        self.findings.append(
            Finding(
                file=self.file,
                line=line,
                field=field,
                value=value[:80],
                message=message,
                remedy=remedy,
                severity=severity,
            )
        )


class Names:
    """Ids of things by their codes, over all messages read together."""

    __slots__ = ("_by_code", "context")

    def __init__(self, context: Context) -> None:
        self.context = context
        self._by_code: dict[str, str] = {}

    def find(self, kind: str, keys: Sequence[str]) -> str | None:
        """Return the thing of that kind which one of the codes names already, or None."""
        for scheme in STRONG[kind]:
            for key in keys:
                if key.partition(":")[0] == scheme:
                    found = self._by_code.get(key) or self.context.define(key)
                    if found is not None and found.startswith(kind + "_"):
                        return found
        return None

    def name(self, kind: str, keys: Sequence[str], *, taken: Iterable[str] = ()) -> tuple[str, bool]:
        """Return the id of a thing with these codes and whether it is new. One of the things `taken` is never meant."""
        known = self.find(kind, keys)
        fresh = known is None or known in taken
        thing = self.context.new_id(kind) if known is None or fresh else known
        for key in keys:
            self._by_code.setdefault(key, thing)
        return thing, fresh


def fit(found: Sequence[Code], *, shared: Counter[str], line: int, element: str, notes: Notes) -> tuple[str, ...]:
    """Return the keys of the codes that can name a thing; say of every other why it cannot.

    `shared` counts in how many records of the message a key stands: an own code of several names none of them.
    """
    keys: list[str] = []
    for scheme, text in found:
        try:
            checked = codes.check(Scheme(scheme), text)
        except InputError as error:
            notes.add(
                line,
                f"{error.message}; the record is taken without it",
                error.remedy,
                field=f"{element}/{scheme}",
                value=text,
            )
            continue
        key = f"{scheme}:{checked.value}"
        if checked.warning:
            notes.add(line, checked.warning, "check the code", field=f"{element}/{scheme}", value=text)
        if scheme == "own" and shared[key] > 1:
            notes.add(
                line,
                "other records of the message have the same proprietary id; it names none of them",
                "give each its own",
                field=f"{element}/{scheme}",
                value=text,
            )
            continue
        keys.append(key)
    return tuple(dict.fromkeys(keys))


def count_own(records: Iterable[Sequence[Code]]) -> Counter[str]:
    """Return in how many records each own code stands."""
    counts: Counter[str] = Counter()
    for found in records:
        keys = {own_key(text) for scheme, text in found if scheme == "own"}
        counts.update(key for key in keys if key)
    return counts


def own_key(text: str) -> str:
    """Return the key of an own code, or nothing when it is malformed."""
    try:
        return codes.key(Scheme.OWN, text)
    except InputError:
        return ""
