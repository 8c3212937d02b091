"""Words: every value that pages show has one, and every reason reads well in every language."""

from __future__ import annotations

from enum import IntEnum

import pytest
from markupsafe import Markup

from cantoria.app import ports, revocations
from cantoria.app.access import permissions
from cantoria.attribution import types as attribution_types
from cantoria.clearance import certificate
from cantoria.clearance import facts as clearance_facts
from cantoria.clearance import types as clearance
from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.reasons import ReasonCode
from cantoria.codes.types import Scheme
from cantoria.consent import law
from cantoria.consent import types as consent
from cantoria.consent.signals import types as signals
from cantoria.formats import types as formats
from cantoria.formats.sheet.fields import Kind as SheetKind
from cantoria.formats.sheet.preview import State as LineOfSheet
from cantoria.kernel import facts as kernel_facts
from cantoria.kernel import uses
from cantoria.licensing import licence_facts, licence_views, offers, terms
from cantoria.licensing import types as licensing
from cantoria.lineage import facts as lineage_facts
from cantoria.lineage import reasons as lineage_reasons
from cantoria.mandates import types as mandates
from cantoria.registry import (
    answer_facts,
    answers,
    conflict_facts,
    disclosure_facts,
    match_facts,
    trade_facts,
)
from cantoria.registry import types as registry
from cantoria.registry.matching import types as matching
from cantoria.registry.matching import vocabulary
from cantoria.royalty import tariff
from cantoria.royalty import types as money
from cantoria.usage import types as usage
from cantoria.web.portal.faces import environment
from cantoria.web.portal.words import NAMES, WORDS, english

SHOWN = (
    uses.Use,
    clearance.Status,
    certificate.Validity,
    clearance_facts.Remedy,
    consent.Verdict,
    consent.ScopeKind,
    consent.LicenseeKind,
    law.LawKind,
    law.SchemeKind,
    signals.Stance,
    signals.Standard,
    registry.PartyKind,
    registry.Side,
    registry.Role,
    registry.Right,
    registry.Tier,
    registry.WorkKind,
    registry.Relation,
    registry.LinkState,
    registry.PublicDomainBasis,
    registry.CaseKind,
    registry.Stage,
    registry.Problem,
    trade_facts.TitleKind,
    trade_facts.ChainKind,
    conflict_facts.Stance,
    match_facts.MatchKind,
    match_facts.MatchVerdict,
    matching.Band,
    vocabulary.Facet,
    answer_facts.AnswerStatus,
    answers.RegistrationState,
    answers.NextActor,
    disclosure_facts.AiExtent,
    disclosure_facts.NoticeKind,
    kernel_facts.Capacity,
    mandates.MandateKind,
    licence_views.LicenceState,
    licence_facts.Stance,
    offers.Basis,
    terms.ModelRule,
    licensing.DealState,
    lineage_facts.RunOutcome,
    lineage_facts.Retirement,
    lineage_reasons.RunReason,
    revocations.Kind,
    ports.Kind,
    permissions.Role,
    permissions.Permission,
    formats.Severity,
    LineOfSheet,
    SheetKind,
    usage.LineState,
    usage.PlayerKind,
    attribution_types.PlayerState,
    money.State,
    tariff.Basis,
    tariff.Leg,
    tariff.Analogy,
    tariff.Counting,
    Scheme,
)
LANGUAGES = ("en", "ko", "es")


@pytest.mark.parametrize("shown", SHOWN, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_value_has_a_word(shown):
    values = [one.name if issubclass(shown, IntEnum) else one.value for one in shown]
    lacking = [value for value in values if english(value) == value and value not in WORDS and value not in NAMES]
    assert not lacking


def test_families_of_uses_have_words():
    assert set(uses.FAMILIES) <= set(WORDS)


def test_what_is_no_code_stays_as_it_is():
    assert english("Some Name") == "Some Name"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ReasonCode)
def test_a_reason_names_the_party_and_the_subject(language, code):
    text = environment(language).filters["reason_text"]
    message = MESSAGES[code]
    said = text(code, party="Ada <b>", subject=Markup('<a href="/works/1">Song</a>'))
    assert "<b>" not in said
    assert ("Ada &lt;b&gt;" in said) == ("{party}" in message.what + message.next_step)
    assert ('<a href="/works/1">Song</a>' in said) == ("{subject}" in message.what + message.next_step)
    assert "{" not in said


def test_a_reason_is_known_by_name_and_number():
    text = environment("en").filters["reason_text"]
    assert text("silent", party="Ada", subject="Song") == text(39, party="Ada", subject="Song")
    assert text("SAID_NO") == "somebody said no to this use of the row: leave the row out"
