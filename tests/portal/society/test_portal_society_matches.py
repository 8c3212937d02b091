"""The review queue: matched as a job, shown side by side, decided, taken back; by its organisation alone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cantoria.app.access.permissions import Role
from cantoria.registry.matching.words import _ALL, NAMES_OF, SAID
from cantoria.web.portal import words
from cantoria.web.portal.society import match_words

SOCIETY, OTHER = "org-haneulsori", "org-cantares"


@pytest.fixture
def matched(own_site: Any) -> Any:
    """A site whose society has matched its recordings."""
    own_site.become(Role.REVIEWER, organisation=SOCIETY)
    location = own_site.post("/matches/run", {"kind": "recording"}).headers["location"].partition("?")[0]
    for _ in range(900):
        found = own_site.json(location)["job"]
        if found["ended"]:
            break
        time.sleep(0.05)
    assert found["state"] == "done", found
    return own_site


def test_a_queue_is_ranked_shown_decided_and_taken_back(matched: Any, lawful: Any) -> None:
    band = "review" if matched.json("/matches")["total"] else "link"
    queue = matched.json(f"/matches?band={band}")
    assert queue["total"] > 0
    lawful(matched.get(f"/matches?band={band}"))
    stakes = [float((one["waiting"] or {"amount": 0})["amount"]) for one in queue["pairs"]]
    assert stakes == sorted(stakes, reverse=True)
    pair = queue["pairs"][0]
    fields = {"left": pair["left"]["id"], "right": pair["right"]["id"], "verdict": "different", "reason": "<i>live</i>"}
    matched.post("/matches", fields)
    after = matched.json(f"/matches?band={band}")
    assert after["total"] == queue["total"] - 1
    made = after["decided"][0]
    assert (made["verdict"], made["reason"]) == ("different", "<i>live</i>")
    lawful(matched.get(f"/matches?band={band}"))
    matched.post("/matches", fields, status=400)  # said already
    matched.become(Role.REVIEWER, organisation=OTHER)
    matched.post("/matches/undo", {"decision": made["decision"]}, status=400)
    matched.become(Role.REVIEWER, organisation=SOCIETY)
    matched.post("/matches/undo", {"decision": made["decision"]})
    assert matched.json(f"/matches?band={band}")["total"] == queue["total"]


def test_only_reviewers_of_an_organisation_decide(own_site: Any) -> None:
    for role in (Role.PERSON, Role.MANAGER, Role.FINANCE, Role.AUDITOR):
        own_site.become(role, organisation=SOCIETY)
        own_site.json("/matches", status=403)
        own_site.post("/matches/run", {}, status=403)
    own_site.become(Role.REVIEWER, organisation=SOCIETY)
    own_site.post("/matches", {"left": "x", "right": "y", "verdict": "same"}, status=422)
    thing = "recording_01h2xcejqtf2nbrexx3vqjhp41"
    own_site.post("/matches", {"left": thing, "right": thing, "verdict": "same"}, status=400)
    assert own_site.json("/matches?kind=party")["run"] is None


def test_every_word_of_a_comparison_has_a_translation() -> None:
    known = {*match_words.FIELDS, *match_words.SAID, *words.WORDS.values(), "ISRC", "ISWC", "ISNI"}
    said = {text for one in SAID.values() for text in one.values()}
    names = {text for one in (*NAMES_OF.values(), _ALL) for text in one.values()}
    assert said | names <= known
