""" "Was I in it?", and what a revocation touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cantoria.app import lineage_views
from cantoria.app.clearing import recheck_certificate
from cantoria.app.house import House
from cantoria.consent.facts import StatementMade
from cantoria.lineage import Lineage, revoked_statements, search_keys, touched_by, was_it_in
from cantoria.lineage.types import Exposure, Touched


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the identifiers of somebody or something stand, with the lineage it was read from."""

    exposure: Exposure
    history: Lineage
    size: int


def trace(house: House, subjects: Sequence[str]) -> Answer:
    """Look for parties, works, recordings or codes in every certificate, run and model known here."""
    size = house.index.catch_up()
    registry = house.rights.load(size=size, codes=subjects).registry
    named = [name for subject in subjects for name in (registry.named_by(subject) or (subject,))]
    keys = search_keys(sorted({*subjects, *named}), registry=registry)
    history = lineage_views.load(house, size=size)
    manifests = lineage_views.manifests_kept(house, history)
    return Answer(was_it_in(keys, lineage=history, manifests=manifests), history, size)


def touched(house: House, statement: str, *, at: int) -> Touched:
    """Return what the end of `statement`, or its being a refusal, touches: certificates, runs, models.

    Every certificate is rechecked as of now where it relied on them, so that only rows that really are lost count.
    """
    size = house.index.catch_up()
    history = lineage_views.load(house, size=size)
    relied = lineage_views.relied_kept(house, history)
    said = house.index.scan(tags=[StatementMade.TYPE.tag], size=size)
    recorded = list(said)
    refusal = next((one.fact for one in recorded if one.fact.statement == statement), None)
    ended = revoked_statements(refusal, recorded=recorded) or (statement,)
    rechecks = {}
    for name, issued in history.certificates.items():
        lines = frozenset(line for one in ended for line in relied[name].lines_of(one))
        if lines and house.datasets.get(name) is not None:
            rechecks[name] = recheck_certificate(house, issued.fact, lines=lines)
    return touched_by(ended, at=at, lineage=history, relied=relied, rechecks=rechecks)
