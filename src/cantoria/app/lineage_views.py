"""Load the lineage: certificates, models, versions and runs as of a ledger size, and the manifests kept here."""

from __future__ import annotations

from typing import Any, Final

from cantoria.app.fact_types import FACTS
from cantoria.app.house import House
from cantoria.clearance import results
from cantoria.clearance.manifest import Manifest
from cantoria.clearance.relied import Relied, decode_relied
from cantoria.clearance.types import Status
from cantoria.kernel.ids import CertificateId
from cantoria.lineage import Lineage

LINEAGE_TAGS: Final = frozenset(cls.TYPE.tag for cls in FACTS if 400 < cls.TYPE.tag < 500)


def load(house: House, *, size: int) -> Lineage:
    """Return the lineage as of `size`."""
    return Lineage.fold(house.index.scan(tags=LINEAGE_TAGS, size=size))


def manifests_kept(house: House, history: Lineage) -> dict[str, Manifest]:
    """Return by root every manifest that can be rebuilt here: of certificates, their cleared rows, and runs."""
    found: dict[str, Manifest] = {}
    for certificate, issued in history.certificates.items():
        kept = house.datasets.get(certificate)
        if kept is None:
            continue
        decided = results.decode_results(house.attachments.get(issued.fact.results.sha256))
        cleared = frozenset(result.line for result in decided if result.status is Status.CLEARED)
        for manifest in (kept.manifest(), kept.part(cleared)):
            found[manifest.head.root] = manifest
    for run in history.runs:
        kept = house.datasets.get(run)
        if kept is not None:
            manifest = kept.manifest()
            found[manifest.head.root] = manifest
    return found


def relied_kept(house: House, history: Lineage) -> dict[CertificateId, Relied]:
    """Return, for each certificate, the statements that its cleared rows rest on."""
    issued: dict[Any, Any] = history.certificates
    return {name: decode_relied(house.attachments.get(one.fact.relied.sha256)) for name, one in issued.items()}
