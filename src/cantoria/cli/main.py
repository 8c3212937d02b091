"""The `cantoria` command: a map of the chain, noun then verb.

Exit codes: 0 yes, 1 decided no, 2 usage or input, 3 integrity, 4 unavailable, 70 a defect of ours, 130 interrupted.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.markup import escape

from cantoria import __version__
from cantoria.cli import (
    accounts,
    bulk,
    cases,
    consent,
    consortium,
    council,
    coverage,
    dataset,
    deals,
    demo,
    endorsement,
    exporting,
    feed,
    filing,
    gate,
    heads,
    holding,
    jobs,
    law,
    ledger,
    licence,
    lineage,
    matching,
    model,
    node,
    organisation,
    party,
    proof,
    registry,
    royalty,
    search,
    serving,
    sheets,
    signal,
    snapshot,
    timestamps,
    trade,
    witness,
)
from cantoria.cli.console import output, talk
from cantoria.cli.state import state
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError, UnavailableError
from cantoria.kernel.shown import shown

EXIT_NO: Final = 1
EXIT_INPUT: Final = 2
EXIT_INTEGRITY: Final = 3
EXIT_UNAVAILABLE: Final = 4
EXIT_DEFECT: Final = 70  # EX_SOFTWARE of sysexits.h: never 1, which means "decided no"
EXIT_INTERRUPTED: Final = 130
_CODES: Final = {InputError: EXIT_INPUT, IntegrityError: EXIT_INTEGRITY, UnavailableError: EXIT_UNAVAILABLE}

app = typer.Typer(
    name="cantoria",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Open rights infrastructure for music in the age of generative AI.\n\n"
    "identify → consent → clear → trace → attribute → pay, all of it over one ledger that anyone can check.",
    epilog="Begin with `cantoria demo`, or with a house of your own: `cantoria ledger init --origin "
    "rights.example.org/log`, then `cantoria organisation admit`. Every command shows an example under --help.",
)


@app.callback()
def root(
    home: Annotated[
        Path, typer.Option("--home", envvar="CANTORIA_HOME", help="The house's folder.", show_default=True)
    ] = Path("world"),
    author: Annotated[
        str,
        typer.Option(
            "--as", envvar="CANTORIA_AS", help="The organisation that records; not needed where it is the only one."
        ),
    ] = "",
    capacity: Annotated[str, typer.Option("--capacity", help="In which of its capacities; its first when empty.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    state.home, state.author, state.capacity = home, author, capacity
    output.as_json = as_json


IDENTIFY: Final = "1 Identify: who made what"
DECIDE: Final = "2 Consent and clear: silence is a no"
TRACE: Final = "3 Trace: what went into which model"
PAY: Final = "4 Pay: exactly, to the last unit"
PROVE: Final = "5 Prove: one ledger, open to anyone's check"
TOGETHER: Final = "6 Together: one ledger of many organisations"
BEGIN: Final = "See it work"
trade.app.command("sheet")(sheets.sheet)
app.add_typer(trade.app, name="import", rich_help_panel=IDENTIFY)
app.add_typer(exporting.app, name="export", rich_help_panel=IDENTIFY)
app.add_typer(filing.app, name="file", rich_help_panel=IDENTIFY)
app.add_typer(bulk.app, name="bulk", rich_help_panel=IDENTIFY)
app.add_typer(jobs.app, name="job", rich_help_panel=IDENTIFY)
app.command("search", rich_help_panel=IDENTIFY)(search.run)
app.add_typer(registry.app, name="registry", rich_help_panel=IDENTIFY)
app.add_typer(matching.app, name="match", rich_help_panel=IDENTIFY)
app.add_typer(cases.app, name="cases", rich_help_panel=IDENTIFY)
app.add_typer(party.app, name="party", rich_help_panel=IDENTIFY)
app.add_typer(consent.app, name="consent", rich_help_panel=DECIDE)
app.add_typer(dataset.app, name="dataset", rich_help_panel=DECIDE)
app.add_typer(signal.app, name="signal", rich_help_panel=DECIDE)
app.add_typer(snapshot.app, name="snapshot", rich_help_panel=DECIDE)
app.add_typer(gate.app, name="gate", rich_help_panel=DECIDE)
app.add_typer(coverage.app, name="coverage", rich_help_panel=DECIDE)
app.add_typer(deals.app, name="deal", rich_help_panel=DECIDE)
app.add_typer(licence.app, name="licence", rich_help_panel=DECIDE)
app.add_typer(law.app, name="law", rich_help_panel=DECIDE)
app.add_typer(model.app, name="model", rich_help_panel=TRACE)
app.add_typer(lineage.app, name="lineage", rich_help_panel=TRACE)
app.add_typer(royalty.app, name="royalty", rich_help_panel=PAY)
proof.app.command("growth")(heads.growth)
proof.app.command("timestamp-request")(timestamps.request)
proof.app.command("timestamp-verify")(timestamps.verify)
app.add_typer(proof.app, name="proof", rich_help_panel=PROVE)
app.add_typer(ledger.app, name="ledger", rich_help_panel=PROVE)
app.add_typer(witness.app, name="witness", rich_help_panel=PROVE)
app.add_typer(accounts.app, name="account", rich_help_panel=PROVE)
app.add_typer(organisation.app, name="organisation", rich_help_panel=PROVE)
app.add_typer(node.app, name="node", rich_help_panel=TOGETHER)
app.add_typer(consortium.app, name="consortium", rich_help_panel=TOGETHER)
app.add_typer(holding.app, name="holding", rich_help_panel=TOGETHER)
app.add_typer(endorsement.app, name="endorsement", rich_help_panel=TOGETHER)
app.add_typer(council.app, name="council", rich_help_panel=PROVE)

app.add_typer(feed.app, name="feed", rich_help_panel=DECIDE)
app.command("serve", rich_help_panel=DECIDE)(serving.serve)
app.command("demo", rich_help_panel=BEGIN)(demo.run)


@app.command(rich_help_panel=BEGIN)
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def run() -> None:
    """Run the command line; failures become one clear line on stderr and the exit code of their kind."""
    # One short process that makes millions of long-lived objects: looking for cycles among them only costs time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        app()
    except SystemExit as stop:
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        _gone()
    except CantoriaError as error:
        talk.print(f"[bold red]{_word(error)}:[/bold red] {escape(shown(str(error)))}", soft_wrap=True)
        sys.exit(_CODES.get(type(error), EXIT_INPUT))
    except BrokenPipeError:
        _gone()
    except OSError as error:
        # A file that the person named, or the disk under it.
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
        talk.print(
            f"[bold red]{'unavailable' if full else 'error'}:[/bold red] {escape(shown(str(error)))}", soft_wrap=True
        )
        sys.exit(EXIT_UNAVAILABLE if full else EXIT_INPUT)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever else happens must not exit 1, "no"
        _defect(error)
    finally:
        if collecting:
            gc.enable()


def _gone() -> NoReturn:
    """Whoever read our output has gone (`| head`); that is no failure of ours."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(0)


def _defect(error: Exception) -> NoReturn:
    """Tell of an exception that nobody foresaw; its traceback may quote data, so only CANTORIA_DEBUG=1 shows it."""
    if os.environ.get("CANTORIA_DEBUG") == "1":
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" in {Path(frame.filename).name}:{frame.lineno}" for frame in last)
    talk.print(
        f"[bold red]defect:[/bold red] {type(error).__name__}{place}. This is a fault in Cantoria: please report it, "
        "with what CANTORIA_DEBUG=1 shows",
        soft_wrap=True,
    )
    sys.exit(EXIT_DEFECT)


def _word(error: CantoriaError) -> str:
    if isinstance(error, IntegrityError):
        return "integrity"
    return "unavailable" if isinstance(error, UnavailableError) else "error"
