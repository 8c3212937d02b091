"""The courier of a node: it fetches the bodies that its log lacks, and does what recorded facts ask of this member.

It follows the log and the late changes beside it, once each, and keeps how far it is in the transaction of what it
learned. Each duty is tried every round; one that fails is noted (`cantoria holding list`) and keeps no other back.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from cantoria.adapters.body_pages import PAGE_BYTES_MAX, Page, committed, unpack_page
from cantoria.adapters.desk import SECOND, Desk, read_fact
from cantoria.adapters.http.members import Member
from cantoria.adapters.parcel import unpack_parcel
from cantoria.adapters.runs import runs
from cantoria.kernel.errors import CantoriaError, IntegrityError
from cantoria.ledger.attestation import (
    ATTESTATIONS_MAX,
    KIND_ATTESTATION,
    Attestation,
    Purpose,
    unpack_attestation,
)
from cantoria.ledger.batch import KIND_BATCH, unpack_header
from cantoria.ledger.envelope import unpack
from cantoria.ledger.merkle import leaf_hash
from cantoria.ledger.ports import StoredFact
from cantoria.ledger.replay import fact_of

ROUND_SECONDS: Final = 1.0
DUE_MAX: Final = 20_000
_CHUNK: Final = 4096
_RANGE: Final = 8192
_AHEAD: Final = 1_000_000  # late changes that views of a restored log may have read beyond this courier
_PATIENCE: Final = 60 * SECOND
_WAIT_MAX: Final = 600 * SECOND
_LAPSE: Final = 30 * 24 * 3600 * SECOND


@dataclass(slots=True)
class Courier:
    """One per node. `duties` are done every round after the log is followed and bodies are fetched, by name."""

    desk: Desk
    duties: Sequence[tuple[str, Callable[[], None]]] = ()

    def round(self) -> None:
        """Do everything that can be done now."""
        own = (("follow", self.follow), ("fetch", self.fetch), ("take in", self.follow))
        for name, duty in (*own, *self.duties, ("take in", self.follow)):
            said = ""
            try:
                duty()
            except CantoriaError as error:
                said = str(error)[:1000]
            self.desk.memory.trouble(name, at=self.desk.clock(), said=said)
        self.desk.holdings.lapse(before=self.desk.clock() - _LAPSE)

    def run(self, stop: threading.Event, *, seconds: float = ROUND_SECONDS) -> None:
        """Go round until `stop` is set; where even the memory fails, wait and try again."""
        while not stop.is_set():
            try:
                self.round()
            except CantoriaError:
                stop.wait(seconds * 5)
            stop.wait(seconds)

    def follow(self) -> None:
        """Take in new entries, then what changed beside old ones."""
        memory, store = self.desk.memory, self.desk.log.store
        self._notice_an_older_log()
        position, size, late = memory.number("walk"), self.desk.log.size, memory.number("late")
        while position < size:
            stop = min(position + _CHUNK, size)
            # Before what is remembered, so that a death in between looks like nothing restored.
            store.set_bookmark(stop + late)
            memory.keep("walk", stop, step=partial(self._walk, position, stop))
            position = stop
        while changes := store.late_changes(late, limit=_CHUNK):
            indices = sorted({index for _, index in changes if index < position})
            late = changes[-1][0]
            store.set_bookmark(position + late)
            memory.keep("late", late, step=partial(self._meet_late, indices))

    def _notice_an_older_log(self) -> None:
        """Where the log's file was restored from a copy, learn everything again: bodies that came since are gone, and
        bodies that were erased since are back."""
        memory, store = self.desk.memory, self.desk.log.store
        late = memory.number("late")
        if store.bookmark() < memory.number("walk") + late:
            store.number_late_above(late + _AHEAD)
            memory.begin_anew()

    def fetch(self) -> None:
        """Ask for the bodies that are awaited and due: their author first, then everybody else."""
        now = self.desk.clock()
        spent: Counter[bytes] = Counter()  # time, by the member that it was spent on
        for organisation, wanted in self.desk.memory.due(now=now, limit=DUE_MAX).items():
            missing = set(wanted)
            asked = reached = 0
            for member in self.desk.sources(organisation):
                if not missing:
                    break
                asked += 1
                began = self.desk.clock()
                reached += self._ask(member, missing, until=began + _PATIENCE - spent[member.organisation])
                spent[member.organisation] += self.desk.clock() - began
            if missing:
                self._postpone(sorted(missing), tried=asked > 0 and reached == asked)

    def _postpone(self, indices: Sequence[int], *, tried: bool) -> None:
        tries = self.desk.memory.tries(indices[0]) or 0
        wait = min(5 * SECOND << min(tries, 10), _WAIT_MAX) if tried else 5 * SECOND
        self.desk.memory.postpone(indices, until=self.desk.clock() + wait, tried=tried)

    def _ask(self, member: Member, missing: set[int], *, until: int) -> bool:
        """Store what a member has of the missing bodies; tell whether it answered to the end, and before `until`: one
        that answers slowly, little by little, must not keep this member from all its other duties."""
        for start, stop in _ranges(sorted(missing)):
            at = start
            while at < stop:
                if self.desk.clock() >= until:
                    return False
                page = self.desk.ask(member, partial(self._page, start=at, stop=stop))
                if page is None:
                    return False
                rows = [row for row in page.rows if row[0] in missing]
                self.desk.log.store.add_bodies(rows)
                missing.difference_update(row[0] for row in rows)
                at = page.next
        return True

    def _page(self, member: Member, *, start: int, stop: int) -> Page:
        answer = self.desk.client.get(member, f"/v1/bodies?from={start}&to={stop}", bytes_max=2 * PAGE_BYTES_MAX)
        page = unpack_page(answer.body)
        right, wrong = committed(page.rows, store=self.desk.log.store, types=self.desk.log.types)
        if wrong or not start < page.next <= stop:
            what = f"entry {wrong[0]}" if wrong else f"the page from {start}"
            # What is right is kept: it is what was committed to, whoever sent it.
            self.desk.log.store.add_bodies([row for row in right if start <= row[0] < stop])
            raise IntegrityError(f"{member.name} sent a wrong body for {what}", "ask another member")
        return page

    def _walk(self, start: int, stop: int) -> None:
        """Take in the entries [start, stop)."""
        store, memory = self.desk.log.store, self.desk.memory
        entries = store.entries(start, stop=stop)
        facts = {one.index: one for one in self.desk.log.facts(start, stop=stop)}
        expected: list[tuple[int, bytes]] = []
        for index, entry in enumerate(entries, start):
            if entry[0] == KIND_BATCH:
                self._meet_header(index, entry)
            elif fact_of(entry) is not None and facts[index].body is None and not facts[index].erased:
                expected.append((index, entry[19:35]))
            elif index in facts:
                self._meet(facts[index])
        memory.expect(expected)

    def _meet_header(self, index: int, header: bytes) -> None:
        """Note who holds the batch, and put its bodies beside it where they were held here."""
        holders = [one.organisation for one in self._attested(index) if one.purpose is Purpose.HOLDING]
        fields = unpack_header(header)
        self.desk.memory.hold(index, author=fields.organisation, holders=holders)
        key = leaf_hash(header)
        parcel = self.desk.holdings.parcel(key)
        if parcel is not None and index + fields.count < self.desk.log.size:
            batch = unpack_parcel(parcel)
            rows = zip(range(index + 1, index + 1 + fields.count), batch.salts, batch.bodies, strict=True)
            right, _ = committed(rows, store=self.desk.log.store, types=self.desk.log.types)
            self.desk.log.store.add_bodies(right)
            self.desk.holdings.place(key)

    def _attested(self, index: int) -> list[Attestation]:
        """Return the attestations that stand before the header at `index`."""
        found: list[Attestation] = []
        for entry in reversed(self.desk.log.store.entries(max(index - ATTESTATIONS_MAX, 0), stop=index)):
            if entry[0] != KIND_ATTESTATION:
                break
            found.append(unpack_attestation(entry))
        return found

    def _meet(self, one: StoredFact) -> None:
        packed = unpack(one.envelope)
        if one.body is not None:
            self.desk.memory.learn(one.index, packed, read_fact(packed.type_tag, one.body))

    def _meet_late(self, indices: Sequence[int]) -> None:
        """Take in bodies that came or went; files that nothing names any more go with them."""
        for start, stop in runs(indices):
            for one in self.desk.log.facts(start, stop=stop):
                if one.body is not None:
                    self._meet(one)
                elif one.erased:
                    for digest in self.desk.memory.forget(one.index):
                        self.desk.attachments.drop(digest)


def _ranges(indices: Sequence[int]) -> list[tuple[int, int]]:
    """Return ranges of leaf indices that cover these, none longer than a question may be."""
    found: list[tuple[int, int]] = []
    for index in indices:
        if found and index < found[-1][0] + _RANGE:
            found[-1] = found[-1][0], index + 1
        else:
            found.append((index, index + 1))
    return found
