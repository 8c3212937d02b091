"""`/licensees`, `/models` and `/runs`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cantoria.app.pages import trace_licensee, trace_models
from cantoria.web.portal.page import Ask, Value
from cantoria.web.portal.trace.area import ListQuery, area, here

Section = Literal["", "licences", "yeses", "deals", "certificates", "models", "runs"]


class LicenseeQuery(ListQuery):
    """What of a licensee is listed."""

    section: Section = Field("", description="this section alone, a page at a time")


@area.page(
    "/licensees/{party}",
    template="trace/licensee.html",
    summary="What is licensed to whom: licences, yeses, deals, certificates, models and runs of a licensee",
    query=LicenseeQuery,
)
def licensee(ask: Ask, party: str) -> Value:
    """Return what the ledger says of a licensee."""
    query: LicenseeQuery = ask.query
    found = trace_licensee.licensee(
        ask.house, party, size=ask.size, at=ask.now, section=query.section, before=query.before, limit=query.limit
    )
    return here(found, "licensee")


@area.page("/models", template="trace/models.html", summary="AI models, the newest first", query=ListQuery)
def models(ask: Ask) -> Value:
    """Return a page of the list."""
    query: ListQuery = ask.query
    return trace_models.models(ask.house, size=ask.size, before=query.before, limit=query.limit)


@area.page("/models/{model}", template="trace/model.html", summary="One model: versions, runs, what was made from it")
def model(ask: Ask, model: str) -> Value:
    """Return a model, named by its id or by that of one of its versions."""
    return here(trace_models.model(ask.house, model, size=ask.size), "model")


@area.page("/runs/{run}", template="trace/run.html", summary="One training run")
def run(ask: Ask, run: str) -> Value:
    """Return a run."""
    return here(trace_models.run(ask.house, run, size=ask.size), "training run")
