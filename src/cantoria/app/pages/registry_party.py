"""What the page of a party says: names and codes by whose word, roles and shares in works and recordings (in pages),
its standing rules, mandates given and received, and where its recordings were used. As of one ledger size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages.registry_names import Names, Value, code_value
from cantoria.app.pages.registry_rules import rules_value
from cantoria.app.pages.registry_shares import claim_value, period_value, place_value
from cantoria.app.pages.registry_where import where_used
from cantoria.app.rights_near import load_near
from cantoria.consent.facts import StatementMade
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import uuid_of
from cantoria.ledger.state import State
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.registry import Registry
from cantoria.registry.facts import CatalogueDefined, ClaimWithdrawn, PartyNamed, PartyRegistered, ShareClaimed
from cantoria.registry.types import PartyKind
from cantoria.registry.views import ClaimView

PAGE: Final = 25
MANDATES_PAGE: Final = 25
STATEMENTS_MAX: Final = 1_500  # of a party that has said more, single statements are looked up, not all folded


def party_value(
    house: House, party: str, *, size: int, at: int, before: int | None = None, member: bool = False
) -> Value | None:
    """Return the page of a party as of `size`, with the claims recorded before ledger index `before` (None: the newest
    ones). `member` tells that it is an organisation of the ledger, which need not be registered. None when nothing on
    the ledger speaks of the party."""
    said = house.index.about([party], tags=[PartyRegistered.TYPE.tag, PartyNamed.TYPE.tag], size=size)
    registered = [one for one in said if isinstance(one.fact, PartyRegistered)]
    if not said and not member and house.index.subjects_like(party, limit=1) != [party]:
        return None
    names = Names(house.index, size)
    named = [one for one in said if isinstance(one.fact, PartyNamed) and one.fact.party == party]
    names.want([one.organisation for one in said])
    statements = house.index.tally(party, tag=StatementMade.TYPE.tag, size=size)
    folded = statements <= STATEMENTS_MAX
    near = load_near(house.index, subjects=[party], size=size, whole=True) if folded else None
    claims = _claims_value(house, party, size=size, at=at, before=before, names=names)
    return {
        "id": party,
        "name": names.name(party),
        "kind": _kind_of(registered, member=member),
        "reachable": any(one.fact.reachable for one in registered),
        "registered": _registered_value(registered, names=names),
        "names": [
            {
                "name": one.fact.name,
                "script": one.fact.script,
                "by": names.ref(one.organisation),
                "entry": one.index,
            }
            for one in named
        ],
        "codes": _codes_value(named, names=names),
        "at": at,
        "claims": claims,
        "rules": rules_value(near.rights, party, at=at, names=names) if near else None,
        "statements": statements,
        "mandates": _mandates_value(house, party, size=size, at=at, names=names),
        "where": _where_value(house, claims, size=size),
    }


def _kind_of(registered: Sequence[Recorded[PartyRegistered]], *, member: bool) -> str:
    """Return what a party is; `party` where nothing says."""
    if registered:
        return registered[0].fact.kind.value
    return PartyKind.ORGANISATION.value if member else "party"


def _registered_value(registered: Sequence[Recorded[PartyRegistered]], *, names: Names) -> Value | None:
    if not registered:
        return None
    return {"by": names.ref(registered[0].organisation), "entry": registered[0].index}


def organisation_value(house: House, party: str, state: State, *, size: int, at: int) -> Value | None:
    """Return what the ledger and the registry know of an organisation: its capacities and keys as a member, what it is
    called, and its catalogues. None when it is neither a member nor registered by then."""
    member = uuid_of(party, prefix="party")
    keys = [key for key in state.keys.values() if key.organisation == member and key.valid_from < size]
    said = house.index.about([party], tags=[PartyRegistered.TYPE.tag, PartyNamed.TYPE.tag], size=size)
    if not said and not keys:
        return None
    names = Names(house.index, size)
    registered = next((one.fact for one in said if isinstance(one.fact, PartyRegistered)), None)
    return {
        "id": party,
        "name": names.name(party),
        "kind": registered.kind.value if registered else PartyKind.ORGANISATION.value,
        "reachable": bool(registered and registered.reachable),
        "member": member in state.members and bool(keys),
        "capacities": [_capacity(one) for one in sorted(state.members.get(member, ()))],
        "seat": member in state.seats,
        "public_keys": [
            {
                "key": key.public_key.hex(),
                "from": key.valid_from,
                "until": key.revoked_at if key.revoked_at is not None and key.revoked_at < size else None,
            }
            for key in sorted(keys, key=lambda one: one.valid_from)
        ],
        "catalogues": _catalogues_value(house, party, size=size),
        "at": at,
    }


def _capacity(number: int) -> str:
    return Capacity(number).name.lower() if number in set(Capacity) else str(number)


def _catalogues_value(house: House, party: str, *, size: int) -> list[Value]:
    found: dict[str, Value] = {}
    for one in house.index.about([party], tags=[CatalogueDefined.TYPE.tag], size=size):
        if one.fact.owner == party:
            value = found.setdefault(str(one.fact.catalogue), {"catalogue": str(one.fact.catalogue), "members": 0})
            value["members"] += len(one.fact.members)
            value["entry"] = one.index
    return list(found.values())


def _codes_value(named: Sequence[Recorded[PartyNamed]], *, names: Names) -> list[Value]:
    """Return the codes of a party, each with who said so in which entry."""
    found: dict[str, Value] = {}
    for one in named:
        for code in one.fact.codes:
            value = found.setdefault(code, {**code_value(code), "said": []})
            value["said"].append({"by": names.ref(one.organisation), "entry": one.index})
    return [found[code] for code in sorted(found)]


def _claims_value(house: House, party: str, *, size: int, at: int, before: int | None, names: Names) -> Value:
    """Return one page of the claims in which a party is the holder, the newest first."""
    tag = ShareClaimed.TYPE.tag
    start = size if before is None else min(before, size)
    page = house.index.leaf_through(party, tag=tag, before=start, limit=PAGE + 1)
    shown, more = page[:PAGE], len(page) > PAGE
    ids = [str(one.fact.claim) for one in shown]
    beside = house.index.about(ids, tags=[tag, ClaimWithdrawn.TYPE.tag], size=size) if ids else []
    views = _views(beside)
    names.want([name for one in shown for name in (one.fact.subject, str(one.fact.asserted_by), one.organisation)])
    return {
        "total": house.index.tally(party, tag=tag, size=size),
        "shown": [
            {
                "thing": names.ref(one.fact.subject),
                "replaced": _view_of(one, views).index != one.index,
                **claim_value(_view_of(one, views), names=names, at=at),
            }
            for one in shown
        ],
        "next": shown[-1].index if more else None,
        "first": before is None,
    }


def _views(beside: Sequence[Recorded[Any]]) -> dict[tuple[str, str], ClaimView]:
    """Return claims as they stand, by who recorded them and their id."""
    registry = Registry.fold(beside)
    parties = sorted({one.fact.party for one in beside if isinstance(one.fact, ShareClaimed)})
    found = [view for party in parties for view in registry.claims_of_party(party)]
    return {(view.organisation, str(view.fact.claim)): view for view in found}


def _view_of(one: Recorded[ShareClaimed], views: dict[tuple[str, str], ClaimView]) -> ClaimView:
    return views.get((one.organisation, str(one.fact.claim)), ClaimView(one))


def _mandates_value(house: House, party: str, *, size: int, at: int, names: Names) -> Value:
    """Return the newest mandates that a party gave and received, guardians and estates."""
    tag = DelegationGranted.TYPE.tag
    found = house.index.leaf_through(party, tag=tag, before=size, limit=4 * MANDATES_PAGE)
    ids = [str(one.fact.delegation) for one in found]
    ends = house.index.about(ids, tags=[DelegationEnded.TYPE.tag], size=size) if ids else []
    ended: dict[str, int] = {}
    for end in ends:
        name = str(end.fact.delegation)
        ended[name] = min(end.fact.at, ended.get(name, end.fact.at))
    offices = house.index.about([party], tags=[GuardianAppointed.TYPE.tag, EstateOpened.TYPE.tag], size=size)
    names.want([name for one in found for name in (one.fact.principal, one.fact.delegate)])
    names.want([name for one in offices for name in one.fact.subjects()])
    given = [one for one in found if one.fact.principal == party]
    received = [one for one in found if one.fact.delegate == party]
    return {
        "total": house.index.tally(party, tag=tag, size=size),
        "given": [_mandate_value(one, ended, at=at, names=names) for one in given[:MANDATES_PAGE]],
        "received": [_mandate_value(one, ended, at=at, names=names) for one in received[:MANDATES_PAGE]],
        "guardians": [_guardian_value(one, names) for one in offices if isinstance(one.fact, GuardianAppointed)],
        "estates": [_estate_value(one, names) for one in offices if isinstance(one.fact, EstateOpened)],
    }


def _guardian_value(one: Recorded[GuardianAppointed], names: Names) -> Value:
    fact = one.fact
    return {
        "minor": names.ref(fact.minor),
        "guardian": names.ref(fact.guardian),
        "until": fact.majority_at,
        "entry": one.index,
    }


def _estate_value(one: Recorded[EstateOpened], names: Names) -> Value:
    fact = one.fact
    return {
        "deceased": names.ref(fact.deceased),
        "died_at": fact.died_at,
        "heirs": [names.ref(heir) for heir in fact.heirs],
        "complete": fact.heirs_complete,
        "representative": names.ref(fact.representative) if fact.representative else None,
        "entry": one.index,
    }


def _mandate_value(one: Recorded[DelegationGranted], ended: dict[str, int], *, at: int, names: Names) -> Value:
    fact = one.fact
    end = ended.get(str(fact.delegation))
    return {
        "delegation": str(fact.delegation),
        "principal": names.ref(fact.principal),
        "delegate": names.ref(fact.delegate),
        "kind": fact.kind.value,
        "uses": sorted(use.value for use in fact.uses),
        "scope": len(fact.scope),
        "territory": place_value(fact.territory, at=at),
        **period_value(fact.period),
        "ended_at": end,
        "signed": bool(one.proven_key) or one.organisation == fact.principal,
        "in_force": fact.period.contains(at) and (end is None or at < end),
        "entry": one.index,
    }


def _where_value(house: House, claims: Value, *, size: int) -> Value:
    """Return how many of the things on this page stand in which certificates; "Was I in it?" answers in full."""
    used = where_used(house, size=size)
    things = sorted({one["thing"]["id"] for one in claims["shown"]})
    held = used.datasets_of(things)
    certificates = [
        {"certificate": str(name), "title": one.fact.title, "passed": held[str(name)]}
        for name, one in used.lineage.certificates.items()
        if str(name) in held
    ]
    return {"things": len(things), "certificates": certificates, "unread": len(used.unread)}
