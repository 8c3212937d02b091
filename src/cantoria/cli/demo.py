"""`cantoria demo`: the whole chain on the sample world, through the same use cases as every other command."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from cantoria.adapters.system import SteppingClock, SystemEntropy
from cantoria.app.sample import World, generate, write_files
from cantoria.app.sample_world import Builder
from cantoria.bootstrap.house import SAMPLE_MARK, WiredHouse, create
from cantoria.cli.console import table, talk
from cantoria.cli.demo_accounts import open_doors
from cantoria.cli.demo_inbox import leave_requests
from cantoria.cli.demo_licence import ask_for_licences
from cantoria.cli.demo_matching import match_all
from cantoria.cli.demo_money import pay, statement
from cantoria.cli.demo_pipeline import run_pipeline
from cantoria.cli.demo_proof import prove, revoke, was_i_in_it
from cantoria.cli.demo_rights import clear_all, import_all, train
from cantoria.cli.demo_stage import BUILT, Stage, heading
from cantoria.cli.demo_trade import exchange
from cantoria.cli.serving import serve_sample
from cantoria.cli.state import state
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.periods import parse_moment

ORIGIN: Final = "rights.sample.example/log"
STEPS: Final = (
    import_all,
    clear_all,
    train,
    pay,
    statement,
    was_i_in_it,
    revoke,
    exchange,
    ask_for_licences,
    run_pipeline,
    leave_requests,
    prove,
    match_all,
    open_doors,
)


def run(
    scale: Annotated[float, typer.Option(help="Size of the world; 1.0 has 20,000 recordings.")] = 0.5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same catalogue.")] = 1,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the portal of the sample world afterwards.")] = False,
) -> None:
    """Build the sample world and run the main job: import, clear, train, pay, revoke, exchange, license, gate, prove.

    A former sample world in the --home folder is replaced; nothing else ever is.

    Example: cantoria --home world demo --scale 0.05
    """
    started = time.monotonic()
    clock = SteppingClock(parse_moment(BUILT))
    entropy = SystemEntropy().token(32)
    world = generate(seed, scale=scale, entropy=entropy)
    _clear_away(state.home)
    house = create(state.home, origin=ORIGIN, clock=clock)
    try:
        stage = Stage(
            home=state.home,
            world=world,
            house=house,
            builder=_found(state.home, house, world, entropy),
            clock=clock,
        )
        for step in STEPS:
            step(stage)
        stage.heading("In short")
        table("", ("what", "outcome"), stage.told)
    finally:
        house.close()
    talk.print(
        f"[dim]done in {time.monotonic() - started:.0f} s; everything is in {escape(str(state.home))}[/dim]\n"
        f"[dim]look at {escape(str(state.home))}/out/statements/*.html in a browser, or ask: "
        f"cantoria --home {escape(str(state.home))} registry cases[/dim]",
        soft_wrap=True,
    )
    if serve:
        serve_sample()


def _found(home: Path, house: WiredHouse, world: World, entropy: bytes) -> Builder:
    """Write the world's files and admit its organisations to the new ledger."""
    heading(1, "Six organisations and two AI developers share one ledger")
    (home / SAMPLE_MARK).write_text("Everything here is invented and may be deleted.\n", encoding="utf-8")
    (home / "log.vkey").write_text(house.engine.vkey + "\n", encoding="ascii")

    def write(name: str, data: bytes) -> None:
        path = home / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    write_files(world, write)
    registrar = house.admit("registrar", capacities=[Capacity.REGISTRAR, Capacity.OPERATOR])
    authors = {one.key: house.admit(one.key, capacities=[one.capacity]) for one in world.houses}
    builder = Builder(house=house, world=world, authors=authors, registrar=registrar, entropy=entropy)
    builder.houses()
    table(
        "Members", ("key", "name", "records as"), [(h.key, h.names[0], h.capacity.name.lower()) for h in world.houses]
    )
    return builder


def _clear_away(home: Path) -> None:
    """Remove a former sample world; anything else in the way is an `InputError`."""
    if not home.exists() or not any(home.iterdir()):
        return
    if not (home / SAMPLE_MARK).exists():
        raise InputError(f"{home} is not empty and no sample world", "choose another folder with --home")
    shutil.rmtree(home)
