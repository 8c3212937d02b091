"""Small legal documents for tests, changed in one place at a time."""

from __future__ import annotations

from typing import Any

from cantoria.consent.law import FORMAT, Topic


def document_value(**changes: Any) -> dict[str, Any]:
    """Return the JSON value of a whole document for KR, with `changes` to its members."""
    value: dict[str, Any] = {
        "format": FORMAT,
        "territory": "KR",
        "name": "A country",
        "version": 1,
        "assessed_on": "2026-11-20",
        "disclaimer": "No legal advice.",
        "check": "a lawyer",
        "sources": {"act": {"title": "An Act", "published": "a gazette", "known_by": "text"}},
        "verdicts": [verdict()],
        "notes": [{"topic": topic.value, "finding": "not_assessed", "says": "Nothing yet."} for topic in Topic],
    }
    return {**value, **changes}


def verdict(**changes: Any) -> dict[str, Any]:
    """Return a verdict on analysis, with `changes`."""
    value = {
        "uses": ["analyse"],
        "kind": "consent_required",
        "basis": "the act asks for it",
        "cites": [{"source": "act", "at": "art. 1"}],
        "confidence": "high",
    }
    return {**value, **changes}


def scheme(**changes: Any) -> dict[str, Any]:
    """Return an extended collective licence for generative training, with `changes`."""
    value = {
        "kind": "extended_licence",
        "title": "extended licence for training",
        "cmo": "a society",
        "tariff": "its tariff T1",
        "uses": ["train_generative"],
        "roles": ["composer", "lyricist"],
        "cites": [{"source": "act", "at": "art. 12"}],
        "confidence": "high",
        "opt_out": "by a letter to the society",
    }
    return {**value, **changes}


def extended(territory: str = "KR", uses: tuple[str, ...] = ("train_generative",)) -> dict[str, Any]:
    """Return a document in which an extended collective licence is in force for `uses`."""
    line = verdict(uses=list(uses), kind="extended_licence", scheme="ecl", basis="a licence with extended effect")
    return document_value(territory=territory, verdicts=[line], schemes={"ecl": scheme(uses=list(uses))})
