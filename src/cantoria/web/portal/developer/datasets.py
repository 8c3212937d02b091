"""`/datasets`: hand a manifest in, watch it clear, look at its rows, take the certificate and the gate along."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from cantoria.app import search, terms_known
from cantoria.app.access.permissions import Permission
from cantoria.app.pages import developer_datasets as datasets
from cantoria.app.pages.developer_datasets import Found
from cantoria.app.pages.developer_requests import plain_name
from cantoria.app.pages.developer_snippet import gate_snippet
from cantoria.app.pages.developer_types import ASKABLE, SEND, Filter
from cantoria.clearance.types import Status
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.ledger.notes import NoteKey
from cantoria.web.portal.developer.area import area, dataset_of, desk_of, owner_of, runner_of
from cantoria.web.portal.page import Ask, File, NotHere, PageQuery, Value

FIRST_ROWS: Final = 10  # on the page of the dataset itself
ROWS_SHOWN: Final = 25
ROWS_LISTED: Final = 200
REQUESTS_SHOWN: Final = 20
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
SHOWN_STATUSES: Final = ("", ASKABLE, *(status.value for status in Status))


class ListQuery(PageQuery):
    """Which datasets are listed."""

    before: str = Field("", max_length=60, description="only datasets older than this one: `next` of the page before")


class NewQuery(PageQuery):
    """What a new dataset is begun with: one thing, as the veto view asks for it."""

    thing: str = Field("", max_length=80, description="the id of a recording or work: a manifest of that one row")
    use: str = Field("", max_length=40, description="the use that it is wanted for")
    territory: str = Field("", max_length=400, description="countries that nothing tells apart, such as `KR ES`")


class RowsQuery(PageQuery):
    """Which rows are listed."""

    status: str = Field("", max_length=20, description="cleared, denied, licensable, unknown, or askable")
    reason: str = Field("", max_length=40, description="only rows with this reason")
    text: str = Field("", max_length=80, description="only rows with this text in a code or in their subject's id")
    after: int = Field(0, ge=0, le=1 << 62, description="only rows behind this line: `next` of the page before")
    limit: int = Field(ROWS_SHOWN, ge=1, le=ROWS_LISTED)


class ResultsQuery(PageQuery):
    """In which form the results are wanted."""

    form: str = Field("parquet", pattern="^(parquet|csv)$", description="parquet or csv")


@area.page(
    "/datasets",
    template="developer/datasets.html",
    summary="Your organisation's datasets and their certificates",
    query=ListQuery,
    needs=Permission.CLEAR_DATASETS,
)
def listed(ask: Ask) -> Value:
    """Return the datasets of the visitor's organisation, the newest first."""
    query: ListQuery = ask.query
    return datasets.list_value(ask.house, runner_of(ask).store, owner=owner_of(ask), before=query.before, size=ask.size)


@area.page(
    "/datasets/new",
    template="developer/new.html",
    summary="What can be said of a new dataset",
    query=NewQuery,
    needs=Permission.CLEAR_DATASETS,
)
def new(ask: Ask) -> Value:
    """Return the choices of the form, the manifests handed in before, and what the form is begun with."""
    owner, query = owner_of(ask), ask.query
    code = search.first_code(ask.house.index.about, query.thing) if query.thing else ""
    scheme, _, value = code.partition(":")
    known = datasets.list_value(ask.house, runner_of(ask).store, owner=owner, before="", size=ask.size)["datasets"]
    return {
        "uses": [use.value for use in Use],
        "licensee": owner.party,
        "licensee_name": plain_name(ask.house, owner.party),
        "kept": [one for one in known if one["file"]],
        "begun": {
            "rows": f"{scheme}\n{value}\n" if code else "",
            "title": plain_name(ask.house, query.thing) if code else "",
            "use": query.use,
            "territory": query.territory,
        },
    }


@area.page(
    "/datasets/{dataset}",
    template="developer/dataset.html",
    summary="A dataset: how far it is, its statuses, rows, certificate and gate",
    query=RowsQuery,
    needs=Permission.CLEAR_DATASETS,
)
def dataset(ask: Ask, dataset: str) -> Value:
    """Return everything about one dataset, with its first rows."""
    found = dataset_of(ask, dataset)
    value = datasets.dataset_value(ask.house, runner_of(ask).store, desk_of(ask), found, owner=owner_of(ask))
    if found.said is None:
        return {**value, "rows_shown": None, "snippet": "", "requests": [], "terms": []}
    return {
        **value,
        "rows_shown": _rows(ask, found, most=FIRST_ROWS),
        "snippet": _snippet(ask, found),
        "requests": _requests(ask, found),
        "terms": [
            {"name": f"{one.name}@{one.version}", "title": one.title, "digest": one.digest}
            for one in terms_known.known(ask.house)
        ],
    }


