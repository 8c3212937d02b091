"""Models with their versions, what each was trained on and made from, and the training runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages.trace_common import Value, kept_here, lineage, names, newest_first, readable, thing
from cantoria.kernel.ids import ModelId, RunId, VersionId
from cantoria.lineage import Lineage
from cantoria.lineage.runs import decode_unauthorised

VERSIONS_MAX: Final = 200  # of one model on its page, the newest
UNAUTHORISED_BYTES_MAX: Final = 4 * 1024 * 1024


def models(house: House, *, size: int, before: int | None = None, limit: int = 50) -> Value:
    """Return a page of the models as of `size`, the newest first."""
    history = lineage(house, size)
    known = {one.index: one for one in history.models.values()}
    page, rest = newest_first(sorted(known), before=before, limit=limit)
    called = names(house, [known[index].fact.developer for index in page], size=size)
    versions = _by_model(history)
    found = []
    for index in page:
        fact = known[index].fact
        mine = versions.get(fact.model, [])
        found.append(
            {
                "id": fact.model,
                "index": index,
                "name": fact.name,
                "developer": thing(fact.developer, called),
                "versions": len(mine),
                **_totals(history, mine),
            }
        )
    return {"models": found, "total": len(known), "next_before": rest}


def model(house: House, name: str, *, size: int) -> Value | None:
    """Return a model, named by its id or by that of one of its versions, with its versions and what came of them."""
    history = lineage(house, size)
    wanted = history.model_of(VersionId(name)) or ModelId(name)
    registered = history.models.get(wanted)
    if registered is None:
        return None
    fact = registered.fact
    mine = _by_model(history).get(wanted, [])
    called = names(house, [fact.developer], size=size)
    shown = mine[-VERSIONS_MAX:][::-1]
    certificates = {
        run.fact.certificate
        for run in history.runs.values()
        if run.fact.certificate and history.model_of(run.fact.version) == wanted
    }
    return {
        "id": fact.model,
        "index": registered.index,
        "name": fact.name,
        "developer": thing(fact.developer, called),
        "versions": [_version(history, version) for version in shown],
        "versions_total": len(mine),
        "certificates": [_certificate(history, one) for one in sorted(certificates)],
        "descendants": _descendants(history, mine),
        **_totals(history, mine),
    }


def run(house: House, name: str, *, size: int) -> Value | None:
    """Return a training run: what it was compared with, and the rows outside its certificate by reason."""
    history = lineage(house, size)
    started = history.runs.get(RunId(name))
    if started is None:
        return None
    fact = started.fact
    ended = history.ended.get(fact.run)
    called = names(house, [fact.developer], size=size)
    return {
        "id": fact.run,
        "index": started.index,
        "developer": thing(fact.developer, called),
        "version": _named_version(history, fact.version),
        "use": fact.use.value,
        "certificate": _certificate(history, fact.certificate) if fact.certificate else None,
        "started_at": fact.started_at,
        "rows": fact.manifest.rows,
        "manifest": {"root": fact.manifest.root, "leaves": fact.manifest.leaves},
        "compared_as_of": {"size": fact.as_of.size, "root": fact.as_of.root},
        "unauthorised": fact.unauthorised,
        "flags": [flag.name.lower() for flag in fact.flags],
        "outside": _outside(house, fact),
        "ended": None
        if ended is None
        else {
            "index": ended.index,
            "at": ended.fact.ended_at,
            "outcome": ended.fact.outcome.value,
            "weights_sha256": ended.fact.weights_sha256,
        },
        "made_from_it": [_named_version(history, one) for one in history.made_from(fact.version)],
    }


def _outside(house: House, fact: Any) -> list[Value] | None:
    """Return how many rows are outside for each reason; None where their file is not here or too large for a page."""
    if not fact.unauthorised:
        return []
    attached = fact.unauthorised_rows
    if attached is None or attached.bytes > UNAUTHORISED_BYTES_MAX or not kept_here(house, attached.sha256):
        return None
    rows = readable(lambda: decode_unauthorised(house.attachments.get(attached.sha256)))
    if rows is None:
        return None
    counted = Counter(one.reason for one in rows)
    return [{"reason": reason.name.lower(), "rows": counted[reason]} for reason in sorted(counted)]


def _by_model(history: Lineage) -> dict[ModelId, list[VersionId]]:
    found: dict[ModelId, list[VersionId]] = {}
    for name, version in history.versions.items():
        found.setdefault(version.fact.model, []).append(name)
    return found


def _totals(history: Lineage, versions: Iterable[VersionId]) -> Value:
    wanted = set(versions)
    runs = [one.fact for one in history.runs.values() if one.fact.version in wanted]
    return {
        "runs": len(runs),
        "rows_trained": sum(one.manifest.rows for one in runs),
        "unauthorised": sum(one.unauthorised for one in runs),
    }


def _version(history: Lineage, name: VersionId) -> Value:
    fact = history.versions[name]
    retired = history.retired.get(name)
    runs = [history.runs[run] for run in history.runs_of(name)]
    return {
        **_named_version(history, name),
        "index": fact.index,
        "recorded_at": fact.claimed_at,
        "bases": [_named_version(history, base) for base in fact.fact.bases],
        "made_from_it": [_named_version(history, later) for later in history.made_from(name)],
        "runs": [
            {
                "id": one.fact.run,
                "started_at": one.fact.started_at,
                "rows": one.fact.manifest.rows,
                "unauthorised": one.fact.unauthorised,
                "certificate": _certificate(history, one.fact.certificate) if one.fact.certificate else None,
                "ended": one.fact.run in history.ended,
            }
            for one in runs[::-1]
        ],
        "retired": {"at": retired.fact.at, "how": retired.fact.how.value} if retired else None,
    }


def _descendants(history: Lineage, versions: Iterable[VersionId]) -> list[Value]:
    """Return the versions of other models that were made from these."""
    mine = set(versions)
    later = {made for version in mine for made in history.made_from(version)} - mine
    return [_named_version(history, name) for name in sorted(later)]


def _named_version(history: Lineage, name: VersionId) -> Value:
    """Return a version with its label and model; both are empty where it is not registered."""
    known = history.versions.get(name)
    of = history.models.get(known.fact.model) if known else None
    return {
        "version": name,
        "label": known.fact.label if known else "",
        "model": known.fact.model if known else "",
        "model_name": of.fact.name if of else "",
    }


def _certificate(history: Lineage, name: Any) -> Value:
    known = history.certificates.get(name)
    return {
        "id": name,
        "title": known.fact.title if known else "",
        "use": known.fact.request.use.value if known else "",
        "cleared": known.fact.cleared.rows if known else None,
        "recorded": known is not None,
    }
