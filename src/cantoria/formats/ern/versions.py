"""The versions of ERN that are read, by namespace, and which reader each kind of record has in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cantoria.formats.ern import v4, v38
from cantoria.formats.ern.common import read_deal
from cantoria.formats.ern.xml import Element, name_of, namespace_of
from cantoria.kernel.errors import InputError

_NAMESPACE: Final = re.compile(r"https?://(?:service\.)?ddex\.net/xml/ern/([0-9]+)")
Reader = Callable[[Element], Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the standard: its number, and the reader of each kind of record by its path (list/record)."""

    number: str
    readers: dict[str, Reader]


_V4: Final[dict[str, Reader]] = {
    "PartyList/Party": v4.read_party,
    "ResourceList/SoundRecording": v4.read_recording,
    "ReleaseList/Release": v4.read_release,
    "ReleaseList/TrackRelease": v4.read_release,
    "ReleaseList/ClipRelease": v4.read_release,
    "DealList/ReleaseDeal": read_deal,
}
_V38: Final[dict[str, Reader]] = {
    "WorkList/MusicalWork": v38.read_work,
    "ResourceList/SoundRecording": v38.read_recording,
    "ReleaseList/Release": v38.read_release,
    "DealList/ReleaseDeal": read_deal,
}
VERSIONS: Final = {
    **{number: Version(f"3.8.{number[2:]}".rstrip("."), _V38) for number in ("38", "381", "382", "383")},
    **{number: Version(".".join(number), _V4) for number in ("41", "411", "42", "43", "431", "432")},
}
MESSAGES: Final = ("NewReleaseMessage", "PurgeReleaseMessage")


def version_of(root: Element, *, file: str) -> Version:
    """Return the version of a message by its root; `InputError` for any other document."""
    match = _NAMESPACE.fullmatch(namespace_of(root))
    if name_of(root) in MESSAGES and match and match[1] in VERSIONS:
        return VERSIONS[match[1]]
    shown = f"{name_of(root)} of {namespace_of(root) or 'no namespace'}"[:200]
    raise InputError(
        f"{file} is a {shown}, not an ERN message of version 3.8, 4.1, 4.2, 4.3 or 4.3.2",
        "send a NewReleaseMessage of one of them",
    )
