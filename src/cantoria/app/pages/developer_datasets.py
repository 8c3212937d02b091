"""What the pages of datasets say: the list, one dataset with its rows, and how it differs from the one before.

A dataset is the job that clears it; one that was cleared by a command is its certificate. Both belong to the licensee:
whoever asks for another's is told that there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from cantoria.app.house import House
from cantoria.app.jobs import Job, JobState, JobStore
from cantoria.app.licence_asking import territory_of
from cantoria.app.pages.developer_clearing import adopted, certificate_id, certificate_value, issued
from cantoria.app.pages.developer_requests import plain_name
from cantoria.app.pages.developer_snippet import question_of
from cantoria.app.pages.developer_types import CLEAR, DatasetDesk, Filter, Listed, Wanted, wanted_of
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.types import Request
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import typed_id, uuid_of
from cantoria.licensing.asking import voice_of

DATASETS_SHOWN: Final = 30
PLACES: Final = {"recording": "/recordings", "work": "/works"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose datasets are meant: the organisation's name in the key ring, and its party."""

    organisation: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A dataset: the job that clears it, what was wanted, its certificate once there is one, and the job's result."""

    dataset: str
    job: Job | None
    wanted: Wanted | None
    said: Recorded[DatasetCleared] | None
    result: Mapping[str, Any]

    @property
    def state(self) -> str:
        """Where it stands: queued, running, checked, cleared, failed or cancelled."""
        if self.said is not None:
            return "cleared"
        if self.job is None or self.job.state is not JobState.DONE:
            return "failed" if self.job is None else self.job.state.value
        return str(self.result.get("outcome", "failed"))

    @property
    def request(self) -> Request | None:
        """What it was cleared for."""
        return None if self.said is None else self.said.fact.request


def find(house: House, store: JobStore, name: str, *, owner: Owner, size: int) -> Found | None:
    """Return the dataset of this id, None where there is none of this owner."""
    if not owner.organisation or not owner.party:
        return None
    if name.startswith("certificate_"):
        return _of_certificate(house, store, name, owner=owner, size=size)
    job = store.get(name) if name.startswith("job_") else None
    if job is None or job.kind != CLEAR or job.owner.organisation != owner.organisation:
        return None
    return _of_job(house, job, size=size)


def _of_job(house: House, job: Job, *, size: int) -> Found:
    said = issued(house, certificate_id(job.job), size=size)
    return Found(dataset=job.job, job=job, wanted=wanted_of(job.parameters), said=said, result=job.result)


def _of_certificate(house: House, store: JobStore, name: str, *, owner: Owner, size: int) -> Found | None:
    said = issued(house, name, size=size)
    if said is None or said.fact.request.licensee != owner.party:
        return None
    job = store.get(typed_id("job", uuid_of(name, prefix="certificate")))
    if job is not None and job.owner.organisation == owner.organisation:
        return _of_job(house, job, size=size)
    return Found(dataset=name, job=None, wanted=None, said=said, result={})


def results_of(house: House, desk: DatasetDesk, found: Found) -> str:
    """Return the digest of the kept results of a cleared dataset; `InputError` where there are none."""
    kept = str(found.result.get("results", ""))
    if kept:
        return kept
    if found.said is None:
        raise InputError("this dataset is not cleared yet", "wait for its job to end")
    certificate = found.said.fact
    return house.memo.get(
        ("results", certificate.certificate), lambda: house.attachments.put(desk.write(adopted(house, certificate)))
    )


def list_value(house: House, store: JobStore, *, owner: Owner, before: str, size: int) -> dict[str, Any]:
    """Return the datasets of an organisation, the newest first; beside the first page, certificates that it has got by
    other ways."""
    jobs = store.listed(owner.organisation, kind=CLEAR, before=before, limit=DATASETS_SHOWN + 1)
    shown = [_of_job(house, job, size=size) for job in jobs[:DATASETS_SHOWN]]
    listed = [short_value(one) for one in shown]
    if not before:
        known = {certificate_id(one.dataset) for one in shown}
        listed += _others(house, known, owner=owner, size=size)
    return {
        "datasets": listed,
        "next": jobs[DATASETS_SHOWN - 1].job if len(jobs) > DATASETS_SHOWN else None,
    }


def _others(house: House, known: set[Any], *, owner: Owner, size: int) -> list[dict[str, Any]]:
    issued_to = house.index.about([owner.party], tags=[DatasetCleared.TYPE.tag], size=size)
    found = []
    for said in reversed(issued_to):
        certificate = said.fact
        if certificate.request.licensee == owner.party and certificate.certificate not in known:
            name = str(certificate.certificate)
            found.append(short_value(Found(dataset=name, job=None, wanted=None, said=said, result={})))
        if len(found) >= DATASETS_SHOWN:
            break
    return found


def short_value(found: Found) -> dict[str, Any]:
    """Return one line about a dataset."""
    job, said = found.job, found.said
    title = found.wanted.title if found.wanted is not None else said.fact.title if said is not None else found.dataset
    use = found.wanted.use if found.wanted is not None else said.fact.request.use if said is not None else None
    return {
        "dataset": found.dataset,
        "title": title,
        "state": found.state,
        "use": "" if use is None else use.value,
        "file": job.files[0].name if job is not None and job.files else "",
        "certificate": None if said is None else said.fact.certificate,
        "rows": said.fact.manifest.rows if said is not None else found.result.get("rows"),
        "counts": {} if said is None else certificate_value(said.fact)["counts"],
        "created_at": job.created_at if job is not None else said.fact.issued_at if said is not None else 0,
    }


