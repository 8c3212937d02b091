"""From what was used to units of a pool: the three bases of a tariff.

Units are whole numbers, summed over a whole period before any money is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from cantoria.kernel.errors import InputError
from cantoria.kernel.shares import allocate, compile_bounds, muldiv_floor
from cantoria.royalty.tariff import PPM


def equal_per_recording(recordings: Iterable[str]) -> dict[str, int]:
    """Return one unit of 1,000,000 for every recording of the training set."""
    return dict.fromkeys(sorted(set(recordings)), PPM)


def equal_per_work(works: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the units of each recording where every work counts once; `works` maps recordings to their works.

    A recording is charged to the sorted set of its works. A set that n recordings of the training set share is one
    unit of 1,000,000, divided between them by the interval rule; a recording without works stands for itself.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for recording in sorted(works):
        key = tuple(sorted(set(works[recording]))) or ("", recording)
        groups.setdefault(key, []).append(recording)
    units: dict[str, int] = {}
    for members in groups.values():
        units.update(spread(PPM, members))
    return {recording: units[recording] for recording in sorted(units)}


def spread(units: int, members: Iterable[str]) -> dict[str, int]:
    """Divide units equally by the interval rule; the parts add up."""
    names = sorted(set(members))
    if not names:
        raise InputError("nobody to divide units between", "check that the set has members")
    return allocate(units, compile_bounds({name: Fraction(1, len(names)) for name in names}))


def by_analogy(units: int, like: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """Divide units in the proportions of another distribution; return the parts and what rounding leaves over.

    The left-over (fewer units than there are subjects) stays unattributed: ignorance is never normalised away.
    """
    whole = sum(like.values())
    if whole <= 0:
        return {}, units
    parts = {subject: muldiv_floor(units, like[subject], whole) for subject in sorted(like)}
    return {subject: part for subject, part in parts.items() if part}, units - sum(parts.values())


def renamed(units: Mapping[str, int], subject_of: Callable[[str], str]) -> dict[str, int]:
    """Return the units by another name of their subjects (a code key became a recording), added together."""
    found: dict[str, int] = {}
    for name in sorted(units):
        subject = subject_of(name)
        found[subject] = found.get(subject, 0) + units[name]
    return found
