"""Who holds the works and recordings of the sample world, with which shares, and who says that these are all."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from cantoria.app.sample import organisations, people, story
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.dice import Dice
from cantoria.app.sample.model import Claim, Completeness, PublicDomain, Recording, Scene, Work
from cantoria.kernel.territories import WORLD
from cantoria.registry.types import PublicDomainBasis, Right, Role, Side, WorkKind

GUEST: Final = 0.05
TWO_RIGHTS: Final = 0.12
NEIGHBOURING_SHARES: Final = 0.55
_PUBLISHED: Final = (Fraction(0), Fraction(1, 4), Fraction(1, 3), Fraction(1, 2))
_EXCESS: Final = (Fraction(1, 100), Fraction(1, 20), Fraction(1, 8), Fraction(1, 4), Fraction(1, 2))
Part = tuple[str, Role, Fraction]


class Holders:
    """Adds claims, completeness and public domain to a draft."""

    def __init__(self, draft: Draft, *, seed: int) -> None:
        self._draft, self._records = draft, draft.records
        self._dice = Dice(seed=seed, stream="holders")
        self._songs: dict[str, tuple[Part, ...]] = {}

    def add(self) -> None:
        """Add everything, works first."""
        for number, work in enumerate(self._records.works):
            self._work(work, kind=self._draft.work_mess.get(number, ""), star=number < story.WORKS)
        for number, recording in enumerate(self._records.recordings):
            self._recording(recording, kind=self._draft.recording_mess.get(number, ""), star=number < story.WORKS)

    def _work(self, work: Work, *, kind: str, star: bool) -> None:
        dice, scene = self._dice, self._draft.cast.scenes[work.scene]
        if kind == "public_domain_work":
            self._free(work.key, Side.WORK, recorder=work.recorder)
            return
        parts = self._song(scene, star=star) if work.kind is WorkKind.ORIGINAL else self._derived(work, scene)
        if kind == "shares_above_whole":
            parts = (*parts, (dice.pick(scene.artists), Role.COMPOSER, dice.pick(_EXCESS)))
        self._songs[work.key] = parts
        if kind == "writer_missing" and len(parts) > 1:
            parts = parts[1:]
        rights = (Right.PERFORMING, Right.MECHANICAL) if dice.chance(TWO_RIGHTS) else (Right.MECHANICAL,)
        for right in rights:
            self._claims(work.key, parts, right=right, recorder=work.recorder)
        signer = self._signer_of_work(parts, work.recorder, unsigned=kind == "work_unsigned")
        if kind != "work_undeclared":
            self._records.completeness.append(
                Completeness(subject=work.key, side=Side.WORK, signed_by=signer, recorder=work.recorder)
            )

    def _song(self, scene: Scene, *, star: bool) -> tuple[Part, ...]:
        """Return writers and publishers of an original song with their shares, which are whole."""
        dice = self._dice
        writers = dice.few(scene.writers, 1 if star else dice.between(1, 3))
        if star or dice.chance(0.3):
            writers.append(story.ARTIST if star else dice.pick(scene.artists))
        elif dice.chance(GUEST) and scene.number:
            writers[-1] = dice.pick(dice.pick(self._draft.cast.scenes[1:]).writers)
        writers = list(dict.fromkeys(writers))
        published = _PUBLISHED[1] if star else dice.pick(_PUBLISHED)
        rest = (1 - published) / len(writers)
        roles = (Role.AUTHOR,) if len(writers) == 1 else (Role.COMPOSER, Role.LYRICIST, Role.ARRANGER, Role.LYRICIST)
        parts = [(writer, roles[place % len(roles)], rest) for place, writer in enumerate(writers)]
        if published:
            parts.append(
                (scene.publishers[0] if dice.chance(0.75) else scene.publishers[-1], Role.PUBLISHER, published)
            )
        return tuple(parts)

    def _derived(self, work: Work, scene: Scene) -> tuple[Part, ...]:
        """Return the holders of an arrangement, translation or medley: a sixth for it, the rest to the originals."""
        role = Role.TRANSLATOR if work.kind is WorkKind.TRANSLATION else Role.ARRANGER
        originals = [part for original in work.parts for part in self._songs.get(original, ())]
        own = Fraction(1, 6) if originals else Fraction(1)
        shares: dict[tuple[str, Role], Fraction] = {(self._dice.pick(scene.writers), role): own}
        whole = sum((share for _, _, share in originals), Fraction(0))
        for party, held, share in originals:
            shares[party, held] = shares.get((party, held), Fraction(0)) + share * (1 - own) / whole
        return tuple((party, held, share) for (party, held), share in shares.items())

    def _signer_of_work(self, parts: tuple[Part, ...], society: str, *, unsigned: bool) -> str:
        """Return who signs for the writers: a publisher among them or the society; a writer is not entitled to."""
        if unsigned:
            return next(party for party, role, _ in parts if role is not Role.PUBLISHER)
        publishers = [party for party, role, _ in parts if role is Role.PUBLISHER]
        return publishers[0] if publishers and self._dice.chance(0.6) else society

    def _recording(self, recording: Recording, *, kind: str, star: bool) -> None:
        dice, scene = self._dice, self._draft.cast.scenes[recording.scene]
        if kind == "public_domain_recording":
            self._free(recording.key, Side.RECORDING, recorder=recording.recorder)
            return
        featured = self._featured(recording, scene)
        session = dice.few(scene.musicians, 2 if star else max(0, dice.between(-2, 3)))
        if kind == "performer_lost":
            session.append(dice.pick(people.LOST))
        producer = scene.label or featured[0]
        shared = star or kind == "lineup_above_whole" or dice.chance(NEIGHBOURING_SHARES)
        front, back = Fraction(2, 5) if session else Fraction(1, 2), Fraction(1, 10)
        excess = dice.pick(_EXCESS) if kind == "lineup_above_whole" else Fraction(0)
        parts = [(producer, Role.PRODUCER, Fraction(1, 2) + excess)]
        parts += [(one, Role.FEATURED_PERFORMER, front / len(featured)) for one in featured]
        parts += [(one, Role.NON_FEATURED_PERFORMER, back / len(session)) for one in session]
        right = Right.NEIGHBOURING if shared else None
        self._claims(recording.key, tuple(parts), right=right, recorder=recording.recorder)
        if kind == "lineup_undeclared":
            return
        signer = next(one for one in featured) if kind == "lineup_unsigned" and scene.label else producer
        if kind == "lineup_unsigned" and not scene.label:
            signer = organisations.CONTENT.key
        self._records.completeness.append(
            Completeness(subject=recording.key, side=Side.RECORDING, signed_by=signer, recorder=recording.recorder)
        )

    def _featured(self, recording: Recording, scene: Scene) -> list[str]:
        members = dict(scene.bands).get(recording.artist)
        featured = list(members) if members else [recording.artist]
        if scene.number and not members and self._dice.chance(0.12):
            other = scene if self._dice.chance(0.6) else self._dice.pick(self._draft.cast.scenes[1:])
            featured.append(self._dice.pick(other.artists))
        return list(dict.fromkeys(featured))

    def _claims(self, subject: str, parts: tuple[Part, ...], *, right: Right | None, recorder: str) -> None:
        for party, role, share in parts:
            self._records.claims.append(
                Claim(
                    key=f"claim-{len(self._records.claims) + 1:06d}",
                    subject=subject,
                    party=party,
                    role=role,
                    right=right,
                    share=share if right else None,
                    recorder=recorder,
                )
            )

    def _free(self, subject: str, side: Side, *, recorder: str) -> None:
        year = self._dice.between(1880, 1950)
        basis = PublicDomainBasis.TERM_EXPIRED
        evidence = f"author died {year - 5}" if side is Side.WORK else f"published {year - 20}, never renewed"
        self._records.public_domain.append(
            PublicDomain(
                subject=subject,
                side=side,
                basis=basis,
                territory=WORLD,
                start=f"{year + 70}-01-01",
                evidence=evidence,
                recorder=recorder,
            )
        )
