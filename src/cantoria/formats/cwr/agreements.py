"""Rules for a whole agreement transaction (AGR, 2.x): a territory, an assignor and an acquirer, shares to pass on.

CISAC CWR19-1070R1, AGR, TER and IPA records.
"""

from __future__ import annotations

from collections.abc import Sequence

from cantoria.formats.cwr.records import Level, Record
from cantoria.formats.cwr.report import Report


def check_agreement(records: Sequence[Record], report: Report) -> None:
    """Report what is wrong with the records of an agreement, AGR first."""
    head = records[0]
    places = {record.kind: dict(record.layout.slices) for record in records if record.layout is not None}
    included = roles = frozenset[str]()
    for record in records[1:]:
        if record.kind == "TER":
            included |= {record.raw[places["TER"]["inclusion_exclusion_indicator"]]}
            if roles:
                _say(
                    report, record, "TER stands after the parties", "put territories first", rule="order", reject=False
                )
        elif record.kind == "IPA":
            roles |= {record.raw[places["IPA"]["agreement_role_code"]]}
        elif record.kind == "NPA" and not roles:
            _say(report, record, "NPA does not follow IPA", "put it after its party", rule="linkage")
    if "I" not in included:
        _say(report, head, "the agreement includes no territory", "add a TER with I", rule="no-territory")
    for role, name in (("AS", "assignor"), ("AC", "acquirer")):
        if role not in roles:
            _say(report, head, f"the agreement has no {name}", f"add an IPA with {role}", rule="no-party")


def _say(report: Report, record: Record, message: str, remedy: str, *, rule: str, reject: bool = True) -> None:
    level = Level.TRANSACTION if reject else Level.RECORD
    report.say(record, message, remedy, rule=rule, level=level)
