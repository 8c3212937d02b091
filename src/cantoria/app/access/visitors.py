"""Who is asking: nobody in particular, somebody for themselves, or somebody for an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.app.access.permissions import Permission, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever is behind a request.

    `account` is empty for an anonymous visitor. `party` is the party they act as: their own, or their organisation's.
    `persons` are the parties whose say the account may give (its own and those it has a mandate for). What they decide
    is recorded by `organisation`, a name in the house's key ring: their own, or the one that keeps their account.
    """

    account: str = ""
    name: str = ""
    demo: bool = False
    role: Role | None = None
    permissions: frozenset[Permission] = frozenset()
    party: str = ""
    organisation: str = ""
    persons: tuple[str, ...] = ()
    session: str = ""  # the id of the session, for its CSRF token; empty with an API key
    key: str = ""  # the id of the API key that came with the request

    def may(self, permission: Permission) -> bool:
        """Tell whether this visitor may do it."""
        return permission in self.permissions

    @property
    def known(self) -> bool:
        """Tell whether somebody signed in, or a key was shown."""
        return bool(self.account)


ANONYMOUS: Final = Visitor()
