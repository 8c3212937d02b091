"""`/certificates`: the list, one certificate, its files, and its verification on the server."""

from __future__ import annotations

from pydantic import Field

from cantoria.app.pages import trace_certificates as pages
from cantoria.app.pages import trace_verify
from cantoria.web.portal.page import Ask, File, NotHere, Value
from cantoria.web.portal.trace.area import ListQuery, area, here


class CertificatesQuery(ListQuery):
    """Which certificates are listed."""

    licensee: str = Field("", max_length=80, description="only those of this licensee (a party id)")


@area.page(
    "/certificates",
    template="trace/certificates.html",
    summary="Certificates of cleared datasets, the newest first",
    query=CertificatesQuery,
)
def certificates(ask: Ask) -> Value:
    """Return a page of the list."""
    query: CertificatesQuery = ask.query
    return pages.certificates(
        ask.house, size=ask.size, at=ask.now, before=query.before, limit=query.limit, licensee=query.licensee
    )


@area.page(
    "/certificates/{certificate}/proof",
    template="",
    summary="The certificate as a proof file, which verifies offline",
)
def certificate_proof(ask: Ask, certificate: str) -> File:
    """Return the proof bundle."""
    found = here(pages.place_of(ask.house, certificate, size=ask.size), "certificate")
    return File(data=ask.house.engine.bundle(found), media_type="application/json", name=f"{certificate}.proof.json")


@area.page(
    "/certificates/{certificate}/files/{part}",
    template="",
    summary="A file beside a certificate: results (line, status, first reason) or relied (statement, lines)",
    files=("application/jsonl",),
)
def certificate_file(ask: Ask, certificate: str, part: str) -> File:
    """Return the file, where it is kept here."""
    data = pages.certificate_file(ask.house, certificate, part, size=ask.size)
    if data is None:
        raise NotHere("this file is not kept here", "ask the house that issued the certificate")
    return File(data=data, media_type="application/jsonl", name=f"{certificate}.{part}.jsonl")


@area.page(
    "/certificates/{certificate}/verification",
    template="trace/verification.html",
    summary="Each check of a certificate, carried out by the server",
)
def verification(ask: Ask, certificate: str) -> Value:
    """Return the checks."""
    return here(trace_verify.verify(ask.house, certificate, size=ask.size, vkey=ask.house.engine.vkey), "certificate")


@area.page("/certificates/{certificate}", template="trace/certificate.html", summary="One certificate")
def certificate(ask: Ask, certificate: str) -> Value:
    """Return what is said of it."""
    found = here(pages.certificate(ask.house, certificate, size=ask.size, at=ask.now), "certificate")
    return {**found, "vkey": ask.house.engine.vkey}
