"""From the codes of one row to what they name, by the rows of `name` and `lead`: `resolution_plan` for one row.

Levels and ways of a lead are those of `resolution_plan`; the set-based plan and this must choose alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.resolution_plan import EITHER, FIRM, FOLLOWS_OTHER, LOOSE, TOGETHER


class Chosen(NamedTuple):
    """What codes name: a subject's number and outcome 0, or subject 0 and the number of a `ReasonCode`."""

    subject: int
    outcome: int


class LeadRow(NamedTuple):
    """How a code leads somewhere: by which links (`way`), how well (`level`), to which subject (0: none)."""

    way: int
    level: int
    subject: int


NOTHING: Final = Chosen(0, int(ReasonCode.NOT_FOUND))
_WAYS: Final = (FIRM, LOOSE)
Leads = Mapping[str, Sequence[LeadRow]]


def choose(leads: Leads) -> Chosen:
    """Return what several different codes of a row, each with its leads, name together."""
    firm, loose = (_weigh(leads, way) for way in _WAYS)
    disputed = any(lead.way != EITHER for found in leads.values() for lead in found)
    if firm is None and loose is None:
        return NOTHING
    if firm is not None and firm == loose and firm.outcome == 0:
        return firm
    if firm is not None and (firm.outcome == ReasonCode.CODES_DISAGREE or not disputed):
        return Chosen(0, firm.outcome)
    return Chosen(0, int(ReasonCode.AMBIGUOUS))


def _weigh(leads: Leads, way: int) -> Chosen | None:
    """Return what the codes come to in one way, None where none of them leads to a subject."""
    hits = {code: [lead for lead in found if lead.way in (EITHER, way)] for code, found in leads.items()}
    speaking = {code: found for code, found in hits.items() if found}
    best = min((lead.level for found in speaking.values() for lead in found), default=TOGETHER)
    if best > FOLLOWS_OTHER:
        return None
    foremost = [{lead.subject for lead in found if lead.level == best} for found in speaking.values()]
    foremost = [subjects for subjects in foremost if subjects]
    candidates = set().union(*foremost)
    if len(candidates) > 1:
        common = set.intersection(*foremost)
        return Chosen(0, int(ReasonCode.AMBIGUOUS if common else ReasonCode.CODES_DISAGREE))
    (subject,) = candidates
    agreeing = (
        any(lead.subject == subject and lead.level <= TOGETHER for lead in found) for found in speaking.values()
    )
    return Chosen(subject, 0) if all(agreeing) else Chosen(0, int(ReasonCode.CODES_DISAGREE))
