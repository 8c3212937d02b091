"""How the state of a node, and of a network of nodes, is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import typer

from cantoria.cli.console import table
from cantoria.node.status import NodeStatus

COLUMNS: Final = ("node", "state", "height", "age", "peers", "size", "cosigned", "waiting", "signed by")
RIGHT: Final = (2, 3, 4, 5, 6, 7)
STILL_SECONDS: Final = 30


def show(found: NodeStatus) -> None:
    """Draw the state of one node."""
    held = found.holdings
    signed = [name for name, voted in found.validators.items() if voted]
    missing = [name for name, voted in found.validators.items() if not voted]
    rows = [
        ("chain", found.chain),
        ("height", f"{found.height:,}, {found.age_seconds} s ago"),
        ("state", state_of(found)),
        ("peers", f"{len(found.peers)}: {', '.join(found.peers)}" if found.peers else "none"),
        ("validators", str(len(found.validators))),
        ("signed the last block", ", ".join(signed) or "nobody"),
        ("did not sign it", ", ".join(missing) or "nobody"),
        ("entries", f"{held.size:,} (block {held.block:,})"),
        ("root", held.root),
        ("cosigned", f"{held.cosigned:,} entries, by {held.cosignatures} members"),
        ("waiting", f"{held.waiting:,} batches"),
        ("seat", "yes" if held.seated else "no"),
        ("restarts", f"{found.restarts}" + (f", the last one because {found.last_end}" if found.last_end else "")),
    ]
    table(found.name, ("", ""), rows)


def state_of(found: NodeStatus) -> str:
    """Return a node's state in a word or two."""
    if found.catching_up:
        return "catching up"
    return "standing still" if found.age_seconds > STILL_SECONDS else "in step"


def row(name: str, found: NodeStatus | None) -> tuple[str, ...]:
    """Return a node's row in the table of a network; None is a node that does not answer."""
    if found is None:
        return (name, "no answer", *[""] * (len(COLUMNS) - 2))
    held = found.holdings
    signed = sum(found.validators.values())
    return (
        name,
        state_of(found),
        f"{found.height:,}",
        f"{found.age_seconds} s",
        str(len(found.peers)),
        f"{held.size:,}",
        f"{held.cosigned:,}",
        f"{held.waiting:,}",
        f"{signed} of {len(found.validators)}",
    )


def line(rows: Sequence[Sequence[str]]) -> None:
    """Write the network's state as one plain line, for a log."""
    parts = [f"{row[0]} {row[1]}" + (f" {row[2]}" if row[2] else "") for row in rows]
    typer.echo("; ".join(parts))


def plain(value: Any) -> Any:
    """Return nested values as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple | list) else value
