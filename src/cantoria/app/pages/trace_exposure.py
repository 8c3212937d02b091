""" "Was I in it?" for everybody: a code, an id or a name in; certificates, runs and model versions out, with proofs.

A name never answers: it lists whom it may mean. An absence speaks of an identifier in a published manifest, not of the
sound, and its proof discloses the neighbouring keys as salted hashes only (RULES section 6).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages import trace_manifests
from cantoria.app.pages.trace_common import Value, lineage, names, thing
from cantoria.app.pages.trace_keys import Keys, asked_for, keys_of
from cantoria.app.search import find
from cantoria.clearance.manifest import Manifest
from cantoria.clearance.manifest_answer import encode_answer
from cantoria.kernel.facts import Recorded
from cantoria.lineage import Lineage
from cantoria.lineage.exposure import exposed_versions

MANIFESTS_MAX: Final = 400  # certificates and runs that a page looks through, the newest
PROOFS_MAX: Final = 500  # in one download
CANDIDATES: Final = 20
KEYS_SHOWN: Final = 40
THINGS_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A certificate or run: where it is recorded, its manifest, or why there is none here."""

    subject: str
    recorded: Recorded[Any]
    manifest: Manifest | None
    why: str

    @property
    def is_run(self) -> bool:
        """Tell a run from a certificate."""
        return self.subject.startswith("run_")


def was_i_in_it(house: House, text: str, *, size: int) -> Value:
    """Return the answer for a code or id, candidates for words, and nothing for nothing.

    `state` is `empty`, `candidates`, or `answer`. In an answer `in_certificates` and `in_runs` are where an identifier
    stands, `absent` where none does, `unanswered` where this house cannot look, and why.
    """
    if not text.strip():
        return {"asked": "", "state": "empty"}
    asked = asked_for(text)
    if not asked:
        return {"asked": text, "state": "candidates", "candidates": _candidates(house, text)}
    keys = keys_of(house, asked, size=size)
    history = lineage(house, size)
    present, absent, unanswered = _sort(house, history, keys)
    called = names(house, [*keys.named, *keys.carriers[:THINGS_SHOWN]], size=size)
    runs = [place.recorded.fact.run for place, _ in present if place.is_run]
    return {
        "asked": text,
        "state": "answer",
        "key": asked,
        "named": [thing(name, called) for name in keys.named],
        "carriers": [thing(name, called) for name in keys.carriers[:THINGS_SHOWN]],
        "carriers_total": len(keys.carriers),
        "looked_for": list(keys.keys[:KEYS_SHOWN]),
        "looked_for_total": len(keys.keys),
        "whole": keys.whole,
        "in_certificates": [_in_certificate(house, *found) for found in present if not found[0].is_run],
        "in_runs": [_in_run(history, *found) for found in present if found[0].is_run],
        "versions": [_version(history, hit) for hit in exposed_versions(runs, lineage=history)],
        "absent": [_place(history, place) for place in absent],
        "unanswered": [{**_place(history, place), "why": place.why} for place in unanswered],
        "older": max(0, len(history.certificates) + len(history.runs) - MANIFESTS_MAX),
    }


def proof(house: House, key: str, subject: str, *, size: int) -> bytes | None:
    """Return the file that shows whether a key stands in the manifest of a certificate or run; None where it cannot
    be made here."""
    history = lineage(house, size)
    found = next((place for place in _places(house, history) if place.subject == subject), None)
    if found is None or found.manifest is None:
        return None
    return encode_answer(found.manifest.prove(key), bundle=house.sequencer.bundle(found.recorded.index))


def proofs(house: House, text: str, *, size: int) -> bytes | None:
    """Return a ZIP of the proofs of an answer: one file for each key that is present, and for each manifest without
    any the absence of each key. None where there is nothing to prove."""
    asked = asked_for(text)
    if not asked:
        return None
    keys = keys_of(house, asked, size=size)
    present, absent, _ = _sort(house, lineage(house, size), keys)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _files(house, keys, present, absent):
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue() if present or absent else None


