"""What a hostile member does with its turn to propose and with its votes; it can forge nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from cantoria import ledger
from cantoria.adapters.cometbft import extensions
from cantoria.adapters.cometbft.extensions import Cosignature
from cantoria.ledger.cosignatures import parse_cosigner
from cantoria.testing.consortium import Organisation, signer_of
from cantoria.testing.simulation.messages import Block, Proposal, Vote

if TYPE_CHECKING:
    from cantoria.testing.simulation.node import Node

_TOO_LARGE = b"\x03" + bytes(4_000_000)


class Tricks:
    """One hostile member's whims."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._tricks: list[Callable[[Node, Block], Sequence[Block]]] = [
            *(self._honest, self._silent, self._split, self._split),
            *(self._inadmissible, self._replayed, self._forged, self._huge, self._false_hash, self._false_time),
        ]

    def propose(self, node: Node, block: Block, number: int) -> None:
        """Propose something in the place of an honest block."""
        blocks = self._random.choice(self._tricks)(node, block)
        for turn, other in enumerate(node.world.nodes):
            if blocks:
                chosen = blocks[turn % len(blocks)]
                node.tell(other, Proposal(chosen.height, number, chosen, -1))
                if len(blocks) > 1:
                    self._vote_for(node, other, chosen, number)

    def extension(self, right: bytes) -> bytes:
        """Return what goes with a precommit instead of the right cosignature."""
        wrong = right[:-1] + bytes([right[-1] ^ 1])
        return self._random.choice([right, right, b"", b"junk", wrong])

    def _vote_for(self, node: Node, other: Node, block: Block, number: int) -> None:
        """Tell one member that this block has our votes, whatever the others are told."""
        for final in (False, True):
            extension = node.face.extend(block.height) if final else b""
            node.tell(other, Vote(block.height, number, final, block.name, node.address, block.time + 1000, extension))

    def _with(self, block: Block, *more: bytes) -> list[Block]:
        return [replace(block, transactions=(*block.transactions, *more))]

    def _honest(self, node: Node, block: Block) -> Sequence[Block]:
        return [block]

    def _silent(self, node: Node, block: Block) -> Sequence[Block]:
        return []

    def _split(self, node: Node, block: Block) -> Sequence[Block]:
        """Two admissible blocks, to different members."""
        author = Organisation(node.organisation.name, now=block.time)
        ids = ledger.FactIds(self._random.randbytes)
        batch = ledger.seal(
            [author.draft()],
            node.organisation.author,
            ids=ids,
            entropy=self._random.randbytes,
            claimed_at=block.time,
        )
        return [block, *self._with(block, ledger.pack_item(batch))]

    def _inadmissible(self, node: Node, block: Block) -> Sequence[Block]:
        stranger = Organisation("stranger", now=block.time)
        forged = replace(stranger.author, organisation=node.world.nodes[0].organisation.identifier)
        batch = ledger.seal(
            [stranger.draft()], forged, ids=stranger.ids, entropy=self._random.randbytes, claimed_at=block.time
        )
        return self._with(block, self._random.choice([ledger.pack_item(batch), b"", b"\x03{}", b"\x02" * 135]))

    def _replayed(self, node: Node, block: Block) -> Sequence[Block]:
        past = [one for done, _ in node.disk.blocks.values() for one in done.transactions]
        return self._with(block, self._random.choice(past)) if past else []

    def _forged(self, node: Node, block: Block) -> Sequence[Block]:
        seats = node.world.consortium.seated
        forged = [
            Cosignature(parse_cosigner(one.seat.cosigner).key_hash, 1, signer_of("forger").sign(b"log"))
            for one in seats
        ]
        height = max(block.height - 2, 0)
        rest = [one for one in block.transactions if one[:1] != bytes([extensions.KIND_COSIGNATURES])]
        return [replace(block, transactions=(extensions.pack_transaction(height, forged), *rest))]

    def _huge(self, node: Node, block: Block) -> Sequence[Block]:
        self._tricks.remove(self._huge)  # once: four megabytes to everyone take their time
        return self._with(block, _TOO_LARGE)

    def _false_hash(self, node: Node, block: Block) -> Sequence[Block]:
        return [replace(block, app_hash=bytes(32))]

    def _false_time(self, node: Node, block: Block) -> Sequence[Block]:
        return [replace(block, time=block.time + 3_600_000_000)] if block.last_commit else [block]
