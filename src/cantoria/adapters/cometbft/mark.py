"""What a replica keeps beside the log's head, in the same transaction: the block it stands at, its latest tips, and
the heights at which it gives snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.notes import Checkpoint

TIPS_MAX: Final = 4
SNAPSHOTS_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Tip:
    """The log after block `height`: how many entries, and their root."""

    height: int
    size: int
    root: bytes

    def checkpoint(self, origin: str) -> Checkpoint:
        """Return the checkpoint that members cosign."""
        return Checkpoint(origin, self.size, self.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The last committed block: its height, time (UTC microseconds) and app hash; the latest tips, newest first; the
    size of the largest checkpoint that a quorum has cosigned; and the tips of which snapshots are given, each with
    the tips before it."""

    height: int = 0
    time: int = 0
    app_hash: bytes = b""
    tips: tuple[Tip, ...] = ()
    published: int = 0
    snapshots: tuple[tuple[Tip, ...], ...] = ()

    def tip(self, height: int) -> Tip | None:
        """Return the log after block `height`, if that is recent."""
        return next((one for one in self.tips if one.height == height), None)

    def pack(self) -> bytes:
        """Return canonical JSON."""
        return canonical.encode(
            {
                "app_hash": self.app_hash.hex(),
                "height": self.height,
                "published": self.published,
                "snapshots": [pack_tips(one) for one in self.snapshots],
                "time": self.time,
                "tips": pack_tips(self.tips),
            }
        )


def unpack_mark(data: bytes) -> Mark:
    """Return the mark in stored bytes; none at all is the mark before the first block."""
    if not data:
        return Mark()
    try:
        value = canonical.decode(data)
        found = Mark(
            height=value["height"],
            time=value["time"],
            app_hash=bytes.fromhex(value["app_hash"]),
            tips=unpack_tips(value["tips"]),
            published=value["published"],
            snapshots=tuple(unpack_tips(one) for one in value["snapshots"]),
        )
        numbers = (found.height, found.time, found.published)
        if any(type(one) is not int for one in numbers) or found.pack() != data:
            raise ValueError("another shape")
    except (InputError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError("the replica's mark is damaged", "restore the node's folder from a copy") from error
    return found


def pack_tips(tips: tuple[Tip, ...]) -> list[list[int | str]]:
    """Return the tips as JSON values."""
    return [[one.height, one.size, one.root.hex()] for one in tips]


def unpack_tips(value: object) -> tuple[Tip, ...]:
    """Return the tips in JSON values; `TypeError` or `ValueError` when they are none."""
    if not isinstance(value, list) or len(value) > TIPS_MAX:
        raise ValueError("tips are a short list")
    tips = tuple(Tip(int(height), int(size), bytes.fromhex(root)) for height, size, root in value)
    if any(len(one.root) != 32 for one in tips):
        raise ValueError("a root has 32 bytes")
    return tips
