"""`/files`: drop a file of the trade, see what is wrong with it and what it would change, then hand it in."""

from __future__ import annotations

import csv
import threading
from io import BytesIO, StringIO
from typing import Any, Final

from pydantic import Field

from cantoria.app import jobs
from cantoria.app.access.permissions import Permission
from cantoria.app.checking import check
from cantoria.app.file_lines import lines_of
from cantoria.app.jobs import Job, JobState
from cantoria.app.jobs.checking import checked_value, kept_findings
from cantoria.app.jobs.importing import finding_value
from cantoria.app.trade_files import Form, detect
from cantoria.formats.limits import SheetLimits
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.spreadsheet import as_text
from cantoria.web.portal.page import Ask, File, FormModel, NotHere, Outcome, PageQuery, Upload, Value
from cantoria.web.portal.society.area import area
from cantoria.web.portal.society.jobs import Nothing
from cantoria.web.portal.society.ours import job_of, jobs_of, owner_of, runner_of

BYTES_MAX: Final = 64 << 20
FORM_BYTES: Final = 64 << 10  # of what a form sends beside its file
VISITOR_BYTES_MAX: Final = 2 << 20
VISITOR_FINDINGS: Final = 200
LINES_SHOWN: Final = 60
FINDINGS_SHOWN: Final = 100
NAME_CHARS_MAX: Final = 120
# What a stranger's table may take: whoever signs in has its work done as a job, and pays with waiting.
VISITOR_SHEET: Final = SheetLimits(
    workbook_bytes_max=VISITOR_BYTES_MAX, unpacked_bytes_max=12 << 20, marks_max=1_000_000, cells_max=200_000
)

_CHECKING: Final = threading.BoundedSemaphore(1)  # a check takes seconds, and the threads that do it show all pages


class CheckForm(FormModel):
    """A file to check, in the part `file` of a multipart form."""

    format: str = Field("", max_length=20, description="what the file is; found out when empty")
    namespace: str = Field("", max_length=60, description="of your own keys and codes; your name when empty")
    file: str = Field("", max_length=0, description="the file itself, as a part of the form")


class LinesQuery(PageQuery):
    """Which part of a file is shown."""

    start: int = Field(1, alias="from", ge=1, le=1 << 40, description="the line to begin with")
    faults: bool = Field(False, description="only lines with findings")
    finding: int = Field(0, ge=0, le=1 << 30, description="how many findings to pass over in the table of findings")


@area.page("/files", template="society/files.html", summary="Check a file of the trade, and hand it in")
def files(ask: Ask) -> Value:
    """Return what may be handed in, and the visitor's last files."""
    mine = ask.visitor.may(Permission.SUBMIT_FILES) and bool(ask.visitor.organisation)
    recent = [jobs.job_value(one) for one in jobs_of(ask, kind="check", limit=10)] if mine else []
    return {
        "forms": [one.value for one in Form],
        "may_submit": mine,
        "bytes_max": BYTES_MAX if mine else VISITOR_BYTES_MAX,
        "recent": recent,
    }


@area.form(
    "/files",
    model=CheckForm,
    summary="Check a file as a job; it is kept, so that it can be handed in afterwards",
    needs=Permission.SUBMIT_FILES,
    bytes_max=BYTES_MAX + FORM_BYTES,
)
def begin(ask: Ask, form: CheckForm) -> Outcome:
    """Keep the file and check it in the background."""
    sent = _sent(ask, bytes_max=BYTES_MAX)
    told = {"format": _form(form.format).value} if form.format else {}
    if form.namespace:
        told["namespace"] = form.namespace
    runner = runner_of(ask)
    name = plain_name(sent.name)
    job = jobs.submit(ask.house, runner.store, "check", owner=owner_of(ask), files=[(name, sent.data)], parameters=told)
    runner.wake()
    return Outcome(value={"job": jobs.job_value(job)}, location=f"/files/{job.job}")


@area.form(
    "/files/check",
    model=CheckForm,
    summary="Check a small file at once; it is not kept",
    signed_in=False,
    writes=False,
    template="society/checked.html",
    bytes_max=VISITOR_BYTES_MAX + FORM_BYTES,
)
def check_now(ask: Ask, form: CheckForm) -> Value:
    """Return what is wrong with a file; anybody may ask."""
    sent = _sent(ask, bytes_max=VISITOR_BYTES_MAX)
    if not _CHECKING.acquire(blocking=False):
        raise UnavailableError("another file is being checked", "try again in a moment, or sign in and hand it in")
    try:
        return _checked_now(ask, form, sent)
    finally:
        _CHECKING.release()


def _checked_now(ask: Ask, form: CheckForm, sent: Upload) -> Value:
    name = plain_name(sent.name)
    told = _form(form.format) if form.format else detect(sent.data, name=name, limits=VISITOR_SHEET)
    done = check(ask.house, told, lambda: BytesIO(sent.data), name=name, limits=VISITOR_SHEET)
    rows = [finding_value(one) for one in done.findings]
    lines = lines_of(told, BytesIO(sent.data), name=name, notes=rows, count=LINES_SHOWN, limits=VISITOR_SHEET)
    return {
        "name": name,
        "bytes": len(sent.data),
        "result": {**checked_value(done, form=told.value), "first": rows[:VISITOR_FINDINGS]},
        "lines": lines,
    }


