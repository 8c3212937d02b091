"""From entries to facts: names things by their keys and codes, and writes down what is said of them.

An entry is taken whole or refused whole. What a scribe remembers of earlier entries can be forgotten once their facts
are recorded (`forget`): the context finds them again, so that a file of any size is read in constant memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Final

from cantoria import codes
from cantoria.codes import Checked, Scheme
from cantoria.formats.csvfamily.desk import STRONG, Context, is_id
from cantoria.formats.entries.kinship import kin
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Source
from cantoria.kernel.periods import Period
from cantoria.registry.facts import ClaimWithdrawn
from cantoria.registry.trade_facts import ChainAsserted, CollectionClaimed

_OWN: Final = Scheme.OWN.value + ":"


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its id, the keys of its codes that are fit to name it (`news`: those that nobody knew), the key of
    the sender's own code, whether it is new to the registry, what is `odd` about how it was named, and whether it is a
    party that had no name until now."""

    thing: str
    keys: tuple[str, ...]
    news: tuple[str, ...]
    own: str
    fresh: bool
    odd: str = ""
    nameless: bool = False


class Scribe:
    """Writes down the entries of one file."""

    def __init__(self, context: Context, *, file: str, sha256: str) -> None:
        self.context = context
        self._file, self._sha256 = file, sha256
        self._known: dict[
            str, str
        ] = {}  # slot of a code key -> thing; "" for a code that two things carry: it names neither
        self._titles: dict[str, str] = {}
        self._called: set[str] = set()  # things that have a key of the sender
        self._christened: list[str] = []  # parties whose first name the entry gives
        self._added: list[tuple[str, str | None]] = []  # what the entry changed in `_known`, and what stood there

    def forget(self) -> None:
        """Forget what was named: its facts are recorded, and the context finds it again."""
        self._known.clear()
        self._titles.clear()
        self._called.clear()
        self._added.clear()

    def begin(self) -> None:
        """Begin an entry: `undo` forgets what is named from here on."""
        self._added.clear()
        self._christened.clear()

    def undo(self) -> None:
        """Forget what the entry named, because it is refused."""
        for code, before in reversed(self._added):
            if before is None:
                del self._known[code]
            else:
                self._known[code] = before
        for party in self._christened:
            self._titles.pop(party, None)
        self._added.clear()

    def source(self, line: int) -> Source:
        """Return where an entry stands."""
        return Source(self._file, self._sha256, line)

    def own(self, key: str) -> str:
        """Return the code key of one of the sender's own keys."""
        return _own(self.context.namespace, key)

    def find(self, code: str, kind: str) -> str | None:
        """Return the thing of that kind which a code key names for this sender, or None."""
        found = self._names(code, kind)
        return found if found is not None and found.startswith(kind + "_") else None

    def name(self, kind: str, key: str, keys: tuple[str, ...], *, title: str = "") -> Named:
        """Return the thing that the sender calls `key`, or that carries one of the codes.

        A code alone is no identity: where the thing on record is called something else, this is another thing. A key
        that is the id of a thing on record is that thing, as it stands.
        """
        if self._is_here(key, kind):
            return Named(key, (), (), "", fresh=False)
        own = self.own(key) if key else ""
        thing = self.find(own, kind) if own else None
        fresh, odd = thing is None, ""
        for code in keys:
            if thing is None and code.partition(":")[0] in (*STRONG[kind], "own"):
                thing, why = self._by_code(kind, code, own=bool(own), title=title)
                fresh, odd = thing is None, odd or why
        news = tuple(code for code in keys if self._names(code, kind) is None)
        thing = thing or self.context.new_id(kind)
        nameless = kind == "party" and bool(title) and not fresh and not self._title(thing)
        if fresh or nameless:
            self._titles[thing] = title
        if nameless:
            self._christened.append(thing)
        if own:
            self._called.add(thing)
        for code in filter(None, (own, *keys)):
            known, slot = self._names(code, kind), _slot(code, kind)
            if known != thing:
                self._added.append((slot, self._known.get(slot)))
                self._known[slot] = thing if known is None else ""
        return Named(thing, keys, news, own, fresh, odd, nameless)

    def _title(self, thing: str) -> str:
        """Return what a thing is called on record or in this file, or nothing; what is found is remembered."""
        known = self._titles.get(thing) or self.context.title_of(thing)
        if known:
            self._titles[thing] = known
        return known

    def _is_here(self, key: str, kind: str) -> bool:
        return key.startswith(kind + "_") and is_id(key) and self.context.exists(key)

    def _names(self, code: str, kind: str) -> str | None:
        """Return what a code names, "" where two things carry it, None where nobody knows it. Of a sender's own keys
        those of one kind are looked at: its work 1 and its recording 1 are two things."""
        known = self._known.get(_slot(code, kind))
        if known is not None:
            return known
        return self.context.define(code, kind) if code.startswith(_OWN) else self.context.define(code)

    def _by_code(self, kind: str, code: str, *, own: bool, title: str) -> tuple[str | None, str]:
        """Return the thing that a code names, unless the code is shared by two things; then say so."""
        found = self.find(code, kind)
        if found is None or (kind == "party" and not code.startswith("ipi_name:")):
            return found, ""
        if kind != "party" and own and (found in self._called or self.context.called(found)):
            return None, f"another {kind} of this sender carries {code}; it names neither until somebody decides"
        known = self._title(found)
        if known and title and not kin(known, title):
            return None, f"{code} names {known!r} already; a code alone makes no two things one"
        return found, ""

    def refer(self, text: str, kind: str) -> str:
        """Return the id of what a key of the file, or a code as scheme:text, means."""
        if self._is_here(text, kind):
            return text
        scheme, colon, value = text.partition(":")
        code = _key(scheme, value) if colon and scheme in codes.MODULES else self.own(text)
        found = self.find(code, kind)
        if found is None:
            looked = self.context.lookup(code)
            found = looked if looked is not None and looked.startswith(kind + "_") else None
        if found is None:
            raise InputError(
                f"no {kind} is known by this reference",
                "send it first, or correct the reference",
                {"field": kind, "value": text},
            )
        return found

    def stale(self, subject: str, named: Iterable[str]) -> Iterator[ClaimWithdrawn]:
        """Give the withdrawal of what the sender claimed of a subject before and does not name any more."""
        context, kept = self.context, set(named)
        for claim in context.claims_of(subject):
            mine = claim.organisation == context.sender and claim.in_force(context.now)
            if mine and claim.fact.claim not in kept:
                yield ClaimWithdrawn(claim=claim.fact.claim, at=context.now)

    def ended(self, subject: str, named: Iterable[str]) -> Iterator[CollectionClaimed | ChainAsserted]:
        """Give the end of what the sender said that is collected of a work, and of its chain of title, before, and
        does not name any more."""
        now, kept = self.context.now, set(named)
        for said in self.context.said_of(subject):
            if isinstance(said, CollectionClaimed):
                if said.claim not in kept and said.share:
                    yield replace(said, share=Fraction(0))
            elif said.chain not in kept and said.period.contains(now):
                yield replace(said, period=Period(min(said.period.start, now - 1), now))


@lru_cache(maxsize=65536)
def check(scheme: str, text: str) -> Checked:
    """Return a checked code; `InputError` where it is none."""
    return codes.check(scheme, text)


def _slot(code: str, kind: str) -> str:
    return f"{kind} {code}" if code.startswith(_OWN) else code


def _key(scheme: str, text: str) -> str:
    return f"{scheme}:{check(scheme, text).value}"


@lru_cache(maxsize=65536)
def _own(namespace: str, key: str) -> str:
    return codes.key(Scheme.OWN, f"{namespace}:{key}")
