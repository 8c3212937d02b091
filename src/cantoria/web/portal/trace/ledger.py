"""`/ledger` and `/entries`: the log itself, entry by entry, and its proofs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cantoria.app.pages import trace_entries, trace_ledger
from cantoria.kernel.errors import InputError
from cantoria.ledger.envelope import parse_fact_id
from cantoria.web.portal.page import Ask, File, NotHere, NotYours, PageQuery, Value
from cantoria.web.portal.trace.area import area, closed, here, readers


class EntryProofQuery(PageQuery):
    """In which form a proof is wanted."""

    form: Literal["bundle", "tlog"] = Field(
        "bundle", description="bundle: the fact with its body; tlog: the entry alone (C2SP tlog-proof), of any kind"
    )


class GrowthQuery(PageQuery):
    """Since when."""

    old: int = Field(..., ge=1, le=1 << 60, description="a size at which a checkpoint was signed")


@area.page("/ledger", template="trace/ledger.html", summary="The health of the ledger")
def ledger(ask: Ask) -> Value:
    """Return growth, checkpoint, cosignatures, members and facts by type."""
    return trace_ledger.health(ask.house, ask.house.engine, size=ask.size, now=ask.now)


@area.page("/ledger/checkpoint", template="", summary="The newest signed checkpoint, as text", files=("text/plain",))
def checkpoint(ask: Ask) -> File:
    """Return the note; with `as_of` that of this size."""
    size = None if ask.query.as_of is None else ask.size
    note = ask.house.engine.checkpoint(size=size)
    return File(data=note.encode(), media_type="text/plain", name="checkpoint.txt")


@area.page(
    "/ledger/consistency",
    template="",
    summary="The proof that the log only grew since a checkpoint (cantoria-consistency/v1)",
    query=GrowthQuery,
)
def growth(ask: Ask) -> File:
    """Return the file."""
    query: GrowthQuery = ask.query
    data = trace_ledger.growth_file(ask.house, query.old)
    return File(data=data, media_type="application/json", name=f"growth-from-{query.old}.json")


@area.page(
    "/entries/{index}/proof",
    template="",
    summary="The proof of an entry",
    query=EntryProofQuery,
    files=("text/plain",),
)
def entry_proof(ask: Ask, index: str) -> File:
    """Return the proof bundle of a fact, or the tlog-proof of any entry."""
    query: EntryProofQuery = ask.query
    place = _place(ask, index)
    if query.form == "tlog":
        data = trace_entries.proof_text(ask.house, place)
        return File(data=data, media_type="text/plain", name=f"entry-{place}.tlog-proof")
    if not trace_entries.may_read(ask.house, place, size=ask.size, readers=readers(ask), closed=closed(ask)):
        value = here(trace_entries.entry(ask.house, place, size=ask.size), "entry")
        if value.get("body_state") == "withheld":
            raise NotYours
        raise NotHere("this entry has no body that can be shown", "take its tlog-proof: ?form=tlog")
    return File(data=ask.house.engine.bundle(place), media_type="application/json", name=f"entry-{place}.proof.json")


@area.page("/entries/{index}", template="trace/entry.html", summary="One entry of the ledger")
def entry(ask: Ask, index: str) -> Value:
    """Return an entry, named by its number or by the id of its fact."""
    place = _place(ask, index)
    found = here(
        trace_entries.entry(ask.house, place, size=ask.size, readers=readers(ask), closed=closed(ask)), "entry"
    )
    return {**found, "vkey": ask.house.engine.vkey}


def _place(ask: Ask, text: str) -> int:
    """Return the index of the entry that a number or a fact id names."""
    if text.isdecimal() and text.isascii() and len(text) < 16:
        place: int | None = int(text)
    else:
        try:
            place = ask.house.engine.index_of(parse_fact_id(text))
        except InputError:
            place = None
    if place is None or place >= ask.size:
        raise NotHere("the ledger has no such entry at this size", "entries are counted from 0")
    return place
