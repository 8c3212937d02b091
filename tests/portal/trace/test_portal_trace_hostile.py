"""What a member records in bad faith is shown as text, and hides nothing of what the others recorded."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.app import lineage_views
from cantoria.clearance.facts import AsOf, Attached
from cantoria.lineage.facts import ModelRegistered, ModelVersionRegistered, TrainingRunStarted

EVIL = '"><script>alert(1)</script>\u202e{{ 7*7 }}%(name)s'


@pytest.fixture
def spoilt(own_site):
    """A world in which a society certified nonsense and a developer registered some."""
    house = own_site.house()
    history = lineage_views.load(house, size=house.engine.size)
    fact = next(iter(history.certificates.values())).fact
    society, developer = house.author("org-haneulsori"), house.author("dev-mirinae")
    nothing = Attached("../../etc/passwd", 10, 2**52)
    certificate = replace(
        fact,
        certificate="certificate_../../x",
        title=EVIL,
        issuer=society.party,
        as_of=AsOf(2**52, "no root"),
        manifest=replace(fact.manifest, root="no root either"),
        results=nothing,
        relied=nothing,
        issued_at=2**53 - 1,
        expires_at=-(2**53 - 1),
        request=replace(fact.request, territories="nowhere at all", model_version=EVIL),
    )
    house.journal.record([certificate], author=society)
    run = next(iter(history.runs.values())).fact
    model = ModelRegistered(model="model_" + quote(EVIL), developer=developer.party, name=EVIL)
    version = ModelVersionRegistered(version="version_x", model=model.model, label=EVIL, bases=("version_x", EVIL))
    started = TrainingRunStarted(
        run="run_/../x",
        version="version_x",
        developer=developer.party,
        use=run.use,
        certificate=certificate.certificate,
        manifest=replace(run.manifest, root="zz", rows=2**52, leaves=0),
        as_of=AsOf(0, ""),
        started_at=-(2**53 - 1),
        unauthorised=2**52,
        unauthorised_rows=nothing,
    )
    house.journal.record([model, version, started], author=developer)
    house.close()
    return own_site, certificate


def test_nonsense_is_shown_as_text(spoilt, lawful):
    site, certificate = spoilt
    newest = site.json("/ledger")["as_of"] - 1
    pages = (
        "/certificates",
        "/certificates/version_x",
        f"/licensees/{certificate.request.licensee}",
        "/models",
        "/models/version_x",
        "/was-i-in-it?code=isrc:KR9ZA0000379",
        *(f"/entries/{newest - back}" for back in range(6)),
        "/ledger",
    )
    for path in pages:
        html = site.get(path, status=404 if path == "/certificates/version_x" else 200)
        lawful(html)
        assert "<script>alert" not in html
        assert "\u202e" not in html
    lawful(
        site.get(f"/was-i-in-it?code={quote(EVIL)}")
    )  # what somebody asks stands in their own field as they wrote it
    assert "\\u202e" in site.get("/certificates")
    assert "\\u202e" in site.get("/models/version_x")


def test_the_others_are_still_answered_for(spoilt):
    site, certificate = spoilt
    page = site.json("/was-i-in-it?code=isrc:KR9ZA0000379")
    assert page["in_certificates"]
    assert certificate.certificate in {one["id"] for one in page["unanswered"]}
    site.get(f"/certificates/{quote(certificate.certificate, safe='')}", status=404)  # no such address


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=40), kind=st.sampled_from(["certificates", "models", "runs", "licensees", "entries"]))
def test_no_address_breaks_a_page(site, text, kind):
    name = quote(text, safe="")
    for path in (f"/{kind}/{name}", f"/was-i-in-it?code={name}", f"/was-i-in-it/proof?code={name}&of={name}"):
        found = site.client.get(path, follow_redirects=False)
        assert found.status_code < 500, path
