"""Writers of signals: what is written is read back as at least as strict, and says nothing that does not stand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.consent.signals import Stance, Standard, refused_uses, refuses, settle
from cantoria.consent.signals.crosswalk import crosswalk
from cantoria.formats.signals import SignalsRead, headers, manifests, odrl, rsl, tdmrep
from cantoria.formats.signals.positions import Position, strictest
from cantoria.formats.signals.writing import CATEGORIES, Form, unsaid, write
from cantoria.kernel.uses import Use

READERS = {
    Form.ODRL: lambda data: odrl.read(data, file="p.json"),
    Form.RSL: lambda data: rsl.read(data, file="license.xml"),
    Form.TDMREP: lambda data: tdmrep.read(data),
    Form.AIPREF: lambda data: headers.read(data),
    Form.CAWG: lambda data: manifests.read(data, file="m.json"),
}
STRICT = [Stance.ALLOWED, Stance.CONSTRAINED, Stance.REFUSED]
POSITIONS = st.builds(
    lambda stances, contact, location: Position(
        target="urn:cantoria:thing:recording_1", stances=stances, contact=contact, location=location
    ),
    st.dictionaries(st.sampled_from(Use), st.sampled_from(Stance)),
    st.sampled_from(("", "https://label.example/licence?a=1&b=<2>", "mailto:ai@label.example")),
    st.sampled_from(("/", "/a/b.flac", "/*.mp3")),
)


def read_back(found: SignalsRead) -> dict[Use, Stance]:
    """Return the strictest stance that is read of each use; a use without any is absent."""
    said: dict[Use, list[Stance]] = {}
    for signal in found.signals:
        for one in signal.said:
            stance = Stance.REFUSED if refuses(one, offered=bool(signal.offers)) else one.stance
            for use in crosswalk().uses(signal.standard, one.category):
                said.setdefault(use, []).append(stance)
    return {use: strictest(stances) for use, stances in said.items()}


@pytest.mark.parametrize("form", list(Form))
@given(position=POSITIONS)
def test_what_is_written_is_read_as_at_least_as_strict(form: Form, position: Position) -> None:
    found = READERS[form](write(position, form=form))
    assert found.findings == ()
    back = read_back(found)
    silent = set(unsaid(position, form=form))
    for use in Use:
        if use in silent:
            assert use not in back
        elif position.of(use) is not Stance.ALLOWED:
            assert STRICT.index(back[use]) >= STRICT.index(position.of(use))


@pytest.mark.parametrize("form", list(Form))
def test_silence_is_written_as_a_no(form: Form) -> None:
    found = READERS[form](write(Position(target="urn:x", contact="https://x.example"), form=form))
    spoken = {use for name in CATEGORIES[form] for use in crosswalk().uses(Standard(form.value), name)}
    assert {use for signal in found.signals for use in refused_uses(signal)} == spoken


@pytest.mark.parametrize("form", list(Form))
def test_a_plain_yes_to_everything_is_written_as_one(form: Form) -> None:
    everything = Position(target="urn:x", stances=dict.fromkeys(Use, Stance.ALLOWED))
    found = READERS[form](write(everything, form=form))
    assert not {use for signal in found.signals for use in refused_uses(signal)}
    assert unsaid(everything, form=form) == ()


@pytest.mark.parametrize("form", list(Form))
def test_terms_without_a_contact_are_written_as_a_no(form: Form) -> None:
    asked = Position(target="urn:x", stances=dict.fromkeys(Use, Stance.CONSTRAINED))
    assert write(asked, form=form) == write(Position(target="urn:x"), form=form)


def test_the_place_is_the_one_that_is_told() -> None:
    position = Position(target="urn:x", location="/a/")
    for form in (Form.RSL, Form.TDMREP):
        found = READERS[form](write(position, form=form))
        assert settle(found.signals, path="/a/b").stands
        assert not settle(found.signals, path="/b").stands


def test_odrl_is_a_policy_in_the_published_profile() -> None:
    stances = {Use.TRAIN_GENERATIVE: Stance.CONSTRAINED, Use.ANALYSE: Stance.ALLOWED}
    data = write(Position(target="urn:x", stances=stances, contact="mailto:a@b.example"), form=Form.ODRL)
    policy = json.loads(data)
    assert (policy["@type"], policy["profile"], policy["conflict"]) == ("Offer", odrl.PROFILE, "prohibit")
    assert policy["permission"] == [
        {"target": "urn:x", "action": "cantoria:analyse"},
        {"target": "urn:x", "action": "cantoria:train_generative", "duty": [{"action": "odrl:obtainConsent"}]},
    ]
    assert {"target": "urn:x", "action": "tdm:mine"} in policy["prohibition"]
    bare = json.loads(write(Position(target="urn:x"), form=Form.ODRL))
    assert bare["@type"] == "Set"
    assert "assigner" not in bare
