"""A work as the records of a registration: NWR or REV in 2.x, WRK in 3.x."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.cwr.layout import Layout, RecordLayout
from cantoria.formats.cwr.meaning.keys import printable, society_of
from cantoria.formats.cwr.meaning.numbers import Numbers
from cantoria.formats.cwr.meaning.roman import keeps, printed, roman
from cantoria.formats.cwr.meaning.values import split_name
from cantoria.formats.cwr.meaning.words import TITLE_CODES
from cantoria.formats.cwr.patterns import codes_of
from cantoria.formats.cwr.records import Record
from cantoria.formats.cwr.writer import compose
from cantoria.formats.entries import Code, Party, Recording, Title, Work
from cantoria.formats.outgoing import Lost
from cantoria.kernel.errors import InputError
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import WorkKind

TITLE_CHARS: Final = 60
_KINDS: Final = {
    WorkKind.ORIGINAL: {"version_type": "ORI"},
    WorkKind.MEDLEY: {"version_type": "ORI", "composite_type": "MED"},
    WorkKind.ARRANGEMENT: {"version_type": "MOD", "music_arrangement": "ARR", "lyric_adaptation": "UNS"},
    WorkKind.TRANSLATION: {"version_type": "MOD", "music_arrangement": "ORI", "lyric_adaptation": "TRA"},
}
# The first of these that a record has takes the value: 2.x and 3.x call one thing by two names.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "role": ("publisher_type", "publisher_role", "writer_designation_code", "writer_role"),
    "territory": ("tis_numeric_code", "territory_code"),
    "alternative": ("alternate_title", "alternative_title"),
    "validity": ("validity", "identifier_validity"),
    "other_number": ("submitter_original_work_number", "submitter_work_number"),
    "other_title": ("original_work_title", "title"),
    "other_iswc": ("iswc_of_original_work", "iswc_of_component"),
    "recording_duration": ("recording_duration", "release_duration"),
}


@cache
def _sizes(layout: RecordLayout) -> Mapping[str, int]:
    return {one.name: one.size for one in layout.fields}


@dataclass(slots=True)
class Page:
    """The records of one transaction being made. `thing` is how the work is called where something of it is lost."""

    layout: Layout
    numbers: Numbers
    lost: Lost
    parties: Mapping[str, Party]
    thing: str = ""
    records: list[Record] = field(default_factory=list)

    @property
    def major(self) -> str:
        """Return "2" or "3"."""
        return self.layout.major

    def has(self, kind: str, name: str = "") -> bool:
        """Tell whether the version has a record, and in it a field."""
        record = self.layout.records.get(kind)
        return record is not None and (not name or name in _sizes(record))

    def add(self, kind: str, values: Mapping[str, str | int]) -> None:
        """Add a record; values that it has no field for are left out, text is cut to the room that there is."""
        layout = self.layout.record(kind)
        sizes = _sizes(layout)
        fitting: dict[str, str | int] = {}
        for given, value in values.items():
            name = next((name for name in NAMES.get(given, (given,)) if name in sizes), "")
            if name and value != "":
                fitting[name] = value if isinstance(value, int) else printable(value[: sizes[name]])
        self.records.append(compose(layout, fitting))

    def lose(self, what: str, remedy: str) -> None:
        """Note what of the work cannot be carried."""
        self.lost.note(what, remedy, thing=self.thing)


def add_head(page: Page, kind: str, work: Work, *, title: str, number: str, recorded: bool) -> None:
    """Add the first record of a registration; parts are counted by `add_parts`."""
    values: dict[str, str | int] = {
        "work_title": title,
        "submitter_work_number": number,
        "iswc": first_code(page, work.codes, Scheme.ISWC),
        "musical_work_distribution_category": "UNC",
        "recorded_indicator": "Y" if recorded else "U",
        **_KINDS[work.kind],
    }
    if work.kind is WorkKind.MEDLEY:
        values["composite_component_count"] = len(work.parts)
    page.add(kind, values)


def first_code(page: Page, found: tuple[Code, ...], scheme: Scheme) -> str:
    """Return the first code of a scheme in its stored form, "" when there is none that is one."""
    fit = []
    for name, text in found:
        if name == scheme.value:
            try:
                fit.append(codes.check(scheme, text).value)
            except InputError:
                page.lose(f"a code that is no {scheme.value} is not sent", "correct the code")
    if len(dict.fromkeys(fit)) > 1 and scheme is not Scheme.ISWC:
        page.lose(f"only the first {scheme.value} has room", "send the others by other means")
    return fit[0] if fit else ""


def main_title(work: Work) -> str:
    """Return the title for the Latin field: its own letters, a given transcription, or a romanisation."""
    if keeps(work.title):
        return roman(work.title)
    given = (one.text for one in work.titles if one.kind is TitleKind.TRANSCRIBED and keeps(one.text))
    return roman(next(given, work.title))


def add_titles(page: Page, work: Work, *, main: str) -> None:
    """Add the other titles, and the title itself where its own script or length does not fit the Latin field."""
    if roman(work.title) != main or not keeps(work.title) or len(main) > TITLE_CHARS:
        page.lose(
            "the title in its own script or full length goes into a record of its own, the Latin field has another",
            "give a romanised title of at most 60 characters as a transcription",
        )
        page.add("NAT", {"title": printed(work.title), "title_type": "OL"})
    for title in dict.fromkeys(work.titles):
        if roman(title.text) == main and keeps(title.text) and title.kind is TitleKind.TRANSCRIBED:
            continue
        _add_title(page, title)


def _add_title(page: Page, title: Title) -> None:
    code, language = TITLE_CODES[title.kind], _language(page, title.language)
    latin = keeps(title.text) and len(roman(title.text)) <= TITLE_CHARS
    if latin and (code != "OL" or language):
        page.add("ALT", {"alternative": roman(title.text), "title_type": code, "language_code": language})
    elif printed(title.text):
        code = "AL" if code == "AT" and not latin else code
        page.add("NAT", {"title": printed(title.text), "title_type": code, "language_code": language})


def _language(page: Page, language: str) -> str:
    """Return a language code of CWR's table, "" for another."""
    known = codes_of("Language Code", page.major) or frozenset()
    return language.upper() if language.upper() in known else ""


