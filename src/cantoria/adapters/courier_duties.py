"""What recorded facts ask of a member: erase, deliver what is demanded of it, look at what was delivered to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from cantoria.adapters.attesting import PendingBatches
from cantoria.adapters.body_pages import PAGE_BYTES_MAX, matches, unpack_page
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.desk import SECOND, Desk
from cantoria.adapters.holder import leaf_digest
from cantoria.adapters.http.members import Member
from cantoria.adapters.sqlite.courier_rows import Demand, Erasure, Stage
from cantoria.app import erasable
from cantoria.consent.facts import StatementMade
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle, tiles
from cantoria.ledger.batch import KIND_BATCH, unpack_header
from cantoria.ledger.cosignatures import add_cosignatures, cosignatures_of, parse_cosigner
from cantoria.ledger.ed25519 import Signer
from cantoria.ledger.envelope import Envelope, fact_id_text
from cantoria.ledger.facts import LeafDelivered
from cantoria.ledger.notes import NOTE_BYTES_MAX, parse_checkpoint, sign_checkpoint, split_note
from cantoria.usage.streaming import leaf_of

TRIES_MAX: Final = 3
LEAF_BYTES_MAX: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Eraser:
    """Carries out recorded erasures of bodies that lie here (RULES section 7); `after` follows, for views of them."""

    desk: Desk
    after: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        """Judge every pending erasure; destroy what those that stand name."""
        done = [one for one in self.desk.memory.erasures(Stage.PENDING) if self._carried_out(one)]
        if done:
            self.desk.log.store.scrub()
            self.after()
            for one in done:
                self.desk.memory.settle(one.index, Stage.DONE)

    def _carried_out(self, erasure: Erasure) -> bool:
        store = self.desk.log.store
        target = store.index_of(erasure.target)
        by, packed = self.desk.envelope(erasure.index), self.desk.envelope(-1 if target is None else target)
        if target is None or target > erasure.index or by is None or packed is None:
            self.desk.memory.settle(erasure.index, Stage.REFUSED, reason="it names no fact recorded before it")
            return False
        refused = erasable.refusal(packed, by=by)
        if refused is not None:
            self.desk.memory.settle(erasure.index, Stage.REFUSED, reason=refused)
            return False
        held = store.bodies(target, stop=target + 1)
        if held and held[0].body is None:
            return True
        if packed.type_tag == StatementMade.TYPE.tag:
            stage, reason = self._stage_of_statement(erasure, target, by)
            if stage is not Stage.DONE:
                self.desk.memory.settle(erasure.index, stage, reason=reason)
                return False
        store.drop_bodies([target], erased_at=self.desk.clock())
        return True

    def _stage_of_statement(self, erasure: Erasure, target: int, by: Envelope) -> tuple[Stage, str]:
        """Tell whether a statement may go: never so that a door opens."""
        said = self.desk.fact(target)
        if said is None:
            tries = self.desk.memory.tries(target)
            if tries is not None and tries < TRIES_MAX:
                return Stage.PENDING, "the statement's body is awaited: it may be one that needs a tombstone"
            return Stage.DONE, ""
        kept: list[Any] = []
        for index in self.desk.memory.shields(str(said.statement), below=erasure.index):
            packed, fact = self.desk.envelope(index), self.desk.fact(index)
            if packed is not None and fact is not None and packed.organisation == by.organisation:
                kept.append(fact)
        if erasable.keeps_effect(said, index=target, recorded=kept):
            return Stage.DONE, ""
        if self.desk.memory.awaits(by.organisation, below=erasure.index):
            return Stage.PENDING, "what keeps the statement's effect may be among the bodies that are awaited"
        return Stage.REFUSED, "no tombstone of the same effect stands before it: a door would open"


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Answers demands that are made of this member, and looks at the answers to its own."""

    desk: Desk

    def __call__(self) -> None:
        """Answer what can be answered; a demand that cannot stays open, with the reason."""
        own = self.desk.organisation
        for demand in self.desk.memory.demands():
            if demand.of == own and not demand.answered and demand.delivered is None:
                self._answer(demand)
            elif demand.asker == own and demand.delivered is not None and not demand.checked:
                self._look(demand)

    def _answer(self, demand: Demand) -> None:
        try:
            digest = self._digest_of(demand)
        except InputError as error:
            self.desk.memory.answer(demand.fact_id, trouble=error.message)
            return
        self.desk.record([LeafDelivered(demand=fact_id_text(demand.fact_id), digest=digest)])
        self.desk.memory.answer(demand.fact_id)

    def _digest_of(self, demand: Demand) -> str:
        """Return the digest of the leaf, which is here, or raise `InputError`."""
        if demand.batch is not None:
            held = self.desk.log.store.bodies(self._fact_of(demand), stop=self._fact_of(demand) + 1)
            if not held or held[0].salt is None or held[0].body is None:
                raise InputError("the body is erased, or not here", "nothing can be delivered")
            return leaf_digest(held[0].salt, held[0].body)
        for digest, lines in self.desk.memory.files_of_root(demand.root):
            if self.desk.attachments.holds(digest):
                leaf = leaf_of(self.desk.attachments.parts(digest), demand.position, lines=lines)
                if leaf.root.hex() == demand.root:
                    return merkle.leaf_hash(leaf.line).hex()
        raise InputError("no file with this root is here", "put it back into attachments/")

    def _fact_of(self, demand: Demand) -> int:
        """Return the leaf index of the fact that a demand of a batch means."""
        header = demand.batch or 0
        size = self.desk.log.size
        entry = self.desk.log.store.entries(header, stop=header + 1)[0] if header < size else b"\x00"
        if entry[0] != KIND_BATCH or demand.position >= unpack_header(entry).count:
            raise InputError("the demand names no fact of a batch", "name the entry of a batch header")
        return header + 1 + demand.position

    def _look(self, demand: Demand) -> None:
        """Fetch what is said to be delivered, and check it."""
        member = self.desk.members.get(demand.of)
        if member is None:
            return
        look = self._look_at_body if demand.batch is not None else self._look_at_line
        wrong = self.desk.ask(member, partial(look, demand))
        if wrong is not None:
            self.desk.memory.check(demand.fact_id, trouble=wrong)

    def _look_at_body(self, demand: Demand, member: Member) -> str:
        index = self._fact_of(demand)
        entry = self.desk.log.store.entries(index, stop=index + 1)[0]
        target = f"/v1/bodies?from={index}&to={index + 1}"
        page = unpack_page(self.desk.client.get(member, target, bytes_max=2 * PAGE_BYTES_MAX).body)
        for found, salt, body in page.rows:
            right = matches(entry, salt, body, types=self.desk.log.types) and leaf_digest(salt, body) == demand.digest
            if found == index and right:
                self.desk.log.store.add_bodies([(found, salt, body)])
                return ""
        return "what is said to be delivered is not handed out"

    def _look_at_line(self, demand: Demand, member: Member) -> str:
        wrong = "what is said to be delivered is not handed out"
        for digest, _ in self.desk.memory.files_of_root(demand.root):
            target = f"/v1/leaf/{digest}/{demand.position}"
            answer = self.desk.client.get(member, target, bytes_max=LEAF_BYTES_MAX)
            line = read_leaf(answer.body, demand.position, root=demand.root)
            if line is not None and merkle.leaf_hash(line).hex() == demand.digest:
                self.desk.attachments.put(line)
                return ""
        return wrong


