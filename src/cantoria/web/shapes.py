"""The form of the answers, for the description at /v1/openapi.json; tests hold every answer against it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from cantoria.web.wishes import Batch

_REF: Final = "#/components/schemas/{model}"
PROBLEM: Final[dict[str, Any]] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the refusals of a route, for the description: every one is a problem."""
    return {status: {"description": "refused", "content": PROBLEM} for status in (414, 422, *statuses)}


def files(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return that a route gives files of these kinds, whole, in part, or not again, for the description."""
    content: dict[str, Any] = {kind: {} for kind in kinds}
    return {
        200: {"description": "the file", "content": content},
        206: {"description": "a part of it", "content": content},
        304: {"description": "it is still the same"},
    }


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ReasonShape(_Shape):
    """Why a row is not cleared: the reason, whom and what it concerns, the rule, and one line to act on."""

    code: str
    number: int
    party: str
    subject: str
    rule: str
    text: str


class RowShape(_Shape):
    """The answer for one row. Only `cleared` is a yes; `finding` tells of a code that cannot be read."""

    codes: list[str]
    media: Literal["recording", "work"]
    status: Literal["cleared", "denied", "licensable", "unknown"]
    subject: str
    reasons: list[ReasonShape]
    parties: list[str]
    missing: list[str]
    because: list[str]
    finding: str = ""


class AsOfShape(BaseModel):
    """The snapshot's place in the ledger, and the moments that it speaks of."""

    model_config = ConfigDict(extra="allow", strict=True)
    origin: str
    size: int
    root: str
    until: str
    law: str
    crosswalk: str


class _Basis(_Shape):
    snapshot: str
    as_of: AsOfShape
    at: int
    law: list[dict[str, Any]]
    law_means: str


class AnswerShape(RowShape, _Basis):
    """The answer for one code, what it rests on, and what the law says beside it."""


class BatchShape(_Basis):
    """The answers for the rows of a batch, in their order."""

    answers: list[RowShape]
    next: None


SHAPES: Final = (Batch, AnswerShape, BatchShape)


def reference(shape: type[BaseModel]) -> dict[str, str]:
    """Return the reference to a form in the description."""
    return {"$ref": _REF.format(model=shape.__name__)}


def schemas() -> dict[str, Any]:
    """Return all forms by name, as the description holds them."""
    found: dict[str, Any] = {}
    for shape in SHAPES:
        schema = shape.model_json_schema(ref_template=_REF)
        found |= schema.pop("$defs", {})
        found[shape.__name__] = schema
    return found
