"""What must hold in every schedule, looked at after every block of every member, and once more in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cantoria.kernel.errors import CantoriaError
from cantoria.ledger import merkle
from cantoria.ledger.cosignatures import cosignatures_of, parse_cosigner
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.notes import NoteKey, open_checkpoint, split_note
from cantoria.ledger.ports import LedgerStore
from cantoria.ledger.recovery import audit
from cantoria.ledger.state import Seat, quorum_of
from cantoria.ledger.tiles import Edge, node_reader
from cantoria.testing.consortium import ORIGIN, TYPES
from cantoria.testing.simulation.messages import Block

if TYPE_CHECKING:
    from cantoria.testing.simulation.node import Node


class ViolationError(Exception):
    """Something that must never happen did."""


def demand(condition: bool, message: str) -> None:
    """Raise `ViolationError` unless `condition` holds."""
    if not condition:
        raise ViolationError(message)


class Checks:
    """The one log that all healthy members must have, as far as any of them has it."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = list(entries)
        self.leaves = merkle.leaf_hashes(self.entries)
        self._edge, _ = Edge().extend(self.leaves)
        self.roots = {self._edge.size: self._edge.root()}
        self.hashes: dict[int, bytes] = {}
        self.names: dict[int, bytes] = {}
        self.blocks = 0
        self._seen: dict[int, int] = {}
        self.notes: dict[int, int] = {}
        self._texts: dict[int, str] = {}
        self._sizes: dict[int, int] = {}
        self._seats: dict[int, tuple[Seat, ...]] = {}

    def committed(self, node: Node, block: Block, codes: Sequence[int]) -> None:
        """Look at a member that has just stored a block."""
        if node.suspect:
            return
        who, mark = f"member {node.number}", node.replica.mark
        self.blocks += 1
        demand(not any(codes), f"{who} applied a block with inadmissible transactions at {block.height}")
        demand(mark.height == block.height, f"{who} stands at {mark.height} after block {block.height}")
        name = self.names.setdefault(block.height, block.name)
        demand(name == block.name, f"two blocks were decided at height {block.height}; {who} has the second")
        known = self.hashes.setdefault(block.height, mark.app_hash)
        demand(known == mark.app_hash, f"{who} has another app hash after block {block.height}")
        store = node.replica._store
        self._sizes[block.height] = node.replica.size
        self._seats[block.height] = tuple(node.replica.state.seats.values())
        self._look_at_log(node, store)
        self._look_at_checkpoint(node, store)

    def restarted(self, node: Node) -> None:
        """Forget how far a member's log was looked at: it may have gone back."""
        self._seen.pop(node.number, None)
        self.notes.pop(node.number, None)
        self._texts.pop(node.number, None)

    def _look_at_log(self, node: Node, store: LedgerStore) -> None:
        size, start = node.replica.size, min(self._seen.get(node.number, 0), node.replica.size)
        found = store.entries(start, stop=size)
        common = min(size, len(self.entries))
        demand(
            found[: max(common - start, 0)] == self.entries[start:common],
            f"member {node.number} has another log between {start} and {common}",
        )
        fresh = found[max(common - start, 0) :]
        leaves = merkle.leaf_hashes(fresh)
        demand(not set(leaves) & set(self.leaves), f"an entry was recorded twice by block {node.replica.mark.height}")
        demand(len(set(leaves)) == len(leaves), f"an entry stands twice in block {node.replica.mark.height}")
        self.entries += fresh
        self.leaves += leaves
        self._edge, _ = self._edge.extend(leaves)
        self.roots.setdefault(self._edge.size, self._edge.root())
        demand(self.roots.get(size) == node.replica.root, f"member {node.number} has another root at {size}")
        self._seen[node.number] = size

    def _look_at_checkpoint(self, node: Node, store: LedgerStore) -> None:
        note = store.checkpoint()
        if note is None or note == self._texts.get(node.number):
            return
        who = f"the checkpoint of member {node.number}"
        try:
            found = open_checkpoint(note, key=NoteKey(ORIGIN, node.organisation.log.public_key))
            enough = self._is_cosigned(note, found.size)
        except CantoriaError as error:
            raise ViolationError(f"{who} does not verify: {error}") from error
        before = self.notes.get(node.number)
        demand(enough, f"{who} at {found.size} lacks a quorum of cosignatures")
        demand(self.roots.get(found.size) == found.root, f"{who} at {found.size} is not of the log")
        if before is not None:
            demand(before < found.size, f"{who} went back from {before} to {found.size}")
            proof = merkle.consistency_proof(node_reader(store.tile), before, size=found.size)
            consistent = merkle.verify_consistency(
                self.roots[before], found.root, old_size=before, size=found.size, proof=proof
            )
            demand(consistent, f"{who} at {found.size} does not extend the one at {before}")
        self.notes[node.number] = found.size
        self._texts[node.number] = note

    def _is_cosigned(self, note: str, size: int) -> bool:
        """Tell whether a quorum of the seats cosigned a checkpoint: those after the block that followed a block with
        this log, as the one after that published it."""
        text, lines = split_note(note)
        councils = {
            self._seats[height + 1] for height, one in self._sizes.items() if one == size and height + 1 in self._seats
        }
        counts = [
            len(cosignatures_of(text, lines, keys=[parse_cosigner(one.cosigner) for one in seats]))
            >= quorum_of(len(seats))
            for seats in sorted(councils, key=len)
        ]
        return any(counts)

    def last(self, nodes: Sequence[Node]) -> None:
        """Look at everything once more when all is quiet: recompute each healthy member's log from its entries."""
        for node in nodes:
            if node.suspect or not node.up:
                continue
            key = NoteKey(ORIGIN, node.organisation.log.public_key)
            try:
                found = audit(node.replica._store, types={BODY_ERASED.tag: BODY_ERASED, **TYPES}, key=key)
            except CantoriaError as error:
                raise ViolationError(f"member {node.number}'s log does not stand an audit: {error}") from error
            demand(self.roots.get(found.size) == found.root, f"member {node.number} ends with another root")
