"""Consent: statements, what has effect, the standing of one voice, legal profiles and the law column (RULES 1, 2)."""

from cantoria.consent.erasure import tombstone_for
from cantoria.consent.fold import Standings
from cantoria.consent.law import Law, LawEntry, LawKind, law_of
from cantoria.consent.profiles import PROFILES, Need, Profile, When, profile_named, strictest
from cantoria.consent.reasons import NoEffectReason, line_of
from cantoria.consent.signals import CreativeCommons, Signal, SignalKind, creative_commons, licence_signal
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
    "CreativeCommons",
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
    "Signal",
    "SignalKind",
    "Standings",
    "Target",
    "TargetKind",
    "Verdict",
    "When",
    "creative_commons",
    "law_of",
    "licence_signal",
    "line_of",
    "precedence",
    "profile_named",
    "reaches",
    "strictest",
    "tombstone_for",
    "winner",
]
