"""What a table can be mapped to: the fields of each kind of thing, with the headings that people write over them.

Headings are compared without spaces, signs, accents and capitals, in English, Korean and Spanish.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What a row of a table is."""

    RECORDINGS = "recordings"
    WORKS = "works"
    RELEASES = "releases"
    PARTIES = "parties"


class Content(StrEnum):
    """What the cells of a column look like."""

    TEXT = "text"
    NUMBER = "number"
    CLOCK = "clock"
    DATE = "date"
    ADDRESS = "address"
    ISRC = "isrc"
    ISWC = "iswc"
    IPI_NAME = "ipi_name"
    IPI_BASE = "ipi_base"
    ISNI = "isni"
    DPID = "dpid"
    GTIN = "gtin"
    GRID = "grid"
    YOUTUBE_ASSET = "youtube_asset"
    ISCC = "iscc"
    UCI = "uci"
    IPN = "ipn"
    EMPTY = "empty"


# Codes that are told by their form and check alone, whatever the heading says.
TOLD_BY_FORM: Final = frozenset(
    {Content.ISRC, Content.ISWC, Content.IPI_BASE, Content.DPID, Content.GRID, Content.YOUTUBE_ASSET, Content.ISCC}
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, what its cells must look like (None: anything), and headings that mean it, best first."""

    name: str
    about: str
    headings: tuple[str, ...]
    content: frozenset[Content] | None = None
    several: bool = False  # whether several columns make it up together


_WORDY: Final = frozenset({Content.TEXT})
_ANY_KEY: Final = frozenset({Content.TEXT, Content.NUMBER, Content.UCI, Content.IPI_NAME, Content.GTIN, Content.IPN})
_COUNT: Final = frozenset({Content.NUMBER})


def _field(
    name: str, about: str, headings: str, content: frozenset[Content] | None = None, *, several: bool = False
) -> Field:
    return Field(name, about, tuple(plain(one) for one in headings.split(";")), content, several)


def _code(content: Content, about: str, headings: str) -> Field:
    return _field(content.value, about, headings, frozenset({content}))


def plain(text: str) -> str:
    """Return a heading without spaces, signs, accents and capitals; Hangul stays."""
    folded = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", bare))


_KEY: Final = _field(
    "key",
    "your own key; several columns make one together",
    "key;id;our id;internal id;reference;ref;code;sku;catalog number;catalogue number;catalog no;catalogue no;cat no;"
    "own code;관리번호;자사코드;내부코드;고유번호;번호;clave;codigo;referencia;numero de catalogo;codigo interno",
    _ANY_KEY,
    several=True,
)
_ISRC: Final = _code(Content.ISRC, "ISRC", "isrc;isrc code;isrc코드;isrc번호;codigo isrc")
_ISWC: Final = _code(Content.ISWC, "ISWC", "iswc;iswc code;iswc코드;iswc번호;codigo iswc")
_GTIN: Final = _code(
    Content.GTIN, "GTIN, UPC or EAN of the release", "upc;ean;gtin;icpn;barcode;upc ean;바코드;codigo de barras"
)
_GRID: Final = _code(Content.GRID, "GRid of the release", "grid")
_TITLE: Final = (
    "title;recording title;track title;track name;track;song title;song name;song;name;곡명;곡제목;제목;"
    "노래제목;트랙명;타이틀;titulo;titulo de la cancion;nombre de la cancion;cancion;tema;titulo del tema;nombre"
)
_ALBUM: Final = (
    "release title;album title;album name;album;release;release name;product title;앨범명;앨범;앨범제목;음반명;"
    "titulo del album;album titulo;nombre del album;disco"
)
_DURATION: Final = (
    "duration;length;time;running time;duration ms;duration s;길이;재생시간;시간;러닝타임;duracion;tiempo"
)
_ARTIST: Final = (
    "artist;artist name;display artist;track artist;main artist;performer;singer;artists;가수;가수명;아티스트;"
    "아티스트명;실연자;artista;interprete;nombre del artista;artista principal"
)

RECORDING: Final = (
    _KEY,
    _field("title", "title of the recording", _TITLE, _WORDY),
    _field("artist", "display artist", _ARTIST, _WORDY),
    _field(
        "version", "version: live, remix, edit", "version;mix;version title;subtitle;버전;부제;version del tema", _WORDY
    ),
    _field("duration", "duration", _DURATION, frozenset({Content.NUMBER, Content.CLOCK})),
    _ISRC,
    _code(Content.UCI, "UCI", "uci;uci code;uci코드"),
    _code(Content.YOUTUBE_ASSET, "YouTube asset id", "youtube asset id;youtube asset;asset id"),
    _code(Content.ISCC, "ISCC", "iscc"),
    _ISWC,
    _field("release", "title of a release that it is on", _ALBUM, _WORDY),
    _field(
        "release_key", "your own key of that release", "release id;album id;release key;앨범코드;앨범번호", _ANY_KEY
    ),
    _GTIN,
    _GRID,
)
WORK: Final = (
    _KEY,
    _field(
        "title",
        "title of the work",
        "work title;original title;저작물명;작품명;titulo de la obra;obra;" + _TITLE,
        _WORDY,
    ),
    _field(
        "english",
        "its title in English or in Latin letters",
        "english title;translated title;romanized title;romanised title;영문명;영문제목;영문곡명;titulo en ingles",
        _WORDY,
    ),
    _ISWC,
    _field("komca", "KOMCA code of the work (12 digits)", "komca code;komca;저작물코드;저작물번호", _ANY_KEY),
    _field(
        "party",
        "name of a right holder",
        "right holder;rights holder;rightsholder;writer name;writer;holder;party;interested party;저작자명;저작자;"
        "권리자;권리자명;성명;titular;autor;nombre del titular;derechohabiente",
        _WORDY,
    ),
    _field("party_key", "your own key of the right holder", "writer id;party id;저작자코드;권리자코드", _ANY_KEY),
    _code(
        Content.IPI_NAME, "IPI name number of the right holder", "ipi;ipi name number;ipi number;cae;ipi번호;numero ipi"
    ),
    _field("role", "role of the right holder", "role;capacity;designation;역할;구분;rol;funcion;calidad", _WORDY),
    _field(
        "performing",
        "performing share",
        "performing share;performance share;pr share;performing;performance;공연권;공연권지분;공연지분;ejecucion;"
        "derecho de ejecucion;porcentaje de ejecucion",
        _COUNT,
    ),
    _field(
        "mechanical",
        "mechanical share",
        "mechanical share;mr share;mechanical;복제권;복제권지분;복제지분;mecanico;derecho mecanico;porcentaje mecanico",
        _COUNT,
    ),
    _field(
        "share",
        "share of both",
        "share;ownership;split;percentage;percent;지분;지분율;porcentaje;participacion",
        _COUNT,
    ),
    _field("territory", "where the share holds", "territory;territories;지역;territorio", _WORDY),
    _field(
        "composer",
        "names of composers",
        "composer;composers;music by;작곡;작곡자;작곡가;compositor;compositores",
        _WORDY,
    ),
    _field("lyricist", "names of lyricists", "lyricist;lyricists;lyrics by;작사;작사자;작사가;letrista;letra", _WORDY),
    _field("arranger", "names of arrangers", "arranger;arrangers;편곡;편곡자;arreglista;arreglos", _WORDY),
    _field("publisher", "names of publishers", "publisher;publishers;출판사;음악출판사;editor;editorial", _WORDY),
    _ISRC,
    _field("artist", "display artist of the recording with that ISRC", _ARTIST, _WORDY),
)
RELEASE: Final = (
    _KEY,
    _field("title", "title of the release", _ALBUM + ";title;name;제목;titulo;nombre", _WORDY),
    _GTIN,
    _GRID,
)
PARTY: Final = (
    _KEY,
    _field(
        "name",
        "name",
        "name;full name;party name;writer name;성명;이름;명칭;회사명;nombre;nombre completo;titular;"
        "publisher;publisher name;company;organisation;organization;label;artist;artist name",
        _WORDY,
    ),
    _field(
        "other_name",
        "another name",
        "alias;other name;pseudonym;stage name;예명;필명;영문명;seudonimo;alias artistico",
        _WORDY,
    ),
    _field("party_kind", "person, group or organisation", "kind;type;party type;유형;tipo", _WORDY),
    _code(Content.IPI_NAME, "IPI name number", "ipi;ipi name number;ipi number;cae;ipi번호;numero ipi"),
    _code(Content.IPI_BASE, "IPI base number", "ipi base number;ipi base"),
    _code(Content.ISNI, "ISNI", "isni;isni code"),
    _code(Content.IPN, "IPN", "ipn;international performer number"),
    _code(Content.DPID, "DDEX party id", "dpid;ddex party id;party identifier"),
)
FIELDS: Final = MappingProxyType(
    {Kind.RECORDINGS: RECORDING, Kind.WORKS: WORK, Kind.RELEASES: RELEASE, Kind.PARTIES: PARTY}
)
# Numbers that count within something larger: they tell rows apart together with what they count in.
_PLACES: Final = (
    "disc;disc number;disk;volume;track;track number;track no;position;no;seq;sequence;디스크;트랙번호;순번;"
    "disco numero;numero de pista;pista"
)
POSITIONS: Final = frozenset(plain(one) for one in _PLACES.split(";"))


def field_of(kind: Kind, name: str) -> Field | None:
    """Return the field of that name, None when the kind has none."""
    return next((one for one in FIELDS[kind] if one.name == name), None)
