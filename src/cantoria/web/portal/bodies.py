"""Reading what a form sends, within limits of size, fields and time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from cantoria.adapters.http.serving import BODY_SECONDS_MAX, read_body
from cantoria.web.portal.page import Upload

JSON: Final = "application/json"
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
FILES_MAX: Final = 4
FIELDS_MAX: Final = 2_000
FIELD_BYTES_MAX: Final = 256 << 10
UPLOAD_SECONDS_MAX: Final = 300
NAME_CHARS_MAX: Final = 200


async def read_fields(request: Request, *, bytes_max: int) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Return a form's fields and files, or the members of a JSON object.

    A field that comes more than once is a list. Raises `HTTPException` 400, 408, 413 or 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == JSON:
        return _members(await read_body(request, bytes_max=bytes_max)), {}
    if kind not in (URLENCODED, MULTIPART):
        raise HTTPException(415, f"the body is neither a form nor {JSON}")
    try:
        async with asyncio.timeout(UPLOAD_SECONDS_MAX if kind == MULTIPART else BODY_SECONDS_MAX):
            return await _form(request, kind, bytes_max)
    except TimeoutError as error:
        raise HTTPException(408, "the body did not come in time") from error
    except MultiPartException as error:
        raise HTTPException(400, error.message) from error
    except UnicodeError as error:
        raise HTTPException(400, "the body is not in the character set that it names") from error


async def _form(request: Request, kind: str, bytes_max: int) -> tuple[dict[str, Any], dict[str, Upload]]:
    stream = _limited(request, bytes_max)
    if kind == URLENCODED:
        form = await FormParser(request.headers, stream).parse()
    else:
        parser = MultiPartParser(
            request.headers, stream, max_files=FILES_MAX, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES_MAX
        )
        form = await parser.parse()
    try:
        fields: dict[str, Any] = {}
        uploads: dict[str, Upload] = {}
        if len(form.multi_items()) > FIELDS_MAX:
            raise HTTPException(413, f"a form may have {FIELDS_MAX} fields")
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename or value.size:
                    uploads[name] = Upload((value.filename or "")[-NAME_CHARS_MAX:], await value.read())
            elif name in fields:
                before = fields[name]
                fields[name] = [*before, value] if isinstance(before, list) else [before, value]
            else:
                fields[name] = value
        return fields, uploads
    finally:
        await form.close()


async def _limited(request: Request, bytes_max: int) -> AsyncGenerator[bytes, None]:
    claimed = request.headers.get("content-length", "0")
    if not claimed.isdecimal() or len(claimed) > 18 or int(claimed) > bytes_max:
        raise HTTPException(413, f"the body may have {bytes_max} bytes")
    left = bytes_max
    async for part in request.stream():
        left -= len(part)
        if left < 0:
            raise HTTPException(413, f"the body may have {bytes_max} bytes")
        yield part


def _members(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "the body is no JSON") from error
    if not isinstance(value, dict):
        raise HTTPException(400, "the body is no JSON object")
    return value
