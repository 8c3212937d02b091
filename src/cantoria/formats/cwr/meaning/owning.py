"""What the holders of a work own and collect, in CWR's terms: hundredths of a percent, and layers of territories."""

from __future__ import annotations

from fractions import Fraction

from cantoria.formats.cwr.meaning.collecting import layers
from cantoria.formats.cwr.meaning.composing import Page
from cantoria.formats.cwr.meaning.grid import fits_grid, makes_whole, on_grid
from cantoria.formats.cwr.meaning.territory import Shares
from cantoria.formats.cwr.meaning.words import RIGHTS
from cantoria.formats.entries import Collection, Share, Work
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.territories import WORLD
from cantoria.registry.types import Right, Role

Owner = tuple[str, Role]
Layer = list[tuple[Shares, str]]


def owned_by(page: Page, work: Work) -> dict[Owner, dict[Right, int]]:
    """Return what each holder owns of each right, on CWR's grid; a holder without a share owns nothing. Raises
    `InputError` where CWR cannot tell it."""
    owned: dict[Owner, dict[Right, int]] = {}
    by_right: dict[Right, dict[Owner, Fraction]] = {}
    for share in work.shares:
        if share.role.side is not Role.PUBLISHER.side:
            page.lose(f"a {share.role.value} has no place in a registration of a work", "send it as DDEX")
            continue
        owner = (share.party, share.role)
        owned.setdefault(owner, {})
        if share.right is not None and share.share is not None and _tellable(page, share, share.right):
            held = by_right.setdefault(share.right, {})
            held[owner] = held.get(owner, Fraction(0)) + share.share
    for right, held in by_right.items():
        grid = on_grid(held)
        total = sum(grid.values())
        if not makes_whole(total):
            raise InputError(
                f"{right.value} shares add up to {total // 100}.{total % 100:02d} %; CWR takes 100 % or none",
                "name who holds the rest, or correct the shares",
            )
        if not all(map(fits_grid, held.values())) and not _in_proportion(held, grid):
            page.lose("shares are rounded to 0.01 %, such that their total stays", "keep the exact ones here")
        for owner, hundredths in grid.items():
            owned[owner][right] = hundredths
    return owned


def _in_proportion(held: dict[Owner, Fraction], grid: dict[Owner, int]) -> bool:
    """Tell whether what is sent is read back as exactly these parts of the whole."""
    total = sum(grid.values())
    return sum(held.values(), Fraction(0)) == 1 and all(
        Fraction(grid[owner], total) == share for owner, share in held.items()
    )


def _tellable(page: Page, share: Share, right: Right) -> bool:
    if right not in {one for _, one in RIGHTS}:
        page.lose(f"shares of the {right.value} right have no place in CWR", "send them otherwise")
        return False
    if territories.canonical(share.territory) != WORLD:
        raise InputError(
            "ownership that differs by territory cannot be told in CWR",
            "send the shares of one territory that holds for the world, or as a table",
        )
    return True


def collected_by(page: Page, work: Work, *, at: int) -> dict[Owner, list[Layer]]:
    """Return what each party collects, as layers of territories resolved at the moment `at`."""
    by_owner: dict[Owner, list[Collection]] = {}
    for one in work.collections:
        by_owner.setdefault((one.party, one.role), []).append(one)
    if not all(fits_grid(one.share) for one in work.collections):
        page.lose("collection shares are cut to 0.01 %", "keep the exact ones here")
    return {owner: layers(found, at=at) for owner, found in by_owner.items()}
