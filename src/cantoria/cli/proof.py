"""`cantoria proof …`: take a proof away, and check one offline."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from cantoria.adapters.files import read_file, write_file
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import code_key
from cantoria.clearance.manifest_answer import Found
from cantoria.cli import commits, heads
from cantoria.cli.console import emit, lines, say
from cantoria.cli.pinned import KeyOption, Pinned, PolicyOption, pinned
from cantoria.cli.state import house
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.shown import shown
from cantoria.ledger import parse_fact_id
from cantoria.ledger.bundle import parse
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

    Without --policy it stands under the newest checkpoint, with the cosignatures that this has by now; with it, with as
    many as its quorum needs.

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
        trusted = pinned(None, policy).trust() if policy else None
        size = accepted_size(opened.engine.store, trusted, above=index) if trusted else None
        note = opened.engine.checkpoint(size=size)
        least = trusted.least(note) if trusted else note
        if to.suffix == TLOG_PROOF:
            data = _tlog_proof(opened, index, note=least)
        else:
            data = replace(parse(opened.engine.bundle(index, size=unsigned_size(note))), checkpoint=least).pack()
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


def _tlog_proof(opened: WiredHouse, index: int, *, note: str) -> bytes:
    """Return the entry's inclusion proof in the published format, with the entry itself as its extra data."""
    entry = next(iter(opened.engine.entries(index, stop=index + 1)), None)
    proof = opened.engine.prove(index, size=unsigned_size(note))
    return write_proof(index, proof, checkpoint=note, extra=entry or b"").encode()


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="Receipt, certificate, statement, answer, evidence, growth, checkpoint, tlog-proof, commit.",
            exists=True,
            dir_okay=False,
        ),
    ],
    key: KeyOption = None,
    policy: PolicyOption = None,
    validators: commits.ValidatorsOption = None,
    seats: commits.SeatsOption = False,
    about: Annotated[str, typer.Option(help="The code asked for: exit 1 unless the file answers about it.")] = "",
    entry: Annotated[
        Path | None,
        typer.Option(help="The entry that a tlog-proof is about, unless it carries it.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Verify a proof offline: no house, no network, just the file and whom you trust. Exit 3 when it does not hold.

    With --policy in place of --key a quorum of witnesses must stand behind the log. A commit of a chain is checked
    against --validators, or against the seats in a log of your own (--seats). With --about exit 1 when the file holds,
    but is no answer about this code.

    Example: cantoria proof verify certificate.json --key log.vkey

    Example: cantoria proof verify proofs/present-run_01h2xcejqtf2nbrexx3vqjhp41-1.json --key log.vkey

    Example: cantoria proof verify commit.json --validators genesis.json
    """
    asked = code_key(about) if ":" in about else about
    given = _given(key, policy, validators=validators, seats=seats)
    named = read_file(entry, bytes_max=EXTRA_BYTES_MAX) if entry else None
    try:
        data = read_file(file, bytes_max=DOCUMENT_BYTES_MAX)
        found = _show(data, given, entry=named)
    except InputError as error:
        # To the verifier a file that is not a proof and a proof that fails are the same: it proves nothing.
        raise IntegrityError(f"{file.name} proves nothing: {error.message}", error.remedy) from error
    if asked and (found is None or found.code != asked):
        say(f"it holds, but [yellow]is no answer[/yellow] about {escape(shown(asked))}")
        raise typer.Exit(1)
    say(f"[green]✔ verified[/green] under the {given.what} with fingerprint {given.fingerprint}")


def _given(
    key: Path | None, policy: Path | None, *, validators: Path | None, seats: bool
) -> Pinned | commits.PinnedChain:
    """Return what the person pinned; exactly one of the four is to be given."""
    if sum((key is not None, policy is not None, validators is not None, seats)) != 1:
        raise InputError(
            "give one thing that you trust", "--key log.vkey, --policy FILE, --validators genesis.json or --seats"
        )
    if validators is not None or seats:
        return commits.pinned_chain(validators, seats=seats)
    return pinned(key, policy)


def _show(data: bytes, given: Pinned | commits.PinnedChain, *, entry: bytes | None) -> Found | None:
    """Verify a file of any kind and tell what it shows; return the answer that it is, if it is one."""
    if isinstance(given, commits.PinnedChain):
        commits.show_commit(data, given)
    elif data.startswith(f"{FIRST_LINE}\n".encode()):
        _show_logged(data, given, entry=entry)
    elif data[:1] != b"{":
        heads.show_checkpoint(data, given)
    elif is_evidence(data):
        _show_split_view(data, given)
    elif heads.is_growth(data):
        heads.show_growth(data, given)
    else:
        return _show_verified(data, given)
    return None


def _show_logged(data: bytes, given: Pinned, *, entry: bytes | None) -> None:
    found = verify_tlog_proof(data, entry=entry, vkey=given.vkey, policy=given.policy)
    value = {
        "verified": True,
        "kind": "tlog-proof",
        "index": found.index,
        "entry": found.entry.hex(),
        "size": found.cosigned.checkpoint.size,
        "root": found.cosigned.checkpoint.root.hex(),
        **_behind(given, found.cosigned.witnesses),
    }
    emit(value, text=lambda: lines(found.explain()))


def _show_split_view(data: bytes, given: Pinned) -> None:
    found = verify_evidence(data, vkey=given.vkey, policy=given.policy)
    value = {
        "verified": True,
        "kind": "split-view",
        "origin": found.first.origin,
        "sizes": [found.first.size, found.second.size],
        "roots": [found.first.root.hex(), found.second.root.hex()],
        f"{given.what}_fingerprint": given.fingerprint,
    }
    emit(value, text=lambda: lines(found.explain()))


def _show_verified(data: bytes, given: Pinned) -> Found | None:
    verified = verify_file(data, vkey=given.vkey, policy=given.policy)
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
    emit(value, text=lambda: lines(verified.explain()))
    return verified.found


def _behind(given: Pinned, witnesses: tuple[Witnessed, ...]) -> dict[str, object]:
    return {
        f"{given.what}_fingerprint": given.fingerprint,
        "self_attested": not witnesses,
        "witnesses": [{"name": ascii(one.name)[1:-1], "time": one.time} for one in witnesses],
    }
