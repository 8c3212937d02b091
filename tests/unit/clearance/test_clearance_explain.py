"""Every reason says which party, which rule and what to do; the law column never touches the status."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cantoria import clearance
from cantoria.clearance import Cleared, Denied, Licensable, Reason, ReasonCode, Request, Rights, Unknown
from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.reasons import is_denial, is_open
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.testing.world_parts import QUERY
from cantoria.testing.worlds import random_world

REQUEST = Request(use=Use.TRAIN_GENERATIVE, licensee=PartyId("dev"), territories="0410", at=QUERY, size=0)


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_reason_is_explained(code: ReasonCode) -> None:
    line = clearance.explain(Reason(code, "p1", "s1"), name={"p1": "Ada", "s1": "Song"}.__getitem__)
    message = MESSAGES[code]
    assert ("Ada" in line) == ("{party}" in message.what)
    assert ("Song" in line) == ("{subject}" in message.what)
    assert f"(rule {message.rule}): " in line
    assert "{" not in line


def test_reasons_about_a_party_name_it() -> None:
    about_party = {code for code in ReasonCode if "{party}" in MESSAGES[code].what}
    voiced = {ReasonCode.UNREACHABLE, ReasonCode.CONDITION_UNMET, ReasonCode.CONDITION_UNKNOWN, ReasonCode.SILENT}
    said = {code for code in ReasonCode if is_denial(code) or is_open(code)} - {ReasonCode.SIGNAL_REFUSES}
    assert about_party == voiced | said


def test_an_answer_is_explained_in_order_of_precedence() -> None:
    reasons = (Reason(ReasonCode.SAID_NO, "ada", "song"), Reason(ReasonCode.SILENT, "ben", "song"))
    lines = clearance.explain_all(Denied(reasons, ("ada", "ben")))
    assert lines[0].startswith("ada said no")
    assert lines[1].startswith("ben has said nothing")
    assert clearance.explain_all(Cleared(("s1",))) == ()
    assert clearance.explain_all(Unknown((Reason(ReasonCode.NOT_FOUND),), ())) == (
        "none of the row's codes is registered (rule 3): register the recording or work, or correct the code",
    )
    assert clearance.explain_all(Licensable((Reason(ReasonCode.ASKS, "ada", "song"),), ("ada",))) == (
        "ada wants to be asked about song (rule 2): ask ada for permission",
    )


def test_a_territory_without_any_country_is_an_input_error() -> None:
    nowhere = replace(REQUEST, territories="SU")
    with pytest.raises(InputError, match="no country"):
        clearance.countries_of(nowhere)
    world = random_world(3)
    with pytest.raises(InputError, match="no country"):
        clearance.decide(world.rows[0], nowhere, rights=Rights.fold(world.facts))


def test_an_unknown_profile_is_an_input_error() -> None:
    world = random_world(3)
    with pytest.raises(InputError, match="unknown legal profile"):
        clearance.decide(world.rows[0], replace(REQUEST, profile="atlantis"), rights=Rights.fold(world.facts))