def _files(
    house: House, keys: Keys, present: list[tuple[Place, tuple[str, ...]]], absent: list[Place]
) -> Iterator[tuple[str, bytes]]:
    left = PROOFS_MAX
    groups = [("present", *found) for found in present] + [("absent", place, keys.keys) for place in absent]
    for word, place, proven in groups:
        bundle = house.sequencer.bundle(place.recorded.index)
        for number, key in enumerate(proven[:left], 1):
            if place.manifest is not None:
                data = encode_answer(place.manifest.prove(key), bundle=bundle)
                yield f"{word}-{place.subject}-{number}.json", data
                left -= 1


def _candidates(house: House, text: str) -> list[Value]:
    found = find(house, text, limit=CANDIDATES)
    return [
        {"kind": hit.kind.value, "id": hit.id, "name": hit.title, "artist": hit.artist, "code": hit.code}
        for hit in found.hits
    ]


def _places(house: House, history: Lineage) -> list[Place]:
    """Return the newest certificates and runs with their manifests, in ledger order; the newest are looked through as
    long as all of them together fit on the shelf."""
    recorded: list[Recorded[Any]] = [*history.certificates.values(), *history.runs.values()]
    recorded.sort(key=lambda one: one.index)
    room = trace_manifests.LEAVES_MAX // 2  # the other half is for the cleared rows
    found: list[Place] = []
    for one in reversed(recorded[-MANIFESTS_MAX:]):
        room -= one.fact.manifest.leaves
        is_run = one.fact.subjects()[0].startswith("run_")
        look = trace_manifests.of_run if is_run else trace_manifests.of_certificate
        manifest, why = look(house, one) if room >= 0 else (None, "too_large")
        found.append(Place(one.fact.subjects()[0], one, manifest, why))
    return found[::-1]


def _sort(
    house: House, history: Lineage, keys: Keys
) -> tuple[list[tuple[Place, tuple[str, ...]]], list[Place], list[Place]]:
    """Return where keys stand, with those keys, where none does, and where nobody can tell here."""
    present: list[tuple[Place, tuple[str, ...]]] = []
    absent: list[Place] = []
    unanswered: list[Place] = []
    for place in _places(house, history):
        manifest = place.manifest
        if manifest is None:
            unanswered.append(place)
            continue
        hits = tuple(key for key in keys.keys if key in manifest)
        if hits:
            present.append((place, hits))
        else:
            absent.append(place)
    return present, absent, unanswered


def _place(history: Lineage, place: Place) -> Value:
    """Return what a list says of a certificate or run."""
    fact = place.recorded.fact
    title = _label(history, fact.version) if place.is_run else fact.title
    kind = "run" if place.is_run else "certificate"
    return {"kind": kind, "id": place.subject, "title": title, "index": place.recorded.index}


def _in_certificate(house: House, place: Place, hits: tuple[str, ...]) -> Value:
    """Return a certificate that has some of the keys; `cleared` tells whether in a row that passed, None where the
    cleared rows are not at hand."""
    cleared = trace_manifests.cleared_of(house, place.recorded)
    fact = place.recorded.fact
    return {
        "id": place.subject,
        "title": fact.title,
        "index": place.recorded.index,
        "licensee": fact.request.licensee,
        "use": fact.request.use.value,
        "found": list(hits[:KEYS_SHOWN]),
        "found_total": len(hits),
        "cleared": None if cleared is None else any(key in cleared for key in hits),
    }


def _in_run(history: Lineage, place: Place, hits: tuple[str, ...]) -> Value:
    fact = place.recorded.fact
    issued = history.certificates.get(fact.certificate)
    return {
        "id": place.subject,
        "title": _label(history, fact.version),
        "index": place.recorded.index,
        "version": fact.version,
        "certificate": fact.certificate or "",
        "certificate_title": issued.fact.title if issued else "",
        "started_at": fact.started_at,
        "found": list(hits[:KEYS_SHOWN]),
        "found_total": len(hits),
    }


def _version(history: Lineage, hit: Any) -> Value:
    return {
        "version": hit.version,
        "title": _label(history, hit.version),
        "model": hit.model or "",
        "runs": list(hit.runs),
        "inherited_from": [{"version": base, "title": _label(history, base)} for base in hit.inherited_from],
    }


def _label(history: Lineage, version: Any) -> str:
    """Return a version's model and label, empty where it is not registered."""
    known = history.versions.get(version)
    if known is None:
        return ""
    of = history.models.get(known.fact.model)
    return f"{of.fact.name if of else ''} {known.fact.label}".strip()
