"""Attachments of usage: canonical JSON lines, their Merkle root, and a strict reader that loses no good line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Generic, TypeVar

from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import TIME_MAX
from cantoria.ledger import merkle
from cantoria.usage.types import EVIDENCE_MAX, ID_CHARS_MAX, LINES_MAX, PLAYS_MAX, GenerationEvent, UsageLine

PPM = 1_000_000
T = TypeVar("T", UsageLine, GenerationEvent)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that cannot be used: its number (1-based), its event id where it has one, why, and what to do."""

    line: int
    event_id: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """An attachment read: the good lines in order, and every bad one with its reason."""

    lines: tuple[T, ...]
    rejected: tuple[Rejected, ...]


def write_lines(lines: Iterable[UsageLine | GenerationEvent]) -> bytes:
    """Return the lines as canonical JSON, one to a line: the attachment."""
    return b"".join(encode_line(line) + b"\n" for line in lines)


def encode_line(line: UsageLine | GenerationEvent) -> bytes:
    """Return the canonical bytes of one line, without its line end."""
    return canonical.encode(to_json(line))


def content_hash(line: UsageLine | GenerationEvent) -> str:
    """Return the SHA-256 (hex) of a line: same id and same hash is a duplicate, same id and another a conflict."""
    return sha256(encode_line(line)).hexdigest()


def root_of(lines: Iterable[UsageLine | GenerationEvent]) -> str:
    """Return the Merkle root (RFC 6962, hex) over the lines' canonical bytes."""
    return merkle.root_of(merkle.leaf_hashes([encode_line(line) for line in lines])).hex()


def read_usage(data: bytes) -> Batch[UsageLine]:
    """Return the usage lines of an attachment; a bad line is reported with its number and hides no other."""
    return _read(data, UsageLine)


def read_generations(data: bytes) -> Batch[GenerationEvent]:
    """Return the generation events of an attachment; a bad line is reported with its number and hides no other."""
    return _read(data, GenerationEvent)


def _read(data: bytes, cls: type[T]) -> Batch[T]:
    raw = data.split(b"\n")
    if raw and not raw[-1]:
        raw.pop()
    if len(raw) > LINES_MAX:
        raise InputError(f"{len(raw)} lines are more than {LINES_MAX}", "send several batches")
    good: list[T] = []
    bad: list[Rejected] = []
    for number, line in enumerate(raw, 1):
        try:
            value = from_json(cls, canonical.decode(line, size_max=1 << 20))
            check_line(value)
        except InputError as error:
            bad.append(Rejected(number, "", error.message, error.remedy))
        else:
            good.append(value)
    return Batch(tuple(good), tuple(bad))


def check_line(line: UsageLine | GenerationEvent) -> None:
    """Raise `InputError` unless every field of the line is in range."""
    if not line.event_id or len(line.event_id) > ID_CHARS_MAX:
        raise InputError(f"event id {line.event_id[:40]!r} is empty or longer than {ID_CHARS_MAX}", "give it an id")
    if isinstance(line, UsageLine):
        _check_usage(line)
    else:
        _check_generation(line)


def _check_usage(line: UsageLine) -> None:
    scheme, separator, code = line.code.partition(":")
    if not (scheme and separator and code) or len(line.code) > ID_CHARS_MAX or " " in line.code:
        raise InputError(f"code {line.code[:60]!r} is no code key", "write isrc:KRA381900123")
    if not 0 < line.plays <= PLAYS_MAX:
        raise InputError(f"{line.plays} plays are not between 1 and {PLAYS_MAX}", "report a correction as a new file")
    try:
        same = date.fromisoformat(line.date).isoformat() == line.date  # week dates and 20261120 are dates to Python
    except ValueError:
        same = False
    if not same:
        raise InputError(f"{line.date[:20]!r} is not a date", "write 2026-11-20")


def _check_generation(event: GenerationEvent) -> None:
    if not 0 <= event.at <= TIME_MAX:
        raise InputError(f"time {event.at} is before 1970 or after 9999", "write UTC microseconds")
    if len(event.evidence) > EVIDENCE_MAX:
        raise InputError(f"{len(event.evidence)} pieces of evidence are more than {EVIDENCE_MAX}", "send the strongest")
    for evidence in event.evidence:
        if not (0 < evidence.weight_ppm <= PPM and 0 <= evidence.error_ppm <= PPM):
            raise InputError(
                f"evidence for {evidence.player[:60]} has weight {evidence.weight_ppm}, error {evidence.error_ppm}",
                "both are parts per million of the generation",
            )
    players = [(evidence.kind, evidence.player) for evidence in event.evidence]
    if len(set(players)) != len(players):
        raise InputError("evidence names one player twice", "add its weights up")
    if sum(evidence.weight_ppm for evidence in event.evidence) > PPM:
        raise InputError("evidence weighs more than 1,000,000 ppm", "weights are parts of one generation")


def sum_plays(lines: Sequence[UsageLine]) -> int:
    """Return all plays of a batch, for its control sum."""
    return sum(line.plays for line in lines)
