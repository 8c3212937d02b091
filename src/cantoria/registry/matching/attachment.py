"""The scored pairs of a run as the file that its fact names: canonical JSON, one pair a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.registry.matching.ports import ScoredPair
from cantoria.registry.matching.types import Band, Pattern


def write_pairs(pairs: Iterable[ScoredPair]) -> bytes:
    """Return the scored pairs as canonical JSON lines in byte order of their ids: the attachment of a run."""
    return b"".join(
        canonical.encode(
            {
                "band": pair.band.value,
                "left": pair.left,
                "pattern": pair.pattern.number,
                "ppm": pair.probability_ppm,
                "right": pair.right,
                "rule": pair.rule,
                "weight": pair.weight,
            }
        )
        + b"\n"
        for pair in pairs
    )


def read_pairs(data: bytes) -> Iterator[ScoredPair]:
    """Give the scored pairs of an attachment. `InputError` names the line that is not one."""
    for number, line in enumerate(data.splitlines(), 1):
        value = canonical.decode(line)
        try:
            yield ScoredPair(
                value["left"],
                value["right"],
                Pattern(value["pattern"]),
                value["weight"],
                value["ppm"],
                Band(value["band"]),
                value["rule"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number} is no scored pair: {error}", "the attachment is not of a run") from error
