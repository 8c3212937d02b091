"""In which certificates, runs and models a thing is, as far as the manifests kept here are small enough to be looked
through for a page; "Was I in it?" answers for all of them, with proofs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.lineage_views import LINEAGE_TAGS
from cantoria.app.pages.registry_names import Names, Value
from cantoria.clearance import results
from cantoria.clearance.types import Status
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.lineage import Lineage
from cantoria.lineage.exposure import exposed_versions

ROWS_MAX: Final = 200_000  # rows of all datasets together that are kept in memory to be looked up
Held = tuple[str, bool | None]  # the dataset, and whether the row passed there (None: nobody says)


@dataclass(slots=True)
class _Shelf:
    """What was read of datasets so far: which ids and codes stand in which. Datasets never change."""

    by_name: dict[str, list[Held]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhereUsed:
    """Which ids and codes stand in which datasets of a lineage; `unread` are those too large to be looked through, or
    not here at all."""

    lineage: Lineage
    unread: tuple[str, ...]
    _shelf: _Shelf

    def datasets_of(self, names: Iterable[str]) -> dict[str, bool | None]:
        """Return the datasets that hold any of these ids and codes, and whether one of those rows passed."""
        found: dict[str, bool | None] = {}
        known: set[str] = {str(name) for name in (*self.lineage.certificates, *self.lineage.runs)}
        for name in names:
            for dataset, passed in self._shelf.by_name.get(name, ()):
                if dataset in known:
                    found[dataset] = found.get(dataset) or passed
        return found


def where_used(house: House, *, size: int) -> WhereUsed:
    """Return the datasets of the ledger as of `size` by what they hold. Each is read once and kept."""
    mark = house.index.mark(tags=LINEAGE_TAGS, size=size)
    lineage = house.memo.get(
        ("lineage of pages", mark), lambda: Lineage.fold(house.index.scan(tags=LINEAGE_TAGS, size=size))
    )
    shelf = house.memo.get("datasets of pages", _Shelf)
    heads: list[tuple[str, int]] = [(str(name), one.fact.manifest.rows) for name, one in lineage.certificates.items()]
    heads += [(str(name), one.fact.manifest.rows) for name, one in lineage.runs.items()]
    for name, rows in heads:
        if name not in shelf.rows and sum(shelf.rows.values()) + rows <= ROWS_MAX:
            _read(house, lineage, name, shelf)
    return WhereUsed(lineage, tuple(name for name, _ in heads if name not in shelf.rows), shelf)


def _read(house: House, lineage: Lineage, name: str, shelf: _Shelf) -> None:
    kept = house.datasets.get(name)
    if kept is None:
        return
    passed = _passed(house, lineage, name)
    shelf.rows[name] = len(kept.rows)
    for row in kept.rows:
        held = (name, None if passed is None else row.line in passed)
        for key in dict.fromkeys((*row.codes, kept.subjects.get(row.line, ""))):
            if key:
                shelf.by_name.setdefault(key, []).append(held)


def _passed(house: House, lineage: Lineage, name: str) -> frozenset[int] | None:
    """Return the lines of a certificate that were cleared; None for a run, or where the results are not here."""
    issued: Mapping[Any, Any] = lineage.certificates
    if name not in issued:
        return None
    try:
        found = results.decode_results(house.attachments.get(issued[name].fact.results.sha256))
    except (InputError, UnavailableError):
        return None
    return frozenset(one.line for one in found if one.status is Status.CLEARED)


def where_value(house: House, things: Mapping[str, Iterable[str]], *, size: int, names: Names) -> Value:
    """Return the certificates, runs and models that hold any of these things, each given with the ids and code keys
    that name it, and how many datasets could not be looked through."""
    used = where_used(house, size=size)
    found = {thing: used.datasets_of(keys) for thing, keys in things.items()}
    lineage = used.lineage
    certificates = {name: one for name, one in lineage.certificates.items() if _holds(found, name)}
    runs = {name: one for name, one in lineage.runs.items() if _holds(found, name)}
    names.want(one.fact.request.licensee for one in certificates.values())
    return {
        "certificates": [
            {
                "certificate": str(name),
                "title": one.fact.title,
                "licensee": names.ref(one.fact.request.licensee),
                "use": one.fact.request.use.value,
                "issued_at": one.fact.issued_at,
                "passed": _passes(found, name),
                "things": _holds(found, name),
            }
            for name, one in certificates.items()
        ],
        "runs": [
            {
                "run": str(name),
                "certificate": str(one.fact.certificate or ""),
                "version": str(one.fact.version),
                "things": _holds(found, name),
            }
            for name, one in runs.items()
        ],
        "models": _models_value(lineage, runs),
        "unread": len(used.unread),
    }


def _holds(found: Mapping[str, Mapping[str, bool | None]], dataset: str) -> list[str]:
    return [thing for thing, held in found.items() if dataset in held]


def _passes(found: Mapping[str, Mapping[str, bool | None]], dataset: str) -> bool | None:
    said = {held[dataset] for held in found.values() if dataset in held}
    return True if True in said else False if False in said else None


def _models_value(lineage: Lineage, runs: Iterable[Any]) -> list[Value]:
    models: Mapping[Any, Any] = lineage.models
    versions: Mapping[Any, Any] = lineage.versions
    return [
        {
            "model": str(one.model or ""),
            "name": models[one.model].fact.name if one.model in models else "",
            "version": str(one.version),
            "label": versions[one.version].fact.label if one.version in versions else "",
            "runs": [str(run) for run in one.runs],
            "inherited_from": [str(base) for base in one.inherited_from],
        }
        for one in exposed_versions(runs, lineage=lineage)
    ]
