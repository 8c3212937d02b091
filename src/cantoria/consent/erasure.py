"""What must be recorded before the body of a statement is erased (RULES section 7): erasure opens no door."""

from __future__ import annotations

from cantoria.consent.facts import DenyTombstone, StatementMade
from cantoria.consent.fold import Standings
from cantoria.consent.types import NO_CONDITIONS, Verdict
from cantoria.kernel.facts import Recorded
from cantoria.kernel.uses import ALL_USES


def tombstone_for(said: Recorded[StatementMade], *, standings: Standings) -> DenyTombstone | None:
    """Return the tombstone to append before the body of `said` is erased, None when none is needed.

    A refusal or ask leaves itself. A yes leaves an ask wherever it stands in the way of a wider yes: when it has
    conditions, or counts as an ask at some time. A plain yes leaves nothing: its absence can only tighten.
    """
    fact = said.fact
    verdict = fact.verdict
    if verdict is Verdict.YES:
        in_the_way = fact.conditions != NO_CONDITIONS or any(
            effective.index == said.index and effective.verdict is Verdict.ASK for effective in standings.effective
        )
        if not in_the_way:
            return None
        verdict = Verdict.ASK
    return DenyTombstone(
        statement=fact.statement,
        party=fact.party,
        speaker=fact.speaker,
        verdict=verdict,
        uses=fact.uses or ALL_USES,
        scope=fact.scope,
        licensee=fact.licensee,
        territory=fact.territory,
        period=fact.period,
        said_index=said.index,
    )
