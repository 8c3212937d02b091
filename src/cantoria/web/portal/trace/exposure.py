"""`/was-i-in-it`: open to everybody."""

from __future__ import annotations

from pydantic import Field

from cantoria.app.pages import trace_exposure as pages
from cantoria.app.search import QUERY_CHARS_MAX
from cantoria.web.portal.page import Ask, File, NotHere, PageQuery, Value
from cantoria.web.portal.trace.area import area


class ExposureQuery(PageQuery):
    """What somebody asks about."""

    code: str = Field("", max_length=QUERY_CHARS_MAX, description="a code (isrc:…), an id, or a name")


class ProofQuery(PageQuery):
    """Which proof is wanted."""

    code: str = Field("", max_length=QUERY_CHARS_MAX, description="one identifier, exactly as it was looked for")
    of: str = Field("", max_length=80, description="the certificate or run")


@area.page(
    "/was-i-in-it",
    template="trace/was_i_in_it.html",
    summary="Which datasets, training runs and models hold an identifier, and which do not",
    query=ExposureQuery,
)
def was_i_in_it(ask: Ask) -> Value:
    """Return the answer, or whom a name may mean."""
    query: ExposureQuery = ask.query
    return pages.was_i_in_it(ask.house, query.code, size=ask.size)


@area.page(
    "/was-i-in-it/proof",
    template="",
    summary="The proof that an identifier stands, or does not stand, in one manifest",
    query=ProofQuery,
)
def exposure_proof(ask: Ask) -> File:
    """Return the file, which verifies offline."""
    query: ProofQuery = ask.query
    data = pages.proof(ask.house, query.code, query.of, size=ask.size) if query.code else None
    if data is None:
        raise NotHere("this house cannot prove that", "ask whoever keeps the manifest")
    return File(data=data, media_type="application/json", name=f"answer-{query.of}.json")


@area.page(
    "/was-i-in-it/proofs",
    template="",
    summary="All proofs of an answer in one archive",
    query=ExposureQuery,
    files=("application/zip",),
)
def exposure_proofs(ask: Ask) -> File:
    """Return the archive."""
    query: ExposureQuery = ask.query
    data = pages.proofs(ask.house, query.code, size=ask.size)
    if data is None:
        raise NotHere("there is nothing to prove here", "ask by a code or an id")
    return File(data=data, media_type="application/zip", name="was-i-in-it.zip")
