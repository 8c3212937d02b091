"""`cantoria lineage …`: was I in it, and what does a revocation touch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.adapters.files import write_file
from cantoria.app import exposing
from cantoria.bootstrap.naming import code_key, find_party
from cantoria.clearance.manifest_answer import encode_answer
from cantoria.clearance.manifest_proof import ABSENCE_SPEAKS_OF, KeyProof
from cantoria.cli.console import emit, say, table
from cantoria.cli.state import house
from cantoria.kernel.periods import parse_moment

app = typer.Typer(no_args_is_help=True, help="Was I in it? Which certificates, runs and models hold something.")


@app.command()
def trace(
    who: Annotated[list[str], typer.Argument(help="Parties, works, recordings: ids or codes such as isrc:….")],
    proofs: Annotated[Path | None, typer.Option("--proofs", help="A folder for the proofs, one file each.")] = None,
) -> None:
    """Answer "was I in it?" for a person, work or recording, with proofs of inclusion or absence. Exit 1 when not.

    Example: cantoria lineage trace isrc:KRA381900123 --proofs proofs/
    """
    with house() as opened:
        subjects = [_subject(opened, text) for text in who]
        answer = exposing.trace(opened, subjects)
        found = answer.exposure
        value: dict[str, Any] = {
            "size": answer.size,
            "codes": list(found.codes),
            "certificates": [{"certificate": hit.certificate, "cleared": hit.cleared} for hit in found.certificates],
            "runs": [{"run": hit.run, "version": hit.version, "certificate": hit.certificate} for hit in found.runs],
            "versions": [
                {"version": hit.version, "model": hit.model, "inherited_from": list(hit.inherited_from)}
                for hit in found.versions
            ],
            "absent_from": [one.subject for one in found.absent],
            "unanswered": list(found.unanswered),
        }
        if proofs is not None:
            value["proofs"] = _write_proofs(opened, answer, folder=proofs)

        emit(value, text=lambda: _show(answer, written=value.get("proofs"), folder=proofs))
    if not found.certificates and not found.runs:
        raise typer.Exit(1)


@app.command()
def touched(
    statement: Annotated[str, typer.Argument(help="A statement that ended, or a refusal.")],
    at: Annotated[str, typer.Option(help="From when on; now when empty.")] = "",
) -> None:
    """List the certificates, runs and models that the end of a statement touches, after rechecking every row.

    Example: cantoria lineage touched statement_01h2xcejqtf2nbrexx3vqjhp41
    """
    with house() as opened:
        found = exposing.touched(opened, statement, at=parse_moment(at) if at else opened.clock.now())
        value = {
            "certificates": [{"certificate": one.certificate, "rows": one.rows} for one in found.certificates],
            "runs": [{"run": one.run, "version": one.version} for one in found.runs],
            "versions": [
                {"version": one.version, "remedy": one.remedy.value, "due_at": one.due_at} for one in found.versions
            ],
        }

        def text() -> None:
            rows: list[tuple[object, ...]] = [
                ("certificate", one.certificate, f"{one.rows} rows") for one in found.certificates
            ]
            rows += [("run", one.run, "") for one in found.runs]
            rows += [("version", one.version, one.remedy.value) for one in found.versions]
            table("What it touches", ("what", "id", ""), rows)

        emit(value, text=text)


def _show(answer: exposing.Answer, *, written: int | None, folder: Path | None) -> None:
    found = answer.exposure
    rows: list[tuple[str, ...]] = [
        ("certificate", h.certificate, "cleared" if h.cleared else "not cleared") for h in found.certificates
    ]
    rows += [("run", str(h.run), f"of {h.version}") for h in found.runs]
    rows += [
        ("version", str(h.version), "inherited" if h.inherited_from else f"model {h.model}") for h in found.versions
    ]
    rows += [("absent", str(one.subject), f"{len(one.proofs)} proofs of absence") for one in found.absent]
    rows += [("no answer", name, "its manifest is not kept here") for name in found.unanswered]
    table(f"As of ledger size {answer.size}", ("what", "id", ""), rows)
    if found.absent:
        say(ABSENCE_SPEAKS_OF)
    if written is not None:
        say(f"{written} proofs in {folder}; check one: cantoria proof verify FILE --key log.vkey")


def _subject(opened: Any, text: str) -> str:
    if ":" not in text:
        return text
    scheme = text.split(":", 1)[0]
    if scheme in ("ipi_name", "ipi_base", "isni", "ipn"):
        return find_party(opened, text)
    return code_key(text)


def _write_proofs(opened: Any, answer: exposing.Answer, *, folder: Path) -> int:
    """Write one file for each identifier and manifest, which `proof verify` reads; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    history, found = answer.history, answer.exposure
    places: dict[str, int] = {str(name): one.index for name, one in history.certificates.items()}
    places |= {str(name): one.index for name, one in history.runs.items()}
    groups: list[tuple[str, str, Sequence[KeyProof]]] = [
        ("present", hit.certificate, hit.proofs) for hit in found.certificates
    ]
    groups += [("present", hit.run, hit.proofs) for hit in found.runs]
    groups += [("absent", one.subject, one.proofs) for one in found.absent]
    for word, name, proofs in groups:
        bundle = opened.engine.bundle(places[name])
        for number, proof in enumerate(proofs, 1):
            write_file(folder / f"{word}-{name}-{number}.json", encode_answer(proof, bundle=bundle))
    return sum(len(proofs) for _, _, proofs in groups)
