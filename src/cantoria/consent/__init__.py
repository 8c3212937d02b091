"""Consent: statements, what has effect, the standing of one voice, legal profiles and the law column (RULES 1, 2)."""

from cantoria.consent.erasure import tombstone_for
from cantoria.consent.fold import Standings
from cantoria.consent.law import Law, LawEntry, LawKind, law_of
from cantoria.consent.profiles import PROFILES, Need, Profile, When, profile_named, strictest
from cantoria.consent.reasons import NoEffectReason, line_of
from cantoria.consent.standing import Occasion, Target, TargetKind, precedence, reaches, winner
from cantoria.consent.types import (
    ANYONE,
    NO_CONDITIONS,
    Conditions,
    Effective,
    LicenseeKind,
    LicenseeTerm,
    NoEffect,
    Scope,
    ScopeKind,
    Verdict,
)

__all__ = [
    "ANYONE",
    "NO_CONDITIONS",
    "PROFILES",
    "Conditions",
    "Effective",
    "Law",
    "LawEntry",
    "LawKind",
    "LicenseeKind",
    "LicenseeTerm",
    "Need",
    "NoEffect",
    "NoEffectReason",
    "Occasion",
    "Profile",
    "Scope",
    "ScopeKind",
    "Standings",
    "Target",
    "TargetKind",
    "Verdict",
    "When",
    "law_of",
    "line_of",
    "precedence",
    "profile_named",
    "reaches",
    "strictest",
    "tombstone_for",
    "winner",
]
