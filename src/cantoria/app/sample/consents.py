"""What everybody in the sample world says: of all they have, of catalogues and releases, of single works."""

from __future__ import annotations

from typing import Final

from cantoria.app.sample import organisations, people, story, words
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.dice import Dice
from cantoria.app.sample.mandates import Spoken
from cantoria.app.sample.model import Catalogue, Party, Statement, Temper
from cantoria.app.sample.words import Words
from cantoria.consent.types import ScopeKind, Verdict
from cantoria.kernel.uses import FAMILIES
from cantoria.registry.types import PartyKind, Role

FUTURE: Final = 0.35
PERSONA: Final = 0.5
RELEASE_REFUSED: Final = 0.012
RELEASE_GRANTED: Final = 0.3
RECORDING_REFUSED: Final = 0.008
RECORDING_GRANTED: Final = 0.02
WORK_REFUSED: Final = 0.006
WORK_GRANTED: Final = 0.02


class Consents:
    """Adds catalogues and statements to a draft."""

    def __init__(self, draft: Draft, spoken: Spoken, *, seed: int) -> None:
        self._draft, self._records, self._spoken = draft, draft.records, spoken
        self._dice = Dice(seed=seed, stream="consents")
        self._parties = draft.cast.by_key()
        self._heirs = {family.party: family.relatives for family in draft.cast.estates}
        self._guardians = {family.party: family.relatives[0] for family in draft.cast.minors}
        families = (*draft.cast.estates, *draft.cast.minors)
        self._relatives = frozenset(relative for family in families for relative in family.relatives)

    def add(self) -> None:
        """Add everything: the widest statements first."""
        self._catalogues()
        for party in self._draft.cast.parties:
            if party.kind is PartyKind.PERSON:
                self._person(party)
        self._labels()
        self._publishers()
        self._recordings()
        self._works()

    def _person(self, party: Party) -> None:
        """Have a person speak of all works, through whoever speaks for them."""
        dice = self._dice
        said = words.of(party.temper, dice=dice, generous=party.generous)
        if party.key == story.ARTIST:
            said = Words(verdict=Verdict.YES)
        if said is None or party.key in (*people.LOST, *self._relatives):
            return
        for speaker, delegation in self._speakers(party, said):
            self._say(party.key, said, ScopeKind.PRESENT_WORKS, speaker=speaker, delegation=delegation)
        if party.key in self._heirs:
            return
        if dice.chance(FUTURE):
            future = Words(verdict=Verdict.ASK if said.verdict is Verdict.YES else said.verdict, uses=said.uses)
            self._say(party.key, future, ScopeKind.FUTURE_WORKS)
        if any(code.startswith("isni:") for code in party.codes) and dice.chance(PERSONA):
            self._say(party.key, words.persona(dice), ScopeKind.PERSONA)

    def _speakers(self, party: Party, said: Words) -> list[tuple[str, str]]:
        """Return who says it (speaker, delegation): the person or an agent, co-signers too, or guardian or heirs."""
        if party.key in self._heirs:
            return [(heir, "") for heir in self._heirs[party.key]]
        if party.key in self._guardians:
            return [(self._guardians[party.key], "")]
        if said.verdict is Verdict.YES and party.key in self._spoken.agents and said.uses <= FAMILIES["training"]:
            return [self._spoken.agents[party.key]]
        beside = self._spoken.beside.get(party.key, [])
        return [(party.key, ""), *((other, "") for other in beside if self._dice.chance(0.8))]

    def _catalogues(self) -> None:
        """Define one catalogue per label (its releases) and per publisher (its works)."""
        members: dict[str, list[str]] = {}
        for release in self._records.releases:
            if release.label:
                members.setdefault(release.label, []).append(release.key)
        for claim in self._records.claims:
            if claim.role is Role.PUBLISHER:
                members.setdefault(claim.party, []).append(claim.subject)
        for owner in sorted(members):
            self._records.catalogues.append(
                Catalogue(
                    key=f"catalogue-{owner}",
                    owner=owner,
                    members=tuple(dict.fromkeys(members[owner])),
                    recorder=self._parties[owner].recorder,
                )
            )

    def _labels(self) -> None:
        """Have labels speak of their catalogues, one with a blanket licence, and of single releases."""
        defined = {one.key for one in self._records.catalogues}
        for number, label in enumerate(organisations.LABELS):
            said = words.of_company(label.temper, number=number)
            if label.key == organisations.BLANKET_LABEL:
                said = words.blanket()
            if said is not None and f"catalogue-{label.key}" in defined:
                self._say(label.key, said, ScopeKind.CATALOGUE, scope=f"catalogue-{label.key}")
        for release in self._records.releases:
            if not release.label or release.scene == 0:
                continue
            temper = self._parties[release.label].temper
            if temper is Temper.OPEN and self._dice.chance(RELEASE_REFUSED):
                verdict = self._dice.pick((Verdict.NO, Verdict.ASK))
                self._say(release.label, Words(verdict=verdict), ScopeKind.RELEASE, scope=release.key)
            elif temper in {Temper.ASKING, Temper.QUIET} and self._dice.chance(RELEASE_GRANTED):
                self._say(release.label, words.blanket(), ScopeKind.RELEASE, scope=release.key)

    def _publishers(self) -> None:
        for number, publisher in enumerate(organisations.PUBLISHERS):
            said = words.of_company(publisher.temper, number=number)
            if said is not None:
                self._say(publisher.key, said, ScopeKind.PRESENT_WORKS)

    def _recordings(self) -> None:
        """Have featured artists make exceptions for single recordings."""
        featured = {
            claim.subject: claim.party for claim in self._records.claims if claim.role is Role.FEATURED_PERFORMER
        }
        for number, recording in enumerate(self._records.recordings):
            party = featured.get(recording.key)
            planted = words.exception(self._draft.recording_mess.get(number, ""))
            if party is not None and planted is not None:
                self._say(party, planted, ScopeKind.RECORDING, scope=recording.key)
            elif party is not None and recording.scene:
                self._except(party, ScopeKind.RECORDING, recording.key, RECORDING_REFUSED, RECORDING_GRANTED)

    def _works(self) -> None:
        """Have writers make exceptions for single works."""
        writers: dict[str, str] = {}
        for claim in self._records.claims:
            if claim.role in {Role.COMPOSER, Role.AUTHOR}:
                writers.setdefault(claim.subject, claim.party)
        for work in self._records.works:
            party = writers.get(work.key)
            if party is not None and work.scene:
                self._except(party, ScopeKind.WORK, work.key, WORK_REFUSED, WORK_GRANTED)

    def _except(self, party: str, kind: ScopeKind, scope: str, refused: float, granted: float) -> None:
        temper = self._parties[party].temper
        if temper is Temper.OPEN and self._dice.chance(refused):
            verdict = self._dice.pick((Verdict.NO, Verdict.NO, Verdict.ASK, Verdict.STOP))
            self._say(party, Words(verdict=verdict), kind, scope=scope)
        elif temper is not Temper.OPEN and self._dice.chance(granted):
            self._say(party, Words(verdict=Verdict.YES), kind, scope=scope)

    def _say(
        self,
        party: str,
        said: Words,
        kind: ScopeKind,
        *,
        scope: str = "",
        speaker: str = "",
        delegation: str = "",
    ) -> None:
        speaker = speaker or party
        recorder = speaker if speaker in _HOUSES else self._parties[speaker].recorder
        first = party == story.ARTIST and kind is ScopeKind.PRESENT_WORKS
        self._records.statements.append(
            Statement(
                key=story.YES if first else f"st-{len(self._records.statements) + 1:05d}",
                party=party,
                speaker=speaker,
                verdict=said.verdict,
                uses=said.uses,
                kind=kind,
                scope=scope,
                licensee=said.licensee,
                territory=said.territory,
                period=said.period,
                conditions=said.conditions,
                delegation=delegation,
                recorder=recorder,
            )
        )


_HOUSES: Final = frozenset(one.key for one in organisations.ORGANISATIONS)
