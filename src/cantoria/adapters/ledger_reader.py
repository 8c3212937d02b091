"""Reading a stored log: proofs that check themselves, bundles, entries and facts. Any number of threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import FactType
from cantoria.ledger import batch as batches
from cantoria.ledger import envelope, merkle, tiles
from cantoria.ledger.bundle import Bundle, batch_path
from cantoria.ledger.notes import Checkpoint, parse_checkpoint
from cantoria.ledger.ports import LedgerStore, StoredFact
from cantoria.ledger.replay import fact_of
from cantoria.ledger.state import State

CHUNK: Final = 4096
_TILES_CACHED: Final = 4096
_BATCHES_CACHED: Final = 64
_TILE_BYTES: Final = tiles.TILE_WIDTH * merkle.HASH_BYTES


class LedgerReader:
    """Reads below the last signed checkpoint, which `advance` moves forward."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._present: tuple[Checkpoint, str] | None = None
        self._whole_tile = lru_cache(maxsize=_TILES_CACHED)(self._read_whole_tile)
        self._batch = lru_cache(maxsize=_BATCHES_CACHED)(self._read_batch)
        self._node = tiles.node_reader(self._tile)

    def advance(self, checkpoint: Checkpoint, note: str) -> None:
        """Make a newly signed checkpoint the present."""
        self._present = (checkpoint, note)

    def present(self) -> tuple[Checkpoint, str]:
        """Return the last signed checkpoint and its note."""
        if self._present is None:
            raise UnavailableError("the log has no checkpoint yet", "retry once it is open")
        return self._present

    def checkpoint(self, *, size: int | None = None) -> str:
        """Return the note of the present checkpoint, or of one of exactly `size`, with all its cosignatures so far."""
        present, note = self.present()
        if size is None or size == present.size:
            return self._store.checkpoint(size=present.size) or note
        found = self._store.checkpoint(size=size)
        if found is None:
            raise InputError(f"no checkpoint of size {size} was signed", "ask for one that a receipt names")
        return found

    def prove(self, index: int, *, size: int | None = None) -> list[bytes]:
        """Return the inclusion proof of leaf `index`, after verifying it against the entry and the root."""
        size = self._size(size)
        proof = merkle.inclusion_proof(self._node, index, size=size)
        leaf = merkle.leaf_hash(self._store.entries(index, stop=index + 1)[0])
        if not merkle.verify_inclusion(leaf, index, size=size, proof=proof, root=self._root(size)):
            raise IntegrityError(f"entry {index} is not what was logged", "restore the ledger from a copy")
        return proof

    def consistency(self, old_size: int, *, size: int | None = None) -> list[bytes]:
        """Return the consistency proof, after verifying it against both roots."""
        size = self._size(size)
        proof = merkle.consistency_proof(self._node, old_size, size=size)
        old_root, root = self._root(old_size), self._root(size)
        if not merkle.verify_consistency(old_root, root, old_size=old_size, size=size, proof=proof):
            raise IntegrityError(f"the tree of {size} does not extend that of {old_size}", "restore the ledger")
        return proof

    def bundle(self, index: int, *, size: int | None, types: Mapping[int, FactType], state: State) -> bytes:
        """Return the proof bundle of the fact at `index` under the checkpoint of `size` (default: the present)."""
        note = self.checkpoint(size=size)
        proof = self.prove(index, size=parse_checkpoint(note.partition("\n\n")[0] + "\n").size)
        packed = self._store.entries(index, stop=index + 1)[0]
        found = self._store.bodies(index, stop=index + 1)
        if fact_of(packed) is None or not found:
            raise InputError(f"entry {index} is not a fact with a body", "name a fact")
        salt, body = found[0].salt, found[0].body
        if salt is None or body is None:
            raise InputError(f"the body of fact {index} is erased", "only that it was recorded can be shown")
        fields = envelope.unpack(packed)
        header, envelopes = self._batch_around(index)
        position = envelopes.index(packed)
        return Bundle(
            kind=state.known_types(types)[fields.type_tag].name,
            type_tag=fields.type_tag,
            body=canonical.decode(body),
            salt=salt,
            envelope=packed,
            header=header,
            key=state.keys[fields.key_id].public_key,
            position=position,
            path=batch_path(envelopes, position),
            index=index,
            inclusion_proof=tuple(proof),
            checkpoint=note,
        ).pack()

    def entries(self, start: int, *, stop: int) -> Iterator[bytes]:
        """Yield the entries [start, stop)."""
        for at in range(start, stop, CHUNK):
            yield from self._store.entries(at, stop=min(at + CHUNK, stop))

    def facts(self, start: int, *, stop: int) -> Iterator[StoredFact]:
        """Yield the facts among the entries [start, stop), with what is left of their bodies."""
        for at in range(start, stop, CHUNK):
            until = min(at + CHUNK, stop)
            entries = self._store.entries(at, stop=until)
            bodies = {one.index: one for one in self._store.bodies(at, stop=until)}
            for index, entry in enumerate(entries, at):
                if fact_of(entry) is not None:
                    held = bodies.get(index)
                    salt, body = (held.salt, held.body) if held else (None, None)
                    yield StoredFact(index, entry, salt, body, erased=held is not None and body is None)

    def _size(self, size: int | None) -> int:
        present = self.present()[0].size
        if size is not None and not 0 <= size <= present:
            raise InputError(f"the log has {present} entries, not {size}", "ask for a size it has reached")
        return present if size is None else size

    def _root(self, size: int) -> bytes:
        """Return the signed root of `size` where there is one, else the root that the tiles give."""
        present, _ = self.present()
        if size == present.size:
            return present.root
        note = self._store.checkpoint(size=size)
        if note is not None:
            return parse_checkpoint(note.partition("\n\n")[0] + "\n").root
        return merkle.range_root(self._node, 0, stop=size)

    def _batch_around(self, index: int) -> tuple[bytes, tuple[bytes, ...]]:
        """Return the header and envelopes of the batch in which the envelope at `index` stands."""
        start = max(0, index - batches.BATCH_MAX)
        before = self._store.entries(start, stop=index)
        back = next(n for n, entry in enumerate(reversed(before), 1) if entry[0] == batches.KIND_BATCH)
        return self._batch(index - back)

    def _read_batch(self, header_index: int) -> tuple[bytes, tuple[bytes, ...]]:
        header = self._store.entries(header_index, stop=header_index + 1)[0]
        count = batches.unpack_header(header).count
        envelopes = self._store.entries(header_index + 1, stop=header_index + 1 + count)
        return header, tuple(envelopes)

    def _tile(self, level: int, number: int) -> bytes | None:
        if (number + 1) << (tiles.TILE_HEIGHT * (level + 1)) <= self.present()[0].size:
            return self._whole_tile(level, number)
        return self._store.tile(level, number)

    def _read_whole_tile(self, level: int, number: int) -> bytes:
        hashes = self._store.tile(level, number)
        if hashes is None or len(hashes) != _TILE_BYTES:
            raise IntegrityError(f"{tiles.tile_path(level, number)} is missing or too short", "restore the ledger")
        return hashes
