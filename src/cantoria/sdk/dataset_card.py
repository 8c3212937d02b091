"""The dataset card of a gated dataset: YAML front matter, and in words what passed, what did not, and who says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel.periods import format_moment

PLACES: Final = ("territories", "training_place", "establishment", "markets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a person says of the dataset besides: names, texts, addresses; empty for what is not said."""

    name: str
    description: str = ""
    license: str = ""
    url: str = ""
    creator: str = ""
    version: str = "1.0.0"
    derived_from: str = ""
    cite_as: str = ""


def card_text(receipt: Mapping[str, Any], *, card: Card) -> str:
    """Return the dataset card: YAML front matter, then in words what passed, what did not, and who says so."""
    matter = _front_matter(receipt, card=card)
    counts = "\n".join(f"| {name} | {rows} |" for name, rows in receipt["counts"].items())
    reasons = "\n".join(f"| {name} | {rows} |" for name, rows in receipt["reasons"].items())
    terms = f" (see {_plain(card.license)})" if card.license else ""
    signature = receipt["signature"]
    signed = f"signed by key `{signature['key']}`" if signature else "**unsigned**: it is a note, not evidence"
    return f"""---
{matter}
---

# {_plain(card.name)}

{_plain(card.description) or summary_of(receipt)}

## Usage

{summary_of(receipt)} Any other use, licensee, territory or model needs its own clearance. A yes may be taken back:
check again before each training run. What is cleared is no licence of the files themselves{terms}.

## What passed the gate

| status | rows |
|---|---|
{counts}

| first reason of rows that did not pass | rows |
|---|---|
{reasons}

As of {receipt["snapshot"]}: ledger `{_plain(receipt["origin"])}` at {receipt["size"]} entries, root
`{receipt["root"]}`. The receipt beside this page is {signed}. Check it: `cantoria gate check RECEIPT`.
"""


def _front_matter(receipt: Mapping[str, Any], *, card: Card) -> str:
    front: dict[str, Any] = {"pretty_name": card.name, "tags": ["cantoria", "music", "consent"]}
    if card.license:
        front["license"] = "other"
        front["license_name"] = "see usage"
        front["license_link"] = card.license
    kept = receipt["kept"]["rows"]
    front["size_categories"] = [_size_category(kept)]
    front["cantoria"] = {name: receipt[name] for name in ("snapshot", "size", "root", "request_digest")} | {
        "kept": kept,
        "kept_root": receipt["kept"]["root"],
        "signed": receipt["signature"] is not None,
    }
    # JSON is YAML, and needs no library to be written right.
    return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items())


def summary_of(receipt: Mapping[str, Any]) -> str:
    """Return in a sentence what a receipt says passed."""
    request = receipt["request"]
    where = " ".join(
        str(request[name])
        for name in ("territories", "training_place", "establishment", "markets")
        if request.get(name)
    )
    return (
        f"{receipt['kept']['rows']} rows that every needed holder said yes to: {_plain(str(request.get('use', '')))} "
        f"by {_plain(str(request.get('licensee', '')))} in {_plain(where)}, as of {format_moment(receipt['at'])}."
    )


def _size_category(rows: int) -> str:
    limits = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    more = ((10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))
    return next((name for limit, name in (*limits, *more) if rows < limit), "n>1T" if rows >= 10**12 else "1B<n<10B")


def _plain(text: str) -> str:
    """Return text that stands in Markdown and YAML as it is: one line, no markup of its own."""
    line = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "`*_<>[]|#" else sign for sign in line if sign.isprintable())
