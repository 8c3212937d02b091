"""How a page's twin and a form are described in OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel
from starlette.responses import Response

from cantoria.web.portal.page import Area, FormRoute, PageQuery, PageRoute

_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_VALUE: Final = {"type": "object", "additionalProperties": True}
_REFUSALS: Final = {
    400: "wrong",
    401: "sign in, or show a key",
    403: "not yours",
    404: "not here",
    414: "too long an address",
    422: "unreadable",
    429: "too much at once",
    503: "retry",
}


def described_page(page: PageRoute, parameters: list[str]) -> dict[str, Any]:
    """Return the arguments that describe a page's twin."""
    return _described(
        page.summary,
        parameters,
        responses={200: "the page's value"},
        shape=page.shape,
        files=page.files,
        moves=page.moves,
        extra={"parameters": [*_in_path(parameters), *_in_query(page.query)], **_secured(page.signed_in)},
    )


def described_form(form: FormRoute, parameters: list[str]) -> dict[str, Any]:
    """Return the arguments that describe a form's twin."""
    schema = _schema(form.model)
    header = {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "maxLength": 200},
        "description": "the same key and body are done once",
    }
    files = {"multipart/form-data": {"schema": schema}} if form.bytes_max > (1 << 20) else {}
    body = {"required": True, "content": {"application/json": {"schema": schema}, **files}}
    return _described(
        form.summary,
        parameters,
        responses={
            201: "done",
            200: "shown",
            408: "too slow",
            409: "under way",
            413: "too large",
            415: "not in that form",
        },
        shape=form.shape,
        extra={
            "parameters": [*_in_path(parameters), header],
            "requestBody": body,
            **_secured(form.signed_in),
        },
    )


def definitions(areas: Sequence[Area]) -> dict[str, Any]:
    """Return the schemas that those of the areas refer to, by name."""
    models: list[type[BaseModel] | None] = []
    for area in areas:
        models += [one for page in area.pages for one in (page.query, page.shape)]
        models += [one for form in area.forms for one in (form.model, form.shape)]
    found: dict[str, Any] = {}
    for model in filter(None, models):
        found |= model.model_json_schema(ref_template=_REF).get("$defs", {})
    return found


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REF)
    schema.pop("$defs", None)
    return schema


def _described(
    summary: str,
    parameters: list[str],
    *,
    responses: dict[int, str],
    shape: type[BaseModel] | None,
    extra: Any,
    files: tuple[str, ...] = (),
    moves: bool = False,
) -> dict[str, Any]:
    schema = _schema(shape) if shape else _VALUE
    told: dict[int | str, dict[str, Any]] = {}
    for status, text in responses.items():
        content = {"application/json": {"schema": schema}} if status < 300 else _PROBLEM
        kinds: dict[str, Any] = {kind: {} for kind in files} if status < 300 else {}
        told[status] = {"description": text, "content": {**content, **kinds}}
    if moves:
        told[303] = {"description": "it is at another address"}
    for status, text in _REFUSALS.items():
        told.setdefault(status, {"description": text, "content": _PROBLEM})
    return {
        "summary": summary,
        "responses": told,
        "response_class": Response,
        "openapi_extra": extra,
        "status_code": min(responses),
    }


def _in_path(parameters: list[str]) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in parameters]


def _in_query(query: type[PageQuery]) -> list[dict[str, Any]]:
    properties = _schema(query).get("properties", {})
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()]


def _secured(signed_in: bool) -> dict[str, Any]:
    return {"security": [{"key": []}]} if signed_in else {}
