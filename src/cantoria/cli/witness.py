"""`cantoria witness …`: vouch that logs show everyone the same."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.files import read_file
from cantoria.adapters.http.serving import serve
from cantoria.adapters.http.witness_server import describe, witness_app
from cantoria.adapters.mirror import compare as compare_logs
from cantoria.adapters.witness_home import WitnessHome
from cantoria.cli.console import emit, lines, say, table
from cantoria.cli.pinned import KEY_BYTES_MAX, KeyOption, PolicyOption, pinned
from cantoria.cli.publishing import HostOption, source_named, split_view
from cantoria.ledger.evidence import Evidence

PORT: Final = 8720

app = typer.Typer(no_args_is_help=True, help="Watch other logs: cosign what only grows, keep evidence of two faces.")

FolderOption = Annotated[Path, typer.Option("--folder", help="The witness's folder.", file_okay=False)]


@app.command()
def init(
    name: Annotated[str, typer.Option("--name", help="Its name, without scheme, such as witness.example.org/north.")],
    folder: FolderOption = Path("witness"),
) -> None:
    """Make a witness: a key of its own, and an empty list of logs. Prints the key that others put into their policies.

    Example: cantoria witness init --name witness.example.org/north
    """
    WitnessHome.create(folder, name=name, seed=secrets.token_bytes(32))
    with _home(folder) as home:
        vkey = home.key.vkey()
        emit({"folder": str(folder), "vkey": vkey}, text=lambda: typer.echo(vkey))
        say(f"made {folder}: tell it which logs to watch with `cantoria witness add-log`")


@app.command("add-log")
def add_log(
    vkey: Annotated[str, typer.Argument(help="The log's public key: its text, or the file that holds it.")],
    url: Annotated[str, typer.Option("--url", help="Where the log is served.")] = "",
    folder: FolderOption = Path("witness"),
) -> None:
    """Let the witness watch one more log. A witness that runs takes it in at once.

    Example: cantoria witness add-log world/log.vkey --url https://rights.example.org/log
    """
    text = vkey
    if "+" not in vkey or Path(vkey).is_file():
        text = read_file(Path(vkey), bytes_max=KEY_BYTES_MAX).decode("utf-8", "replace").strip()
    with _home(folder) as home:
        key = home.add_log(text, url=url)
        emit({"origin": key.name, "vkey": key.vkey()}, text=lambda: lines([f"watching {key.name}"]))


@app.command()
def start(
    folder: FolderOption = Path("witness"),
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0, max=65_535)] = PORT,
) -> None:
    """Run the witness: it cosigns over HTTP what extends all that it saw before (C2SP tlog-witness). Ctrl-C ends it.

    Example: cantoria witness start --port 8720
    """
    with _home(folder) as home:

        def ready(address: str) -> None:
            typer.echo(address)
            say(f"witness {home.key.name} at {address}, watching {len(home.logs().origins())} logs; Ctrl-C ends it")

        serve(witness_app(home), host=host, port=port, ready=ready)


@app.command()
def status(folder: FolderOption = Path("witness")) -> None:
    """Show the witness's key, the logs it watches with the newest size it cosigned, and the evidence it holds.

    Example: cantoria witness status
    """
    with _home(folder) as home:
        value = describe(home)
        files = [str(path) for path in home.evidence()]
        rows = []
        for origin in home.logs().origins():
            known = home.newest(origin)
            shown = (known.seen.checkpoint.size, known.seen.checkpoint.root.hex()[:16], known.at) if known else "---"
            rows.append((origin, *shown))

        def text() -> None:
            typer.echo(value["vkey"])
            table("Logs", ("log", "size", "root", "at"), rows, right=(1,))
            for path in files:
                typer.echo(f"evidence of two faces: {path}")

        emit({**value, "evidence": files}, text=text)


@app.command()
def compare(
    one: Annotated[str, typer.Argument(help="A log's address, its folder of tiles, or a checkpoint kept in a file.")],
    other: Annotated[str, typer.Argument(help="Another place where the same log is shown.")],
    key: KeyOption = None,
    policy: PolicyOption = None,
    to: Annotated[Path, typer.Option("--to", help="The file for the evidence.")] = Path("split-view.json"),
) -> None:
    """Compare what a log shows in two places. When it shows two faces, write the evidence and exit 3.

    Example: cantoria witness compare checkpoint-of-may https://rights.example.org/log --key log.vkey
    """
    trusted = pinned(key, policy).trust()
    with source_named(one) as first_place, source_named(other) as second_place:
        found = compare_logs(first_place, second_place, policy=trusted)
    if isinstance(found, Evidence):
        raise split_view(found, to)
    first, second = found
    value = {"origin": first.origin, "sizes": [first.size, second.size], "consistent": True}
    grown = "the same tree" if first == second else f"{second.size} entries extend {first.size}"
    emit(value, text=lambda: lines([f"{first.origin}: {grown}"]))


@contextmanager
def _home(folder: Path) -> Iterator[WitnessHome]:
    home = WitnessHome(folder, now=lambda: time.time_ns() // 1_000_000_000)
    try:
        yield home
    finally:
        home.close()
