"""Signals in the columns beside a row of a data set: they tighten that row in the clearance at hand, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cantoria.consent.signals import Found, OutsideSignal, Standard, licence_signal, named_uses, quoted, refused_uses
from cantoria.formats.signals import aipref, licence_files, manifests, pages, tdmrep
from cantoria.formats.signals.common import Notes
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use

COLUMNS: Final = ("licence", "tdm_reservation", "tdm_policy", "content_usage", "training_mining", "robots_tag")


@dataclass(frozen=True, slots=True)
class RowSignals:
    """What stands beside a row: the signals, and in one line for people what they say."""

    signals: tuple[OutsideSignal, ...] = ()
    findings: tuple[Finding, ...] = ()
    licence: tuple[str, ...] = ()  # what a stated licence says

    @property
    def refused(self) -> frozenset[Use]:
        """Return the uses that they refuse."""
        return frozenset().union(*(refused_uses(signal) for signal in self.signals))

    @property
    def says(self) -> str:
        """Return in one line what they say, the licence that is stated first."""
        told = [words_of(signal) for signal in self.signals if signal.said and not _is_licence(signal)]
        return "; ".join(dict.fromkeys((*self.licence, *told)))


def _is_licence(signal: OutsideSignal) -> bool:
    """Tell whether a signal is a licence without a clause that refuses: it is told in its own words."""
    return signal.standard is Standard.LICENCE and not refused_uses(signal)


def read_cells(cells: Mapping[str, str], *, file: str) -> RowSignals:
    """Return the signals in the cells of a row by the names in `COLUMNS`; empty cells say nothing, and neither do cells
    that cannot be read, with a finding."""
    notes = Notes(file)
    signals: list[OutsideSignal] = []
    reservation, policy = cells.get("tdm_reservation", "").strip(), cells.get("tdm_policy", "").strip()
    if reservation:
        given = tdmrep.signal_of(reservation, policy or None, found=Found.ROW, place="tdm_reservation", notes=notes)
        signals += [given] if given else []
    usage = cells.get("content_usage", "").strip()
    if usage:
        preference = aipref.preferences(usage, found=Found.ROW, place="content_usage", notes=notes)
        signals += [preference] if preference else []
    signals += pages.directives(cells.get("robots_tag", ""), found=Found.ROW, place="robots_tag")
    assertion = cells.get("training_mining", "").strip()
    if assertion:
        try:
            read = manifests.read(assertion.encode("utf-8", "replace"), file="training_mining")
        except InputError as error:
            notes.add(error.message, remedy=error.remedy, field="training_mining", value=assertion)
        else:
            signals += read.signals
            notes.found += read.findings
    stated = licence_signal(cells.get("licence", ""))
    if stated is not None:
        signals += licence_files.of_text(cells["licence"], place="licence", found=Found.ROW)
    return RowSignals(tuple(signals), notes.all(), (stated.says,) if stated else ())


def words_of(signal: OutsideSignal) -> str:
    """Return in one line what a signal says, and what it refuses."""
    said = ", ".join(f"{one.category} {one.stance.value}" for one in signal.said)
    effect = "refuses " + ", ".join(sorted(refused_uses(signal))) if refused_uses(signal) else "refuses nothing"
    about = "" if named_uses(signal) else " (no use of ours)"
    return quoted(f"{signal.standard.value}: {said}{about}: {effect}")
