"""What messages disclose of AI and signal about training: kept, checked against itself, and nobody's yes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.formats.ern.ern_messages import OTHER, SENDER, credit, deals, message, recording, terms

from cantoria import codes
from cantoria.formats import ern
from cantoria.formats.types import Severity
from cantoria.kernel.periods import DAY, Period, parse_moment
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, AiPart, DealSignalled

GTIN = codes.key("gtin", "4006381333931")
ISRC = "isrc:KRA381900123"


def read(desk: Any, data: bytes, file: str = "m.xml") -> Any:
    return desk.take(ern.read_message(data, file=file, context=desk.context()))


def person(party: str, role: str, ai: str = "") -> str:
    return credit(party, role, number="432", ai=ai)


def machine(role: str, ai: str = "") -> str:
    return credit("", role, number="432", special="GenerativeAI", ai=ai)


def told(imported: Any) -> list[str]:
    return [one.message for one in imported.findings if "contradicts itself" in one.message]


def test_formats_ern_ai_disclosure_is_kept(desk: Any) -> None:
    named = machine("BackgroundVocalist") + person("P3", "Composer", "Partly") + person("P1", "Artist")
    imported = read(desk, message("432", recording("432", credits_=named, ai="Partly"), ai="Partly"))
    assert told(imported) == []
    (said,) = desk.disclosures.disclosed(desk.one(ISRC))
    assert said.extent is AiExtent.PARTLY
    assert said.parts == (
        AiPart(("BackgroundVocalist",), "", AiExtent.ALL),
        AiPart(("Composer",), desk.one("ipi_name:00014107338"), AiExtent.PARTLY),
    )
    assert (said.said_by, said.said_at) == (SENDER, parse_moment("2024-01-02T03:04:05Z"))
    (of_release,) = desk.disclosures.disclosed(desk.one(GTIN))
    assert of_release.extent is AiExtent.PARTLY


def test_formats_ern_generative_ai_is_no_holder(desk: Any) -> None:
    read(desk, message("432", recording("432", credits_=machine("LeadVocalist"), ai="Partly")))
    claims = desk.registry.claims(desk.one(ISRC))
    named = {desk.registry.party(claim.fact.party).names[0] for claim in claims}
    assert named == {"Kim Minji", "Blue Records"}


@pytest.mark.parametrize(
    ("ai", "credits_", "contradictions"),
    [
        ("All", machine("Composer"), 0),
        ("All", person("P3", "Composer"), 1),
        ("None", person("P3", "Composer", "None"), 0),
        ("None", person("P3", "Composer", "Partly"), 1),
        ("None", machine("Composer"), 1),
        ("Partly", person("P3", "Composer", "All"), 1),
        ("Partly", machine("Composer", "Partly"), 1),
        ("", person("P3", "Composer", "Partly"), 0),
    ],
)
def test_formats_ern_contradictions_are_found_and_kept(desk: Any, ai: str, credits_: str, contradictions: int) -> None:
    imported = read(desk, message("432", recording("432", credits_=credits_, ai=ai)))
    assert len(told(imported)) == contradictions
    (said,) = [fact for fact in imported.facts if isinstance(fact, AiDisclosed)]
    assert said.extent == (AiExtent(ai) if ai else None)


def test_formats_ern_unknown_extent_is_a_finding_and_no_fact(desk: Any) -> None:
    imported = read(desk, message("432", recording("432", ai="Somewhat")))
    assert not [fact for fact in imported.facts if isinstance(fact, AiDisclosed)]
    assert [one.value for one in imported.findings if one.field == "ContainsAI"] == ["Somewhat"]


def test_formats_ern_training_deal_is_a_signal_with_its_terms(desk: Any) -> None:
    deal = deals(terms("UseForTrainingGenerativeAI", "OnDemandStream", end="2025-12-31", territory="KR"))
    imported = read(desk, message("432", deal=deal))
    (signal,) = [fact for fact in imported.facts if isinstance(fact, DealSignalled)]
    assert signal.release == desk.one(GTIN)
    assert signal.recordings == (desk.one(ISRC),)
    assert signal.uses == ("UseForTrainingGenerativeAI",)
    assert signal.territories == ("KR",)
    assert signal.commercial_models == ("SubscriptionModel",)
    assert (signal.said_by, signal.recipients) == (SENDER, (OTHER,))
    assert signal.period == Period(parse_moment("2024-01-01"), parse_moment("2025-12-31") + DAY)
    (found,) = [one for one in imported.findings if one.field == "ReleaseDeal/UseType"]
    assert "nobody's yes" in found.message
    assert {type(fact).TYPE.tag // 100 for fact in imported.facts} == {1}
    at = parse_moment("2026-06-01")
    assert desk.disclosures.signals(desk.one(ISRC), at=at) == ()
    assert desk.disclosures.signals(desk.one(ISRC), at=parse_moment("2025-01-01")) == (signal,)


def test_formats_ern_deals_about_other_uses_signal_nothing(desk: Any) -> None:
    imported = read(desk, message("432", deal=deals(terms("OnDemandStream"), terms("PermanentDownload"))))
    assert not [fact for fact in imported.facts if isinstance(fact, DealSignalled)]
    assert imported.counts.passed_over == 1


def test_formats_ern_newer_message_without_the_deal_ends_the_signal(desk: Any) -> None:
    read(desk, message("432", deal=deals(terms("UseForDataMining"))))
    assert desk.disclosures.signals(desk.one(GTIN))
    later = message("432", deal=deals(terms("OnDemandStream")), message="M-2", created="2024-02-01T00:00:00Z")
    read(desk, later, "n.xml")
    assert desk.disclosures.signals(desk.one(GTIN)) == ()


@pytest.mark.parametrize(("start", "end"), [("2024-13-01", ""), ("2024-05-01", "2023-01-01"), ("soon", "later")])
def test_formats_ern_dates_that_make_no_sense_are_found(desk: Any, start: str, end: str) -> None:
    imported = read(desk, message("432", deal=deals(terms("UseForDataMining", start=start, end=end))))
    assert "ValidityPeriod" in [one.field for one in imported.findings if one.severity is Severity.WARNING]
    assert [fact for fact in imported.facts if isinstance(fact, DealSignalled)]
