"""Where a fact leads: from what it is about to what else matters for the rights in it."""

from __future__ import annotations

from typing import Any

from cantoria.consent import facts as consent_facts
from cantoria.consent import signal_facts
from cantoria.mandates import facts as mandate_facts
from cantoria.registry import conflict_facts, disclosure_facts, trade_facts
from cantoria.registry import facts as registry_facts
from cantoria.registry import types as registry_types
from cantoria.registry.answer_facts import RegistrationAnswered


def next_of(fact: Any) -> tuple[str, ...]:
    """Where to go on from a fact: to everything it names, but never from a catalogue or release to its members."""
    match fact:
        case registry_facts.CatalogueDefined():
            return (fact.catalogue, fact.owner)
        case registry_facts.ReleaseRegistered():
            return (fact.release,)
        case registry_facts.ShareClaimed() | trade_facts.CollectionClaimed():
            return (fact.claim, fact.party)
        case trade_facts.ChainAsserted():
            return (fact.chain, fact.grantor, fact.acquirer)
        case conflict_facts.CaseAnswered() | conflict_facts.CaseEscalated() | conflict_facts.CaseDecided():
            return (fact.case,)
        case trade_facts.TitleGiven() | trade_facts.FileTaken() | RegistrationAnswered():
            return ()
        case disclosure_facts.AiDisclosed() | disclosure_facts.DealSignalled() | disclosure_facts.NoticeGiven():
            return ()  # a notice names a whole message
        case signal_facts.SignalObserved():
            return (fact.signal,)  # a signal may speak of a whole site
        case consent_facts.StatementMade() | consent_facts.DenyTombstone():
            return (fact.statement, fact.party, fact.speaker)
        case registry_facts.HoldersDeclaredComplete() | registry_facts.CompletenessWithdrawn():
            return (fact.signed_by,)
        case mandate_facts.DelegationGranted():
            return (fact.delegation, fact.principal, fact.delegate, fact.parent or "")
        case registry_facts.PartyRegistered() | registry_facts.PartyKeyRegistered() | registry_facts.PartyNamed():
            return ()
        case registry_facts.LinkAsserted():
            # From a recording to its works, never from a work to all its recordings.
            embodies = fact.relation is registry_types.Relation.EMBODIES
            return (fact.link, fact.right) if embodies else (fact.link, fact.left, fact.right)
        case _:
            subjects: tuple[str, ...] = fact.subjects()
            return subjects


def same_or_named(fact: Any, named: set[str]) -> tuple[str, ...]:
    """Return what a link says that one of these names names, or is the same as."""
    if fact.relation is registry_types.Relation.SAME_AS:
        return (fact.left, fact.right)
    identifies = fact.relation is registry_types.Relation.IDENTIFIES and fact.left in named
    return (fact.right,) if identifies else ()


def members_of(fact: Any, named: set[str]) -> tuple[str, ...]:
    """Return the recordings of a work or a release that is among these names."""
    match fact:
        case registry_facts.LinkAsserted() if fact.right in named:
            return (fact.left,)
        case registry_facts.ReleaseRegistered() if fact.release in named:
            return tuple(fact.recordings)
        case _:
            return ()
