"""Which files beside the ledger a fact names, by the SHA-256 of each."""

from __future__ import annotations

import re
from typing import Any, Final

from cantoria.clearance.facts import Attached, CertificateRechecked, DatasetCleared
from cantoria.licensing.licence_facts import LicenceRequested
from cantoria.lineage.facts import TrainingRunStarted
from cantoria.registry.bulk_facts import BatchRegistered
from cantoria.registry.match_facts import MatchingRun
from cantoria.royalty.facts import DistributionRun, StatementIssued
from cantoria.usage.facts import GenerationsReported, UsageReported, UsageSettled

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def attachments_of(fact: Any) -> tuple[str, ...]:
    """Return the digests (64 lower-case hex digits) of the files that `fact` names, each once, sorted.

    What stands in such a field and is no digest names no file: nobody can be asked for it.
    """
    match fact:
        case UsageReported() | GenerationsReported() | UsageSettled() | BatchRegistered():
            named = [fact.attachment]
        case LicenceRequested():
            named = [fact.basis]
        case MatchingRun():
            named = [fact.attachment]
        case DistributionRun():
            named = [*fact.inputs, fact.outputs]
        case StatementIssued():
            named = [fact.digest]
        case DatasetCleared():
            named = _files(fact.results, fact.relied)
        case CertificateRechecked():
            named = _files(fact.losses)
        case TrainingRunStarted():
            named = _files(fact.unauthorised_rows)
        case _:
            named = []
    return tuple(sorted({one for one in named if _DIGEST.fullmatch(one)}))


def _files(*files: Attached | None) -> list[str]:
    return [one.sha256 for one in files if one is not None]
