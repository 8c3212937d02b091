"""CWR's numbers for works, recordings and parties: the sender's own where it has one that fits, else one made of its
key, which is the same in every file."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cantoria.codes import Scheme
from cantoria.formats.cwr.meaning.keys import PARTY
from cantoria.formats.entries import Party, Recording, Work

_UNKNOWN: Final = re.compile(r"/unknown (writer|publisher) [0-9]+$")
WORK_CHARS = 14
PARTY_CHARS = 9  # 11 in 3.1, but PWR has room for 9 alone
RECORDING_CHARS = 14


@dataclass(frozen=True, slots=True)
class Numbers:
    """Gives numbers; `namespace` is that of the sender's own codes."""

    namespace: str

    def work(self, work: Work) -> str:
        """Return the submitter work number."""
        return self._number(work, WORK_CHARS)

    def recording(self, recording: Recording) -> str:
        """Return the submitter recording identifier, "" when the recording has neither key nor own code."""
        return self._number(recording, RECORDING_CHARS) if recording.key or self._own(recording) else ""

    def party(self, party: Party) -> str:
        """Return the interested party number."""
        return self._number(party, PARTY_CHARS)

    def _number(self, thing: Work | Recording | Party, chars: int) -> str:
        for text in (*self._own(thing), thing.key):
            plain = text.removeprefix(PARTY)
            if plain and len(plain) <= chars and plain.isascii() and plain.isprintable() and plain == plain.strip():
                return plain
        about = thing.key or "".join(f"{scheme}:{text}" for scheme, text in thing.codes)
        digest = hashlib.sha256(about.encode("utf-8", "surrogatepass")).digest()
        return base64.b32encode(digest).decode("ascii")[:chars]

    def _own(self, thing: Work | Recording | Party) -> list[str]:
        start = f"{self.namespace}:"
        owned = (text[len(start) :] for scheme, text in thing.codes if scheme == Scheme.OWN and text.startswith(start))
        return sorted(text for text in owned if self.namespace)


def is_unknown(party: Party) -> bool:
    """Tell whether a party stands for one that the sender of a registration did not know."""
    return not party.names and any(_UNKNOWN.search(text) for text in (party.key, *(text for _, text in party.codes)))
