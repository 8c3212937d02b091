"""The job that checks a file and compares it with the registry, without taking it in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from cantoria.app.checking import FINDINGS_KEPT, Checked, check, worst
from cantoria.app.house import House
from cantoria.app.jobs.importing import finding_value, form_of
from cantoria.app.jobs.task import Task

FIRST: Final = 200


def check_file(task: Task) -> Mapping[str, Any]:
    """Check the job's file; return its account, its first findings and what it would change.

    Parameters: as of an import. All findings that are kept lie in the attachment `findings_file`.
    """
    task.step(0, 0, "reading")
    form = form_of(task)
    namespace = task.text("namespace", task.author.name.upper())
    done = check(
        task.house,
        form,
        task.open,
        name=task.job.files[0].name,
        author=task.author,
        namespace=namespace,
        step=lambda records: task.step(records, 0, "checking"),
    )
    task.step(0, 0, "checking")
    rows = [finding_value(one) for one in done.findings]
    kept = task.house.attachments.put(json.dumps(rows, ensure_ascii=False).encode()) if rows else ""
    return {**checked_value(done, form=form.value), "first": rows[:FIRST], "findings_file": kept}


def checked_value(done: Checked, *, form: str) -> dict[str, Any]:
    """Return what a check found as JSON, without its findings."""
    return {
        "format": form,
        "verdict": worst(done),
        "received": done.outcomes.total(),
        **{name: done.outcomes[name] for name in ("registered", "refused", "duplicate", "passed_over")},
        "kinds": dict(sorted(done.kinds.items())),
        "severities": {name: done.severities[name] for name in ("error", "warning", "info")},
        "findings": done.severities.total(),
        "findings_kept": min(done.severities.total(), FINDINGS_KEPT),
        "states": dict(sorted(done.states.items())),
        "examples": {state: rows for state, rows in sorted(done.examples.items()) if rows},
    }


def kept_findings(house: House, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the findings that a check kept."""
    digest = str(result.get("findings_file", ""))
    found: list[dict[str, Any]] = json.loads(house.attachments.get(digest)) if digest else []
    return found
