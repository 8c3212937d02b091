"""When a thing changed: the ledger sizes of the facts that bear on it, for the slider and the table of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from cantoria.app.pages.registry_names import Names, Value
from cantoria.app.rights_near import Near
from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.kernel.facts import Recorded
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.registry import facts as registry_facts
from cantoria.registry.types import Relation

SIZES_MAX: Final = 200
SHOWN_MAX: Final = 20
_PARTIES: Final = (registry_facts.PartyRegistered, registry_facts.PartyKeyRegistered, registry_facts.PartyNamed)
_THINGS: Final = (registry_facts.RecordingRegistered, registry_facts.WorkRegistered)
_MANDATES: Final = (DelegationGranted, DelegationEnded, EstateOpened, GuardianAppointed)
_IDS: Final = ("link", "claim", "case", "chain", "statement", "delegation", "signal")


def changes_value(near: Near, thing: str, *, names: Names) -> Value:
    """Return the sizes at which a thing, or what it carries with it, changed (ascending, the newest `SIZES_MAX`), and
    the newest changes with what was said and by whom. `near` is the neighbourhood as of the newest size."""
    born = min((one.index for one in near.facts if _registers(one.fact, thing)), default=0)
    told = [one for one in _bearing(near, thing) if one.index >= born]  # before that, there is no page of it
    sizes = sorted({one.index + 1 for one in told})
    newest = told[::-1][:SHOWN_MAX]
    names.want(one.organisation for one in newest)
    return {
        "sizes": sizes[-SIZES_MAX:],
        "earlier": max(0, len(sizes) - SIZES_MAX),
        "told": [_change_value(one, names=names) for one in newest],
        "more": max(0, len(told) - SHOWN_MAX),
    }


def _registers(fact: Any, thing: str) -> bool:
    return isinstance(fact, _THINGS) and fact.subjects()[0] == thing


def _bearing(near: Near, thing: str) -> Iterator[Recorded[Any]]:
    """Give the facts that bear on a thing, in ledger order: what is said of it and what it carries with it, and what
    its holders say of it or of everything that is theirs."""
    registry = near.rights.registry
    closure = registry.closure(thing)
    core = {thing, *closure.works, *closure.recordings}
    for recording in closure.recordings:
        core.update(registry.releases_of(recording))
        core.update(registry.catalogues_of(recording, at_index=registry.last_index + 1))
    for work in closure.works:
        core.update(registry.catalogues_of(work, at_index=registry.last_index + 1))
    known: set[str] = set()
    for one in near.facts:
        if _bears(one.fact, core, known):
            known.update(str(getattr(one.fact, field, "")) for field in _IDS)
            known.discard("")
            yield one


def _bears(fact: Any, core: set[str], known: set[str]) -> bool:
    if isinstance(fact, _PARTIES):
        return False
    if isinstance(fact, StatementMade | DenyTombstone):
        return not fact.scope.id or fact.scope.id in core
    if isinstance(fact, StatementWithdrawn | DelegationEnded):
        return not known.isdisjoint(fact.subjects())
    if isinstance(fact, _MANDATES):
        return True
    if isinstance(fact, registry_facts.LinkAsserted) and fact.relation is Relation.EMBODIES:
        return fact.left in core
    return not core.isdisjoint(fact.subjects()) or not known.isdisjoint(fact.subjects())


def _change_value(one: Recorded[Any], *, names: Names) -> Value:
    return {
        "size": one.index + 1,
        "entry": one.index,
        "at": one.claimed_at,
        "said": one.fact.TYPE.name,
        "by": names.ref(one.organisation),
        "about": next(iter(_of_things(one.fact)), ""),
    }


def _of_things(fact: Any) -> Iterable[str]:
    return (name for name in fact.subjects() if name.startswith(("recording_", "work_", "release_", "catalogue_")))
