"""Asking witnesses for cosignatures (C2SP tlog-witness), all of them at once, each within its deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from cantoria.adapters.http.fetching import Answer, Fetcher
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.shown import shown
from cantoria.ledger.cosignatures import cosignatures_of
from cantoria.ledger.notes import NOTE_BYTES_MAX, Checkpoint, NoteKey, parse_checkpoint, split_note
from cantoria.ledger.policy import Policy, Witness
from cantoria.ledger.witnessing import Status, request

ROUNDS_MAX: Final = 4
"""How often a witness may name another size that it knows: others may be asking it at the same time."""
WORKERS: Final = 16
_SIZE_BYTES_MAX: Final = 20

Prove = Callable[[int], Sequence[bytes]]
"""Returns the consistency proof from an old size to the checkpoint's."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking a witness: its cosignature's line (each ends in LF), or the `problem` in words.

    `alarming`: not a witness that is down, but one that knows another history of this log than the one asked about.
    """

    witness: Witness
    lines: str = ""
    problem: str = ""
    alarming: bool = False


def collect(
    note: str, policy: Policy, *, prove: Prove, seconds: float, before: Mapping[NoteKey, int] | None = None
) -> tuple[Reply, ...]:
    """Ask every witness of the policy that has an address to cosign the note; one reply each, in order.

    A witness that fails does not keep the others from answering. `seconds` is the deadline of each request. `before`
    has the sizes that are known to have been cosigned (`cosigned_before`): one that knows less has forgotten.
    """
    known = before or {}
    asked = [witness for witness in policy.witnesses if witness.url]
    if not asked:
        return ()
    with ThreadPoolExecutor(max_workers=min(WORKERS, len(asked))) as pool:
        return tuple(
            pool.map(lambda one: _ask(one, note, prove=prove, seconds=seconds, before=known.get(one.key, 0)), asked)
        )


def cosigned_before(notes: Iterable[str], policy: Policy) -> dict[NoteKey, int]:
    """Return the largest size that each witness of the policy cosigned, in checkpoints of one's own, largest first."""
    found: dict[NoteKey, int] = {}
    missing = [one.key for one in policy.witnesses]
    for note in notes:
        if not missing:
            break
        text, lines = split_note(note)
        for one in cosignatures_of(text, lines, keys=missing):
            found[one.key] = parse_checkpoint(text).size
        missing = [key for key in missing if key not in found]
    return found


def _ask(witness: Witness, note: str, *, prove: Prove, seconds: float, before: int) -> Reply:
    try:
        fetcher = Fetcher(witness.url, seconds=seconds)
        try:
            return _negotiate(fetcher, witness, note, prove=prove, before=before)
        finally:
            fetcher.close()
    except (InputError, UnavailableError) as error:
        return Reply(witness, problem=error.message)
    except IntegrityError as error:
        return Reply(witness, problem=error.message, alarming=True)


def _negotiate(fetcher: Fetcher, witness: Witness, note: str, *, prove: Prove, before: int) -> Reply:
    """Ask with the size that the witness says it knows, until it cosigns or says something else."""
    checkpoint = parse_checkpoint(split_note(note)[0])
    known = before  # of one that forgot this is no size: it is found out before it has cosigned anew
    for _ in range(ROUNDS_MAX):
        body = request(known, prove(known), note=note).pack()
        answer = fetcher.post("add-checkpoint", body, bytes_max=NOTE_BYTES_MAX)
        if answer.status == Status.COSIGNED:
            return _take(witness, note, answer)
        if answer.status == Status.INCONSISTENT:  # our proof was verified here before it was sent
            raise _other_history(known, checkpoint)
        if answer.status != Status.CONFLICT:
            raise UnavailableError(f"it answered {answer.status}: {_words(answer)}", "ask who runs it")
        said = _size(answer)
        if said > checkpoint.size:
            raise IntegrityError(
                f"it has cosigned size {said}, and this log has only {checkpoint.size} entries",
                "do not write to this ledger: is it an old copy?",
            )
        if said < before:
            raise IntegrityError(
                f"it has forgotten what it cosigned: size {before}, and now it knows {said}",
                "tell who runs it: it may cosign another history now",
            )
        if said == known:
            raise _other_history(said, checkpoint)
        known = said
    raise UnavailableError("others keep asking it to cosign", "try again later")


def _take(witness: Witness, note: str, answer: Answer) -> Reply:
    """Keep of an answer what is this witness's own cosignature, and nothing else."""
    text, _ = split_note(note)
    try:
        _, lines = split_note(f"{text}\n{answer.body.decode('utf-8')}")
    except UnicodeDecodeError as error:
        raise InputError("its answer is not UTF-8", "ask who runs it") from error
    try:
        found = cosignatures_of(text, lines, keys=[witness.key])
    except IntegrityError as error:  # it did not sign this: a fault of its own, which says nothing about the log
        raise UnavailableError(error.message, "ask who runs it") from error
    if not found:
        raise UnavailableError("its answer holds no cosignature by the key that the policy names", "compare the keys")
    own = [line for line in lines if line.is_by(witness.key)]
    newest = max(own, key=lambda line: line.signature[:8])  # the time, big-endian
    return Reply(witness, lines=newest.text())


def _other_history(size: int, checkpoint: Checkpoint) -> IntegrityError:
    return IntegrityError(
        f"it knows another history of {checkpoint.origin} at size {size}",
        "stop writing to this ledger; ask the witness for its evidence",
    )


def _size(answer: Answer) -> int:
    text = answer.body[:_SIZE_BYTES_MAX].decode("ascii", "replace").removesuffix("\n")
    if not text.isascii() or not text.isdigit():
        raise UnavailableError("it answered 409 without a size", "ask who runs it")
    return int(text)


def _words(answer: Answer) -> str:
    return shown(answer.body[:200].decode("utf-8", "replace").strip())
