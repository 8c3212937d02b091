"""What `cantoria match` prints: runs, the queue and pairs side by side, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cantoria.app.matching import Ran
from cantoria.app.matching_queue import Evidence, Item, Queue
from cantoria.app.matching_stakes import Stake
from cantoria.app.ports import Receipt
from cantoria.cli.console import page, table
from cantoria.kernel.facts import Recorded
from cantoria.kernel.money import Money
from cantoria.kernel.shown import shown
from cantoria.registry.match_facts import MatchDecided
from cantoria.registry.matching.types import PPM, Row

SIDES = ("title", "artist", "version", "duration_ms", "isrc", "iswc", "codes", "aliases", "writers", "shares", "audio")
BASES = {
    "waiting": "money that waits",
    "earned": "money earned (none waits)",
    "plays": "plays reported (no money yet)",
    "nothing": "probability (no money and no plays yet)",
}


def ran_value(ran: Ran, *, recorded: bool) -> dict[str, Any]:
    """Return a run as JSON."""
    fact = ran.fact
    return {
        "run": fact.run,
        "recorded": recorded,
        "kind": fact.kind.value,
        "model": fact.model,
        "model_sha256": fact.model_sha256,
        "size": fact.size,
        "rows": fact.rows,
        "compared": fact.compared,
        "links": fact.links,
        "reviews": fact.reviews,
        "shown": ran.shown,
        "attachment": fact.attachment,
        "capped_pairs": fact.capped,
        "unreached_rows": ran.blocked.unreached,
        "blocks": [
            {
                "key": kind.kind,
                "blocks": kind.blocks,
                "largest": kind.largest,
                "capped_blocks": kind.capped_blocks,
                "capped_rows": kind.capped_rows,
                "capped_pairs": kind.capped_pairs,
            }
            for kind in ran.blocked.kinds
        ],
    }


def show_run(ran: Ran, *, recorded: bool) -> None:
    """Draw a run: what it found, and what its blocks left out."""
    fact = ran.fact
    state = "" if recorded else " (nothing was recorded)"
    rows = [
        ("compared", f"{fact.rows:,} {fact.kind}s in {fact.compared:,} pairs"),
        ("links", f"{fact.links:,} from {fact.link_ppm * 100 / PPM:g} % up, {ran.shown:,} recorded to be shown"),
        ("for review", f"{fact.reviews:,} from {fact.review_ppm * 100 / PPM:g} % up"),
        ("left out", f"{fact.capped:,} pairs in blocks beyond the cap; {ran.blocked.unreached:,} things unreached"),
        ("model", f"{fact.model} ({fact.model_sha256[:16]})"),
    ]
    table(f"{fact.run}{state}", ("what", "count"), rows)
    blocks = [
        (kind.kind, f"{kind.blocks:,}", f"{kind.largest:,}", f"{kind.capped_blocks:,}", f"{kind.capped_pairs:,}")
        for kind in ran.blocked.kinds
    ]
    columns = ("brought together by", "blocks", "largest", "beyond the cap", "pairs left out")
    table("Blocks", columns, blocks, right=(1, 2, 3, 4))


def queue_value(queue: Queue) -> dict[str, Any]:
    """Return the queue as JSON."""
    items = [item_value(item) for item in queue.items]
    return {"ranked_by": queue.basis, "currency": queue.currency, "total": queue.total, "items": items}


def item_value(item: Item) -> dict[str, Any]:
    """Return one pair as JSON."""
    return {
        "run": item.run,
        "left": {"id": item.left.id, **_side(item.left), "evidence": _evidence(item.left_evidence)},
        "right": {"id": item.right.id, **_side(item.right), "evidence": _evidence(item.right_evidence)},
        "probability_ppm": item.pair.probability_ppm,
        "band": item.pair.band.value,
        "rule": item.rule,
        "features": [{"name": one.name, "said": one.said, "bits": one.bits} for one in item.features],
        "waiting_fine": str(item.stake.waiting),
        "earned_fine": str(item.stake.earned),
        "plays": item.stake.plays,
        "decisions": [decision_value(one) for one in item.said],
    }


def decision_value(said: Recorded[MatchDecided]) -> dict[str, Any]:
    """Return a decision as JSON."""
    fact = said.fact
    return {
        "decision": fact.decision,
        "verdict": fact.verdict.value,
        "decided_by": fact.decided_by,
        "organisation": said.organisation,
        "reason": fact.reason,
        "link": fact.link,
        "run": fact.run,
    }


def decided_value(receipt: Receipt) -> dict[str, Any]:
    """Return a decision that was just recorded as JSON."""
    fact: Any = receipt.fact
    return {"decision": fact.decision, "verdict": fact.verdict.value, "link": fact.link, "fact_id": receipt.fact_id}


def show_queue(queue: Queue) -> None:
    """Draw the queue, one pair under the other."""
    page.print(f"[bold]{queue.total:,} pairs to review, ranked by {BASES[queue.basis]}[/bold]")
    for number, item in enumerate(queue.items, 1):
        show_item(item, title=f"{number}. {_percent(item)}, {_stake(item.stake, queue.currency)}")


def show_pair(item: Item | None, said: Sequence[Recorded[MatchDecided]], *, currency: str) -> None:
    """Draw one pair and what was decided about it."""
    if item is not None:
        show_item(item, title=f"{_percent(item)}, {_stake(item.stake, currency)}")
    rows = [(one.fact.decision, one.fact.verdict, one.fact.decided_by, one.fact.reason) for one in said]
    table(f"{len(rows)} standing decisions", ("decision", "verdict", "by", "reason"), rows)


def show_item(item: Item, *, title: str) -> None:
    """Draw both sides beside each other, then the reasons."""
    left, right = _side(item.left), _side(item.right)
    rows: list[tuple[str, str, str]] = [("id", item.left.id, item.right.id)]
    rows += [(name, _cell(left.get(name)), _cell(right.get(name))) for name in SIDES if name in left or name in right]
    rows.append(("from", _source(item.left_evidence), _source(item.right_evidence)))
    table(title, ("", "one", "other"), rows)
    reasons = [(one.name, one.said, one.bits) for one in item.features]
    table(item.rule, ("compared", "came to", "bits"), reasons, right=(2,))


def _side(row: Row) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in SIDES}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items() if value}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return shown(", ".join(str(one) for one in value) if isinstance(value, list) else str(value))


def _evidence(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [{"organisation": e.organisation, "file": e.file, "line": e.line, "index": e.index} for e in evidence]


def _source(evidence: Sequence[Evidence]) -> str:
    return ", ".join(f"{one.file}:{one.line}" if one.file else f"fact {one.index}" for one in evidence)


def _percent(item: Item) -> str:
    return f"{item.pair.probability_ppm * 100 / PPM:.1f} % one thing"


def _stake(stake: Stake, currency: str) -> str:
    if stake.waiting:
        return f"{Money(stake.waiting, currency).format()} waits"
    if stake.earned:
        return f"{Money(stake.earned, currency).format()} earned"
    return f"{stake.plays:,} plays" if stake.plays else "nothing at stake yet"
