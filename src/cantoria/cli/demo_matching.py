"""The demonstration's matching: what may be one recording or one work is proposed, and left to people to decide."""

from __future__ import annotations

from typing import Final

from cantoria.app import matching
from cantoria.bootstrap import matching as engines
from cantoria.cli.console import table
from cantoria.cli.demo_stage import Stage
from cantoria.registry.match_facts import MatchKind

KINDS: Final = (MatchKind.RECORDING, MatchKind.WORK)


def match_all(stage: Stage) -> None:
    """Compare all recordings and all works with each other; the doubtful pairs fill the queue of every reviewer."""
    stage.heading("The machine proposes what may be one; people decide")
    rows, waiting = [], 0
    for kind in KINDS:
        wish = matching.Wish(kind=kind, rows=engines.batch_rows(stage.house, kind))
        with engines.matcher(stage.house, watch=lambda name, done: None) as engine:
            ran = matching.run(stage.house, wish, matcher=engine, author=stage.builder.registrar)
        rows.append((f"{kind.value}s", f"{ran.fact.rows:,}", f"{ran.fact.links:,}", f"{ran.fact.reviews:,}"))
        waiting += ran.fact.reviews
    table("Pairs, by what the model makes of them", ("of", "compared", "as good as sure", "for review"), rows)
    stage.tell("Pairs that people must look at", f"{waiting:,}, most money first; none of them has effect")
