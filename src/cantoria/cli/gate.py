"""`cantoria gate …`: let through what is cleared, by a snapshot or a server, without a house; check a receipt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from cantoria.adapters.files import read_file
from cantoria.clearance.types import Status
from cantoria.cli.asking import (
    AT,
    ATTRIBUTION,
    CAMPAIGN,
    CLASSES,
    ESTABLISHED_IN,
    INPUT,
    LABEL,
    MARKET,
    OFFER,
    PERSON,
    PROFILE,
    TERRITORIES,
    TRAIN_IN,
    TUNED,
    USE,
    VERSION,
    money_of,
)
from cantoria.cli.console import STATUS_MARK, emit, lines, progress, say, table
from cantoria.cli.importing import MAP, mapping_of
from cantoria.cli.pinned import KEY_BYTES_MAX
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment
from cantoria.sdk import croissant
from cantoria.sdk.dataset_card import Card
from cantoria.sdk.gate import Gate, Report
from cantoria.sdk.gate.files import RECEIPT_FILE
from cantoria.sdk.gate.gate import OnUnknown
from cantoria.sdk.gate.marks import reason_of, words_of
from cantoria.sdk.receipts import RECEIPT_BYTES_MAX, Seal, verify_receipt

PARQUET_KEY: Final = b"cantoria_receipt"
app = typer.Typer(no_args_is_help=True, help="The gate: filter a dataset by a snapshot, and check a receipt.")
LICENSEE = Annotated[str, typer.Option("--licensee", help="Who wants to use the rows: a party id.")]


@app.command("filter")
def filter_(
    source: Annotated[Path, typer.Argument(help="A Parquet or CSV file, or a folder of Parquet files.", exists=True)],
    target: Annotated[Path, typer.Argument(help="Where to write the rows that pass.")],
    by: Annotated[str, typer.Option("--by", help="The folder of a snapshot, or the address of a server.")],
    use: USE,
    licensee: LICENSEE,
    territories: TERRITORIES = "",
    train_in: TRAIN_IN = "",
    established_in: ESTABLISHED_IN = "",
    market: MARKET = "",
    key: Annotated[
        Path | None, typer.Option("--key", help="The log's public key (log.vkey), for a snapshot.", exists=True)
    ] = None,
    on_unknown: Annotated[str, typer.Option("--on-unknown", help="drop, raise or flag.")] = "drop",
    media: Annotated[str, typer.Option(help="recording, or work (lyrics, sheet music).")] = "recording",
    columns: MAP = [],  # noqa: B006
    offer: OFFER = "",
    at: AT = "",
    person: PERSON = [],  # noqa: B006
    model_version: VERSION = "",
    licensee_class: CLASSES = [],  # noqa: B006
    attribution: ATTRIBUTION = False,
    label: LABEL = False,
    tuned_on: TUNED = False,
    used_input: INPUT = False,
    campaign: CAMPAIGN = "",
    profile: PROFILE = "base",
    sign_with: Annotated[
        Path | None, typer.Option("--sign-with", help="Sign the receipt with this key file.", exists=True)
    ] = None,
    card: Annotated[str, typer.Option("--card", help="Describe the folder as a dataset of this name.")] = "",
    cache: Annotated[Path | None, typer.Option("--cache", help="Where compiled requests are kept.")] = None,
) -> None:
    """Write the rows that every holder said yes to, and a receipt. Exit 1 when none passes.

    Rows are found by isrc, iswc, own …; `--map isrc=ISRC` reads another column. With --card a folder of Parquet files
    also gets `croissant.json` and a dataset card.

    Example: cantoria gate filter raw kept --by snapshot --key log.vkey --use analyse --licensee party_1 --in KR
    """
    with progress("Opening the gate"):
        gate = Gate(
            by if by.startswith(("http://", "https://")) else Path(by),
            use=use.value,
            licensee=licensee,
            territories=territories,
            training_place=train_in,
            establishment=established_in,
            markets=market,
            on_unknown=cast("OnUnknown", on_unknown),
            columns=mapping_of(columns),
            media=media,
            key=_key_of(key),
            at=parse_moment(at) if at else None,
            model_version=model_version or None,
            offer=money_of(offer),
            profile=profile,
            licensee_classes=licensee_class,
            attribution=attribution,
            label=label,
            campaign=campaign or None,
            persons=person,
            tuned_on=tuned_on,
            used_input=used_input,
            cache=cache,
        )
    report = _filtered(gate, source, target, seal=None if sign_with is None else Seal.of_file(sign_with))
    if card:
        _describe(target, name=card)
    _show(report, target, signed=sign_with is not None)
    if not report.count(Status.CLEARED):
        raise typer.Exit(1)


@app.command()
def check(
    receipt: Annotated[Path, typer.Argument(help="A receipt, or a Parquet file that carries one.", exists=True)],
    signer: Annotated[str, typer.Option("--signer", help="The public key (hex) that must have signed it.")] = "",
    key: Annotated[
        Path | None, typer.Option("--key", help="The log's public key: its checkpoint is checked.", exists=True)
    ] = None,
) -> None:
    """Check a receipt of the gate and say what it shows. Exit 3 when it does not hold.

    Example: cantoria gate check kept/cantoria-receipt.json --key log.vkey
    """
    checked = verify_receipt(_receipt_in(receipt), key=signer, log_key=_key_of(key))
    value = {"signed_by": checked.signed_by, "log": checked.log, "receipt": checked.receipt}
    emit(value, text=lambda: lines(checked.explain()))


def _filtered(gate: Gate, source: Path, target: Path, *, seal: Seal | None) -> Report:
    with progress("Filtering"):
        if source.is_dir() or source.suffix == ".parquet":
            return gate.parquet(source, target, seal=seal)
        if source.suffix == ".csv":
            return gate.csv(source, target, seal=seal)
    raise InputError(f"{source.name} is neither Parquet nor CSV", "convert it, or filter it in Python")


def _describe(folder: Path, *, name: str) -> None:
    if not folder.is_dir():
        raise InputError("--card describes a folder of Parquet files", "filter a folder")
    told = json.loads(read_file(folder / RECEIPT_FILE, bytes_max=RECEIPT_BYTES_MAX))
    for path in croissant.write(folder, receipt=told, card=Card(name=name)):
        say(f"{path}")


def _show(report: Report, target: Path, *, signed: bool) -> None:
    def text() -> None:
        typer.echo(f"{target}: {report.rows} rows by status")
        for name, count in report.statuses().items():
            typer.echo(f"  {STATUS_MARK[name]} {name} {count}")
        reasons = sorted(report.marks.items(), key=lambda item: (-item[1], item[0]))
        rows = [(reason_of(mark), f"{times:,}", words_of(mark)) for mark, times in reasons if reason_of(mark)]
        if rows:
            table("Why rows did not pass", ("first reason", "rows", "what to do"), rows, right=(1,))
        if not signed:
            say("the receipt is unsigned: sign it with --sign-with KEYFILE")

    value: dict[str, Any] = {**report.to_json(), "target": str(target), "signed": signed}
    emit(value, text=text)


def _receipt_in(path: Path) -> bytes:
    if path.suffix != ".parquet":
        return read_file(path, bytes_max=RECEIPT_BYTES_MAX)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path).metadata or {}
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path.name} cannot be read as Parquet: {error}", "give another file") from error
    found = metadata.get(PARQUET_KEY)
    if found is None:
        raise InputError(f"{path.name} carries no receipt", "give a file that the gate wrote")
    return bytes(found)


def _key_of(path: Path | None) -> str:
    if path is None:
        return ""
    return read_file(path, bytes_max=KEY_BYTES_MAX).decode("utf-8", "replace").strip()
