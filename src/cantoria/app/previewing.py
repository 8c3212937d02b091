"""What the registry says of the things of a file that is not read in yet: for a preview of what would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cantoria import codes
from cantoria.app.code_book import CodeBook
from cantoria.app.house import House
from cantoria.app.intake import context_of
from cantoria.app.ports import Author
from cantoria.codes import Scheme
from cantoria.formats.csvfamily import Context
from cantoria.formats.csvfamily.desk import STRONG
from cantoria.formats.entries.types import Party, Recording, Release, Work
from cantoria.formats.sheet import told
from cantoria.formats.sheet.preview import Change, Known, Thing
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import LinkAsserted, PartyNamed, RecordingRegistered, ReleaseRegistered, WorkRegistered
from cantoria.registry.types import Relation

ON_RECORD: Final = " claims on record"
_KINDS: Final = {Party: "party", Work: "work", Recording: "recording", Release: "release"}
_SAID: Final = tuple(
    one.TYPE.tag for one in (PartyNamed, WorkRegistered, RecordingRegistered, ReleaseRegistered, LinkAsserted)
)


def known_things(house: House, *, namespace: str, author: Author) -> Known:
    """Return what tells how the registry knows a thing of a file that `author` would read in."""
    context = context_of(house, CodeBook(house), namespace=namespace, author=author)

    def known(thing: Thing) -> Mapping[str, str] | None:
        found = _named(context, thing)
        return None if found is None else _told(house, context, thing, found)

    return known


def contradicts(change: Change) -> bool:
    """Tell whether others are on record as holders than the file says: both would stand, as a conflict case."""
    count, _, _ = change.old.partition(ON_RECORD)
    return change.field == "holders" and change.old.endswith(ON_RECORD) and count != "0"


def _named(context: Context, thing: Thing) -> str | None:
    """Return the id of the thing on record, by the sender's key, else by a code that names things of its kind."""
    kind = _KINDS[type(thing)]
    keys = [f"{Scheme.OWN.value}:{context.namespace}:{thing.key}"] if thing.key else []
    keys += [f"{scheme}:{text}" for scheme, text in thing.codes if scheme in (*STRONG[kind], "own")]
    for key in keys:
        try:
            found = context.define(codes.key(*key.split(":", 1)))
        except InputError:
            continue
        if found is not None and found.startswith(kind + "_"):
            return found
    return None


def _told(house: House, context: Context, thing: Thing, found: str) -> dict[str, str]:
    """Return what is on record of a thing, in the fields of `told`; of codes those that the file names too."""
    said: dict[str, str] = {}
    on_record: set[str] = set()
    first = ""  # the organisation that registered it first: what it says last stands
    for recorded in house.index.about([found], tags=_SAID):
        fact: Any = recorded.fact
        match fact:
            case PartyNamed() if fact.party == found:
                said["name"] = " / ".join(filter(None, (said.get("name", ""), fact.name)))
                on_record.update(fact.codes)
            case LinkAsserted() if fact.right == found and fact.relation is Relation.IDENTIFIES:
                on_record.add(fact.left)
            case RecordingRegistered() | WorkRegistered() | ReleaseRegistered() if fact.subjects()[0] == found:
                first = first or recorded.organisation
                if recorded.organisation == first:
                    said |= _registered(fact)
    said |= {scheme: text for scheme, text in thing.codes if f"{scheme}:{text}" in on_record}
    if isinstance(thing, Work) and thing.shares:
        said["holders"] = _holders(context, thing, found)
    return said


def _registered(fact: RecordingRegistered | WorkRegistered | ReleaseRegistered) -> dict[str, str]:
    if not isinstance(fact, RecordingRegistered):
        return {"title": fact.title} if fact.title else {}
    artist, version = fact.display_artist, fact.version
    return told(Recording(title=fact.title, artist=artist, version=version, duration_ms=fact.duration_ms))


def _holders(context: Context, work: Work, found: str) -> str:
    """Return the holders of the file where all of them are on record as they stand, else how many others are."""
    claimed = {
        (claim.fact.party, claim.fact.role, claim.fact.right, claim.fact.share)
        for claim in context.claims_of(found)
        if claim.in_force(context.now)
    }
    stated = set()
    for share in work.shares:
        scheme, colon, value = share.party.partition(":")
        own = f"{Scheme.OWN.value}:{context.namespace}:{share.party}"
        key = f"{scheme}:{value}" if colon and scheme in codes.MODULES else own
        party = context.define(codes.key(*key.split(":", 1)))
        stated.add((party, share.role, share.right, share.share))
    return told(work)["holders"] if stated <= claimed else f"{len(claimed)}{ON_RECORD}"
