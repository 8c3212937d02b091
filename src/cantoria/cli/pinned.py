"""What a command verifies under: the log's key, or a policy of logs and witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.files import read_file
from cantoria.kernel.errors import InputError
from cantoria.ledger.policy import POLICY_BYTES_MAX, Policy
from cantoria.sdk.verify import fingerprint, policy_fingerprint, trust

KEY_BYTES_MAX: Final = 4_096

KeyOption = Annotated[
    Path | None, typer.Option("--key", help="The log's public key (log.vkey).", exists=True, dir_okay=False)
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="In place of --key: a policy of logs and witnesses.", exists=True, dir_okay=False),
]


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the person pinned: the text of a key or of a policy, and the fingerprint that people compare."""

    vkey: str = ""
    policy: bytes = b""

    @property
    def fingerprint(self) -> str:
        """16 hex digits."""
        return policy_fingerprint(self.policy) if self.policy else fingerprint(self.vkey)

    @property
    def what(self) -> str:
        """What kind of thing is pinned, in a word."""
        return "policy" if self.policy else "key"

    def trust(self) -> Policy:
        """Return it as a policy."""
        return trust(vkey=self.vkey, policy=self.policy)


def pinned(key: Path | None, policy: Path | None) -> Pinned:
    """Return what --key or --policy name; exactly one of them is to be given."""
    check_one(key, policy)
    if policy is not None:
        found = Pinned(policy=read_file(policy, bytes_max=POLICY_BYTES_MAX))
    else:
        text = read_file(key or Path(), bytes_max=KEY_BYTES_MAX).decode("utf-8", "replace").strip()
        found = Pinned(vkey=text)
    if not found.policy and not found.vkey:
        raise InputError(f"{(policy or key or Path()).name} is empty", "copy it again")
    found.trust()
    return found


def check_one(key: Path | None, policy: Path | None) -> None:
    """Raise `InputError` unless exactly one of --key and --policy was given."""
    if (key is None) == (policy is None):
        raise InputError("give the log's public key or a policy", "--key log.vkey, or --policy FILE")
