"""Which things the records of a message name: known by a code, or new; and the codes that are fit to name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria import codes
from cantoria.codes import Checked, Scheme
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
CHECKED_MAX: Final = 10_000  # codes whose check is remembered


def _strength(order: Sequence[str]) -> Callable[[str], int]:
    places = {scheme: place for place, scheme in enumerate(order)}
    return lambda key: places.get(key.partition(":")[0], len(places))


_STRENGTH: Final = {kind: _strength(order) for kind, order in STRONG.items()}


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

    __slots__ = ("_by_code", "_checked", "context")

    def __init__(self, context: Context) -> None:
        self.context = context
        self._by_code: dict[str, str] = {}
        self._checked: dict[Code, Checked | InputError] = {}

    def check(self, code: Code) -> Checked | InputError:
        """Return a code checked, or what is wrong with it; each code is checked once while it is remembered."""
        found = self._checked.get(code)
        if found is None:
            if len(self._checked) >= CHECKED_MAX:
                self._checked.clear()
            scheme, text = code
            try:
                found = codes.MODULES[Scheme(scheme)].validate(text)
            except InputError as error:
                found = error.with_traceback(None)  # it is kept, the frames that raised it are not
            self._checked[code] = found
        return found

    def find(self, kind: str, keys: Sequence[str]) -> str | None:
        """Return the thing of that kind which one of the codes names already, or None."""
        start = kind + "_"
        for key in keys if len(keys) < 2 else sorted(keys, key=_STRENGTH[kind]):
            if key.partition(":")[0] in STRONG[kind]:
                found = self._by_code.get(key) or self.context.define(key)
                if found is not None and found.startswith(start):
                    return found
        return None

    def name(self, kind: str, keys: Sequence[str], *, taken: Iterable[str] = ()) -> tuple[str, bool]:
        """Return the id of a thing with these codes and whether it is new. One of the things `taken` is never meant."""
        known = self.find(kind, keys) if keys else None
        fresh = known is None or known in taken
        thing = self.context.new_id(kind) if known is None or fresh else known
        for key in keys:
            self._by_code.setdefault(key, thing)
        return thing, fresh


def fit(
    found: Sequence[Code], *, names: Names, shared: Mapping[str, int], line: int, element: str, notes: Notes
) -> tuple[str, ...]:
    """Return the keys of the codes that can name a thing; say of every other why it cannot.

    `shared` counts in how many records of the message a key stands: an own code of several names none of them.
    """
    if not found:
        return ()
    keys: list[str] = []
    for code in found:
        scheme, text = code
        checked = names.check(code)
        if isinstance(checked, InputError):
            notes.add(
                line,
                f"{checked.message}; the record is taken without it",
                checked.remedy,
                field=f"{element}/{scheme}",
                value=text,
            )
            continue
        key = f"{scheme}:{checked.value}"
        if checked.warning:
            notes.add(line, checked.warning, "check the code", field=f"{element}/{scheme}", value=text)
        if scheme == "own" and shared.get(key, 0) > 1:
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


def count_own(records: Iterable[Sequence[Code]], *, earlier: dict[str, int]) -> Counter[str]:
    """Return in how many records each own code stands; one that stood in an earlier portion counts once more.

    `earlier` is brought up to date.
    """
    counts: Counter[str] = Counter()
    for found in records:
        keys = {own_key(text) for scheme, text in found if scheme == "own"}
        counts.update(key for key in keys if key)
    for key in counts:
        counts[key] += earlier.get(key, 0)
        earlier[key] = 1
    return counts


def own_key(text: str) -> str:
    """Return the key of an own code, or nothing when it is malformed."""
    try:
        return codes.key(Scheme.OWN, text)
    except InputError:
        return ""