def read_leaf(data: bytes, position: int, *, root: str) -> bytes | None:
    """Return the line in the answer of `/v1/leaf/…` where its path leads to the recorded `root` (hex), else None."""
    try:
        value = json.loads(data)
        line = value["line"].encode()
        path = [bytes.fromhex(one) for one in value["path"]]
        lines = value["lines"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if type(lines) is not int or len(path) > 64:
        return None
    found = merkle.root_from_inclusion(merkle.leaf_hash(line), position, size=lines, proof=path)
    return line if found is not None and found.hex() == root else None


@dataclass(slots=True)
class Publisher:
    """Takes in checkpoints that a quorum cosigned while this node was away, and publishes them as its own."""

    desk: Desk
    log: Signer
    patience: int = 15 * SECOND
    _behind: tuple[int, int] = (-1, 0)  # the newest checkpoint, and since when it lags behind the log

    def __call__(self) -> None:
        """Ask one member after the other until one has a newer checkpoint of the log as it is here."""
        size, known = self.desk.log.size, self._newest()
        if known == size:
            return
        now = self.desk.clock()
        if self._behind[0] != known:
            self._behind = known, now
        if now - self._behind[1] < self.patience:
            return
        for member in self.desk.sources(b""):
            note = self.desk.ask(member, self._checkpoint)
            if note is not None and self._take(note, above=known, member=member):
                return

    def _newest(self) -> int:
        note = self.desk.log.store.checkpoint()
        return 0 if note is None else parse_checkpoint(split_note(note)[0]).size

    def _checkpoint(self, member: Member) -> str:
        return self.desk.client.get(member, "/checkpoint", bytes_max=NOTE_BYTES_MAX).body.decode("utf-8", "replace")

    def _take(self, note: str, *, above: int, member: Member) -> bool:
        """Store the checkpoint in a member's note where it is newer, right and cosigned by a quorum of the seats."""
        try:
            text, lines = split_note(note)
            checkpoint = parse_checkpoint(text)
        except InputError:
            return False
        state, size = self.desk.log.now()
        if checkpoint.origin != self.desk.log.origin or not above < checkpoint.size <= size:
            return False
        keys = [parse_cosigner(seat.cosigner) for seat in state.seats.values()]
        named = {(key.name, key.key_hash) for key in keys}
        ours = [line for line in lines if (line.name, line.key_hash) in named]
        try:
            cosigned = cosignatures_of(text, ours, keys=keys)
        except IntegrityError:
            return False
        if not state.seats or len(cosigned) < state.quorum:
            return False
        if tiles.tree_root(self.desk.log.store.tile, size=checkpoint.size) != checkpoint.root:
            raise IntegrityError(
                f"a quorum cosigned another log of {checkpoint.size} entries than lies here (shown by {member.name})",
                "stop this node and restore its folder from a copy; keep the note as evidence",
                {"note": note[:2000]},
            )
        own = sign_checkpoint(checkpoint, signer=self.log)
        self.desk.log.store.save_checkpoint(
            checkpoint.size, note=add_cosignatures(own, "".join(line.text() for line in ours))
        )
        return True


@dataclass(frozen=True, slots=True)
class Tidier:
    """Lets pending batches go once they are queued or recorded."""

    desk: Desk
    pending: PendingBatches
    intake: Intake

    def __call__(self) -> None:
        """Remove the files of batches that need not wait any more."""
        waiting = set(self.pending.keys())
        for key in sorted(waiting):
            if self.intake.outcome(key) is not None:
                self.pending.drop(key)
