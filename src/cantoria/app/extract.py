"""What the registry knows, as entries again, for whoever writes a file of the trade.

One entry for each work (with the parties that claim it, and its recordings), each recording (with its parties and
the keys of its works) and each release. Keys are Cantoria's own ids. Read in parts: of the registry never more than
the neighbourhood of `PART_SUBJECTS` things is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from cantoria.app import rights
from cantoria.app.house import House
from cantoria.formats.entries import (
    Chain,
    Code,
    Collection,
    Entry,
    Name,
    Party,
    Recording,
    Release,
    Share,
    Title,
    Work,
)
from cantoria.kernel.facts import Recorded
from cantoria.registry import ClaimView, Registry
from cantoria.registry.disclosure_facts import AiDisclosed, DealSignalled, NoticeGiven
from cantoria.registry.disclosures import Disclosures
from cantoria.registry.facts import (
    LinkAsserted,
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)
from cantoria.registry.standing import REGISTERS
from cantoria.registry.views import ChainView, CollectionView

PART_SUBJECTS: Final = 200
DISCLOSING: Final = tuple(cls.TYPE.tag for cls in (AiDisclosed, DealSignalled, NoticeGiven))
NAMING: Final = tuple(cls.TYPE.tag for cls in (PartyRegistered, PartyNamed, LinkAsserted))
TAGS: Final = {
    "work": WorkRegistered.TYPE.tag,
    "recording": RecordingRegistered.TYPE.tag,
    "release": ReleaseRegistered.TYPE.tag,
}


def things(house: House, *, kinds: Sequence[str] = tuple(TAGS)) -> list[str]:
    """Return the ids of everything of these kinds that is registered, in byte order kind by kind."""
    return [
        thing for kind in kinds for thing in sorted(house.index.subjects_of(TAGS[kind])) if thing.startswith(kind + "_")
    ]


def extract(
    house: House,
    subjects: Sequence[str],
    *,
    size: int,
    organisation: str = "",
    watch: Callable[[int, int], None] | None = None,
) -> Iterator[Entry]:
    """Give an entry for each work, recording and release of `subjects`, in their order, as of ledger size `size`.

    Claims in force with effect are given; only those that `organisation` (a party id) recorded, if one is named.
    """
    for start in range(0, len(subjects), PART_SUBJECTS):
        part = subjects[start : start + PART_SUBJECTS]
        view = _view(house, part, size=size, organisation=organisation)
        for subject in part:
            yield from view.entry(subject)
        if watch is not None:
            watch(start + len(part), len(subjects))


def _view(house: House, subjects: Sequence[str], *, size: int, organisation: str) -> _View:
    """Load these things, the recordings of the works among them, and what their parties are called."""
    near = rights.load_around(house.index, subjects=subjects, size=size).registry
    performed = {recording for subject in subjects for recording in near.recordings_of(subject)}
    if not performed <= set(subjects):
        near = rights.load_around(house.index, subjects=[*subjects, *sorted(performed)], size=size).registry
    parties = {party for subject in (*subjects, *performed) for party in _parties_of(near, subject)}
    named = Registry.fold(house.index.about(sorted(parties), tags=NAMING, size=size))
    disclosing = house.index.about(subjects, tags=DISCLOSING, size=size)
    said = Disclosures.fold(one for one in disclosing if _is_heard(near, one, organisation))
    return _View(near, named, said, now=house.clock.now(), organisation=organisation)


def _is_heard(registry: Registry, said: Recorded[Any], organisation: str) -> bool:
    """Tell whether what a message said is given on. A deal goes out in the sender's name, so that of a stranger, who
    can write any name into a message, does not: it takes who registered the release first, or a register."""
    if organisation or not isinstance(said.fact, DealSignalled):
        return organisation in ("", said.organisation)
    return said.capacity in REGISTERS or said.organisation == registry.registered_by(said.fact.release)


def _parties_of(registry: Registry, subject: str) -> Iterator[str]:
    yield from (claim.fact.party for claim in registry.claims(subject))
    yield from (one.fact.party for one in registry.collections(subject))
    for one in registry.chains(subject):
        yield from filter(None, (one.fact.grantor, one.fact.acquirer))


class _View:
    """One neighbourhood of the registry, seen as entries; `people` knows its parties, `said` what is said of AI."""

    def __init__(self, registry: Registry, people: Registry, said: Disclosures, *, now: int, organisation: str) -> None:
        self._registry, self._people, self._said = registry, people, said
        self._now, self._organisation = now, organisation

    def entry(self, subject: str) -> Iterator[Entry]:
        """Give the entry of a thing; nothing for what is not registered."""
        registry = self._registry
        if (work := registry.work(subject)) is not None:
            recordings = tuple(self._recording(one, works=(subject,)) for one in registry.recordings_of(subject))
            claims = self._claims(subject)
            collected = [
                one for one in registry.collections(subject) if one.fact.share and self._says(one.organisation)
            ]
            chained = [
                one
                for one in registry.chains(subject)
                if one.fact.period.contains(self._now) and self._says(one.organisation)
            ]
            given = Work(
                key=subject,
                title=work.title,
                kind=work.kind,
                parts=work.parts,
                parts_complete=work.parts_complete,
                codes=self._codes(subject),
                titles=self._titles(subject),
                shares=_shares(claims),
                collections=tuple(map(_collection, collected)),
                chains=tuple(map(_chain, chained)),
            )
            named: list[str] = [claim.fact.party for claim in claims]
            named += [one.fact.party for one in collected]
            named += [party for one in chained for party in (one.fact.grantor, one.fact.acquirer) if party]
            yield Entry(line=0, kind="work", parties=self._parties(named), works=(given,), recordings=recordings)
        elif registry.recording(subject) is not None:
            claims = self._claims(subject)
            given_recording = self._recording(subject, works=registry.works_of(subject), claims=claims)
            parties = self._parties([claim.fact.party for claim in claims])
            facts: tuple[Any, ...] = self._said.disclosed(subject)
            yield Entry(line=0, kind="recording", parties=parties, recordings=(given_recording,), facts=facts)
        elif (release := registry.release(subject)) is not None:
            held = Release(key=subject, title=release.title, codes=self._codes(subject), recordings=release.recordings)
            facts = (*self._said.disclosed(subject), *self._said.signals(subject, at=self._now))
            yield Entry(line=0, kind="release", releases=(held,), facts=facts)

    def _recording(self, thing: str, *, works: tuple[str, ...], claims: Sequence[ClaimView] = ()) -> Recording:
        view = self._registry.recording(thing)
        return Recording(
            key=thing,
            title=view.title if view else "",
            artist=view.display_artist if view else "",
            duration_ms=view.duration_ms if view else None,
            version=view.version if view else "",
            titles=self._titles(thing),
            samples=view.samples if view else (),
            samples_complete=view.samples_complete if view else False,
            codes=self._codes(thing),
            works=works,
            shares=_shares(claims),
            releases=self._registry.releases_of(thing),
        )

    def _claims(self, subject: str) -> list[ClaimView]:
        return [
            claim
            for claim in self._registry.claims(subject)
            if claim.effective and claim.in_force(self._now) and self._says(claim.organisation)
        ]

    def _says(self, organisation: str) -> bool:
        return not self._organisation or organisation == self._organisation

    def _titles(self, thing: str) -> tuple[Title, ...]:
        return tuple(
            Title(text=title.title, kind=title.kind, language=title.language) for title in self._registry.titles(thing)
        )

    def _parties(self, parties: Sequence[str]) -> tuple[Party, ...]:
        return tuple(self._party(party) for party in dict.fromkeys(parties))

    def _party(self, party: str) -> Party:
        view = self._people.party(party)
        if view is None:
            return Party(key=party)
        names = tuple(Name(name) for name in view.names)
        codes = tuple(map(_code, self._people.codes_of(party)))
        return Party(key=party, names=names, kind=view.kind, codes=codes)

    def _codes(self, thing: str) -> tuple[Code, ...]:
        return tuple(_code(key) for key in self._registry.codes_of(thing))


def _code(key: str) -> Code:
    scheme, _, value = key.partition(":")
    return scheme, value


def _collection(view: CollectionView) -> Collection:
    one = view.fact
    return Collection(party=one.party, role=one.role, right=one.right, share=one.share, territory=one.territory)


def _chain(view: ChainView) -> Chain:
    one = view.fact
    return Chain(
        grantor=one.grantor,
        acquirer=one.acquirer,
        kind=one.kind,
        territory=one.territory,
        period=one.period,
        agreement=one.agreement,
    )


def _shares(claims: Sequence[ClaimView]) -> tuple[Share, ...]:
    """Return the claims as shares; what several organisations claim alike is one."""
    found = (
        Share(
            party=claim.fact.party,
            role=claim.fact.role,
            right=claim.fact.right,
            share=claim.fact.share,
            territory=claim.fact.territory,
            period=claim.fact.period,
            tier=claim.fact.tier,
        )
        for claim in claims
    )
    return tuple(dict.fromkeys(found))
