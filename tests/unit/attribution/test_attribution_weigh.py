"""Weighing: everything adds up to one, the error stays unattributed, labels are no players, escrow for two claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.attribution.disputes import contested, open_disputes
from cantoria.attribution.facts import AttributionDecided, AttributionDisputed, Outcome
from cantoria.attribution.players import Players, recordings_of_artists
from cantoria.attribution.types import PPM, Because, Player, PlayerState
from cantoria.attribution.weigh import Policy, weigh_all, weigh_event
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.registry.facts import ShareClaimed
from cantoria.registry.types import Ambiguous, Found, NotFound, Resolution, Role, Side, Tier
from cantoria.registry.views import ClaimView
from cantoria.usage.types import Evidence, GenerationEvent, PlayerKind

STATES = {
    "rec_1": PlayerState.RECORDING,
    "rec_2": PlayerState.RECORDING,
    "ada": PlayerState.ARTIST,
    "label": PlayerState.NOT_AN_ARTIST,
    "rec_3": PlayerState.CONTESTED,
    "nobody": PlayerState.UNKNOWN,
}
POLICY = Policy()


def resolve(evidence: Evidence) -> Player:
    return Player(STATES[evidence.player], evidence.player)


def event(*evidence: tuple[str, int, int], event_id: str = "g1") -> GenerationEvent:
    found = tuple(Evidence(PlayerKind.RECORDING, player, weight, error) for player, weight, error in evidence)
    return GenerationEvent(event_id, "version_1", 0, found)


@st.composite
def events(draw: st.DrawFn) -> GenerationEvent:
    rest, evidence = PPM, []
    for player in draw(st.lists(st.sampled_from(sorted(STATES)), unique=True)):
        weight = draw(st.integers(0, rest))
        rest -= weight
        evidence.append((player, weight, draw(st.integers(0, PPM))))
    return event(*evidence)


@settings(deadline=None, derandomize=True)
@given(st.lists(events(), max_size=6), st.booleans(), st.integers(0, 2 * PPM), st.booleans(), st.randoms())
def test_it_adds_up_to_one_for_each_generation_in_any_order(
    batch: list[GenerationEvent], lower_bound: bool, limit: int, analogy: bool, rng: Any
) -> None:
    policy = Policy(lower_bound=lower_bound, relative_error_max_ppm=limit, analogy=analogy)
    weighed = weigh_all(batch, resolve=resolve, policy=policy)
    parts = (weighed.recordings, weighed.artists, weighed.contested, weighed.unattributed)
    assert sum(sum(part.values()) for part in parts) + weighed.analogy == len(batch) * PPM
    shuffled = list(batch)
    rng.shuffle(shuffled)
    assert weigh_all(shuffled, resolve=resolve, policy=policy) == weighed
    assert analogy or not weighed.analogy


def test_the_lower_bound_counts_and_the_error_stays_unattributed() -> None:
    weighed = weigh_event(event(("rec_1", 600_000, 100_000), ("rec_2", 200_000, 0)), resolve=resolve, policy=POLICY)
    assert weighed.recordings == {"rec_1": 500_000, "rec_2": 200_000}
    assert weighed.unattributed[Because.ERROR] == 100_000
    assert weighed.unattributed[Because.NO_EVIDENCE] == 200_000
    point = weigh_event(event(("rec_1", 600_000, 100_000)), resolve=resolve, policy=Policy(lower_bound=False))
    assert point.recordings == {"rec_1": 600_000}


@pytest.mark.parametrize(("error", "counts"), [(300_000, True), (300_001, False)])
def test_the_limit_of_relative_error_is_exact(error: int, counts: bool) -> None:
    weighed = weigh_event(event(("rec_1", 600_000, error)), resolve=resolve, policy=POLICY)
    assert bool(weighed.recordings) is counts
    assert weighed.unattributed[Because.TOO_UNCERTAIN] == (0 if counts else 600_000)
    by_analogy = weigh_event(event(("rec_1", 600_000, error)), resolve=resolve, policy=Policy(analogy=True))
    assert by_analogy.analogy == (0 if counts else 600_000)


def test_nobody_is_paid_for_a_label_and_a_contested_sound_waits() -> None:
    weighed = weigh_event(
        event(("label", 300_000, 0), ("rec_3", 200_000, 0), ("nobody", 1, 0)), resolve=resolve, policy=POLICY
    )
    assert weighed.recordings == weighed.artists == {}
    assert weighed.contested == {"rec_3": 200_000}
    assert weighed.unattributed[Because.NOT_AN_ARTIST] == 300_000
    assert weighed.unattributed[Because.UNKNOWN_PLAYER] == 1


def test_evidence_above_one_is_refused() -> None:
    with pytest.raises(InputError, match="parts of one generation"):
        weigh_event(event(("rec_1", PPM, 0), ("rec_2", 1, 0)), resolve=resolve, policy=POLICY)


@dataclass
class Catalogue:
    """A registry of one line: what codes name, what is registered, and who claims what."""

    codes: dict[str, Resolution] = field(default_factory=dict)
    claimed: dict[str, tuple[ClaimView, ...]] = field(default_factory=dict)

    def resolve(self, codes: Any, *, media: str = "recording") -> Resolution:
        return self.codes.get(codes[0], NotFound())

    def registered_index(self, entity: str) -> int:
        return 5 if entity.startswith("rec_") else -1

    def claims_of_party(self, party: str) -> tuple[ClaimView, ...]:
        return self.claimed.get(party, ())


def claim(party: str, role: Role, subject: str = "rec_1", tier: Tier = Tier.DOCUMENTED) -> ClaimView:
    fact = ShareClaimed(claim=f"c_{party}", subject=subject, party=party, role=role, tier=tier)  # type: ignore[arg-type]
    return ClaimView(Recorded(1, "f1", "org", Capacity.PRODUCER, 0, fact))


def test_players_are_recordings_and_artists_of_record() -> None:
    catalogue = Catalogue(
        codes={
            "isrc:A": Found("rec_1", Side.RECORDING, "isrc"),
            "isrc:B": Ambiguous(("rec_1", "rec_2")),
            "iswc:T": Found("work_1", Side.WORK, "iswc"),
        },
        claimed={
            "bo": (claim("bo", Role.FEATURED_PERFORMER),),
            "ada": (claim("ada", Role.COMPOSER, "work_1"), claim("ada", Role.PUBLISHER)),
            "label": (claim("label", Role.PRODUCER), claim("label", Role.PUBLISHER)),
            "liar": (claim("liar", Role.FEATURED_PERFORMER, tier=Tier.ASSERTED),),
        },
    )
    players = Players(catalogue, frozenset({"rec_2"}))

    def state(kind: PlayerKind, player: str) -> tuple[PlayerState, str]:
        found = players.resolve(Evidence(kind, player, 1))
        return found.state, found.id

    recording, artist = PlayerKind.RECORDING, PlayerKind.ARTIST
    assert state(recording, "isrc:A") == (PlayerState.RECORDING, "rec_1")
    assert state(recording, "isrc:B") == (PlayerState.CONTESTED, "isrc:B")
    assert state(recording, "iswc:T") == (PlayerState.UNKNOWN, "iswc:T")
    assert state(recording, "isrc:Z") == (PlayerState.UNKNOWN, "isrc:Z")
    assert state(recording, "rec_2") == (PlayerState.CONTESTED, "rec_2")
    assert state(recording, "work_9") == (PlayerState.UNKNOWN, "work_9")
    assert state(artist, "bo") == (PlayerState.ARTIST, "bo")
    assert state(artist, "ada") == (PlayerState.ARTIST, "ada")
    assert state(artist, "label") == (PlayerState.NOT_AN_ARTIST, "label")
    assert state(artist, "liar") == (PlayerState.UNKNOWN, "liar")
    found = recordings_of_artists(
        catalogue,
        ["ada", "bo", "label"],
        recordings=["rec_1", "rec_7"],
        works={"rec_7": ("work_1",), "rec_1": ()},
    )
    assert found == {"ada": ("rec_7",), "bo": ("rec_1",), "label": ()}


def test_a_dispute_holds_until_somebody_else_decides_it() -> None:
    def said(index: int, organisation: str, fact: Any) -> Recorded[Any]:
        return Recorded(index, f"f{index}", organisation, Capacity.CMO, index * 10, fact)

    opened = AttributionDisputed(
        dispute="d1",
        subject="rec_1",
        claimant="label_2",
        reason="our sound",
        next_actor="label_1",
        due_at=99,  # type: ignore[arg-type]
    )
    decided = AttributionDecided(dispute="d1", outcome=Outcome.UPHELD, decided_by="cmo")  # type: ignore[arg-type]
    facts = [said(0, "label_2", opened), said(1, "label_2", decided), said(2, "cmo", decided)]
    assert contested(open_disputes(facts, size=1)) == {"rec_1"}
    assert contested(open_disputes(facts, size=2)) == {"rec_1"}
    assert open_disputes(facts) == ()
    assert open_disputes([said(0, "cmo", decided)]) == ()
