"""Which releases two labels deliver by ERN messages instead of rows, and those messages."""

from __future__ import annotations

from typing import Final

from cantoria.app.sample import organisations
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.ern_writer import Delivered, Message, write
from cantoria.app.sample.model import Claim, Release
from cantoria.registry.types import Role

RELEASES: Final = 36  # of each label, at scale 1
_PERFORMING: Final = frozenset({Role.FEATURED_PERFORMER, Role.NON_FEATURED_PERFORMER})


def chosen(draft: Draft, *, scale: float) -> list[Release]:
    """Return the releases to deliver: the first ones of each label, by soloists, that nothing is wrong with."""
    awry = {draft.records.recordings[number].key for number in draft.recording_mess}
    awry.update(key for recording in draft.records.recordings for key in recording.samples)
    bands = {band for scene in draft.cast.scenes for band, _ in scene.bands}
    awry.update(recording.key for recording in draft.records.recordings if recording.artist in bands)
    found = []
    for label in organisations.ERN_LABELS:
        clean = [
            release
            for release in draft.records.releases
            if release.label == label and release.scene and awry.isdisjoint(release.recordings)
        ]
        found += clean[: max(2, round(RELEASES * scale))]
    return found


def elsewhere(draft: Draft, releases: list[Release]) -> dict[str, str]:
    """Return the codes by which other files refer to what comes in by these messages, by local key."""
    isrcs = {recording.key: recording.isrc for recording in draft.records.recordings}
    found = {key: f"isrc:{isrcs[key]}" for release in releases for key in release.recordings}
    found.update({release.key: f"gtin:{release.gtin}" for release in releases})
    return found


def messages(draft: Draft, releases: list[Release], *, sent_at: int) -> dict[str, bytes]:
    """Return the messages by file name."""
    maker = _Messages(draft)
    return {
        f"maru/ern/{release.gtin}.xml": write(maker.message(number, release, sent_at=sent_at))
        for number, release in enumerate(releases, 1)
    }


class _Messages:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._parties = draft.cast.by_key()
        self._recordings = {recording.key: recording for recording in draft.records.recordings}
        self._iswcs = {work.key: work.iswc for work in draft.records.works}
        self._performers: dict[str, list[Claim]] = {}
        for claim in draft.records.claims:
            if claim.role in _PERFORMING:
                self._performers.setdefault(claim.subject, []).append(claim)

    def message(self, number: int, release: Release, *, sent_at: int) -> Message:
        """Return the message of one release."""
        return Message(
            number=number,
            release=release,
            label=self._parties[release.label],
            recipient=self._parties[organisations.CONTENT.key],
            recordings=tuple(self._delivered(key) for key in release.recordings),
            language=self._draft.cast.scenes[release.scene].language,
            sent_at=sent_at,
        )

    def _delivered(self, key: str) -> Delivered:
        recording = self._recordings[key]
        return Delivered(
            recording=recording,
            artist=self._parties[recording.artist],
            performers=tuple((self._parties[c.party], c.role.value) for c in self._performers.get(key, ())),
            iswcs=tuple(self._iswcs[work] for work in recording.works if self._iswcs[work]),
        )
