"""From what is recorded to the units of one pool: the training set, weighed generations, or plays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cantoria.app import lineage_views
from cantoria.app.house import House
from cantoria.attribution.players import Players, recordings_of_artists
from cantoria.attribution.types import Weighed
from cantoria.attribution.weigh import weigh_all
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import ModelId, VersionId
from cantoria.kernel.periods import DAY, TIME_MAX, Period, format_moment
from cantoria.lineage import Lineage
from cantoria.registry import Registry
from cantoria.registry.facts import ShareClaimed
from cantoria.registry.types import Ambiguous, Found, Resolution
from cantoria.royalty.pools import (
    PoolUnits,
    policy_of,
    subjects_of_generations,
    units_of_generations,
    units_of_recordings,
)
from cantoria.royalty.splits import SplitBuilder
from cantoria.royalty.tariff import PPM, Analogy, Basis, PoolTerms, Tariff
from cantoria.royalty.types import Split
from cantoria.royalty.units import equal_per_recording, equal_per_work
from cantoria.usage import lines as usage_lines
from cantoria.usage.facts import GenerationsReported, UsageReported
from cantoria.usage.intake import Intake, settle
from cantoria.usage.types import GenerationEvent, UsageLine


@dataclass(frozen=True, slots=True)
class Sorted:
    """Units by what their codes resolved to: recordings, codes that name nothing, codes that name several things."""

    found: Mapping[str, int]
    unmatched: Mapping[str, int]
    contested: Mapping[str, int]


@dataclass(slots=True, kw_only=True)
class Pooling:
    """Computes the units of the pools of one model (or channel) in one period, as of one ledger size."""

    house: House
    registry: Registry
    tariff: Tariff
    model: str
    period: Period
    size: int
    contested: frozenset[str] = frozenset()
    _history: Lineage | None = field(default=None, init=False)
    _marked: tuple[int, ...] = field(init=False)
    _resolved: dict[tuple[str, ...], Resolution] = field(init=False)

    def __post_init__(self) -> None:
        self._marked = self.house.rights.mark(size=self.size)
        self._resolved = self.house.memo.get(("resolved", self._marked), dict)

    def units(self, pool: PoolTerms) -> PoolUnits:
        """Return the units of `pool` with the split of each subject."""
        match pool.basis:
            case Basis.EQUAL_PER_WORK | Basis.EQUAL_PER_RECORDING:
                trained = self.trained()
                units = self._training_units(pool.basis, trained)
                return units_of_recordings(
                    units,
                    splits=self._splits(units),
                    unmatched=trained.unmatched,
                    contested=trained.contested,
                )
            case Basis.USAGE:
                plays = self._sorted(self.plays())
                return units_of_recordings(
                    plays.found,
                    splits=self._splits(plays.found),
                    unmatched=plays.unmatched,
                    contested=plays.contested,
                )
            case Basis.ATTRIBUTION:
                return self._attributed()

    def take_rows(self) -> None:
        """Take into the registry what rows of batches say of everything that reports, training rows and claims name.
        Call it before anything is resolved."""
        names = set(self.house.index.subjects_of(ShareClaimed.TYPE.tag))
        for digest in self._reported(UsageReported, "channel", [self.model]):
            names.update(line.code for line in usage_lines.read_usage(self._attached(digest)).lines)
        for digest in self._reported(GenerationsReported, "version", sorted(self.own_versions())):
            events = usage_lines.read_generations(self._attached(digest)).lines
            names.update(evidence.player for event in events for evidence in event.evidence)
        for version in self.versions():
            for run in self.history().runs_of(version):
                kept = self.house.datasets.get(run)
                names.update(code for row in (kept.rows if kept is not None else ()) for code in row.codes)
        self.registry = self.house.rights.load(size=self.size, codes=names).registry

    def trained(self) -> Sorted:
        """Return 1,000,000 units for each recording that any run of the model (or of its bases) was trained on.

        Rows that were not authorised count too: what was used is paid for, whatever else follows from it.
        """
        history = self.history()
        runs = {run for version in self.versions() for run in history.runs_of(version)}
        codes: set[tuple[str, ...]] = set()
        for run in sorted(runs):
            kept = self.house.datasets.get(run)
            if kept is None:
                raise InputError(f"the rows of {run} are not kept here", "distribute in the house that started the run")
            codes.update(row.codes for row in kept.rows)
        return self._sorted(dict.fromkeys(sorted(codes), PPM), once=True)

    def plays(self) -> dict[tuple[str, ...], int]:
        """Return the plays by code of this channel on the days of this period, every line counted once, whatever
        batch brought it."""
        days = (day_of(self.period.start), day_of((self.period.end or TIME_MAX) - 1))
        total: Counter[tuple[str, ...]] = Counter()
        for line in self.settled_plays().accepted:
            if days[0] <= line.date <= days[1]:
                total[(line.code,)] += line.plays
        return dict(total)

    def settled_plays(self) -> Intake[UsageLine]:
        """Return what became of every line of plays reported for this channel, in all batches: the same line in
        two batches counts once, and a line stays on the day under which it first came."""
        digests = self._reported(UsageReported, "channel", [self.model])

        def settled() -> Intake[UsageLine]:
            lines = [line for digest in digests for line in usage_lines.read_usage(self._attached(digest)).lines]
            return settle(lines, seen={}, matched=lambda line: isinstance(self._resolve((line.code,)), Found))

        return self.house.memo.get(("plays", digests, self._marked), settled)

    def settled_generations(self) -> Intake[GenerationEvent]:
        """Return what became of every generation event reported for the model's versions, in all batches."""
        digests = self._reported(GenerationsReported, "version", sorted(self.own_versions()))

        def settled() -> Intake[GenerationEvent]:
            lines = [line for digest in digests for line in usage_lines.read_generations(self._attached(digest)).lines]
            return settle(lines, seen={}, matched=lambda event: bool(event.evidence))

        return self.house.memo.get(("generations", digests), settled)

    def weighed(self) -> Weighed:
        """Return the generations of this period, weighed by the tariff's terms, ignorance included."""
        digests = self._reported(GenerationsReported, "version", sorted(self.own_versions()))
        policy = policy_of(self.tariff.attribution)

        def weigh() -> Weighed:
            players = Players(self.registry, contested=self.contested)
            events = [event for event in self.settled_generations().accepted if self.period.contains(event.at)]
            return weigh_all(events, resolve=players.resolve, policy=policy)

        key = ("weighed", digests, self._marked, self.contested, self.period, policy)
        return self.house.memo.get(key, weigh)

    def inputs(self) -> tuple[str, ...]:
        """Return the SHA-256 (hex) of every report that was read for this model's pools."""
        generations = self._reported(GenerationsReported, "version", sorted(self.own_versions()))
        return tuple(sorted({*generations, *self._reported(UsageReported, "channel", [self.model])}))

    def versions(self) -> frozenset[VersionId]:
        """Return the model's versions and all versions they were made from: what was trained on counts for all."""
        own = self.own_versions()
        return own | {base for version in own for base in self.history().bases_of(version)}

    def own_versions(self) -> frozenset[VersionId]:
        """Return the model's own versions: what the model of a base generates is paid for by that model."""
        versions = self.history().versions
        return frozenset(version for version, known in versions.items() if known.fact.model == self.model)

    def history(self) -> Lineage:
        """Return the lineage as of this size."""
        if self._history is None:
            self._history = lineage_views.load(self.house, size=self.size)
        return self._history

    def _attributed(self) -> PoolUnits:
        weighed = self.weighed()
        trained = self.trained()
        members = sorted(trained.found)
        works = {recording: self._works(recording) for recording in members}
        artists = recordings_of_artists(self.registry, sorted(weighed.artists), recordings=members, works=works)
        like = self._like(trained)
        subjects = subjects_of_generations(weighed, artists=artists, like=like)
        return units_of_generations(weighed, artists=artists, splits=self._splits(subjects), like=like)

    def _like(self, trained: Sorted) -> Mapping[str, int]:
        """Return what an analogy follows: the training set, or the units of the pool that the tariff names."""
        terms = self.tariff.attribution
        if terms.analogy is Analogy.NAMED_POOL:
            pool = self.tariff.pool(terms.analogy_pool)
            if pool.basis is Basis.USAGE:
                return self._sorted(self.plays()).found
            if pool.basis is not Basis.ATTRIBUTION:
                return self._training_units(pool.basis, trained)
            raise InputError(f"the analogy of pool {pool.name} is itself by attribution", "name another pool")
        return self._training_units(Basis.EQUAL_PER_WORK, trained)

    def _training_units(self, basis: Basis, trained: Sorted) -> dict[str, int]:
        if basis is Basis.EQUAL_PER_RECORDING:
            return equal_per_recording(trained.found)
        return equal_per_work({recording: self._works(recording) for recording in trained.found})

    def _works(self, recording: str) -> tuple[str, ...]:
        return tuple(self.registry.closure(recording).works)

    def _splits(self, subjects: Mapping[str, int] | Sequence[str]) -> dict[str, Split]:
        # Shares are those of the period's last moment; a distribution always has a period with an end.
        last = (self.period.end or TIME_MAX) - 1
        builder = SplitBuilder(rights=self.registry, tariff=self.tariff, at=last, escrowed=self.contested)
        known: dict[str, Split] = self.house.memo.get(("splits", self._marked, self.tariff, last, self.contested), dict)
        missing = [subject for subject in subjects if subject not in known]
        known.update(builder.build_all(missing))
        return {subject: known[subject] for subject in sorted(subjects)}

    def _sorted(self, units: Mapping[tuple[str, ...], int], *, once: bool = False) -> Sorted:
        """Resolve codes; `once`: two rows of one recording are one recording, where plays would add up."""
        found: Counter[str] = Counter()
        unmatched: Counter[str] = Counter()
        contested: Counter[str] = Counter()
        for codes in sorted(units):
            name = codes[0] if codes else "none"
            match self._resolve(codes):
                case Found(subject=subject):
                    found[subject] = units[codes] if once else found[subject] + units[codes]
                case Ambiguous():
                    contested[name] += units[codes]
                case _:
                    unmatched[name] += units[codes]
        return Sorted(dict(found), dict(unmatched), dict(contested))

    def _reported(self, cls: Any, name: str, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the digests of all reports of these channels or versions, in ledger order.

        Not only of those that say they are of this period: a late line comes in a later batch, and two batches that
        hold one event must be settled together. Generations are reported by the model's developer or an attributor.
        """
        facts = self.house.index.scan(tags=[cls.TYPE.tag], size=self.size)
        chosen = [recorded for recorded in facts if getattr(recorded.fact, name) in wanted]
        if cls is GenerationsReported:
            model = self.history().models.get(ModelId(self.model))
            developer = model.fact.developer if model is not None else ""
            chosen = [
                recorded
                for recorded in chosen
                if recorded.organisation == developer or recorded.capacity is Capacity.ATTRIBUTOR
            ]
        return tuple(recorded.fact.attachment for recorded in chosen)

    def _attached(self, digest: str) -> bytes:
        return self.house.attachments.get(digest)

    def _resolve(self, codes: tuple[str, ...]) -> Resolution:
        if codes not in self._resolved:
            self._resolved[codes] = self.registry.resolve(codes)
        return self._resolved[codes]


def day_of(moment: int) -> str:
    """Return the ISO date (UTC) of a moment; dates compare like the days they name."""
    return format_moment(moment - moment % DAY)
