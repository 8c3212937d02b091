"""What exists: parties with their keys, works, recordings, releases and catalogues.

A later registration of one thing by the same organisation replaces its earlier one. What several organisations say
of one thing is put together so that nothing gets lost: all parts, all samples. Who may say yes for more by adding
something to a release or a catalogue is another matter: only the organisation that made it first can. Who answers
for a party or a thing, so that its word can open something, is told in `cantoria.registry.standing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import (
    CatalogueDefined,
    PartyKeyRegistered,
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)
from cantoria.registry.standing import OFFICES, SOCIETIES, answers
from cantoria.registry.types import Side, WorkKind
from cantoria.registry.views import PartyView, RecordingView, ReleaseView, WorkView


class Entities:
    """The registrations, by thing and organisation; views are put together when asked for."""

    __slots__ = (
        "_catalogues",
        "_first",
        "_grown",
        "_is",
        "_keeper",
        "_keys",
        "_member_of",
        "_members",
        "_named",
        "_named_by",
        "_on_release",
        "_parties",
        "_recordings",
        "_releases",
        "_used_in",
        "_works",
    )

    def __init__(self) -> None:
        self._parties: dict[str, dict[str, Recorded[PartyRegistered]]] = {}
        self._named: dict[str, dict[str, Recorded[PartyNamed]]] = {}
        self._named_by: dict[str, dict[str, None]] = {}
        self._keys: dict[tuple[str, str], list[Recorded[PartyKeyRegistered]]] = {}
        self._keeper: dict[str, str] = {}
        self._works: dict[str, dict[str, Recorded[WorkRegistered]]] = {}
        self._recordings: dict[str, dict[str, Recorded[RecordingRegistered]]] = {}
        self._releases: dict[str, list[Recorded[ReleaseRegistered]]] = {}
        self._on_release: dict[str, dict[str, int]] = {}
        self._catalogues: dict[str, Recorded[CatalogueDefined]] = {}
        self._member_of: dict[str, dict[str, int]] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._first: dict[str, int] = {}
        self._grown: dict[str, list[int]] = {}
        self._is: dict[str, type] = {}
        self._used_in: dict[str, dict[str, None]] = {}

    def add_party(self, recorded: Recorded[PartyRegistered]) -> None:
        """Take in a registration of a party."""
        self._register(self._parties, recorded.fact.party, recorded)

    def add_name(self, recorded: Recorded[PartyNamed]) -> None:
        """Take in what a party is called; names are few, all are kept, a repeated one once."""
        party = recorded.fact.party
        self._named.setdefault(party, {})[recorded.fact_id] = recorded
        for code in recorded.fact.codes:
            self._named_by.setdefault(code, {})[party] = None

    def add_key(self, recorded: Recorded[PartyKeyRegistered]) -> None:
        """Take in that an organisation vouches for a key of a party."""
        fact = recorded.fact
        self._keys.setdefault((fact.party, fact.key), []).append(recorded)
        if recorded.capacity in SOCIETIES:
            self._keeper.setdefault(fact.party, recorded.organisation)

    def add_work(self, recorded: Recorded[WorkRegistered]) -> None:
        """Take in a registration of a work."""
        self._register(self._works, recorded.fact.work, recorded)
        for part in recorded.fact.parts:
            self._used_in.setdefault(part, {})[recorded.fact.work] = None

    def add_recording(self, recorded: Recorded[RecordingRegistered]) -> None:
        """Take in a registration of a recording."""
        self._register(self._recordings, recorded.fact.recording, recorded)
        for sample in recorded.fact.samples:
            self._used_in.setdefault(sample, {})[recorded.fact.recording] = None

    def add_release(self, recorded: Recorded[ReleaseRegistered]) -> None:
        """Take in a release; only the organisation that registered it first can put more recordings on it."""
        release = recorded.fact.release
        if not self._begin(release, recorded):
            return
        known = self._releases.setdefault(release, [])
        if known and known[0].organisation != recorded.organisation:
            return
        known.append(recorded)
        for recording in recorded.fact.recordings:
            if self._on_release.setdefault(recording, {}).setdefault(release, recorded.index) == recorded.index:
                self._grown.setdefault(release, []).append(recorded.index)

    def add_catalogue(self, recorded: Recorded[CatalogueDefined]) -> None:
        """Take in members of a catalogue; only the organisation that defined it first can add some."""
        fact = recorded.fact
        first = self._catalogues.setdefault(fact.catalogue, recorded)
        if first.organisation == recorded.organisation:
            held = self._members.setdefault(fact.catalogue, {})
            for member in fact.members:
                held[member] = None
                if self._member_of.setdefault(member, {}).setdefault(fact.catalogue, recorded.index) == recorded.index:
                    self._grown.setdefault(fact.catalogue, []).append(recorded.index)

    def _register(self, known: dict[str, dict[str, Recorded[Any]]], thing: str, recorded: Recorded[Any]) -> None:
        if self._begin(thing, recorded):
            known.setdefault(thing, {})[recorded.organisation] = recorded

    def _begin(self, thing: str, recorded: Recorded[Any]) -> bool:
        """Tell whether the registration counts: what an id names is settled by its first registration for good."""
        if self._is.setdefault(thing, type(recorded.fact)) is not type(recorded.fact):
            return False
        self._first.setdefault(thing, recorded.index)
        return True

    def party(self, party: str) -> PartyView | None:
        """Return the party, or None when it is not registered."""
        if party not in self._parties:
            return None
        said = list(self._parties[party].values())
        named = [recorded.fact for recorded in self._named.get(party, {}).values()]
        return PartyView(
            party,
            said[0].fact.kind,
            any(recorded.fact.reachable for recorded in said),
            tuple(dict.fromkeys(fact.name for fact in named)),
            tuple(dict.fromkeys(code for fact in named for code in fact.codes)),
            self._first[party],
        )

    def work(self, work: str) -> WorkView | None:
        """Return the work, or None when it is not registered."""
        if work not in self._works:
            return None
        facts = [recorded.fact for recorded in self._works[work].values()]
        kinds = [fact.kind for fact in facts if fact.kind is not WorkKind.ORIGINAL]
        return WorkView(
            work,
            facts[0].title,
            kinds[0] if kinds else WorkKind.ORIGINAL,
            tuple(dict.fromkeys(part for fact in facts for part in fact.parts)),
            # An arrangement whose registration names no original stays open, whatever others say is its original.
            all(fact.parts_complete and (fact.kind is WorkKind.ORIGINAL or bool(fact.parts)) for fact in facts),
            self._first[work],
        )

    def recording(self, recording: str) -> RecordingView | None:
        """Return the recording, or None when it is not registered."""
        if recording not in self._recordings:
            return None
        facts = [recorded.fact for recorded in self._recordings[recording].values()]
        return RecordingView(
            recording,
            facts[0].title,
            facts[0].display_artist,
            facts[0].version,
            facts[0].duration_ms,
            tuple(dict.fromkeys(sample for fact in facts for sample in fact.samples)),
            all(fact.samples_complete for fact in facts),
            self._first[recording],
        )

    def release(self, release: str) -> ReleaseView | None:
        """Return the release, or None when it is not registered."""
        if release not in self._releases:
            return None
        facts = [recorded.fact for recorded in self._releases[release]]
        recordings = tuple(dict.fromkeys(item for fact in facts for item in fact.recordings))
        # Who puts a recording on a release by its key alone does not take its title away.
        title = next((fact.title for fact in reversed(facts) if fact.title), "")
        return ReleaseView(release, title, recordings, self._first[release])

    def members(self, catalogue: str) -> Iterator[str]:
        """Give what is in a catalogue itself: works, recordings and releases."""
        return iter(self._members.get(catalogue, ()))

    def used_in(self, thing: str) -> Iterator[str]:
        """Give the works that anybody ever named a work as a part of, the recordings a recording as a sample of."""
        return iter(self._used_in.get(thing, ()))

    def kind(self, thing: str) -> Side | None:
        """Return the side of a registered work or recording, None for anything else."""
        if thing in self._works:
            return Side.WORK
        return Side.RECORDING if thing in self._recordings else None

    def is_other(self, thing: str) -> bool:
        """Tell whether the thing is registered as something that is neither a work nor a recording."""
        return thing in self._releases or thing in self._parties

    def first_index(self, thing: str) -> int:
        """Return the ledger index of the first registration, or -1 when there is none."""
        return self._first.get(thing, -1)

    def first_by(self, thing: str) -> str:
        """Return the organisation that registered a work, recording or release first, empty when none did."""
        if thing in self._releases:
            return self._releases[thing][0].organisation
        return next(iter(self._works.get(thing) or self._recordings.get(thing) or ()), "")

    def parties(self) -> Iterator[str]:
        """Give all parties, in order of registration."""
        return iter(self._parties)

    def works(self) -> Iterator[str]:
        """Give all works, in order of registration."""
        return iter(self._works)

    def recordings(self) -> Iterator[str]:
        """Give all recordings, in order of registration."""
        return iter(self._recordings)

    def releases(self) -> Iterator[str]:
        """Give all releases, in order of registration."""
        return iter(self._releases)

    def parties_named_by(self, code: str) -> tuple[str, ...]:
        """Return the parties that carry this code."""
        return tuple(self._named_by.get(code, ()))

    def releases_of(self, recording: str, *, at_index: int | None = None) -> tuple[str, ...]:
        """Return the releases that carry a recording (put there before ledger index `at_index`), sorted."""
        found = self._on_release.get(recording, {}).items()
        return tuple(sorted(release for release, index in found if at_index is None or index < at_index))

    def catalogues_of(self, thing: str, *, at_index: int) -> tuple[str, ...]:
        """Return the catalogues that held `thing`, or a release with it, before ledger index `at_index`; sorted."""
        found = {name for name, index in self._member_of.get(thing, {}).items() if index < at_index}
        for release, on_index in self._on_release.get(thing, {}).items():
            if on_index < at_index:
                held = self._member_of.get(release, {})
                found.update(name for name, index in held.items() if index < at_index)
        return tuple(sorted(found))

    def carried_since(self, recording: str, release: str) -> int:
        """Return the ledger index at which a recording, which is on the release, was put there."""
        return self._on_release[recording][release]

    def member_since(self, thing: str, catalogue: str) -> int:
        """Return the ledger index from which on `catalogues_of` shows that a catalogue holds a thing which it holds."""
        joined = {thing: -1} | self._on_release.get(thing, {})  # itself, or with a release that it was put on
        held = {name: self._member_of.get(name, {}) for name in joined}
        return min(max(index, held[name][catalogue]) for name, index in joined.items() if catalogue in held[name])

    def grew(self, thing: str, *, start: int, end: int) -> bool:
        """Tell whether something was put into a release or catalogue at a ledger index from `start` to below `end`."""
        return any(start <= index < end for index in self._grown.get(thing, ()))

    def catalogue_owner(self, catalogue: str) -> str | None:
        """Return whose catalogue it is, or None when it is not defined."""
        recorded = self._catalogues.get(catalogue)
        return recorded.fact.owner if recorded else None

    def key_in_force(self, party: str, key: str, *, at: int, index: int) -> bool:
        """Tell whether `key` is a key of `party` at the moment `at` by what was recorded before ledger index `index`.

        The latest word of each organisation counts: one that answers for the party must vouch for the key, and nobody
        may have ended it. What is recorded after an end that was in the past then was not said before it, whatever
        time it claims: a key that got lost signs nothing in arrears.
        """
        vouched = self._keys.get((party, key), [])
        latest = {said.organisation: said for said in vouched if said.index < index}.values()
        return any(self.answers_for(party, said) for said in latest) and all(
            said.fact.period.contains(max(at, said.claimed_at)) for said in latest
        )

    def answers_for(self, party: str, said: Recorded[Any]) -> bool:
        """Tell whether who recorded `said` answers for a party: vouches for its keys, its guardians, its estate."""
        return answers(said, party, home=self._parties.get(party, {}), keeper=self._keeper.get(party))

    def societies_of(self, party: str) -> tuple[str, ...]:
        """Return the societies that registered a party or were the first to vouch for a key of it, sorted."""
        homes = self._parties.get(party, {}).values()
        found = {said.organisation for said in homes if said.capacity in SOCIETIES}
        return tuple(sorted(found | ({self._keeper[party]} if party in self._keeper else set())))

    def vouched(self, thing: str, said: Recorded[Any]) -> bool:
        """Tell whether an office, or who registered a work or recording first, recorded `said` of it."""
        registered = self._works.get(thing) or self._recordings.get(thing) or {}
        return said.capacity in OFFICES or next(iter(registered), None) == said.organisation
