"""What pages call things: names, kinds, addresses and codes of parties, works, recordings and releases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cantoria import codes
from cantoria.app.ports import FactIndex
from cantoria.app.rights_near import Near, load_near
from cantoria.kernel.errors import InputError
from cantoria.registry import Registry
from cantoria.registry.facts import PartyNamed, RecordingRegistered, ReleaseRegistered, WorkRegistered
from cantoria.registry.types import Found

Value = dict[str, Any]
PATHS: Final[Mapping[str, str]] = {
    "recording": "/recordings/",
    "work": "/works/",
    "release": "/releases/",
    "party": "/parties/",
    "case": "/cases/",
    "certificate": "/certificates/",
    "model": "/models/",
    "run": "/runs/",
    "statement": "/decisions/",
}
_NAMING: Final = tuple(cls.TYPE.tag for cls in (PartyNamed, WorkRegistered, RecordingRegistered, ReleaseRegistered))


def kind_of(name: str) -> str:
    """Return what an id names (`recording`, `party` …), empty for a code."""
    return "" if ":" in name else name.rpartition("_")[0]


def path_of(name: str) -> str:
    """Return the address of a thing's page, empty where there is none."""
    return f"{PATHS[kind_of(name)]}{name}" if kind_of(name) in PATHS else ""


@dataclass(slots=True)
class Names:
    """What things are called as of `size`, looked up together: `want` many, then `ref` each."""

    index: FactIndex
    size: int
    _known: dict[str, str] = field(default_factory=dict)

    def want(self, names: Iterable[str]) -> None:
        """Look up what these ids are called; what is known already is not asked for again."""
        fresh = sorted({name for name in names if name and ":" not in name} - self._known.keys())
        self._known.update(dict.fromkeys(fresh, ""))
        for said in self.index.about(fresh, tags=_NAMING, size=self.size) if fresh else ():
            fact = said.fact
            match fact:
                case PartyNamed():
                    name, called = str(fact.party), fact.name
                case WorkRegistered():
                    name, called = str(fact.work), fact.title
                case RecordingRegistered():
                    name, called = str(fact.recording), fact.title
                case _:
                    name, called = str(fact.release), fact.title
            if name in self._known and not self._known[name]:
                self._known[name] = called

    def name(self, name: str) -> str:
        """Return what one is called, empty where nothing on record names it."""
        if name not in self._known:
            self.want([name])
        return self._known.get(name, "")

    def ref(self, name: str) -> Value:
        """Return a reference to a thing: id, kind, name and the address of its page."""
        return {"id": name, "kind": kind_of(name), "name": self.name(name), "path": path_of(name)}


def code_value(key: str) -> Value:
    """Return a code key as a page shows it: scheme, value, and the value as people write it."""
    scheme, _, value = key.partition(":")
    return {"code": key, "scheme": scheme, "value": value, "written": written(key)}


def written(key: str) -> str:
    """Return the value of a code key as people write it; as it is where it is none of a known scheme."""
    scheme, _, value = key.partition(":")
    try:
        return codes.module_for(scheme).format(value)
    except InputError:
        return value


def found_by(index: FactIndex, text: str, *, kind: str, size: int) -> tuple[str, ...]:
    """Return the things of a kind that an id or a code key names as of `size`, those of undisputed links first.

    An id is taken as it is. A code that cannot be read is an `InputError`.
    """
    return found_near(index, text, kind=kind, size=size)[0]


def found_near(index: FactIndex, text: str, *, kind: str, size: int) -> tuple[tuple[str, ...], Near | None]:
    """Return the same, and the neighbourhood of the one recording that a code names where it was read on the way."""
    if ":" not in text:
        return ((text,) if kind_of(text) == kind else ()), None
    scheme, _, value = text.partition(":")
    key = codes.key(scheme, value)
    near = load_near(index, subjects=[key], size=size)
    registry = near.rights.registry
    links = {link.right for link in registry.links(key) if link.left == key and kind_of(link.right) == kind}
    found = tuple([name for name in registry.named_by(key) if kind_of(name) == kind] or sorted(links))
    # A link leads from either end to the other, so what was read from the code on is what is read from the thing on,
    # unless the code led to another thing besides.
    same = kind == "recording" and len(found) == 1 and found[0] in links and _leads_to(registry, key, found[0])
    return found, near if same else None


def _leads_to(registry: Registry, key: str, thing: str) -> bool:
    match registry.resolve([key], media="recording"):
        case Found(subject=subject):
            return subject == thing
        case _:
            return True
