"""The parties of a message: registered, named, and told to be persons, groups or organisations by what they do."""

from __future__ import annotations

from typing import Final

from cantoria.formats.ern.draft import Draft
from cantoria.formats.ern.names import count_own, fit
from cantoria.formats.ern.records import PartyRecord
from cantoria.formats.ern.roles import GROUPS
from cantoria.kernel.ids import PartyId
from cantoria.registry.facts import PartyNamed, PartyRegistered
from cantoria.registry.types import PartyKind

_RANK: Final = {PartyKind.PERSON: 0, PartyKind.GROUP: 1, PartyKind.ORGANISATION: 2}


def read_parties(draft: Draft) -> None:
    """Register the parties of a portion. A later portion may tell better what one is: that is recorded then."""
    listed = draft.portion.parties
    inline = [party for record in draft.portion.recordings for party in record.parties]
    shared = count_own((record.codes for record in listed), earlier=draft.own)
    kinds = _kinds(draft)
    for reference, kind in kinds.items():
        before = draft.kinds.get(reference)
        if before is not None and _RANK[kind] > _RANK[before]:
            draft.kinds[reference] = kind
            party = PartyId(draft.parties[reference])
            draft.facts.append(PartyRegistered(party=party, kind=kind, reachable=False))
    for record in listed:
        draft.registered += 1
        _register(draft, record, kinds, shared)
    for record in inline:
        if record.reference not in draft.parties:
            _register(draft, record, kinds, {})


def _register(draft: Draft, record: PartyRecord, kinds: dict[str, PartyKind], shared: dict[str, int]) -> None:
    names = draft.session.names
    keys = fit(record.codes, names=names, shared=shared, line=record.line, element="Party", notes=draft.notes)
    party, fresh = names.name("party", keys)
    draft.refer(draft.parties, record.reference, party, record.line)
    for name, _ in record.names:
        bearer = draft.bearers.setdefault(name.casefold(), record.reference)
        if bearer != record.reference:
            draft.bearers[name.casefold()] = ""
    if not keys:
        draft.notes.add(
            record.line,
            "the party has no identifier, so each message makes it anew",
            "send its ISNI, IPI name number, IPN, DPID or a proprietary id",
            field="Party",
            value=record.names[0][0] if record.names else record.reference,
        )
    if fresh:  # of a party that is known others know more: whether it can be reached, how it is called
        kind = draft.kinds.setdefault(record.reference, kinds.get(record.reference, PartyKind.PERSON))
        draft.facts.append(PartyRegistered(party=PartyId(party), kind=kind, reachable=False))
        for position, (name, script) in enumerate(record.names):
            named = keys if position == 0 else ()
            draft.facts.append(PartyNamed(party=PartyId(party), name=name, script=script, codes=named))


def _kinds(draft: Draft) -> dict[str, PartyKind]:
    """Tell what parties are by what they do in the portion; their names decide nothing."""
    kinds: dict[str, PartyKind] = {}
    for recording in draft.portion.recordings:
        for credit in recording.credits:
            if credit.element.endswith("RightsController"):
                kinds[credit.party] = PartyKind.ORGANISATION
            elif not GROUPS.isdisjoint(credit.roles) and kinds.get(credit.party) is not PartyKind.ORGANISATION:
                kinds[credit.party] = PartyKind.GROUP
    for release in draft.portion.releases:
        for label in release.labels:
            kinds[label] = PartyKind.ORGANISATION
    return kinds
