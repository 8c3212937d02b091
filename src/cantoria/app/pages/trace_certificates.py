"""Certificates: the list of them, and one with its counts, what became of it since, and what was trained on it."""

from __future__ import annotations

from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages.trace_common import Value, kept_here, lineage, names, newest_first, places, thing
from cantoria.app.pages.trace_since import revoked_since
from cantoria.clearance.certificate import validity
from cantoria.clearance.facts import Attached, CertificateRechecked, DatasetCleared
from cantoria.clearance.types import Status
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import CertificateId

RUNS_MAX: Final = 100
# What rows have passed when none of these reasons, by their numbers, is the first (`clearance.reasons.ReasonCode`).
_STAGES: Final = (("identified", 1, 19), ("not_refused", 20, 29), ("known", 30, 39), ("granted", 40, 99))
FILE_BYTES_MAX: Final = 64 * 1024 * 1024  # of a file that the portal hands out


def certificates(
    house: House, *, size: int, at: int, before: int | None = None, limit: int = 50, licensee: str = ""
) -> Value:
    """Return a page of the certificates as of `size`, the newest first; those of one licensee where it is named."""
    history = lineage(house, size)
    known = {one.index: one for one in history.certificates.values()}
    places = sorted(index for index, one in known.items() if licensee in ("", one.fact.request.licensee))
    page, rest = newest_first(places, before=before, limit=limit)
    facts = [known[index] for index in page]
    called = names(house, [name for one in facts for name in (one.fact.request.licensee, one.fact.issuer)], size=size)
    return {
        "certificates": [summary(one, called, at=at) for one in facts],
        "total": len(places),
        "licensee": thing(licensee, names(house, [licensee], size=size)) if licensee else None,
        "next_before": rest,
    }


def summary(one: Recorded[DatasetCleared], called: dict[str, str], *, at: int) -> Value:
    """Return what a list says of a certificate."""
    fact = one.fact
    return {
        "id": fact.certificate,
        "index": one.index,
        "title": fact.title,
        "licensee": thing(fact.request.licensee, called),
        "use": fact.request.use.value,
        "rows": fact.manifest.rows,
        "cleared": fact.cleared.rows,
        "issued_at": fact.issued_at,
        "expires_at": fact.expires_at,
        "validity": validity(fact, at=at).value,
    }


def certificate(house: House, name: str, *, size: int, at: int) -> Value | None:
    """Return everything that is said of one certificate as of `size`, None where there is none.

    Of its rows only counts: the files with a result for each row are named, with their digests.
    """
    history = lineage(house, size)
    issued = history.certificates.get(CertificateId(name))
    if issued is None:
        return None
    fact = issued.fact
    runs = [history.runs[run] for run in history.runs_under(fact.certificate)]
    called = names(house, [fact.request.licensee, fact.issuer, *fact.request.persons], size=size)
    return {
        **summary(issued, called, at=at),
        "fact_id": issued.fact_id,
        "issuer": thing(fact.issuer, called),
        "request": _request(fact, called),
        "counts": [{"status": status.value, "rows": _rows_of(fact, status)} for status in Status],
        "funnel": _funnel(fact),
        "issued_as_of": {"size": fact.as_of.size, "root": fact.as_of.root},
        "manifest": {"root": fact.manifest.root, "leaves": fact.manifest.leaves},
        "aftermath": {"remedy": fact.aftermath.remedy.value, "days": fact.aftermath.days},
        "snapshot": fact.snapshot,
        "law": fact.law,
        "files": [_file(house, "results", fact.results), _file(house, "relied", fact.relied)],
        "since": revoked_since(house, fact, size=size),
        "rechecks": _rechecks(house, name, size),
        "runs": [_run(history, run) for run in runs[-RUNS_MAX:][::-1]],
        "runs_total": len(runs),
    }


def place_of(house: House, name: str, *, size: int) -> int | None:
    """Return the ledger index of a certificate, None where there is none."""
    issued = lineage(house, size).certificates.get(CertificateId(name))
    return None if issued is None else issued.index


def certificate_file(house: House, name: str, part: str, *, size: int) -> bytes | None:
    """Return a file of a certificate, `results` or `relied`; None where it is not here, or larger than is handed
    out."""
    issued = lineage(house, size).certificates.get(CertificateId(name))
    if issued is None:
        return None
    attached = {"results": issued.fact.results, "relied": issued.fact.relied}.get(part)
    if attached is None or attached.bytes > FILE_BYTES_MAX or not kept_here(house, attached.sha256):
        return None
    return house.attachments.get(attached.sha256)


def _funnel(fact: DatasetCleared) -> list[Value]:
    """Return the stages that rows pass, in the order in which reasons come first: how many are left after each, how
    many stopped there, and for which first reasons."""
    left, found = fact.manifest.rows, []
    for stage, first, last in _STAGES:
        reasons = [one for one in fact.reasons if first <= int(one.reason) <= last]
        lost = sum(one.rows for one in reasons)
        left -= lost
        found.append(
            {
                "stage": stage,
                "left": left,
                "lost": lost,
                "reasons": [{"reason": one.reason.name.lower(), "rows": one.rows} for one in reasons],
            }
        )
    return found


def _request(fact: DatasetCleared, called: dict[str, str]) -> Value:
    asked = fact.request
    return {
        "territories": places(asked.territories, at=asked.at) if asked.territories else None,
        "training_place": places(asked.training_place, at=asked.at) if asked.training_place else None,
        "establishment": places(asked.establishment, at=asked.at) if asked.establishment else None,
        "markets": places(asked.markets, at=asked.at) if asked.markets else None,
        "at": asked.at,
        "model_version": asked.model_version or "",
        "licensee_classes": sorted(asked.licensee_classes),
        "persons": [thing(person, called) for person in asked.persons],
        "campaign": asked.campaign or "",
        "attribution": asked.attribution,
        "label": asked.label,
    }


def _rows_of(fact: DatasetCleared, status: Status) -> int:
    return sum(one.rows for one in fact.counts if one.status is status)


def _file(house: House, part: str, attached: Attached) -> Value:
    handed_out = attached.bytes <= FILE_BYTES_MAX and kept_here(house, attached.sha256)
    return {
        "part": part,
        "sha256": attached.sha256,
        "bytes": attached.bytes,
        "records": attached.records,
        "here": handed_out,
    }


def _rechecks(house: House, name: str, size: int) -> list[Value]:
    said = house.index.about([name], tags=[CertificateRechecked.TYPE.tag], size=size)
    newest = said[::-1]
    return [
        {"index": one.index, "at": one.fact.at, "lost": one.fact.lost, "size": one.fact.as_of.size} for one in newest
    ]


def _run(history: Any, one: Recorded[Any]) -> Value:
    version = history.versions.get(one.fact.version)
    model = history.models.get(version.fact.model) if version else None
    return {
        "run": one.fact.run,
        "index": one.index,
        "version": one.fact.version,
        "label": version.fact.label if version else "",
        "model": version.fact.model if version else "",
        "model_name": model.fact.name if model else "",
        "started_at": one.fact.started_at,
        "rows": one.fact.manifest.rows,
        "unauthorised": one.fact.unauthorised,
    }
