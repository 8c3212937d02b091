"""Who speaks for whom in the sample world: agents, societies, co-signers, trusts, guardians and heirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cantoria.app.sample import organisations, story
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.dice import Dice
from cantoria.app.sample.model import Delegation, Estate, Guardian, Party, Scene, Temper
from cantoria.app.sample.settings import NOW
from cantoria.kernel.periods import DAY, Period, parse_moment
from cantoria.kernel.uses import FAMILIES
from cantoria.mandates.types import MandateKind

MUSICIANS_DELEGATE: Final = 0.45
WRITERS_DELEGATE: Final = 0.12
ARTISTS_HAVE_AGENTS: Final = 0.2
COSIGNERS: Final = 0.01
TRUSTS: Final = 0.03
_TERM: Final = Period(parse_moment("2025-01-01"), parse_moment("2030-01-01"))
_OVER: Final = Period(parse_moment("2020-01-01"), parse_moment("2026-07-01"))


@dataclass(slots=True)
class Spoken:
    """Who speaks for whom, by principal: agents (delegate, delegation), co-signers and trusts (societies)."""

    agents: dict[str, tuple[str, str]] = field(default_factory=dict)
    beside: dict[str, list[str]] = field(default_factory=dict)


class Mandates:
    """Adds delegations, guardians and estates to a draft."""

    def __init__(self, draft: Draft, *, seed: int) -> None:
        self._draft, self._records = draft, draft.records
        self._dice = Dice(seed=seed, stream="mandates")
        self._parties = draft.cast.by_key()
        self._taken = {family.party for family in (*draft.cast.minors, *draft.cast.estates)} | {story.ARTIST}
        own = draft.cast.scenes[0]
        self._story = frozenset((*own.artists, *own.musicians, *own.writers))
        self.spoken = Spoken()

    def add(self) -> Spoken:
        """Add everything and return who speaks for whom."""
        for scene in self._draft.cast.scenes:
            for key in scene.artists:
                self._artist(self._parties[key], scene)
            for key in scene.musicians:
                if self._dice.chance(MUSICIANS_DELEGATE):
                    self._delegate(self._parties[key], organisations.PERFORMERS.key, MandateKind.CMO)
            for key in scene.writers:
                self._writer(self._parties[key], scene)
        self._families()
        return self.spoken

    def _artist(self, party: Party, scene: Scene) -> None:
        agencies = [one.key for one in organisations.AGENCIES if one.language is scene.language]
        if self._dice.chance(ARTISTS_HAVE_AGENTS):
            self._delegate(party, self._dice.pick(agencies), MandateKind.AGENT)
        elif scene.number and self._dice.chance(COSIGNERS):
            self._delegate(party, self._dice.pick(agencies), MandateKind.COSIGNER)

    def _writer(self, party: Party, scene: Scene) -> None:
        if self._dice.chance(WRITERS_DELEGATE):
            self._delegate(party, scene.society, MandateKind.CMO)
        elif scene.number and self._dice.chance(TRUSTS):
            self._delegate(party, scene.society, MandateKind.TRUST)

    def _delegate(self, party: Party, delegate: str, kind: MandateKind) -> None:
        """Record a delegation of somebody who can sign; one in forty has run out."""
        if not party.account or party.key in self._taken or party.temper is Temper.QUIET:
            return
        key = f"mandate-{len(self._records.delegations) + 1:05d}"
        plain = party.key in self._story
        over = not plain and self._dice.chance(0.025)
        if kind in {MandateKind.COSIGNER, MandateKind.TRUST}:
            self.spoken.beside.setdefault(party.key, []).append(delegate)
        else:
            self.spoken.agents[party.key] = (delegate, key)
        self._records.delegations.append(
            Delegation(
                key=key,
                principal=party.key,
                delegate=delegate,
                kind=kind,
                uses=FAMILIES["training"],
                period=_OVER if over else _TERM,
                recorder=delegate if delegate in _HOUSES else party.recorder,
            )
        )

    def _families(self) -> None:
        """Record guardians and estates; one minor has come of age and one estate does not know all its heirs."""
        for place, family in enumerate(self._draft.cast.minors):
            majority = NOW - 120 * DAY if place == 0 else NOW + self._dice.between(200, 2_000) * DAY
            recorder = organisations.PERFORMERS.key
            self._records.guardians.append(
                Guardian(minor=family.party, guardian=family.relatives[0], majority_at=majority, recorder=recorder)
            )
        for place, family in enumerate(self._draft.cast.estates):
            self._records.estates.append(
                Estate(
                    deceased=family.party,
                    died_at=NOW - self._dice.between(300, 9_000) * DAY,
                    heirs=family.relatives,
                    heirs_complete=place != 0,
                    recorder=self._parties[family.party].recorder,
                )
            )


_HOUSES: Final = frozenset(one.key for one in organisations.ORGANISATIONS)