@area.page(
    "/files/{job}",
    template="society/file.html",
    summary="A checked file: its account, its lines, its findings, and what it would change",
    query=LinesQuery,
    needs=Permission.SUBMIT_FILES,
)
def checked(ask: Ask, job: str) -> Value:
    """Return what is known of a file of the visitor so far."""
    found = _check_of(ask, job)
    said: Value = {"job": jobs.job_value(found), "name": found.files[0].name, "lines": None, "findings": None}
    said["submitted"] = next((jobs.job_value(one) for one in _imports_of(ask, found)), None)
    if found.state is not JobState.DONE:
        return said
    query: LinesQuery = ask.query
    rows = kept_findings(ask.house, found.result)
    with ask.house.attachments.open(found.files[0].digest) as stream:
        said["lines"] = lines_of(
            Form(found.result["format"]),
            stream,
            name=found.files[0].name,
            start=query.start,
            count=LINES_SHOWN,
            notes=rows,
            faults=query.faults,
        )
    said["faults"] = query.faults
    last = query.finding + FINDINGS_SHOWN
    said["findings"] = {
        "rows": rows[query.finding : last],
        "start": query.finding,
        "kept": len(rows),
        "more": last if last < len(rows) else 0,
    }
    return said


@area.page(
    "/files/{job}/findings",
    template="society/file.html",
    summary="The findings about a file, as CSV",
    needs=Permission.SUBMIT_FILES,
    files=("text/csv",),
)
def findings(ask: Ask, job: str) -> File:
    """Return every finding that was kept."""
    found = _check_of(ask, job)
    text = StringIO(newline="")
    writer = csv.writer(text)
    heads = ("file", "line", "column", "severity", "field", "value", "message", "remedy")
    writer.writerow(heads)
    for one in kept_findings(ask.house, found.result):
        # Files, fields and values are the sender's; the person who opens the list did not write them.
        writer.writerow([as_text(cell) if isinstance(cell, str) else cell for cell in (one[name] for name in heads)])
    return File(data=text.getvalue().encode(), media_type="text/csv; charset=utf-8", name=f"findings-{job}.csv")


@area.form(
    "/files/{job}/submit",
    model=Nothing,
    summary="Hand a checked file in: a job takes it in",
    needs=Permission.SUBMIT_FILES,
)
def submit(ask: Ask, form: Nothing, job: str) -> Outcome:
    """Queue the import of a file that was checked."""
    found = _check_of(ask, job)
    if found.state is not JobState.DONE:
        raise InputError("the file is not checked yet", "wait until its check is done")
    before = _imports_of(ask, found)
    if before:
        return Outcome(value={"job": jobs.job_value(before[0])}, location=f"/jobs/{before[0].job}", status=200)
    runner = runner_of(ask)
    told = {**found.parameters, "format": found.result["format"], "checked": found.job}
    made = jobs.submit(ask.house, runner.store, "import", owner=owner_of(ask), kept=found.files[:1], parameters=told)
    runner.wake()
    return Outcome(value={"job": jobs.job_value(made)}, location=f"/jobs/{made.job}", said="job_queued")


def plain_name(text: str) -> str:
    """Return the last part of a file's name as sent, for the eyes and for telling tables of a set apart; what is no
    printable character is a question mark."""
    last = text.replace("\\", "/").rpartition("/")[2]
    return "".join(sign if sign.isprintable() else "?" for sign in last)[-NAME_CHARS_MAX:] or "file"


def _sent(ask: Ask, *, bytes_max: int) -> Upload:
    sent = ask.uploads.get("file")
    if sent is None:
        raise InputError("no file came", "send it as the part `file` of a multipart/form-data form")
    if not sent.data:
        raise InputError(f"{plain_name(sent.name)} is empty", "check the file")
    if len(sent.data) > bytes_max:
        raise InputError(
            f"{plain_name(sent.name)} has {len(sent.data)} bytes; {bytes_max} are read here",
            "split it, or use `cantoria import`",
        )
    return sent


def _form(text: str) -> Form:
    try:
        return Form(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no kind of file", "one of " + ", ".join(Form)) from error


def _check_of(ask: Ask, job: str) -> Job:
    found = job_of(ask, job)
    if found.kind != "check":
        raise NotHere("that job is no check of a file", "look at the list of your jobs")
    return found


def _imports_of(ask: Ask, check: Job) -> list[Job]:
    """Return the job that takes a checked file in, if it was handed in and not cancelled."""
    asked: list[Any] = jobs_of(ask, kind="import", limit=200)
    return [one for one in asked if one.parameters.get("checked") == check.job and one.state is not JobState.CANCELLED]
