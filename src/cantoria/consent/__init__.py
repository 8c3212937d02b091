"""Consent: statements, what has effect, the standing of one voice, legal profiles and the law column (RULES 1, 2)."""

from cantoria.consent.erasure import tombstone_for
from cantoria.consent.fold import Standings
from cantoria.consent.law import Confidence, LawDocument, LawEntry, LawKind, Scheme, SchemeKind
from cantoria.consent.law_book import LawBook
from cantoria.consent.law_documents import parse_document
from cantoria.consent.law_shipped import law_book, law_of
from cantoria.consent.needs import Need, When
from cantoria.consent.profiles import BASE, Profile, profile_named, profiles, strictest
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
    "BASE",
    "NO_CONDITIONS",
    "Conditions",
    "Confidence",
    "CreativeCommons",
    "Effective",
    "LawBook",
    "LawDocument",
    "LawEntry",
    "LawKind",
    "LicenseeKind",
    "LicenseeTerm",
    "Need",
    "NoEffect",
    "NoEffectReason",
    "Occasion",
    "Profile",
    "Scheme",
    "SchemeKind",
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
    "law_book",
    "law_of",
    "licence_signal",
    "line_of",
    "parse_document",
    "precedence",
    "profile_named",
    "profiles",
    "reaches",
    "strictest",
    "tombstone_for",
    "winner",
]