@area.page(
    "/datasets/{dataset}/progress",
    template="developer/progress.html",
    summary="The part of a dataset's page that moves",
    needs=Permission.CLEAR_DATASETS,
)
def progress(ask: Ask, dataset: str) -> Value:
    """Return how far a dataset is."""
    found = dataset_of(ask, dataset)
    return {**datasets.short_value(found), **datasets.job_part(found)}


@area.page(
    "/datasets/{dataset}/rows",
    template="developer/rows_page.html",
    summary="Rows of a dataset: by status, reason or text",
    query=RowsQuery,
    needs=Permission.CLEAR_DATASETS,
)
def rows(ask: Ask, dataset: str) -> Value:
    """Return the chosen rows of one dataset."""
    found = dataset_of(ask, dataset)
    title = datasets.short_value(found)["title"]
    told = found.result.get("reasons") or {}
    return {**_rows(ask, found), "title": title, "reasons": dict(told)}


@area.page(
    "/datasets/{dataset}/certificate",
    template="developer/dataset.html",
    summary="The certificate as a proof file",
    needs=Permission.CLEAR_DATASETS,
)
def certificate(ask: Ask, dataset: str) -> File:
    """Return the proof of a dataset's certificate, to be checked offline."""
    found = dataset_of(ask, dataset)
    if found.said is None:
        raise NotHere("this dataset has no certificate yet", "wait until it is cleared")
    name = found.said.fact.certificate
    return File(data=ask.house.sequencer.bundle(found.said.index), media_type="application/json", name=f"{name}.json")


@area.page(
    "/datasets/{dataset}/results",
    template="developer/dataset.html",
    summary="All results of a dataset, as Parquet or CSV",
    query=ResultsQuery,
    needs=Permission.CLEAR_DATASETS,
    files=("text/csv", "application/vnd.apache.parquet"),
)
def results(ask: Ask, dataset: str) -> File:
    """Return the results of every row as a file."""
    found = dataset_of(ask, dataset)
    desk, query = desk_of(ask), ask.query
    kept = datasets.results_of(ask.house, desk, found)
    if query.form == "csv":
        return File(data=desk.as_csv(ask.house, kept), media_type="text/csv", name=f"{found.dataset}.csv")
    data = ask.house.attachments.get(kept)
    return File(data=data, media_type="application/vnd.apache.parquet", name=f"{found.dataset}.parquet")


def _rows(ask: Ask, found: Found, *, most: int = ROWS_LISTED) -> dict[str, Any]:
    query: RowsQuery = ask.query
    if query.status not in SHOWN_STATUSES:
        raise InputError(f"{query.status!r:.40} is no status", "one of " + ", ".join(SHOWN_STATUSES[1:]))
    chosen = Filter(status=query.status, reason=query.reason, text=query.text.strip())
    return datasets.rows_value(ask.house, desk_of(ask), found, chosen, after=query.after, limit=min(query.limit, most))


def _snippet(ask: Ask, found: Found) -> str:
    """Return the program that filters by what the certificate was asked for."""
    if found.said is None:
        return ""
    certificate = found.said.fact
    manifest = found.job.files[0].name if found.job is not None and found.job.files else "manifest.csv"
    return gate_snippet(
        certificate.request,
        server=server_of(ask),
        key=log_key(ask),
        certificate=certificate.certificate,
        manifest=manifest if manifest.endswith(".csv") else "manifest.csv",
    )


def server_of(ask: Ask) -> str:
    """Return the address at which this server was asked."""
    host = ask.credentials.host or "127.0.0.1:8000"
    scheme = "http" if host.startswith(LOOPBACK) else "https"
    return f"{scheme}://{host}"


def log_key(ask: Ask) -> str:
    """Return the verifier key of the house's log."""
    house = ask.house
    return NoteKey(house.settings.origin, house.keys.log_signer().public_key).vkey()


def _requests(ask: Ask, found: Found) -> list[dict[str, Any]]:
    """Return what was asked for from this dataset, the newest first."""
    store, owner = runner_of(ask).store, owner_of(ask)
    sent = store.listed(owner.organisation, kind=SEND, limit=REQUESTS_SHOWN)
    return [
        {"request": job.parameters.get("request", ""), "state": job.state.value, "sent_at": job.created_at}
        for job in sent
        if job.parameters.get("bulk", {}).get("dataset") == found.dataset
    ]
