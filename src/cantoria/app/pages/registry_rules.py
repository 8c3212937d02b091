"""The standing rules of a party: what it says to each use of everything that is its own, and what it says of single
things. What nobody says is silence, and silence is a no (RULES section 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from cantoria.app.pages.registry_names import Names, Value
from cantoria.app.pages.registry_shares import period_value, place_value
from cantoria.clearance import Rights
from cantoria.consent.standing import precedence
from cantoria.consent.types import Conditions, Effective, LicenseeKind, NoEffect, ScopeKind, Verdict
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.uses import Use
from cantoria.mandates import Voice

WIDE: Final = (ScopeKind.PRESENT_WORKS, ScopeKind.FUTURE_WORKS, ScopeKind.PERSONA)
SHOWN_MAX: Final = 60


def rules_value(rights: Rights, party: str, *, at: int, names: Names) -> Value:
    """Return for every use what a party says of its present works, its future works and itself, to everybody; and the
    statements of narrower scope, which come before these, and those to some licensees only."""
    voice = Voice(PartyId(party), PartyId(party))
    said = [one for one in rights.standings.by_voice(voice) if one.period.contains(at)]
    narrow = [one for one in said if one.scope.kind not in WIDE]
    names.want([one.scope.id for one in narrow[-SHOWN_MAX:]])
    wide = [one for one in said if one.scope.kind in WIDE]
    spoken = {name for one in said for name in (one.licensee.id,) if one.licensee.kind is LicenseeKind.NAMED}
    names.want(spoken)
    return {
        "grid": [_row_value(use, wide, at=at, names=names) for use in Use],
        "wide": [said_value(one, at=at, names=names) for one in _once(wide)[::-1][:SHOWN_MAX]],
        "narrow": [said_value(one, at=at, names=names) for one in _once(narrow)[::-1][:SHOWN_MAX]],
        "narrower": [
            {"scope": kind, "verdict": verdict, "count": count}
            for (kind, verdict), count in sorted(
                Counter((one.scope.kind.name.lower(), one.verdict.value) for one in _once(narrow)).items()
            )
        ],
        "statements": len(_once(said)),
        "without_effect": [_none_value(one) for one in rights.standings.without_effect if one.party == party][
            -SHOWN_MAX:
        ],
    }


def _row_value(use: Use, wide: Iterable[Effective], *, at: int, names: Names) -> Value:
    row: Value = {"use": use.value}
    for kind in WIDE:
        heard = [one for one in wide if use in one.uses and one.scope.kind is kind]
        to_all = [one for one in heard if one.licensee.kind is LicenseeKind.ANY]
        first = min(to_all, key=lambda one: precedence(one, at=at, model_version=None), default=None)
        row[kind.name.lower()] = {
            "verdict": first.verdict.value if first else "silent",
            "rule": said_value(first, at=at, names=names) if first else None,
            "others": len(heard) - (1 if first else 0),
        }
    return row


def _once(said: Iterable[Effective]) -> list[Effective]:
    """Return each statement once, though it may have effect in several stretches of time."""
    return list({one.statement: one for one in said}.values())


def said_value(one: Effective, *, at: int, names: Names) -> Value:
    """Return a statement with effect: the verdict, to which uses, of what, to whom, where, until when, in whose word.

    `own` is False for what somebody else said for the party: a delegate, a guardian, or the deceased.
    """
    return {
        "statement": str(one.statement),
        "path": f"/decisions/{one.statement}",
        "verdict": one.verdict.value,
        "uses": [use.value for use in Use if use in one.uses],
        "scope": one.scope.kind.name.lower(),
        "thing": names.ref(one.scope.id) if one.scope.id else None,
        "licensee_kind": one.licensee.kind.name.lower(),
        "licensee": names.ref(one.licensee.id) if one.licensee.kind is LicenseeKind.NAMED else None,
        "licensee_class": one.licensee.id if one.licensee.kind is LicenseeKind.CLASS else "",
        "territory": place_value(one.territory, at=at),
        **period_value(one.period),
        "own": one.own,
        "delegation": str(one.delegation or ""),
        "conditions": conditions_value(one.conditions) if one.verdict is Verdict.YES else None,
        "entry": one.index,
    }


def money_value(money: Money) -> Value:
    """Return an exact amount as text, and its currency."""
    return {"amount": money.format(), "currency": str(money.currency)}


def conditions_value(conditions: Conditions) -> Value:
    """Return what a yes demands."""
    return {
        "model_version": conditions.model_version or "",
        "min_price": money_value(conditions.min_price) if conditions.min_price else None,
        "attribution": conditions.attribution,
        "label": conditions.label,
        "campaign": conditions.campaign or "",
        "other": list(conditions.other),
    }


def _none_value(one: NoEffect) -> Value:
    return {
        "statement": str(one.statement),
        "path": f"/decisions/{one.statement}",
        "reason": one.reason,
        "entry": one.index,
    }