def dataset_value(house: House, store: JobStore, desk: DatasetDesk, found: Found, *, owner: Owner) -> dict[str, Any]:
    """Return everything about a dataset but its rows."""
    value = {**short_value(found), **job_part(found), "asked": _asked_value(house, found)}
    if found.said is None:
        return {**value, "cleared": None, "change": None}
    told = certificate_value(found.said.fact)
    cleared = {**told, "index": found.said.index, "reasons": found.result.get("reasons") or told["reasons"]}
    cleared["revoked_since"] = found.result.get("revoked_since", 0)
    cleared["unlock"] = _unlock(house, found.result.get("unlock"))
    change = _change(house, store, desk, found, owner=owner)
    return {**value, "cleared": cleared, "change": change}


def job_part(found: Found) -> dict[str, Any]:
    """Return how far the job of a dataset is, and what it found in the manifest."""
    job, result = found.job, found.result
    failed = job is not None and job.state is JobState.FAILED
    return {
        "job": None if job is None else job.job,
        "progress": None if job is None else {"done": job.done, "total": job.total, "phase": job.phase},
        "ended": job is None or job.ended,
        "failure": {"message": result.get("message", ""), "remedy": result.get("remedy", "")} if failed else None,
        "findings": list(result.get("findings", ())),
        "findings_total": result.get("findings_total", 0),
        "findings_by": result.get("findings_by", "line"),
        "refused": result.get("refused", 0),
        "previous": found.wanted.previous if found.wanted is not None else "",
    }


def _asked_value(house: House, found: Found) -> dict[str, Any]:
    """Return what it was cleared for, or is to be."""
    request = found.request
    if request is None:
        require_wanted = found.wanted
        if require_wanted is None:
            return {}
        request = require_wanted.request(now=0, size=0)
    return {
        "use": request.use.value,
        "licensee": request.licensee,
        "licensee_name": plain_name(house, request.licensee),
        "territories": request.territories,
        "training_place": request.training_place,
        "establishment": request.establishment,
        "markets": request.markets,
        "territory": territory_of(request),
        "model": found.wanted.model if found.wanted is not None else "",
        "model_version": request.model_version,
        "licensee_classes": sorted(request.licensee_classes),
        "attribution": request.attribution,
        "label": request.label,
        "campaign": request.campaign,
        "persons": list(request.persons),
        "profile": request.profile,
        "offer": None
        if request.offer is None
        else {"amount": request.offer.format(), "currency": request.offer.currency},
    }


def _unlock(house: House, unlock: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return whose yes opens most rows, with names."""
    if not unlock:
        return None
    moves = [
        {"yeses": move["yeses"], "rows": move["rows"], "voices": [voice_value(house, one) for one in move["voices"]]}
        for move in unlock["moves"]
    ]
    return {**unlock, "moves": moves}


def voice_value(house: House, text: str) -> dict[str, Any]:
    """Return a voice with the name of the party that it is, or speaks for."""
    voice = voice_of(text)
    return {
        "party": voice.speaker,
        "name": plain_name(house, voice.speaker),
        "for": "" if voice.principal == voice.speaker else plain_name(house, voice.principal),
    }


def _change(house: House, store: JobStore, desk: DatasetDesk, found: Found, *, owner: Owner) -> dict[str, Any] | None:
    """Return how many rows changed their status since the dataset that this one repeats."""
    if found.wanted is None or not found.wanted.previous or found.said is None:
        return None
    before = find(house, store, found.wanted.previous, owner=owner, size=found.said.index + 1)
    if before is None or before.said is None:
        return None
    then, now = results_of(house, desk, before), results_of(house, desk, found)
    moves = house.memo.get(("moves", then, now), lambda: desk.moves(house, then, now))
    listed = [{"before": old, "now": new, "rows": rows} for (old, new), rows in moves.items() if old != new]
    return {
        "dataset": before.dataset,
        "certificate": before.said.fact.certificate,
        "won": sum(one["rows"] for one in listed if one["now"] == "cleared"),
        "lost": sum(one["rows"] for one in listed if one["before"] == "cleared"),
        "same": sum(rows for (old, new), rows in moves.items() if old == new),
        "moves": listed,
    }


def rows_value(
    house: House, desk: DatasetDesk, found: Found, chosen: Filter, *, after: int, limit: int
) -> dict[str, Any]:
    """Return some rows of a cleared dataset, with names and the way to the view of why each is not cleared."""
    results = results_of(house, desk, found)
    page = desk.few(house, results, chosen, after=after, limit=limit)
    question = "" if found.request is None else urlencode(question_of(found.request), doseq=True)
    return {
        "dataset": found.dataset,
        "status": chosen.status,
        "reason": chosen.reason,
        "text": chosen.text,
        "rows": [_row_value(house, one, question) for one in page.rows],
        "next": page.after,
    }


def _row_value(house: House, row: Listed, question: str) -> dict[str, Any]:
    kind = row.subject.partition("_")[0]
    return {
        "line": row.line,
        "codes": list(row.codes),
        "status": row.status,
        "reasons": list(row.reasons),
        "missing": [voice_value(house, one) for one in row.missing],
        "subject": row.subject,
        "name": plain_name(house, row.subject) if row.subject else "",
        "href": f"{PLACES[kind]}/{row.subject}/clearance?{question}" if kind in PLACES else "",
        "signal": row.signal,
    }
