"""The forms of datasets: a new one from a manifest, the same once more, and without the rows that cannot be taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from cantoria.app import jobs
from cantoria.app.access.permissions import Permission
from cantoria.app.jobs import Job
from cantoria.app.pages.developer_types import CLEAR, FORMS, ROWS_MAX, SEND, Wanted, bulk_of, parameters
from cantoria.app.terms_known import named
from cantoria.bootstrap.naming import find_party
from cantoria.clearance.facts import Aftermath, Remedy
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Currency, Money
from cantoria.kernel.uses import Use
from cantoria.licensing.terms import ModelRule
from cantoria.web.portal.developer.area import area, dataset_of, job_owner, owner_of, runner_of
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, Several

UPLOAD_BYTES_MAX: Final = 64 << 20
PERSONS_MAX: Final = 20
Text = Annotated[str, StringConstraints(max_length=200)]
Countries = Annotated[str, StringConstraints(max_length=2_000)]


class NewForm(FormModel):
    """A new dataset. The manifest is the part `file` of a multipart form, or its CSV text in `file` of a JSON object;
    `kept` names a dataset whose manifest is taken once more."""

    file: str = Field("", description="the manifest: CSV, JSON lines or Parquet")
    kept: str = Field("", max_length=60, description="a dataset whose manifest is to be taken")
    title: Text = ""
    use: Several = Field(description="what it is wanted for, one dataset for each: " + ", ".join(Use))
    territories: Countries = Field("", description="countries that nothing tells apart, such as `KR ES`")
    training_place: Countries = Field("", description="where the model is trained")
    establishment: Countries = Field("", description="where the developer is established")
    markets: Countries = Field("", description="every market of the output")
    offer: Text = Field("", description="the price offered for each row, such as `EUR 0.05`")
    model: Text = ""
    model_version: Text = ""
    licensee_class: Several = Field(default_factory=list)
    person: Several = Field(default_factory=list, description="persons named or replicated")
    campaign: Text = ""
    profile: Text = "base"
    attribution: bool = False
    label: bool = False
    tuned_on: bool = False
    used_input: bool = False
    days: int = Field(90, ge=1, le=366, description="how many days the certificate is valid")
    aftermath: Text = Field("keep", description="what a revocation does to models: keep, retire_by:30, unlearn_by:30")
    despite: bool = Field(False, description="clear it without the rows that cannot be taken")


class AgainForm(FormModel):
    """The same manifest for the same request once more; `request` names a request for licences: its promises and its
    price per row count, too."""

    request: str = Field("", max_length=60)


class Nothing(FormModel):
    """A form without fields."""


@area.form(
    "/datasets/new",
    model=NewForm,
    summary="Hand a manifest in to be cleared",
    needs=Permission.CLEAR_DATASETS,
    bytes_max=UPLOAD_BYTES_MAX,
)
def new(ask: Ask, form: NewForm) -> Outcome:
    """Queue a job for each use; the dataset's page is that of its job."""
    name, data = _manifest(ask, form)
    made = []
    uses = list(dict.fromkeys(_use(one) for one in form.use))
    if not uses or len(form.person) > PERSONS_MAX:
        raise InputError("a dataset is for one use or several, and for few persons", "choose at least one use")
    wishes = [_wanted(ask, form, use, file=name) for use in uses]
    for wanted in wishes:
        wanted.check()
    for wanted in wishes:
        made.append(_submit(ask, wanted, name=name, data=data))
    location = f"/datasets/{made[0].job}" if len(made) == 1 else "/datasets"
    value = {"dataset": made[0].job, "datasets": [one.job for one in made]}
    return Outcome(value=value, location=location, said="dataset_received")


@area.form(
    "/datasets/{dataset}/again",
    model=AgainForm,
    summary="Clear a dataset again, as of now",
    needs=Permission.CLEAR_DATASETS,
)
def again(ask: Ask, form: AgainForm, dataset: str) -> Outcome:
    """Queue the same once more; its page will tell how the two differ."""
    found = dataset_of(ask, dataset)
    if found.job is None or found.wanted is None:
        raise InputError("its manifest is not here", "hand the manifest in")
    wanted = replace(found.wanted, previous=found.dataset, despite=True)
    if form.request:
        wanted = _as_asked(ask, wanted, form.request)
    return _repeated(ask, found.job, wanted)


@area.form(
    "/datasets/{dataset}/despite",
    model=Nothing,
    summary="Clear a dataset without the rows that cannot be taken",
    needs=Permission.CLEAR_DATASETS,
)
def despite(ask: Ask, form: Nothing, dataset: str) -> Outcome:
    """Queue a dataset that was only checked, without its faulty rows."""
    found = dataset_of(ask, dataset)
    if found.job is None or found.wanted is None or found.state != "checked":
        raise InputError("nothing keeps this dataset from being cleared", "look at its page")
    return _repeated(ask, found.job, replace(found.wanted, despite=True))


