"""The deals of a message: what names AI is a signal, an end is a takedown; everything else is passed over.

A deal is between a sender and a recipient. It speaks for neither a writer nor a performer, so it is shown and never
counted as consent (RULES sections 1 and 3).
"""

from __future__ import annotations

from typing import Final

from cantoria.formats.ern.draft import Draft, Standing
from cantoria.formats.ern.names import fit
from cantoria.formats.ern.records import DealRecord, Terms
from cantoria.formats.ern.roles import AI_USES
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import ALWAYS, DAY, TIME_MIN, Period, parse_moment
from cantoria.registry.disclosure_facts import DealSignalled, NoticeKind

RECORDINGS_MAX: Final = 500  # of a release with more of them, a signal names the release alone
_WORLD: Final = frozenset({"Worldwide", "WW"})


def read_deals(draft: Draft) -> None:
    """Read the deals of a portion."""
    for deal in draft.portion.deals:
        draft.dealt = True
        draft.pass_over(deal.line, "ReleaseDeal", ", ".join(deal.releases))
        draft.allowed("UseType_ERN", sorted(deal.uses), deal.line)
        draft.allowed("CommercialModelType_ERN", sorted(deal.models), deal.line)
        for terms in deal.terms:
            if not AI_USES.isdisjoint(terms.uses):
                _signal(draft, deal, terms)
        _take_down(draft, deal)


def _signal(draft: Draft, deal: DealRecord, terms: Terms) -> None:
    uses = tuple(use for use in terms.uses if use in AI_USES)
    draft.notes.add(
        deal.line,
        "a deal between sender and recipient names AI; it is shown as a signal and is nobody's yes here",
        "who has a say states it, each for itself",
        field="ReleaseDeal/UseType",
        value=", ".join(uses),
    )
    period = period_of(draft, terms)
    for reference in deal.releases:
        release, recordings = draft.releases.get(reference, ("", ()))
        if release:
            draft.facts.append(
                DealSignalled(
                    release=release,
                    recordings=recordings if len(recordings) <= RECORDINGS_MAX else (),
                    uses=uses,
                    territories=terms.territories,
                    excluded=terms.excluded,
                    period=period,
                    commercial_models=terms.models,
                    said_by=draft.sender,
                    recipients=tuple(dict.fromkeys(one for one in draft.message.header.recipients if one)),
                    said_at=draft.said_at,
                    source=draft.source(terms.line),
                )
            )


def period_of(draft: Draft, terms: Terms) -> Period:
    """Return when a deal holds, days as UTC days and the last one included; what cannot be read is open."""
    start, end = _moment(draft, terms, terms.start), _moment(draft, terms, terms.end)
    if end is not None and len(terms.end) == 10:
        end += DAY
    try:
        return Period(TIME_MIN if start is None else start, end)
    except InputError as error:
        draft.notes.add(terms.line, error.message, "correct the dates", field="ValidityPeriod", value=terms.end)
        return ALWAYS


def _moment(draft: Draft, terms: Terms, text: str) -> int | None:
    """Return a date or time in UTC microseconds; a time without zone is taken as UTC."""
    for form in (text, f"{text}Z"):
        try:
            return parse_moment(form) if text else None
        except InputError:
            continue
    draft.notes.add(terms.line, "the date cannot be read", "correct it", field="ValidityPeriod", value=text)
    return None


def _take_down(draft: Draft, deal: DealRecord) -> None:
    """Give notice of a release that no deal holds for any more."""
    ended = [terms for terms in deal.terms if terms.taken_down or _is_over(draft, terms)]
    explicit = [terms for terms in ended if terms.taken_down]
    if not ended or (len(ended) < len(deal.terms) and not explicit):
        return
    named = dict.fromkeys(code for terms in (explicit or ended) for code in terms.territories)
    everywhere = not _WORLD.isdisjoint(named)
    for reference in deal.releases:
        release, _ = draft.releases.get(reference, ("", ()))
        if release:
            take_down(draft, release, deal.line, territories=() if everywhere else tuple(named))


def take_down(draft: Draft, release: str, line: int, *, territories: tuple[str, ...] = ()) -> None:
    """Give notice that a release is no longer offered."""
    draft.give_notice([release], line, kind=NoticeKind.TAKEN_DOWN, territories=territories)
    where = f" in {', '.join(territories)}"[:200] if territories else ""
    draft.notes.add(
        line,
        f"the release is taken down{where}; what is registered of it stays",
        "nothing",
        severity=Severity.INFO,
        field="ReleaseDeal",
    )


def _is_over(draft: Draft, terms: Terms) -> bool:
    if not terms.end:
        return False
    end = period_of(draft, terms).end
    return end is not None and end <= draft.session.context.now


def end_without_deals(draft: Draft) -> None:
    """Take down what this sender delivered before and now sends without any deal (ERN 4)."""
    if draft.dealt or draft.message.version is None or draft.message.version.number.startswith("3."):
        return
    for release, _ in dict.fromkeys(draft.releases.values()):
        if release in draft.known and draft.standing(release, fresh=False) is Standing.NEWER:
            take_down(draft, release, 1)


def read_purge(draft: Draft) -> None:
    """Give notice that a release is purged, if this sender is the authority on it."""
    keys = fit(
        draft.portion.purged, names=draft.session.names, shared={}, line=1, element="PurgedRelease", notes=draft.notes
    )
    release = draft.session.names.find("release", keys)
    standing = Standing.FIRST if release is None else draft.standing(release, fresh=False)
    if release is None or draft.locked(standing, 1, "PurgedRelease", ", ".join(keys)):
        draft.pass_over(1, "PurgedRelease", ", ".join(keys))
        return
    draft.registered += 1
    draft.give_notice([release], kind=NoticeKind.PURGED)
    draft.notes.add(
        1, "the release is purged; what is registered of it stays", "nothing", severity=Severity.INFO, field="Release"
    )
