"""The code graph of the sample world: which code names what, who says so, and where they disagree."""

from __future__ import annotations

from typing import Final

from cantoria.app.sample import coins, organisations
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.dice import Dice
from cantoria.app.sample.model import Dispute, Link, Recording, Release, Work
from cantoria.app.sample.names import Language
from cantoria.registry.types import Relation, Side, Tier

SIGNAL_LINK: Final = 0.01
_CONTENT: Final = organisations.CONTENT.key


class Links:
    """Adds links and disputes to a draft."""

    def __init__(self, draft: Draft, *, seed: int) -> None:
        self._draft, self._records = draft, draft.records
        self._dice = Dice(seed=seed, stream="links")

    def add(self) -> None:
        """Add everything: works, recordings, releases."""
        for number, work in enumerate(self._records.works):
            self._work(work, kind=self._draft.work_mess.get(number, ""))
        for number, recording in enumerate(self._records.recordings):
            self._recording(number, recording, kind=self._draft.recording_mess.get(number, ""))
        for release in self._records.releases:
            self._release(release)

    def _work(self, work: Work, *, kind: str) -> None:
        if work.iswc:
            self._identify(f"iswc:{work.iswc}", work.key, by=work.recorder, implied=True)
        for code in work.codes:
            self._identify(code, work.key, by=work.recorder, implied=True)
        if kind in {"work_disputed", "work_signal_disputed"}:
            rival = organisations.AUTHORS_TWO.key if work.recorder != organisations.AUTHORS_TWO.key else _CONTENT
            self._records.disputes.append(
                Dispute(
                    key=f"case-{len(self._records.disputes) + 1:04d}",
                    subject=work.key,
                    side=Side.WORK,
                    opened_by=rival,
                    tier=Tier.DOCUMENTED if kind == "work_disputed" else Tier.SIGNAL,
                    reason="another writer is credited on the first release",
                    next_actor=work.recorder,
                )
            )

    def _recording(self, number: int, recording: Recording, *, kind: str) -> None:
        isrc = f"isrc:{recording.isrc}"
        self._identify(isrc, recording.key, by=recording.recorder, disputed=kind == "isrc_disputed", implied=True)
        if kind == "isrc_asserted_twice":
            self._identify(isrc, recording.key, by=_CONTENT)
        if kind == "second_isrc":
            other = coins.isrc(number + 1_000_001, language=self._language(recording), year=recording.year)
            self._identify(f"isrc:{other}", recording.key, by=_CONTENT)
        if kind == "isrc_shared":
            neighbour = self._records.recordings[self._dice.below(number)]
            self._identify(isrc, neighbour.key, by=_CONTENT)
        for code in recording.codes:
            self._identify(code, recording.key, by=_CONTENT)
        for work in recording.works:
            self._add(
                Link(
                    key=self._key(),
                    left=recording.key,
                    relation=Relation.EMBODIES,
                    right=work,
                    asserted_by=recording.recorder,
                    disputed_by=_rival(recording.recorder) if kind == "work_link_disputed" else "",
                    implied=True,
                )
            )
        if not recording.works:
            return
        if number and self._dice.chance(SIGNAL_LINK):
            guess = self._dice.pick(self._records.works).key
            self._add(
                Link(
                    key=self._key(),
                    left=recording.key,
                    relation=Relation.EMBODIES,
                    right=guess,
                    asserted_by=_CONTENT,
                    tier=Tier.SIGNAL,
                )
            )

    def _release(self, release: Release) -> None:
        self._identify(f"gtin:{release.gtin}", release.key, by=release.recorder, implied=True)

    def _language(self, recording: Recording) -> Language:
        return self._draft.cast.scenes[recording.scene].language

    def _identify(self, code: str, thing: str, *, by: str, disputed: bool = False, implied: bool = False) -> None:
        self._add(
            Link(
                key=self._key(),
                left=code,
                relation=Relation.IDENTIFIES,
                right=thing,
                asserted_by=by,
                disputed_by=_rival(by) if disputed else "",
                implied=implied,
            )
        )

    def _key(self) -> str:
        return f"link-{len(self._records.links) + 1:06d}"

    def _add(self, link: Link) -> None:
        self._records.links.append(link)


def _rival(organisation: str) -> str:
    return organisations.PRODUCERS.key if organisation == _CONTENT else _CONTENT