def add_parts(page: Page, work: Work, others: Mapping[str, Work]) -> None:
    """Add what the work is made of: VER or COM, in 3.x OWK; those that the entry gives no title of cannot be named."""
    kind = "OWK" if page.major == "3" else "COM" if work.kind is WorkKind.MEDLEY else "VER"
    for key in work.parts:
        part = others.get(key)
        writers = [] if part is None else [page.parties[one.party] for one in part.shares if one.party in page.parties]
        if part is None or not part.title or (kind == "COM" and not writers):
            page.lose(
                "a part of the work cannot be named: its title or writer is not known here",
                "give its title, and for a component a writer",
            )
            continue
        values: dict[str, str | int] = {
            "other_title": roman(part.title),
            "other_iswc": first_code(page, part.codes, Scheme.ISWC),
            "other_number": "" if "/" in part.key else page.numbers.work(part),
        }
        for place, writer in enumerate(list({one.key: one for one in writers}.values())[:2], start=1):
            last, first = person_name(writer)
            values[f"writer_{place}_last_name"], values[f"writer_{place}_first_name"] = last, first
            values[f"writer_{place}_ipi_name_number"] = first_code(page, writer.codes, Scheme.IPI_NAME)
        page.add(kind, values)


def person_name(party: Party) -> tuple[str, str]:
    """Return last and first name of a party in Latin capitals, of its first name that is in Latin letters."""
    names = [one.text for one in party.names if keeps(one.text)] or [one.text for one in party.names]
    last, first = split_name(names[0]) if names else ("", "")
    return roman(last)[:45].strip(), roman(first)[:30].strip()


def add_recordings(page: Page, recordings: tuple[Recording, ...], *, title: str) -> None:
    """Add the recordings that can be told apart in this version."""
    for one in recordings:
        isrc = first_code(page, one.codes, Scheme.ISRC)
        titled = page.has("REC", "recording_title")
        if not (isrc or titled):
            page.lose("CWR 2.1 tells a recording by its ISRC alone", "send 2.2, or get an ISRC")
            continue
        if not titled and (one.artist or one.version or roman(one.title) != title):
            page.lose("CWR 2.1 has no room for title, version and artist of a recording", "send 2.2")
        if titled and not all(keeps(text) for text in (one.title, one.version, one.artist)):
            page.lose("titles, versions and artists of recordings are sent in Latin letters alone", "keep them here")
        seconds, rest = divmod(one.duration_ms or 0, 1000)
        if rest:
            page.lose("durations are sent in whole seconds", "keep them here")
        values: dict[str, str | int] = {
            "isrc": isrc,
            "recording_title": roman(one.title),
            "version_title": roman(one.version),
            "display_artist": roman(one.artist),
            "recording_duration": f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}" if seconds else "",
            "submitter_recording_identifier": page.numbers.recording(one) if not _local(one) else "",
            "isrc_validity": "Y" if isrc else "",
        }
        page.add("REC", values)


def _local(recording: Recording) -> bool:
    return "/" in recording.key


def add_references(page: Page, work: Work) -> None:
    """Add the numbers that societies gave to the work (XRF); what else names it is lost."""
    iswcs = 0
    for scheme, text in dict.fromkeys(work.codes):
        if scheme == Scheme.ISWC.value:
            iswcs += 1
            if iswcs > 1:
                _refer(page, "ISW", codes.module_for(scheme).compact(text))
            continue
        if scheme != Scheme.OWN.value:
            page.lose(f"codes of the scheme {scheme} have no place", "send them by other means")
            continue
        namespace, _, number = text.partition(":")
        if namespace == page.numbers.namespace:
            continue
        society = society_of(namespace)
        if not society or len(number) > 14:
            page.lose("numbers that are no society's have no place", "send them by other means")
        else:
            _refer(page, society.zfill(4) if page.major == "3" else society, number)


def _refer(page: Page, body: str, number: str) -> None:
    if not page.has("XRF"):
        page.lose("CWR 2.1 has no cross references to others' numbers", "send 2.2")
        return
    page.add("XRF", {"organisation_code": body, "identifier": number, "identifier_type": "W", "validity": "Y"})
