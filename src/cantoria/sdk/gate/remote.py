"""A judge who asks a Cantoria server: `POST /v1/clearance`, at most 1,000 rows at a time.

All answers of one gate must be as of the snapshot that it was opened over: when the server has moved on, the gate stops
and is opened again, rather than mixing two states of the rights in one dataset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Status
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.sdk.client import Client
from cantoria.sdk.gate.judge import Basis
from cantoria.sdk.gate.marks import Verdict, mark_of, verdict_of
from cantoria.sdk.gate.rows import Codes
from cantoria.sdk.gate.wish import Wish, digest_of
from cantoria.sdk.transport import BATCH_ROWS_MAX

HOUR: Final = 3_600_000_000
_REASONS: Final = {code.name.lower(): int(code) for code in ReasonCode}


class RemoteJudge:
    """Asks the server of `client`; what it cannot answer is an `UnavailableError`, never a pass."""

    def __init__(self, client: Client, *, basis: Basis, request: Mapping[str, Any]) -> None:
        self._client, self._basis, self._request = client, basis, dict(request)

    @staticmethod
    def open(client: Client, *, wish: Wish, at: int | None, now: int) -> RemoteJudge:
        """Return the judge over the newest snapshot of the server.

        Without `at` the server decides for the moment at which it is asked; the hour of opening is then part of the
        request's digest, so that no cache remembers an answer for longer.
        """
        told = client.get("/v1/snapshots/latest")
        request = wish.to_json()
        if at is not None:
            request["at"] = at
        moment = {"at": at} if at is not None else {"hour": now // HOUR}
        try:
            basis = Basis(
                snapshot=str(told["id"]),
                origin=str(told["origin"]),
                size=int(told["size"]),
                root=str(told["root"]),
                at=int(told["at"]),
                until=int(told["until"]),
                request=wish.to_json(),
                request_digest=digest_of({"request": wish.to_json(), **moment}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnavailableError("the server tells no snapshot", "check that it is a Cantoria server") from error
        return RemoteJudge(client, basis=basis, request=request)

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self._client, self._basis, self._request)

    @property
    def basis(self) -> Basis:
        return self._basis

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        asked = sorted({row if isinstance(row, tuple) else (row,) for row in rows if not isinstance(row, int)})
        known: dict[tuple[str, ...], int] = {}
        for start in range(0, len(asked), BATCH_ROWS_MAX):
            part = asked[start : start + BATCH_ROWS_MAX]
            answers = self._answers(part)
            known.update((row, _mark(answer)) for row, answer in zip(part, answers, strict=True))
        return [row if isinstance(row, int) else known[row if isinstance(row, tuple) else (row,)] for row in rows]

    def verdict(self, row: Codes) -> Verdict:
        if isinstance(row, int):
            return verdict_of(row)
        [answer] = self._answers([row if isinstance(row, tuple) else (row,)])
        mark = _mark(answer)
        first = verdict_of(mark)
        told = answer.get("reasons") if isinstance(answer, dict) else None
        listed = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        if not listed:
            return replace(first, subject=str(answer.get("subject", "")) if isinstance(answer, dict) else "")
        reasons = tuple(dict.fromkeys(str(one.get("code", "")) for one in listed))
        why = tuple(str(one.get("text", "")) for one in listed)
        return Verdict(first.status, reasons, str(answer.get("subject", "")), why=why)

    def _answers(self, rows: Sequence[tuple[str, ...]]) -> list[Any]:
        value = self._client.batch(rows, request=self._request)
        if value.get("snapshot") != self._basis.snapshot:
            raise InputError(
                f"the server answers as of {value.get('snapshot')!r:.60}, the gate was opened over "
                f"{self._basis.snapshot}",
                "open the gate again, and filter the dataset anew",
            )
        answers: list[Any] = value["answers"]
        return answers


def _mark(answer: Any) -> int:
    """Return the mark of an answer; one that cannot be read is unknown."""
    if not isinstance(answer, dict) or answer.get("status") not in tuple(Status):
        return 0
    status = Status(answer["status"])
    reasons = answer.get("reasons") or []
    first = reasons[0].get("code") if isinstance(reasons, list) and reasons and isinstance(reasons[0], dict) else ""
    if status is Status.CLEARED and reasons:
        return 0
    return mark_of(status, _REASONS.get(str(first), 0))


def _reopened(client: Client, basis: Basis, request: Mapping[str, Any]) -> RemoteJudge:
    return RemoteJudge(client, basis=basis, request=request)
