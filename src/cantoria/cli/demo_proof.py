"""The end of the demonstration: who was in it, what a revocation touches, and proofs that verify offline."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from rich.markup import escape

from cantoria.app import exposing, saying
from cantoria.clearance.manifest_answer import encode_answer
from cantoria.cli.console import page, progress, table
from cantoria.cli.demo_stage import REVOKED, Stage, must
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import ScopeKind, Verdict
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import parse_moment
from cantoria.sdk.verify import verify_file


def was_i_in_it(stage: Stage) -> None:
    """Trace the artist through certificates, runs and models, with proofs."""
    stage.heading("Was I in it?")
    artist = stage.builder.party(stage.world.story.artist)
    with progress("Proving"):
        answer = exposing.trace(stage.house, [artist])
    found = answer.exposure
    rows = [("certificate", str(hit.certificate), f"{len(hit.proofs)} proofs") for hit in found.certificates]
    rows += [("run", str(hit.run), f"{len(hit.proofs)} proofs") for hit in found.runs]
    rows += [("model version", str(hit.version), "") for hit in found.versions]
    rows += [("absent from", str(one.subject), f"{len(one.proofs)} proofs of absence") for one in found.absent]
    table(f"{stage.world.story.artist_name} as of ledger size {answer.size:,}", ("what", "id", ""), rows)
    must(bool(found.runs), "the story's artist is in no run")
    hit = found.runs[0]
    bundle = stage.house.engine.bundle(answer.history.runs[hit.run].index)
    (stage.home / "out" / "presence.json").write_bytes(encode_answer(hit.proofs[0], bundle=bundle))


def revoke(stage: Stage) -> None:
    """Withdraw the artist's yes and list what it touches."""
    stage.heading("She takes her yes back; what it touches is listed")
    stage.clock.set(parse_moment(REVOKED))
    artist = stage.builder.party(stage.world.story.artist)
    _, statement = _yes_of(stage, artist)
    author = stage.builder.authors["org-haneulsori"]
    saying.withdraw(stage.house, statement.statement, author=author)
    with progress("Rechecking certificates"):
        found = exposing.touched(stage.house, statement.statement, at=stage.clock.now())
    rows = [("certificate", str(one.certificate), f"{one.rows} rows lost") for one in found.certificates]
    rows += [("run", str(one.run), "") for one in found.runs]
    rows += [("model version", str(one.version), one.remedy.value) for one in found.versions]
    table(f"{statement.statement} ended", ("what", "id", ""), rows)
    must(bool(found.certificates), "the revocation touches no certificate")
    lost = sum(one.rows for one in found.certificates)
    stage.tell(
        "One yes withdrawn",
        f"touches {len(found.certificates)} certificates ({lost} rows), {len(found.runs)} runs, "
        f"{len(found.versions)} model versions",
    )


def prove(stage: Stage) -> None:
    """Copy four small files and the key to an empty folder, and verify them there."""
    stage.heading("One small file and one key prove what was recorded, offline")
    index, _ = _yes_of(stage, stage.builder.party(stage.world.story.artist))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = stage.world.requests[0].licensee
        shutil.copy(stage.home / "log.vkey", folder)
        shutil.copy(stage.home / "out" / first / "certificate.json", folder)
        shutil.copy(stage.home / "out" / "presence.json", folder)
        shutil.copy(stage.home / "out" / "statements" / f"{stage.world.story.artist}.json", folder / "statement.json")
        (folder / "receipt.json").write_bytes(stage.house.engine.bundle(index))
        vkey = (folder / "log.vkey").read_text(encoding="ascii").strip()
        for file in sorted(folder.glob("*.json")):
            data = file.read_bytes()
            verified = verify_file(data, vkey=vkey)
            page.print(f"[green]✔[/green] {file.name} ({len(data):,} bytes): {escape(verified.explain()[0])}")
            must(not _holds(_flipped(data), vkey), f"{file.name} verifies although a byte was flipped")
    page.print("[green]✔[/green] with one byte flipped, none of them verifies")
    stage.tell("Certificate, receipt, statement", "each verifies offline, and fails with one byte flipped")


def _yes_of(stage: Stage, party: str) -> tuple[int, StatementMade]:
    """Return the ledger index and statement of the party's yes for its present works."""
    said = stage.house.index.about([party], tags=[StatementMade.TYPE.tag])
    return next(
        (one.index, one.fact)
        for one in said
        if one.fact.party == party
        and one.fact.verdict is Verdict.YES
        and one.fact.scope.kind is ScopeKind.PRESENT_WORKS
    )


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _holds(data: bytes, vkey: str) -> bool:
    try:
        verify_file(data, vkey=vkey)
    except (InputError, IntegrityError):
        return False
    return True
