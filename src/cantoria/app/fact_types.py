"""The fact registry: every type that can be recorded, by tag and by name. Tags and names are never reused.

Tags: 1 to 99 the ledger's own, 101 registry, 201 mandates, 301 consent, 351 licensing, 401 clearance, 451 lineage,
501 usage, 601 attribution, 701 royalty.
"""

from __future__ import annotations

from typing import Any, Final

from cantoria.attribution import facts as attribution
from cantoria.clearance import facts as clearance
from cantoria.consent import facts as consent
from cantoria.consent import signal_facts as signals
from cantoria.kernel.check import require
from cantoria.kernel.facts import FactType
from cantoria.ledger import facts as ledger
from cantoria.licensing import facts as licensing
from cantoria.licensing import licence_facts as licences
from cantoria.lineage import facts as lineage
from cantoria.mandates import facts as mandates
from cantoria.registry import answer_facts as answers
from cantoria.registry import bulk_facts as bulk
from cantoria.registry import conflict_facts as conflicts
from cantoria.registry import disclosure_facts as disclosure
from cantoria.registry import facts as registry
from cantoria.registry import match_facts as matching
from cantoria.registry import trade_facts as trade
from cantoria.royalty import facts as royalty
from cantoria.usage import facts as usage

FACTS: Final[tuple[type[Any], ...]] = (
    ledger.LeafDemanded,
    ledger.LeafDelivered,
    registry.PartyRegistered,
    registry.PartyNamed,
    registry.PartyKeyRegistered,
    registry.WorkRegistered,
    registry.RecordingRegistered,
    registry.ReleaseRegistered,
    registry.CatalogueDefined,
    registry.LinkAsserted,
    registry.LinkReviewed,
    trade.TitleGiven,
    disclosure.AiDisclosed,
    disclosure.DealSignalled,
    disclosure.NoticeGiven,
    trade.LinkWithdrawn,
    trade.CollectionClaimed,
    trade.ChainAsserted,
    trade.FileTaken,
    bulk.BatchRegistered,
    answers.RegistrationAnswered,
    matching.MatchingRun,
    matching.MatchDecided,
    matching.MatchDecisionWithdrawn,
    registry.ShareClaimed,
    registry.ClaimWithdrawn,
    registry.HoldersDeclaredComplete,
    registry.CompletenessWithdrawn,
    registry.PublicDomainEvidenced,
    registry.DisputeOpened,
    registry.DisputeClosed,
    conflicts.CaseAnswered,
    conflicts.CaseEscalated,
    conflicts.CaseDecided,
    mandates.DelegationGranted,
    mandates.DelegationEnded,
    mandates.GuardianAppointed,
    mandates.EstateOpened,
    consent.StatementMade,
    consent.StatementWithdrawn,
    consent.DenyTombstone,
    signals.SignalObserved,
    signals.SignalRetracted,
    licensing.BlanketDealRegistered,
    licensing.DealContested,
    licensing.DealEnded,
    licences.LicenceRequested,
    licences.LicenceAnswered,
    licences.LicenceWithdrawn,
    licences.LicenceConcluded,
    licences.PriceListPublished,
    licences.TermsPublished,
    clearance.DatasetCleared,
    clearance.CertificateRechecked,
    clearance.SnapshotPublished,
    lineage.ModelRegistered,
    lineage.ModelVersionRegistered,
    lineage.TrainingRunStarted,
    lineage.TrainingRunEnded,
    lineage.ModelVersionRetired,
    usage.UsageReported,
    usage.GenerationsReported,
    usage.UsageSettled,
    attribution.AttributionDisputed,
    attribution.AttributionDecided,
    royalty.TariffPublished,
    royalty.RevenueDeclared,
    royalty.DistributionRun,
    royalty.StatementIssued,
    royalty.BalanceAged,
    royalty.PaidOut,
)

BY_TAG: Final[dict[int, type[Any]]] = {cls.TYPE.tag: cls for cls in FACTS}
BY_NAME: Final[dict[str, type[Any]]] = {cls.TYPE.name: cls for cls in FACTS}
LEDGER_TYPES: Final[dict[int, FactType]] = {cls.TYPE.tag: cls.TYPE for cls in FACTS}
CONVENED_TYPES: Final[dict[int, FactType]] = {ledger.BODY_ERASED.tag: ledger.BODY_ERASED, **LEDGER_TYPES}
"""All that this code records, erasures included: what a council admits to begin with."""

require(len(BY_TAG) == len(BY_NAME) == len(FACTS), "two fact types share a tag or a name")
