"""The job that takes a file of the trade in: part by part, so that a run that was cut off goes on behind the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from cantoria.app.delivery import Delivered, Parcel, deliver
from cantoria.app.house import House
from cantoria.app.intake import Intake, take_in
from cantoria.app.jobs.task import Task
from cantoria.app.trade_files import Form, detect, reading_of
from cantoria.formats import csvfamily
from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Counts, Finding, Imported
from cantoria.kernel.errors import InputError
from cantoria.registry.trade_facts import FileTaken

FINDINGS_SHOWN: Final = 500
CSV_FORMAT: Final = "csv"


def import_file(task: Task) -> Mapping[str, Any]:
    """Take the job's first file in, as `cantoria import` would; return its account and its first findings.

    Parameters: `format` (found out when absent), `namespace` (the organisation's name in capitals), `mapping` of
    somebody else's table, `sheet`, `feed`, `records`.
    """
    given = task.job.files[0]
    form = form_of(task)
    namespace = task.text("namespace", task.author.name.upper())
    task.step(0, given.size, "reading")
    if form is Form.CSV:
        return _family(task, namespace)
    with task.writing():
        done = deliver(
            task.house,
            Parcel(name=given.name, open=task.open),
            reading=reading_of(form, author=task.author, parameters=task.job.parameters),
            namespace=namespace,
            author=task.author,
            watch=_Watch(task).look,
        )
    return _delivered(done, form)


class _Watch:
    """Tells how far the reading is, and lets others write between two parts."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._size = task.house.sequencer.size

    def look(self, read: int) -> None:
        """Take note that so many bytes are read."""
        task = self._task
        task.step(read, task.job.files[0].size, "reading")
        if task.house.sequencer.size != self._size:
            # A part was just recorded and nothing of the next one is decided: what others say now is seen by it.
            task.pause()
            self._size = task.house.sequencer.size


def form_of(task: Task) -> Form:
    """Return what kind of file the job reads: as told, else found out."""
    told = task.text("format")
    if told:
        try:
            return Form(told)
        except ValueError as error:
            raise InputError(f"{told[:40]!r} is no kind of file", "one of " + ", ".join(Form)) from error
    with task.open() as stream:
        return detect(stream.read(), name=task.job.files[0].name)


def _family(task: Task, namespace: str) -> Mapping[str, Any]:
    """Take tables of our own in: one commit, with an account by which a second run knows that it was."""
    house, digest = task.house, task.job.files[0].digest
    contents = {}
    for place, one in enumerate(task.job.files):
        with task.open(place) as stream:
            contents[one.name] = stream.read()
    with task.writing():
        if _taken(house, digest, task.author.party):
            return {"format": CSV_FORMAT, "known": True, **asdict(Counts()), "facts": {}, "findings": 0, "first": []}
        done = take_in(house, contents, read=_accounted(digest), namespace=namespace, author=task.author)
    return _taken_in(done)


def _accounted(digest: str) -> Any:
    def read(contents: Mapping[str, bytes], context: Context) -> Imported:
        found = csvfamily.read_family(contents, context=context)
        counts = found.counts
        account = FileTaken(
            sha256=digest,
            file=sorted(contents)[0],
            format=CSV_FORMAT,
            first=0,
            received=counts.received,
            registered=counts.registered,
            refused=counts.refused,
            duplicate=counts.duplicate,
            passed_over=counts.passed_over,
            findings=len(found.findings),
            whole=True,
        )
        return Imported((*found.facts, account), found.findings, counts)

    return read


def _taken(house: House, digest: str, organisation: str) -> bool:
    said = house.index.about([f"file:{digest}"], tags=[FileTaken.TYPE.tag])
    return any(one.organisation == organisation and one.fact.format == CSV_FORMAT for one in said)


def _taken_in(done: Intake) -> dict[str, Any]:
    facts: dict[str, int] = {}
    for fact in done.imported.facts:
        facts[fact.TYPE.name] = facts.get(fact.TYPE.name, 0) + 1
    findings = done.imported.findings
    return {
        "format": CSV_FORMAT,
        "known": False,
        **asdict(done.imported.counts),
        "facts": dict(sorted(facts.items())),
        "last_index": done.receipts[-1].index if done.receipts else None,
        "findings": len(findings),
        "first": [finding_value(one) for one in findings[:FINDINGS_SHOWN]],
    }


def _delivered(done: Delivered, form: Form) -> dict[str, Any]:
    return {
        "format": form.value,
        "known": done.known,
        "before": done.before,
        **asdict(done.counts),
        "facts": dict(sorted(done.facts.items())),
        "last_index": done.last_index,
        "findings": done.found,
        "first": [finding_value(one) for one in done.findings[:FINDINGS_SHOWN]],
    }


def finding_value(one: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "file": one.file,
        "line": one.line,
        "column": one.column,
        "severity": one.severity.value,
        "field": one.field,
        "value": one.value[:200],
        "message": one.message,
        "remedy": one.remedy,
    }
