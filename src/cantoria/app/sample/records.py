"""The sample world as records: everything built, in order, from one seed."""

from __future__ import annotations

from cantoria.app.sample import catalogue, people
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.consents import Consents
from cantoria.app.sample.dice import Dice
from cantoria.app.sample.holders import Holders
from cantoria.app.sample.links import Links
from cantoria.app.sample.mandates import Mandates
from cantoria.app.sample.settings import Size


def build(seed: int, *, size: Size) -> Draft:
    """Return the world's records with what was planted in them; a pure function of seed and size."""
    cast = people.cast(Dice(seed=seed, stream="people"), size=size)
    draft = catalogue.build(seed, cast=cast, size=size)
    Holders(draft, seed=seed).add()
    Links(draft, seed=seed).add()
    spoken = Mandates(draft, seed=seed).add()
    Consents(draft, spoken, seed=seed).add()
    planted: dict[str, list[str]] = {}
    for number, kind in sorted(draft.work_mess.items()):
        planted.setdefault(kind, []).append(draft.records.works[number].key)
    for number, kind in sorted(draft.recording_mess.items()):
        planted.setdefault(kind, []).append(draft.records.recordings[number].key)
    draft.records.planted.update({kind: tuple(keys) for kind, keys in sorted(planted.items())})
    return draft
