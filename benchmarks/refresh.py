"""Refresh of a rights snapshot: `python -m benchmarks.refresh [--quick] [--recordings 100000] [--facts 10000]`.

A registry of so many recordings, of two works each, with three holders of every work and recording who mostly say yes
to everything, is built into a snapshot. Then new facts come in: consents of persons and to single recordings, consents
taken back, new recordings with their links and claims, claims to works that are known, links to other works. Timed are
the refresh (taking the facts in, finding what they touch, making the rows) and the build of the same snapshot anew,
from views that are already folded, which is all that a refresh spares. Both must say the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random
from typing import Any, Final

from benchmarks import report
from cantoria.clearance import Rights
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_dictionaries import Dictionaries
from cantoria.clearance.snapshot_refresh import grow, refresh
from cantoria.clearance.snapshot_schema import OWNERS
from cantoria.consent import Scope, ScopeKind, Verdict
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import ClaimId, LinkId, PartyId, RecordingId, StatementId, WorkId
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import ALL_USES
from cantoria.registry import PartyKind, Relation, Role, Side
from cantoria.registry import facts as registry
from cantoria.testing.snapshot_rows import logical, stacked

AT: Final = parse_moment("2027-01-01")
SPEECH: Final = (StatementMade, StatementWithdrawn)
HOLDERS: Final = {
    "work": (Role.COMPOSER, Role.LYRICIST, Role.PUBLISHER),
    "recording": (Role.FEATURED_PERFORMER, Role.NON_FEATURED_PERFORMER, Role.PRODUCER),
}


class World:
    """A registry that grows fact by fact, by a seed."""

    def __init__(self, recordings: int, *, seed: int = 1) -> None:
        self._rng = Random(seed)
        self._parties = max(recordings // 2, 20)
        self._count = recordings
        self.facts: list[Recorded[Any]] = []
        self.statements: list[str] = []
        for number in range(self._parties):
            party = PartyId(f"party_{number:08}")
            self._say(registry.PartyRegistered(party=party, kind=PartyKind.PERSON))
        for number in range(recordings):
            self._register("work", number)
        for number in range(recordings):
            self._recording(number)
        for number in range(self._parties):
            self._consent(f"party_{number:08}", Scope(ScopeKind.PRESENT_WORKS))

    def grow(self, facts: int) -> None:
        """Say so many things more."""
        end = len(self.facts) + facts
        while len(self.facts) < end:
            chance = self._rng.random()
            some = self._rng.randrange(self._count)
            if chance < 0.45:
                self._consent(self._party(), Scope(self._rng.choice((ScopeKind.PRESENT_WORKS, ScopeKind.PERSONA))))
            elif chance < 0.65:
                self._consent(self._party(), Scope(ScopeKind.RECORDING, f"recording_{some}"))
            elif chance < 0.75:
                statement = StatementId(self._rng.choice(self.statements))
                self._say(StatementWithdrawn(statement=statement, at=AT))
            elif chance < 0.85:
                self._claim(f"work_{some}", self._party(), Role.COMPOSER)
            elif chance < 0.95:
                self._link(f"recording_{some}", Relation.EMBODIES, f"work_{self._rng.randrange(self._count)}")
            else:
                self._recording(self._count)
                self._count += 1

    def _party(self) -> str:
        """Return a party: few have much."""
        share = self._rng.random()
        return f"party_{int(self._parties * share * share):08}"

    def _say(self, fact: Any, *, by: str = "party_cmo") -> None:
        index = len(self.facts)
        self.facts.append(Recorded(index, f"fact_{index}", by, Capacity.CMO, AT, fact))

    def _recording(self, number: int) -> None:
        self._register("recording", number)
        self._link(f"isrc:QZABC{number:07}", Relation.IDENTIFIES, f"recording_{number}")
        for work in {number, self._rng.randrange(self._count)}:
            self._link(f"recording_{number}", Relation.EMBODIES, f"work_{work}")

    def _register(self, kind: str, number: int) -> None:
        name = f"{kind}_{number}"
        if kind == "work":
            self._say(registry.WorkRegistered(work=WorkId(name), title=name))
            self._link(f"iswc:T{number:09}0", Relation.IDENTIFIES, name)
        else:
            self._say(registry.RecordingRegistered(recording=RecordingId(name), title=name))
        claims = []
        for role in HOLDERS[kind]:
            party = self._party()
            claims.append(self._claim(name, party, role))
        side = Side.WORK if kind == "work" else Side.RECORDING
        signer = PartyId("party_cmo" if kind == "work" else party)
        self._say(
            registry.HoldersDeclaredComplete(subject=name, side=side, signed_by=signer, claims=tuple(claims)),
            by=signer,
        )

    def _claim(self, subject: str, party: str, role: Role) -> ClaimId:
        claim = ClaimId(f"claim_{len(self.facts)}")
        self._say(registry.ShareClaimed(claim=claim, subject=subject, party=PartyId(party), role=role))
        return claim

    def _link(self, left: str, relation: Relation, right: str) -> None:
        link = LinkId(f"link_{len(self.facts)}")
        self._say(registry.LinkAsserted(link=link, left=left, relation=relation, right=right, asserted_by="party_cmo"))

    def _consent(self, party: str, scope: Scope) -> None:
        statement = StatementId(f"statement_{len(self.facts)}")
        self.statements.append(statement)
        said = StatementMade(
            statement=statement,
            party=PartyId(party),
            speaker=PartyId(party),
            verdict=Verdict.YES if self._rng.random() < 0.95 else Verdict.NO,
            uses=frozenset(ALL_USES),
            scope=scope,
        )
        self._say(said, by=party)


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    recordings = 2_000 if options.quick else options.recordings
    world = World(recordings)
    base_size = len(world.facts)
    rights, fold_seconds = _timed(lambda: Rights.fold(world.facts))
    base, build_seconds = _timed(lambda: build(rights, at=AT, size=base_size))
    _tell(f"{base_size:,} facts folded in {fold_seconds:.1f} s, snapshot of {base.subjects:,} in {build_seconds:.1f} s")
    world.grow(min(options.facts, base_size // 20))
    new = world.facts[base_size:]
    numbers = Dictionaries.of(base.tables)
    said = [recorded for recorded in world.facts if isinstance(recorded.fact, SPEECH)]
    grown, grow_seconds = _timed(lambda: grow(rights, said=said, new=new))
    made, refresh_seconds = _timed(lambda: refresh(grown, then=AT, at=AT, size=len(world.facts), numbers=numbers))
    written = sum(made.tables[name].rows for name in OWNERS)
    _tell(f"{len(new):,} facts taken in in {grow_seconds:.1f} s, {written:,} rows written in {refresh_seconds:.1f} s")
    after = Rights.fold(world.facts)  # of its own: what a refresh has read already would be no rebuild
    anew, rebuild_seconds = _timed(lambda: build(after, at=AT, size=len(world.facts)))
    total = sum(anew.tables[name].rows for name in OWNERS)
    spent = grow_seconds + refresh_seconds
    metrics = {
        "facts_per_s_folded": round(base_size / fold_seconds),
        "subjects_per_s_built": round(base.subjects / build_seconds),
        "rebuild_seconds": round(rebuild_seconds, 2),
        "take_in_seconds": round(grow_seconds, 2),
        "refresh_seconds": round(refresh_seconds, 2),
        "refreshed_rows": written,
        "all_rows": total,
        "share_of_rows": round(written / total, 4),
        "rebuild_to_refresh": round(rebuild_seconds / spent, 1),
        "rows_different": _different(base.tables, made, anew.tables) if options.quick or options.compare else None,
        "peak_rss_mib": report.peak_rss_mib(),
    }
    params = {"recordings": recordings, "facts": base_size, "new_facts": len(new)}
    targets = {} if options.quick else {"rebuild_to_refresh": (">=", 5.0)}
    if metrics["rows_different"] is not None:
        targets["rows_different"] = ("<=", 0.0)
    report.emit("refresh", params, metrics, {}, targets)
    return 0


def _different(base: Any, made: Any, anew: Any) -> int:
    """Return how many logical rows the refreshed snapshot has too many or too few."""
    refreshed, expected = logical(stacked(base, [made])), logical(anew)
    return sum(len(set(map(repr, refreshed[name])) ^ set(map(repr, expected[name]))) for name in expected)


def _timed(work: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refresh", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small world, to keep the benchmark alive")
    parser.add_argument("--recordings", type=int, default=100_000)
    parser.add_argument("--facts", type=int, default=10_000, help="new facts (at most a twentieth of the others)")
    parser.add_argument("--compare", action="store_true", help="compare the refreshed rows with those built anew")
    return parser.parse_args()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
