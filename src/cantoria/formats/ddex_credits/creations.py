"""What a PIE message says of the creations of a party: recordings and works by their codes, with the party's roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cantoria import codes
from cantoria.formats.ddex_credits.elements import creation_codes, first_text, flag, roles_of
from cantoria.formats.ddex_credits.message import Draft
from cantoria.formats.entries.types import Code, Recording, Share, Work
from cantoria.formats.ern.roles import CONTRIBUTORS
from cantoria.formats.types import Severity
from cantoria.formats.xml_records import Element, child, children
from cantoria.kernel.errors import InputError
from cantoria.registry.types import Role, Side, Tier


def creations(draft: Draft, element: Element, party: str) -> None:
    """Take in the creations of a party that have a code; what is said to be false, or has none, makes nothing."""
    left_out = 0
    for one in children(element, "RelatedCreation"):
        recorded = _fit(creation_codes(child(one, "ResourceId")))
        composed = _fit(creation_codes(child(one, "MusicalWorkId")))
        if flag(one, "IsFalse") or not (recorded or composed):
            left_out += 1
            continue
        title = first_text(child(one, "CreationDescription", "Title"))
        shares = [Share(party=party, role=role, tier=Tier.ASSERTED) for role in dict.fromkeys(_roles(one))]
        if recorded:
            held = tuple(share for share in shares if share.role.side is Side.RECORDING)
            draft.recordings.append(Recording(title=title, codes=recorded, shares=held, mentioned=True))
        if composed:
            held = tuple(share for share in shares if share.role.side is Side.WORK)
            draft.works.append(Work(title=title, codes=composed, shares=held, mentioned=True))
    if left_out:
        draft.notes.add(
            f"{left_out} creations of the party are said to be false, or have no ISRC or ISWC that is one",
            "send their codes",
            severity=Severity.INFO,
            field="RelatedCreation",
        )


def _fit(found: Iterable[Code]) -> tuple[Code, ...]:
    """Return the codes that are codes: a creation without any has nothing that names it."""
    fit = []
    for scheme, text in found:
        try:
            codes.check(scheme, text)
        except InputError:
            continue
        fit.append((scheme, text))
    return tuple(fit)


def _roles(element: Element) -> Iterator[Role]:
    contribution = child(element, "Contribution")
    if contribution is None:
        return
    featured = flag(contribution, "HasMadeFeaturedContribution")
    for text in roles_of(contribution):
        for role in CONTRIBUTORS.get(text, ()):
            if role is Role.NON_FEATURED_PERFORMER and featured:
                yield Role.FEATURED_PERFORMER
            else:
                yield role
