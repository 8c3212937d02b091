"""`cantoria proof …`: take a proof away, and check one offline."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.files import read_file, write_file
from cantoria.bootstrap.house import WiredHouse
from cantoria.cli import heads
from cantoria.cli.console import emit, say
from cantoria.cli.pinned import KeyOption, Pinned, PolicyOption, check_one, pinned
from cantoria.cli.state import house
from cantoria.cli.words import code_key
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger import parse_fact_id
from cantoria.ledger.evidence import is_evidence
from cantoria.ledger.notes import unsigned_size
from cantoria.ledger.policy import Policy, Witnessed
from cantoria.ledger.ports import LedgerStore
from cantoria.ledger.proof_text import EXTRA_BYTES_MAX, FIRST_LINE, write_proof
from cantoria.sdk.verify import DOCUMENT_BYTES_MAX, verify_evidence, verify_file, verify_tlog_proof

TLOG_PROOF: Final = ".tlog-proof"
CHECKPOINTS_MAX: Final = 10_000
"""How many checkpoints are looked at for one that a policy accepts."""

app = typer.Typer(no_args_is_help=True, help="Proofs: make one file of any fact, and verify one offline.")


@app.command()
def make(
    fact_id: Annotated[str, typer.Argument(help="The fact to prove: its id, or its entry number.")],
    to: Annotated[Path, typer.Option("--to", help="The file to write; NAME.tlog-proof makes it a C2SP tlog-proof.")],
    policy: Annotated[
        Path | None,
        typer.Option(help="Under the newest checkpoint that this policy accepts.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Write the proof of one fact: body, salt, signature, place in the log, checkpoint, in one small file.

    Without --policy it stands under the newest checkpoint, with the cosignatures that this has by now.

    Example: cantoria proof make 01a1fa96-4c98-7007-8f33-1fe11e1780e2 --to receipt.json
    """
    with house() as opened:
        index = (
            int(fact_id)
            if fact_id.isdecimal() and len(fact_id) < 19
            else opened.engine.index_of(parse_fact_id(fact_id))
        )
        if index is None:
            raise InputError(f"the ledger has no fact {fact_id}", "copy the id from a receipt")
        size = accepted_size(opened.engine.store, pinned(None, policy).trust(), above=index) if policy else None
        if to.suffix == TLOG_PROOF:
            data = _tlog_proof(opened, index, size=size)
        else:
            data = opened.engine.bundle(index, size=size)
        write_file(to, data)
        emit({"file": str(to), "bytes": len(data)}, text=lambda: typer.echo(f"{to}: {len(data)} bytes"))


def accepted_size(store: LedgerStore, policy: Policy, *, above: int) -> int:
    """Return the size of the newest checkpoint that has entry `above` and that the policy accepts."""
    for note in store.checkpoints(limit=CHECKPOINTS_MAX):
        with suppress(IntegrityError):
            size = policy.open(note).checkpoint.size
            if size > above:
                return size
    raise UnavailableError(
        f"no checkpoint with entry {above} has the quorum of this policy", "run `cantoria ledger cosign`, then retry"
    )


def _tlog_proof(opened: WiredHouse, index: int, *, size: int | None) -> bytes:
    """Return the entry's inclusion proof in the published format, with the entry itself as its extra data."""
    note = opened.engine.checkpoint(size=size)
    entry = next(iter(opened.engine.entries(index, stop=index + 1)), None)
    proof = opened.engine.prove(index, size=unsigned_size(note))
    return write_proof(index, proof, checkpoint=note, extra=entry or b"").encode()


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="Receipt, certificate, statement, presence, absence, evidence, growth, checkpoint, tlog-proof.",
            exists=True,
            dir_okay=False,
        ),
    ],
    key: KeyOption = None,
    policy: PolicyOption = None,
    about: Annotated[str, typer.Option(help="The code asked for: fail unless the file answers about it.")] = "",
    entry: Annotated[
        Path | None,
        typer.Option(help="The entry that a tlog-proof is about, unless it carries it.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Verify a proof offline: no house, no network, just the file and the log's public key. Exit 3 when it fails.

    With --policy in place of --key a quorum of witnesses must stand behind the log.

    Example: cantoria proof verify certificate.json --key log.vkey

    Example: cantoria proof verify proofs/present-run_01h2xcejqtf2nbrexx3vqjhp41-1.json --key log.vkey
    """
    check_one(key, policy)
    asked = code_key(about) if ":" in about else about
    data = read_file(file, bytes_max=DOCUMENT_BYTES_MAX)
    try:
        given = pinned(key, policy)
        if data.startswith(FIRST_LINE.encode()):
            _show_logged(data, given, entry=read_file(entry, bytes_max=EXTRA_BYTES_MAX) if entry else None)
        elif is_evidence(data):
            _show_split_view(data, given)
        elif heads.is_growth(data):
            heads.show_growth(data, given)
        elif not asked and data[:1] != b"{":
            heads.show_checkpoint(data, given)
        else:
            _show_verified(file.name, data, given, asked=asked)
    except InputError as error:
        # To the verifier a file that is not a proof and a proof that fails are the same: it proves nothing.
        raise IntegrityError(f"{file.name} proves nothing: {error.message}", error.remedy) from error
    say(f"[green]✔ verified[/green] under the {given.what} with fingerprint {given.fingerprint}")


def _show_logged(data: bytes, given: Pinned, *, entry: bytes | None) -> None:
    shown = verify_tlog_proof(data, entry=entry, vkey=given.vkey, policy=given.policy)
    value = {
        "verified": True,
        "kind": "tlog-proof",
        "index": shown.index,
        "entry": shown.entry.hex(),
        "size": shown.cosigned.checkpoint.size,
        "root": shown.cosigned.checkpoint.root.hex(),
        **_behind(given, shown.cosigned.witnesses),
    }
    emit(value, text=lambda: _lines(shown.explain()))


def _show_split_view(data: bytes, given: Pinned) -> None:
    shown = verify_evidence(data, vkey=given.vkey, policy=given.policy)
    value = {
        "verified": True,
        "kind": "split-view",
        "origin": shown.first.origin,
        "sizes": [shown.first.size, shown.second.size],
        "roots": [shown.first.root.hex(), shown.second.root.hex()],
        f"{given.what}_fingerprint": given.fingerprint,
    }
    emit(value, text=lambda: _lines(shown.explain()))


def _show_verified(name: str, data: bytes, given: Pinned, *, asked: str) -> None:
    verified = verify_file(data, vkey=given.vkey, policy=given.policy)
    if asked and (verified.found is None or verified.found.code != asked):
        speaks = f"speaks of {verified.found.code}" if verified.found else f"is a {verified.kind}"
        raise IntegrityError(f"{name} {speaks}: no answer about {asked}", "ask for the proof about this code")
    value = {
        "verified": True,
        "kind": verified.kind,
        "fact_id": verified.fact_id,
        "index": verified.index,
        "size": verified.size,
        "root": verified.root,
        "organisation": verified.organisation,
        **_behind(given, verified.witnesses),
        "body": verified.body,
    }
    if verified.found is not None:
        value["found"] = to_json(verified.found)
    emit(value, text=lambda: _lines(verified.explain()))


def _behind(given: Pinned, witnesses: tuple[Witnessed, ...]) -> dict[str, object]:
    return {
        f"{given.what}_fingerprint": given.fingerprint,
        "self_attested": not witnesses,
        "witnesses": [{"name": ascii(one.name)[1:-1], "time": one.time} for one in witnesses],
    }


def _lines(lines: tuple[str, ...]) -> None:
    for line in lines:
        typer.echo(line)
