"""What both clients ask, and how they read what they are told: addresses, headers, bodies, pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.sdk.transport import BATCH_ROWS_MAX, Policy, base_of, new_key

AGENT: Final = "cantoria-sdk/1"
Request = Mapping[str, Any]
DEFAULT: Final = Policy()


class Shared:
    """Addresses and headers, the same for both clients."""

    def __init__(self, address: str, *, token: str = "", policy: Policy = DEFAULT) -> None:
        self.address, self.policy, self.token = base_of(address), policy, token

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (type(self), self.address, self.token)

    def headers(self, key: str = "") -> dict[str, str]:
        """Return the headers of a request, with this idempotency key if it has one."""
        headers = {"Accept": "application/json", "User-Agent": AGENT}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers | ({"Idempotency-Key": key} if key else {})

    def one_of(self, code: str, request: Request) -> tuple[str, str, dict[str, Any]]:
        """Return method, path and options of a question about one code."""
        if not 0 < len(code) <= 512:
            raise InputError("a code key has 1 to 512 characters", "such as isrc:KRA381900123")
        return "GET", f"/v1/clearance/{quote(code, safe='')}", {"params": _params(request)}

    def many_of(self, rows: Sequence[Sequence[str]], request: Request, key: str) -> tuple[str, str, dict[str, Any]]:
        """Return method, path and options of a question about a batch; a key is made where none is given."""
        if len(rows) > BATCH_ROWS_MAX:
            raise InputError(f"a batch of {len(rows)} rows", f"send at most {BATCH_ROWS_MAX}")
        body = {"request": dict(request), "rows": [{"codes": list(codes)} for codes in rows]}
        return "POST", "/v1/clearance", {"json": body, "headers": self.headers(key or new_key())}


def _params(request: Request) -> dict[str, Any]:
    """Return a request as parameters of an address: lists stand as repeated parameters, truth as `true`."""
    return {
        name: "true" if value is True else value for name, value in request.items() if value not in (None, False, "")
    }


def answers_of(value: Any) -> list[Any]:
    """Return the answers in a server's answer to a batch."""
    return items_of(value, "answers")


def items_of(value: Any, name: str) -> list[Any]:
    """Return a list in a server's answer; anything else there is an `UnavailableError`."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise UnavailableError(f"the server's answer has no list {name!r}", "check that it is a Cantoria server")
    return found


def following_of(value: Any, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the parameters of the next page, None on the last, also where a cursor does not move.

    A list names its `next` cursor, a feed the address of its next page (`next_url`), of which only the parameters are
    used: no answer sends a client to another server.
    """
    found, address = value.get("next"), value.get("next_url")
    more: dict[str, Any] = {}
    if isinstance(found, str) and found:
        more = {"cursor": found}
    elif isinstance(address, str) and address:
        more = dict(parse_qsl(urlsplit(address).query))
    following = {**asked, **more}
    return following if more and following != dict(asked) else None


def _reopened(kind: type[Shared], address: str, token: str) -> Shared:
    return kind(address, token=token)
