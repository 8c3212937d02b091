"""What the page of a release says: codes, its recordings with their status for one use, who put it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from cantoria.app.house import House
from cantoria.app.pages.registry_links import codes_value, same_value
from cantoria.app.pages.registry_names import Names, Value
from cantoria.app.pages.registry_recording import beside_value, registered_value, titles_value
from cantoria.app.pages.registry_statuses import performers_of, request_to, status_value
from cantoria.app.rights_near import load_near
from cantoria.clearance import Status
from cantoria.clearance.decide import decide_subject
from cantoria.kernel.uses import Use
from cantoria.registry import Registry
from cantoria.registry.facts import ReleaseRegistered
from cantoria.registry.types import Role

PAGE: Final = 20


def release_value(
    house: House, release: str, *, size: int, at: int, territory: str, use: Use, start: int = 0
) -> Value | None:
    """Return the page of a release as of `size`, with the recordings from number `start` on and their status for
    `use` by anyone in all of `territory`; None when it is not registered by then."""
    said = house.index.about([release], tags=[ReleaseRegistered.TYPE.tag], size=size)
    view = Registry.fold(said).release(release)
    if view is None:
        return None
    names = Names(house.index, size)
    shown = view.recordings[start : start + PAGE]
    near = load_near(house.index, subjects=[release, *shown], size=size)
    registry = near.rights.registry
    found: list[Value] = []
    counts: Counter[str] = Counter()
    for recording in shown:
        request = request_to(use, territory=territory, at=at, size=size, persons=performers_of(near.rights, recording))
        answer = decide_subject(recording, request, rights=near.rights)
        counts[answer.status.value] += 1
        found.append(_recording_value(registry, recording, names=names) | status_value(answer, names=names))
    producers = _producers_of(registry, shown, at=at)
    names.want(producers)
    return {
        "id": release,
        "title": view.title,
        "titles": titles_value(registry, release),
        "registered": registered_value(registry, release, names=names),
        "at": at,
        "territory": territory,
        "use": use.value,
        "codes": codes_value(registry, release, names=names),
        "same": same_value(registry, release, names=names),
        "labels": [names.ref(one) for one in producers],
        "statuses": [{"status": one.value, "count": counts[one.value]} for one in Status],
        "recordings": {
            "total": len(view.recordings),
            "start": start,
            "next": start + PAGE if start + PAGE < len(view.recordings) else None,
            "shown": found,
        },
        **beside_value(house, release, size=size, at=at, names=names),
    }


def _recording_value(registry: Registry, recording: str, *, names: Names) -> Value:
    """Return how a recording stands in the list of a release."""
    seen = registry.recording(recording)
    codes = [code for code in registry.codes_of(recording) if code.startswith("isrc:")]
    return {
        "recording": names.ref(recording),
        "artist": seen.display_artist if seen else "",
        "duration_ms": seen.duration_ms if seen else None,
        "isrc": codes[0].partition(":")[2] if codes else "",
    }


def _producers_of(registry: Registry, recordings: Iterable[str], *, at: int) -> list[str]:
    """Return the producers of recordings by claims that count at the moment `at`, each once."""
    claims = (claim for recording in recordings for claim in registry.claims(recording))
    found = (one.fact.party for one in claims if one.fact.role is Role.PRODUCER and one.effective and one.in_force(at))
    return list(dict.fromkeys(found))
