"""What the end of a yes, or a refusal, touches: certificates, runs, models and licences. An upper bound: whether a row
really is lost, a recheck tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cantoria.app import lineage_views
from cantoria.app.house import House
from cantoria.app.pages.decide_names import Value
from cantoria.clearance.relied import Relied, decode_relied
from cantoria.consent.facts import StatementMade
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import CertificateId
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_facts import LicenceConcluded
from cantoria.lineage import Lineage, revoked_statements, touched_by

SHOWN_MAX: Final = 50
CONCLUDED: Final = LicenceConcluded.TYPE.tag


def lineage_of(house: House, *, size: int) -> tuple[Lineage, Mapping[CertificateId, Relied]]:
    """Return what was certified and trained as of `size`, with the statements that each certificate at hand rests on;
    kept between uses."""
    key = ("pages.lineage", *house.index.mark(tags=lineage_views.LINEAGE_TAGS, size=size))

    def load() -> tuple[Lineage, Mapping[CertificateId, Relied]]:
        history = lineage_views.load(house, size=size)
        found = {}
        for name, issued in history.certificates.items():
            try:
                found[name] = decode_relied(house.attachments.get(issued.fact.relied.sha256))
            except InputError:
                continue  # its file is in another house: `touched_by` counts it as unanswered
        return history, found

    return house.memo.get(key, load)


def touched_value(house: House, statements: Iterable[str], *, at: int, size: int) -> Value:
    """Return what the end of these statements touches at most."""
    asked = sorted(set(statements))
    history, relied = lineage_of(house, size=size)
    found = touched_by(asked, at=at, lineage=history, relied=relied)
    titles = {name: one.fact.title for name, one in history.certificates.items()}
    models = {name: one.fact.name for name, one in history.models.items()}
    labels = {name: one.fact.label for name, one in history.versions.items()}
    licences = _licences(house, asked, size=size)
    return {
        "certificates": [
            {
                "certificate": one.certificate,
                "title": titles.get(one.certificate, ""),
                "rows": one.rows,
                "stops_at_once": one.stops_at_once,
            }
            for one in found.certificates[:SHOWN_MAX]
        ],
        "runs": len(found.runs),
        "versions": [
            {
                "version": one.version,
                "label": labels.get(one.version, ""),
                "model": one.model or "",
                "model_name": models.get(one.model, "") if one.model else "",
                "remedy": one.remedy.value,
                "due_at": one.due_at,
                "retired_at": one.done_at,
            }
            for one in found.versions[:SHOWN_MAX]
        ],
        "licences": licences,
        "unanswered": len(found.unanswered),
    }


def yeses_ended(said: Iterable[Recorded[StatementMade]], drafts: Iterable[StatementMade]) -> set[str]:
    """Return the yeses on record that new refusals may take away."""
    recorded = list(said)
    return {name for fact in drafts for name in revoked_statements(fact, recorded=recorded)}


def _licences(house: House, statements: list[str], *, size: int) -> list[str]:
    """Return the concluded licences that rest on any of these statements."""
    made = house.index.about(statements, tags=[StatementMade.TYPE.tag], size=size)
    parties = sorted({one.fact.party for one in made})
    wanted = set(statements)
    found = house.index.about(parties, tags=[CONCLUDED], size=size)
    return sorted({one.fact.licence for one in found if wanted.intersection(one.fact.statements)})


def stays_trained(uses: Iterable[Use]) -> bool:
    """Tell whether a no to these uses leaves models behind that learned already."""
    learning = {Use.ANALYSE, Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE, Use.STYLE, Use.VOICE, Use.LIKENESS}
    return bool(learning.intersection(uses))
