"""What a message discloses of AI in a recording or release, and where it contradicts itself (DDEX ERN 4.3.2).

ContainsAI `All` leaves no human contributor; `None` leaves no contribution of AI; AiContribution `All` is said of a
generative AI only, which says it by default.
"""

from __future__ import annotations

from typing import Final

from cantoria.formats.ern.draft import Draft
from cantoria.formats.ern.records import Credit, ReleaseRecord, SoundRecord
from cantoria.kernel.ids import PartyId
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, AiPart

GENERATIVE: Final = "GenerativeAI"
_EXTENTS: Final = {extent.value: extent for extent in AiExtent}


def disclose(draft: Draft, subject: str, record: SoundRecord | ReleaseRecord) -> None:
    """Record what is disclosed of a recording or release, if anything is."""
    named = record.credits if isinstance(record, SoundRecord) else []
    said = [one for one in named if one.ai or one.special]
    if not said and not record.contains_ai:
        return
    draft.allowed("ContainsAI", (record.contains_ai, *(one.ai for one in said)), record.line)
    draft.allowed("SpecialContributorType", [one.special for one in said], record.line)
    parts = [part for one in said if (part := _part(draft, one)) is not None]
    extent = _EXTENTS.get(record.contains_ai)
    if extent is None and not parts:
        return
    _check(draft, record, named, extent)
    draft.facts.append(
        AiDisclosed(
            subject=subject,
            extent=extent,
            parts=tuple(dict.fromkeys(parts)),
            said_by=draft.sender,
            said_at=draft.said_at,
            source=draft.source(record.line),
        )
    )


def _part(draft: Draft, credit: Credit) -> AiPart | None:
    """Return the contribution that a credit discloses, None when it discloses nothing that is understood."""
    if credit.special == GENERATIVE:
        return AiPart(credit.roles, "", _EXTENTS.get(credit.ai, AiExtent.ALL))
    party = draft.parties.get(credit.party)
    if credit.special or credit.ai not in _EXTENTS or party is None:
        return None
    return AiPart(credit.roles, PartyId(party), _EXTENTS[credit.ai])


def _check(draft: Draft, record: SoundRecord | ReleaseRecord, named: list[Credit], extent: AiExtent | None) -> None:
    """Say where the disclosure contradicts itself."""
    for one in named:
        human = bool(one.party) and one.element in ("Contributor", "EditionContributor")
        by_ai = one.special == GENERATIVE
        if extent is AiExtent.ALL and human:
            _odd(draft, one.line, "all of it is said to be made by AI, yet a contributor is named", "ContainsAI")
        if extent is AiExtent.NONE and (by_ai or one.ai in ("All", "Partly")):
            _odd(draft, one.line, "none of it is said to be made by AI, yet a contribution is", "ContainsAI")
        if human and one.ai == "All":
            _odd(draft, one.line, "what AI made alone is credited to somebody", "AiContribution")
        if by_ai and one.ai not in ("", "All"):
            _odd(draft, one.line, "a generative AI is said to have made only a part of its own part", "AiContribution")


def _odd(draft: Draft, line: int, what: str, field: str) -> None:
    remedy = "ask the sender which of the two holds; both are kept as they were said"
    draft.notes.add(line, f"the disclosure contradicts itself: {what}", remedy, field=field)
