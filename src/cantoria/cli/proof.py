"""`cantoria proof …`: take a proof away, and check one offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.files import read_file, write_file
from cantoria.cli.console import emit, say
from cantoria.cli.state import house
from cantoria.cli.words import code_key
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import parse_fact_id
from cantoria.sdk.verify import DOCUMENT_BYTES_MAX, fingerprint, verify_file

KEY_BYTES_MAX: Final = 4_096

app = typer.Typer(no_args_is_help=True, help="Proofs: make one file of any fact, and verify one offline.")


@app.command()
def make(
    fact_id: Annotated[str, typer.Argument(help="The fact to prove: its id, or its entry number.")],
    to: Annotated[Path, typer.Option("--to", help="The file to write.")],
) -> None:
    """Write the proof of one fact: body, salt, signature, place in the log, checkpoint, in one small file.

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
        data = opened.engine.bundle(index)
        write_file(to, data)
        emit({"file": str(to), "bytes": len(data)}, text=lambda: typer.echo(f"{to}: {len(data)} bytes"))


@app.command()
def verify(
    file: Annotated[
        Path, typer.Argument(help="Receipt, certificate, statement, presence, absence.", exists=True, dir_okay=False)
    ],
    key: Annotated[Path, typer.Option("--key", help="The log's public key (log.vkey).", exists=True, dir_okay=False)],
    about: Annotated[str, typer.Option(help="The code asked for: fail unless the file answers about it.")] = "",
) -> None:
    """Verify a proof offline: no house, no network, just the file and the log's public key. Exit 3 when it fails.

    Example: cantoria proof verify certificate.json --key log.vkey

    Example: cantoria proof verify proofs/present-run_01h2xcejqtf2nbrexx3vqjhp41-1.json --key log.vkey
    """
    vkey = read_file(key, bytes_max=KEY_BYTES_MAX).decode("utf-8", "replace").strip()
    try:
        verified = verify_file(read_file(file, bytes_max=DOCUMENT_BYTES_MAX), vkey=vkey)
    except InputError as error:
        # To the verifier a file that is not a proof and a proof that fails are the same: it proves nothing.
        raise IntegrityError(f"{file.name} proves nothing: {error.message}", error.remedy) from error
    asked = code_key(about) if ":" in about else about
    if asked and (verified.found is None or verified.found.code != asked):
        speaks = f"speaks of {verified.found.code}" if verified.found else f"is a {verified.kind}"
        raise IntegrityError(f"{file.name} {speaks}: no answer about {asked}", "ask for the proof about this code")
    value = {
        "verified": True,
        "kind": verified.kind,
        "fact_id": verified.fact_id,
        "index": verified.index,
        "size": verified.size,
        "root": verified.root,
        "organisation": verified.organisation,
        "key_fingerprint": fingerprint(vkey),
        "body": verified.body,
    }
    if verified.found is not None:
        value["found"] = to_json(verified.found)

    def text() -> None:
        for line in verified.explain():
            typer.echo(line)

    emit(value, text=text)
    say(f"[green]✔ verified[/green] under the key with fingerprint {fingerprint(vkey)}")
