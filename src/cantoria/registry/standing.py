"""Whose word can open something, and whose can only tighten (RULES sections 4, 5 and 8).

Every organisation may record what it likes of everybody. What it records counts against clearing a row whoever it
is; it counts for clearing one only where it answers for the party or the thing. Registers (the operator, a registrar)
answer for everything; more than one of them behind a fact is a matter of the consortium's governance, not of this fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cantoria.kernel.facts import Capacity, Recorded

REGISTERS: Final = frozenset({Capacity.OPERATOR, Capacity.REGISTRAR})
SOCIETIES: Final = frozenset({Capacity.CMO, Capacity.PERFORMERS_ORGANISATION})
OFFICES: Final = REGISTERS | SOCIETIES


def answers(said: Recorded[Any], party: str, *, home: Mapping[str, Recorded[Any]], keeper: str | None) -> bool:
    """Tell whether who recorded `said` answers for a party: the party itself, a register, or its home.

    The home is the organisation that registered the party first; the party itself, once it is an organisation that
    registered itself. A register keeps no accounts: where it registered the party first, or nobody did, the first
    society that vouched for a key of the party (`keeper`) is its home too, any society before one has.
    """
    if said.organisation == party or said.capacity in REGISTERS:
        return True
    if party in home:
        return False
    first = next(iter(home.values()), None)
    if first is not None and first.organisation == said.organisation:
        return True
    neutral = first is None or first.capacity in REGISTERS
    return neutral and said.capacity in SOCIETIES and keeper in (None, said.organisation)


def interested_in(said: Recorded[Any]) -> Iterator[str]:
    """Give who has an interest in something that was said, and so may not decide about it.

    Whoever is named in it and whoever recorded it; a register that only kept what others say has none.
    """
    fact = said.fact
    keeps = said.capacity in REGISTERS
    for field in ("party", "grantor", "acquirer", "asserted_by", "reviewed_by", "opened_by"):
        who = str(getattr(fact, field, ""))
        recorder = who == said.organisation and field in ("asserted_by", "reviewed_by", "opened_by")
        if who and not (recorder and keeps):
            yield who
    if not keeps:
        yield said.organisation
