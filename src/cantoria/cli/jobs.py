"""`cantoria job …`: long work that is handed in once and watched anywhere, under the same id as in the portal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cantoria.adapters.files import read_file
from cantoria.app import jobs as queue
from cantoria.app.jobs import Job, JobState, Owner, job_value
from cantoria.app.jobs.kinds import KINDS
from cantoria.bootstrap.job_runner import JobRunner, open_jobs
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.importing import mapping_of
from cantoria.cli.state import author_named, house, state
from cantoria.formats.limits import CSV
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import format_moment

app = typer.Typer(no_args_is_help=True, help="Long work: hand it in, watch it, cancel it, run it.")
JOB = Annotated[str, typer.Argument(help="The job's id.")]
LOOK_SECONDS: Final = 0.3


@app.command()
def submit(
    kind: Annotated[str, typer.Argument(help="What is to be done: " + ", ".join(sorted(KINDS)) + ".")],
    files: Annotated[list[Path], typer.Argument(help="The files it reads.", exists=True, dir_okay=False)],
    parameters: Annotated[list[str], typer.Option("--set", help="NAME=TEXT, such as format=cwr. Again for more.")] = [],  # noqa: B006
    wait: Annotated[bool, typer.Option("--wait", help="Run what waits here and now, until this job ends.")] = False,
) -> None:
    """Hand a job in and print its id. The portal's server runs it, or `cantoria job run`.

    Example: cantoria --as publisher job submit import CW260001PUB_052.V22 --set format=cwr
    """
    if kind not in KINDS:
        raise InputError(f"no kind of job {kind:.60}", "one of " + ", ".join(sorted(KINDS)))
    contents = [(path.name, read_file(path, bytes_max=CSV.file_bytes_max)) for path in files]
    store = open_jobs(state.home)
    with house() as opened:
        owner = Owner(author_named(opened).name)
        job = queue.submit(opened, store, kind, owner=owner, files=contents, parameters=mapping_of(parameters))
    if wait:
        _watched(JobRunner(state.home, store=store), job)
        return
    emit(job_value(job), text=lambda: typer.echo(job.job))


@app.command("list")
def list_all(
    kind: Annotated[str, typer.Option("--kind", help="Only those of this kind.")] = "",
    limit: Annotated[int, typer.Option(help="How many to show.", min=1, max=1_000)] = 20,
) -> None:
    """List the organisation's jobs, the newest first.

    Example: cantoria --as publisher job list
    """
    with house() as opened:
        name = author_named(opened).name
    found = open_jobs(state.home).listed(name, kind=kind, limit=limit)
    rows = [(one.job, one.kind, one.state.value, _far(one), format_moment(one.created_at)) for one in found]
    heads = ("job", "kind", "state", "done", "handed in")
    emit([job_value(one) for one in found], text=lambda: table(f"{len(rows)} jobs", heads, rows))


@app.command()
def show(job: JOB) -> None:
    """Show a job: how far it is and what came of it.

    Example: cantoria job show job_01h2xcejqtf2nbrexx3vqjhp41
    """
    _show(queue.find(open_jobs(state.home), job))


@app.command()
def wait(job: JOB, seconds: Annotated[int, typer.Option(help="How long; 0 for ever.", min=0)] = 0) -> None:
    """Wait until a job ends. Exit 1 when it failed or was cancelled, 4 when the time is over before.

    Example: cantoria job wait job_01h2xcejqtf2nbrexx3vqjhp41 --seconds 600
    """
    store, until = open_jobs(state.home), time.monotonic() + seconds
    found = queue.find(store, job)
    with progress(found.kind) as step:
        while not found.ended:
            step(found.done, found.total or None)
            if seconds and time.monotonic() > until:
                raise typer.Exit(4)
            time.sleep(LOOK_SECONDS)
            found = queue.find(store, job)
    _show(found)


@app.command()
def cancel(job: JOB) -> None:
    """Cancel a job. What it recorded so far stays on the ledger.

    Example: cantoria job cancel job_01h2xcejqtf2nbrexx3vqjhp41
    """
    store = open_jobs(state.home)
    with house() as opened:
        found = queue.cancel(opened, store, queue.find(store, job))
    emit(job_value(found), text=lambda: typer.echo(f"{found.job} {'stops' if not found.ended else found.state.value}"))


@app.command()
def run() -> None:
    """Run the jobs that wait, whoever handed them in, until none is left: where no server runs them.

    Example: cantoria job run
    """
    runner = JobRunner(state.home, store=open_jobs(state.home))
    done: list[Job] = []
    with progress("Running jobs") as step:
        while (found := runner.run_next(lambda job: step(job.done, job.total or None))) is not None:
            done.append(found)
    runner.release()
    rows = [(one.job, one.kind, one.state.value, _far(one)) for one in done]
    heads = ("job", "kind", "state", "done")
    emit([job_value(one) for one in done], text=lambda: table(f"{len(rows)} jobs ran", heads, rows))
    if any(one.state is JobState.FAILED for one in done):
        raise typer.Exit(1)


def _watched(runner: JobRunner, job: Job) -> None:
    found = job
    with progress(job.kind) as step:
        while not found.ended:
            if runner.run_next(lambda one: step(one.done, one.total or None)) is None:
                time.sleep(LOOK_SECONDS)  # another runner has it
            found = queue.find(runner.store, job.job)
    runner.release()
    _show(found)


def _show(job: Job) -> None:
    value = job_value(job)

    def text() -> None:
        told: list[tuple[str, Any]] = [("state", job.state.value), ("done", _far(job)), ("by", job.owner.organisation)]
        told += [(one.name, f"{one.size:,} bytes, {one.digest}") for one in job.files]
        told += [(name, what) for name, what in job.result.items() if not isinstance(what, list | dict)]
        table(f"{job.job} ({job.kind})", ("what", "said"), told)
        for one in job.result.get("first", [])[:15]:
            say(f"{one['file']}:{one['line']}: {one['severity']}: {one['message']}")

    emit(value, text=text)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        raise typer.Exit(1)


def _far(job: Job) -> str:
    return f"{job.done:,} of {job.total:,} {job.phase}" if job.total else job.phase
