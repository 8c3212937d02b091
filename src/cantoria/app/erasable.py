"""Whether a recorded erasure is to be carried out: what every member judges alike, from the log and the bodies here.

`app.erasure` records erasures by the same rules; this is the reader's side (RULES section 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cantoria.app.fact_types import BY_TAG
from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.consent.types import Verdict
from cantoria.kernel.uses import ALL_USES
from cantoria.ledger.envelope import Envelope
from cantoria.registry.standing import REGISTERS

_REGISTERS: Final = frozenset(map(int, REGISTERS))


def refusal(target: Envelope, *, by: Envelope) -> str | None:
    """Return why the erasure in the envelope `by` does not reach `target`, or None: only identity data and statements
    are erasable, by who recorded them or by a register."""
    known = BY_TAG.get(target.type_tag)
    if known is None or not (known.TYPE.identity or target.type_tag == StatementMade.TYPE.tag):
        return "a body of this type is a right's input or a record and is kept"
    if target.organisation != by.organisation and by.capacity not in _REGISTERS:
        return "another organisation recorded the body, and the one that erases it is no register"
    return None


def keeps_effect(said: StatementMade, *, index: int, recorded: Iterable[Any]) -> bool:
    """Tell whether the facts `recorded` before its erasure leave no door open once the statement at ledger `index` is
    gone: a tombstone of the same effect, or, for a yes, its end."""
    refused = said.verdict is not Verdict.YES
    wanted = DenyTombstone(
        statement=said.statement,
        party=said.party,
        speaker=said.speaker,
        verdict=said.verdict if refused else Verdict.ASK,
        uses=said.uses or ALL_USES,
        scope=said.scope,
        licensee=said.licensee,
        territory=said.territory,
        period=said.period,
        said_index=index,
    )
    for fact in recorded:
        if fact == wanted:
            return True
        if not refused and isinstance(fact, StatementWithdrawn) and fact.statement == said.statement:
            return True
    return False