def _repeated(ask: Ask, before: Job, wanted: Wanted) -> Outcome:
    [file] = before.files
    job = _submit(ask, wanted, name=file.name, data=ask.house.attachments.get(file.digest))
    value = {"dataset": job.job, "datasets": [job.job]}
    return Outcome(value=value, location=f"/datasets/{job.job}", said="dataset_received")


def _as_asked(ask: Ask, wanted: Wanted, request: str) -> Wanted:
    """Return the same with what a request for licences promised and offered: only then do its yeses count."""
    store, owner = runner_of(ask).store, owner_of(ask)
    sent = store.listed(owner.organisation, kind=SEND, limit=200)
    job = next((one for one in sent if one.parameters.get("request") == request), None)
    if job is None:
        raise NotHere("there is no such request of yours", "look at the list of your requests")
    bulk = bulk_of(job.parameters)
    terms = named(ask.house, bulk.terms)
    version = bulk.model_version or wanted.model_version
    return replace(
        wanted,
        attribution=wanted.attribution or terms.attribution,
        label=wanted.label or terms.label,
        model_version=version if terms.model_rule is ModelRule.THIS_VERSION else wanted.model_version,
        offer=bulk.price if bulk.price is not None and not bulk.lump else wanted.offer,
        aftermath=terms.aftermath,
    )


def _manifest(ask: Ask, form: NewForm) -> tuple[str, bytes]:
    """Return the manifest's name and bytes: as uploaded, as text, or kept from before."""
    upload = ask.uploads.get("file")
    if upload is not None and upload.data:
        name, data = PurePath(upload.name.replace("\\", "/")).name or "manifest.csv", upload.data
    elif form.file:
        name, data = "manifest.csv", form.file.encode("utf-8", "surrogatepass")
    elif form.kept:
        found = dataset_of(ask, form.kept)
        if found.job is None:
            raise InputError("its manifest is not here", "hand the manifest in")
        [kept] = found.job.files
        name, data = kept.name, ask.house.attachments.get(kept.digest)
    else:
        raise InputError("there is no manifest", "choose a file, or one that you handed in before")
    if len(data) > UPLOAD_BYTES_MAX:
        raise InputError(f"a manifest may have {UPLOAD_BYTES_MAX >> 20} MiB here", "clear it by a snapshot")
    if _form_of(name) != ".parquet" and data.count(b"\n") > ROWS_MAX + 1:
        raise InputError(f"the manifest has more than {ROWS_MAX:,} lines", "split it, or clear it by a snapshot")
    return name, data


def _form_of(name: str) -> str:
    form = PurePath(name).suffix.lower()
    if form not in FORMS:
        raise InputError(f"{name[-80:]!r} is no manifest", "give a file in " + ", ".join(FORMS))
    return form


def _wanted(ask: Ask, form: NewForm, use: Use, *, file: str) -> Wanted:
    owner = owner_of(ask)
    return Wanted(
        title=form.title or PurePath(file).stem[:200],
        form=_form_of(file),
        namespace="".join(one for one in owner.organisation.upper() if one.isalnum()),
        use=use,
        licensee=PartyId(owner.party),
        territories=form.territories,
        training_place=form.training_place,
        establishment=form.establishment,
        markets=form.markets,
        offer=money_of(form.offer),
        model=form.model,
        model_version=form.model_version or None,
        licensee_classes=frozenset(one for one in form.licensee_class if one),
        profile=form.profile or "base",
        attribution=form.attribution,
        label=form.label,
        campaign=form.campaign or None,
        persons=tuple(sorted({find_party(ask.house, one) for one in form.person if one})),
        tuned_on=form.tuned_on,
        used_input=form.used_input,
        valid_days=form.days,
        aftermath=_aftermath(form.aftermath),
        despite=form.despite,
    )


def _submit(ask: Ask, wanted: Wanted, *, name: str, data: bytes) -> Job:
    runner = runner_of(ask)
    job = jobs.submit(
        ask.house,
        runner.store,
        CLEAR,
        owner=job_owner(ask),
        files=[(name, data)],
        parameters=parameters("wanted", wanted),
    )
    runner.wake()
    return job


def money_of(text: str) -> Money | None:
    """Return the money in `EUR 0.05`, None for an empty text."""
    if not text:
        return None
    currency, _, amount = text.partition(" ")
    return Money.parse(amount.strip(), Currency(currency.upper()))


def _use(text: str) -> Use:
    try:
        return Use(text)
    except ValueError as error:
        raise InputError(f"{text!r:.40} is no use", "one of " + ", ".join(Use)) from error


def _aftermath(text: str) -> Aftermath:
    remedy, _, days = text.partition(":")
    try:
        return Aftermath(Remedy(remedy), int(days or "0"))
    except ValueError as error:
        raise InputError(f"{text!r:.40} is no aftermath", "keep, retire_by:DAYS or unlearn_by:DAYS") from error
