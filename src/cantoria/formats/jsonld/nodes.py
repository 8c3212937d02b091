"""The nodes of a graph that an entry makes, in the terms of the context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

from cantoria.codes import Scheme
from cantoria.formats.entries.types import (
    Chain,
    Collection,
    Entry,
    Outcome,
    Party,
    Recording,
    Release,
    Share,
    Title,
    Work,
)
from cantoria.formats.outgoing import Lost, Outgoing, Thing, codes_of, key_of, kind_of, other_codes
from cantoria.formats.plain_text import plain
from cantoria.kernel.periods import TIME_MIN, Period, format_moment
from cantoria.registry.types import PartyKind, Role

Node = dict[str, Any]
_TYPES: Final = {
    PartyKind.PERSON: "Person",
    PartyKind.GROUP: "MusicGroup",
    PartyKind.ORGANISATION: "Organization",
}
_ROLES: Final = {
    Role.COMPOSER: "composer",
    Role.LYRICIST: "lyricist",
    Role.AUTHOR: "author",
    Role.ARRANGER: "contributor",
    Role.TRANSLATOR: "translator",
    Role.PUBLISHER: "publisher",
    Role.FEATURED_PERFORMER: "byArtist",
    Role.NON_FEATURED_PERFORMER: "contributor",
    Role.PRODUCER: "producer",
}
_SCHEMES: Final = {scheme.value for scheme in Scheme}
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


class Nodes:
    """Makes nodes of entries: each thing is described once. Claims that a later entry adds to a thing stand in a node
    of their own with the same `id`, which says the same in a graph."""

    def __init__(self, lost: Lost) -> None:
        self._lost, self._outgoing = lost, Outgoing(lost)

    def of(self, entry: Entry) -> Iterator[Node]:
        """Give the nodes of an entry."""
        if entry.outcome is not Outcome.REGISTER:
            return
        made: dict[str, Node] = {}
        for thing in self._outgoing.definitions(entry):
            made[_id(thing)] = _described(thing)
        for recording, work in self._outgoing.embodied(entry):
            node = made.setdefault(_id(recording), {"id": _id(recording)})
            node.setdefault("recordingOf", []).append(reference("work", work))
        for subject, share in self._outgoing.claims(entry):
            node = made.setdefault(_id(subject), {"id": _id(subject)})
            party = reference("party", share.party)
            credited = node.setdefault(_ROLES[share.role], [])
            if party not in credited:
                credited.append(party)
            node.setdefault("claim", []).append(_claim(share))
        for one in entry.works:
            if one.collections or one.chains:
                node = made.setdefault(_id(one), {"id": _id(one)})
                _put(node, "collection", [_collection(item) for item in one.collections])
                _put(node, "chain", [_chain(item) for item in one.chains])
        if entry.facts or entry.late:
            self._lost.note("facts of other kinds have no node here", "export the facts", thing=entry.kind)
        yield from made.values()


def reference(kind: str, key: str) -> str:
    """Return the IRI of the thing of a key, or of a code written as `scheme:text`."""
    scheme, colon, _ = key.partition(":")
    name = key if colon and scheme in _SCHEMES else f"{kind}/{key}"
    return "thing:" + quote(name.encode("utf-8", "replace"), safe="/:")


def _id(thing: Thing) -> str:
    return reference(kind_of(thing), key_of(thing))


def _described(thing: Thing) -> Node:
    match thing:
        case Party():
            names = list(dict.fromkeys(plain(name.text) for name in thing.names))
            node: Node = {"id": _id(thing), "type": _TYPES[thing.kind]}
            _put(node, "name", names[0] if names else "")
            _put(node, "script", thing.names[0].script if thing.names else "")
            _put(node, "alternateName", names[1:])
            _put(node, "identifier", list(_identifiers(thing)))
        case Work():
            node = {"id": _id(thing), "type": "MusicComposition", "name": plain(thing.title), "kind": thing.kind.value}
            _put(node, "alternateName", list(_titles(thing.titles)))
            _put(node, "iswcCode", codes_of(thing, "iswc"))
            _put(node, "identifier", list(_identifiers(thing, "iswc")))
            _put(node, "madeFrom", [reference("work", part) for part in thing.parts])
            node["madeFromComplete"] = thing.parts_complete
        case Recording():
            node = {"id": _id(thing), "type": "MusicRecording", "name": plain(thing.title)}
            _put(node, "alternateName", list(_titles(thing.titles)))
            _put(node, "creditText", plain(thing.artist))
            _put(node, "version", plain(thing.version))
            _put(node, "duration", _duration(thing.duration_ms))
            _put(node, "isrcCode", codes_of(thing, "isrc"))
            _put(node, "identifier", list(_identifiers(thing, "isrc")))
            _put(node, "samples", [reference("recording", sample) for sample in thing.samples])
            node["samplesComplete"] = thing.samples_complete
        case Release():
            node = {"id": _id(thing), "type": "MusicRelease", "name": plain(thing.title)}
            _put(node, "gtin", codes_of(thing, "gtin"))
            _put(node, "identifier", list(_identifiers(thing, "gtin")))
            _put(node, "track", [reference("recording", held) for held in thing.recordings])
    return node


def _put(node: Node, name: str, value: Any) -> None:
    """Set a member, unless there is nothing to say."""
    if value or value == 0:
        node[name] = value


def _identifiers(thing: Thing, *but: str) -> Iterator[Node]:
    for scheme, text in other_codes(thing, *but):
        yield {"type": "PropertyValue", "propertyID": scheme, "value": plain(text)}


def _titles(titles: Iterable[Title]) -> Iterator[str | Node]:
    """Give other titles, with their language where it is a language tag."""
    for title in dict.fromkeys(titles):
        if _LANGUAGE.fullmatch(title.language):
            yield {"@value": plain(title.text), "@language": title.language.lower()}
        else:
            yield plain(title.text)


def _claim(share: Share) -> Node:
    node: Node = {"type": "Claim", "party": reference("party", share.party), "role": share.role.value}
    _put(node, "right", share.right.value if share.right else "")
    _put(node, "share", "" if share.share is None else str(share.share))
    return {**node, "territory": share.territory, **_period(share.period), "tier": share.tier.name.lower()}


def _collection(one: Collection) -> Node:
    said = {"party": reference("party", one.party), "role": one.role.value, "right": one.right.value}
    return {"type": "Collection", **said, "share": str(one.share), "territory": one.territory}


def _chain(one: Chain) -> Node:
    node: Node = {"type": "Chain", "acquirer": reference("party", one.acquirer), "kind": one.kind.value}
    _put(node, "grantor", reference("party", one.grantor) if one.grantor else "")
    _put(node, "agreement", plain(one.agreement))
    return {**node, "territory": one.territory, **_period(one.period)}


def _period(period: Period) -> Node:
    node: Node = {}
    _put(node, "from", "" if period.start == TIME_MIN else _moment(period.start))
    _put(node, "to", "" if period.end is None else _moment(period.end))
    return node


def _moment(moment: int) -> str:
    text = format_moment(moment)
    return f"{text}T00:00:00Z" if len(text) == 10 else text


def _duration(duration_ms: int | None) -> str:
    """Return an ISO 8601 duration in seconds."""
    if duration_ms is None:
        return ""
    seconds, thousandths = divmod(duration_ms, 1000)
    return f"PT{seconds}.{thousandths:03d}S" if thousandths else f"PT{seconds}S"
