"""Pages and forms: what an area of the portal declares, and what its functions are given and give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cantoria.app.access.permissions import Permission
from cantoria.app.access.visitors import Visitor
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError
from cantoria.web.portal.doorman import Credentials
from cantoria.web.portal.tongues import Tongue

Value = dict[str, Any]
FORM_BYTES_MAX: Final = 256 << 10


class PageQuery(BaseModel):
    """What may stand behind the `?` of every page; a page that takes more declares a subclass."""

    model_config = ConfigDict(extra="ignore")
    as_of: int | None = Field(None, ge=1, le=1 << 60, description="the ledger size to speak of; the newest when absent")


class FormModel(BaseModel):
    """What a form takes; what it does not name is refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


# A field that a form may send once, more than once, or not at all.
Several = Annotated[list[str], BeforeValidator(lambda value: value if isinstance(value, list) else [value])]


class NotHere(Exception):  # noqa: N818 - it is an answer, not a failure
    """There is no such page or thing: 404, with a sentence on what to do."""

    def __init__(self, detail: str, remedy: str = "search for it") -> None:
        super().__init__(detail)
        self.detail, self.remedy = detail, remedy


class NotYours(Exception):  # noqa: N818
    """The visitor may not see or do this: 403."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form: its name as sent (shown only, never a path) and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a page or form is asked with.

    `size` is the ledger size that the page speaks of, `newest` the present one; they differ with `?as_of=`.
    `query` is the declared model of the address's parameters. `uploads` holds files by their field.
    """

    house: WiredHouse
    visitor: Visitor
    tongue: Tongue
    now: int
    newest: int
    size: int
    query: Any
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    portal: Any = None  # the `Portal`: jobs, accounts, desk
    credentials: Credentials = field(default_factory=Credentials)  # what the request brought, for the pages of accounts

    def author(self) -> Author:
        """Return the organisation that records what this visitor decides."""
        if not self.visitor.organisation:
            raise NotYours
        return self.house.author(self.visitor.organisation)

    def speaks_for(self, party: str) -> None:
        """Raise `NotYours` unless the visitor may give this party's say."""
        if party not in (self.visitor.party, *self.visitor.persons):
            raise NotYours


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a form did: its JSON value, the page to go to, and the key of a sentence to greet with (`frame/said.py`)."""

    value: Value
    location: str
    said: str = ""
    status: int = 201
    cookies: tuple[tuple[str, str], ...] = ()  # (Set-Cookie, value) headers, for the pages of accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A download in place of a page."""

    data: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Another address in place of a page: one of ours, or a provider's that the house's settings name."""

    location: str
    cookies: tuple[tuple[str, str], ...] = ()


PageFunction = Callable[..., Value | File | Moved]
FormFunction = Callable[..., Outcome | Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRoute:
    """A page: `path` may hold `{parameters}`; its twin is at `path` + `.json`. `files` are the kinds of file that it
    may be instead of a value; with `moves` it may lead elsewhere."""

    path: str
    template: str
    summary: str
    function: PageFunction
    query: type[PageQuery]
    needs: Permission | None
    signed_in: bool
    shape: type[BaseModel] | None
    files: tuple[str, ...] = ()
    moves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRoute:
    """A form: POSTed as a form by the page, as JSON (or a form with a key) to its twin.

    With `writes` the function runs as the house's only writer. A function that returns a value and no `Outcome` has
    it shown by `template`: a preview.
    """

    path: str
    template: str
    summary: str
    function: FormFunction
    model: type[BaseModel]
    needs: Permission | None
    signed_in: bool
    writes: bool
    bytes_max: int
    shape: type[BaseModel] | None


@dataclass(slots=True)
class Area:
    """The pages and forms of one area, in the order in which addresses are matched."""

    name: str
    pages: list[PageRoute] = field(default_factory=list)
    forms: list[FormRoute] = field(default_factory=list)

    def page(
        self,
        path: str,
        *,
        template: str,
        summary: str,
        query: type[PageQuery] = PageQuery,
        needs: Permission | None = None,
        signed_in: bool = False,
        shape: type[BaseModel] | None = None,
        files: tuple[str, ...] = (),
        moves: bool = False,
    ) -> Callable[[PageFunction], PageFunction]:
        """Declare a page; path parameters reach the function by name."""

        def declare(function: PageFunction) -> PageFunction:
            self.pages.append(
                PageRoute(
                    path=path,
                    template=template,
                    summary=summary,
                    function=function,
                    query=query,
                    needs=needs,
                    signed_in=signed_in or needs is not None,
                    shape=shape,
                    files=files,
                    moves=moves,
                )
            )
            return function

        return declare

    def form(
        self,
        path: str,
        *,
        model: type[BaseModel],
        summary: str,
        needs: Permission | None = None,
        signed_in: bool = True,
        writes: bool = True,
        template: str = "",
        bytes_max: int = FORM_BYTES_MAX,
        shape: type[BaseModel] | None = None,
    ) -> Callable[[FormFunction], FormFunction]:
        """Declare a form: `function(ask, form, **path parameters)`."""

        def declare(function: FormFunction) -> FormFunction:
            self.forms.append(
                FormRoute(
                    path=path,
                    template=template,
                    summary=summary,
                    function=function,
                    model=model,
                    needs=needs,
                    signed_in=signed_in,
                    writes=writes,
                    bytes_max=bytes_max,
                    shape=shape,
                )
            )
            return function

        return declare


def as_of_size(asked: int | None, newest: int) -> int:
    """Return the size that a page speaks of; one beyond the newest is an `InputError`."""
    if asked is None:
        return newest
    if asked > newest:
        raise InputError(f"the ledger has {newest} entries, not {asked}", "leave as_of out for the newest")
    return asked
