"""MusicBrainz in JSON, JSON lines and mmd-2.0: whatever the bytes, each record has one outcome, and only `InputError`
refuses a file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from cantoria.formats import musicbrainz
from cantoria.kernel.errors import InputError
from fuzz._entries import use

_OLD = "00000000-0000-4000-8000-000000000009"
_ARTIST = {"id": "00000000-0000-4000-8000-000000000001", "name": "Kim", "sort-name": "Kim", "ipis": ["00014107338"]}
_WORK = {
    "id": "00000000-0000-4000-8000-000000000002",
    "title": "Rain",
    "iswcs": ["T0345246801"],
    "attributes": [{"type": "KOMCA ID", "value": "1"}],
    "relations": [
        {"type": "composer", "target-type": "artist", "artist": _ARTIST, "begin": "1999-12", "end": "2001"},
        {"type": "arrangement", "target-type": "work", "direction": "backward", "work": {"id": _OLD, "title": "Old"}},
    ],
}
_RECORDING = {
    "id": "00000000-0000-4000-8000-000000000003",
    "title": "Rain",
    "length": 1000,
    "isrcs": ["KRA381900123"],
    "artist-credit": [{"name": "Kim", "joinphrase": " & ", "artist": _ARTIST}],
    "aliases": [{"name": "Pluie", "locale": "fr", "type": "Search hint"}],
    "relations": [
        {"type": "performance", "target-type": "work", "attributes": ["live"], "work": _WORK},
        {"type": "vocal", "target-type": "artist", "artist": _ARTIST},
    ],
}
_RELEASE = {
    "id": "00000000-0000-4000-8000-000000000004",
    "title": "Album",
    "barcode": "4006381333931",
    "media": [{"tracks": [{"recording": _RECORDING}]}],
}
_MMD = b"""<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#"><recording-list><recording
id="00000000-0000-4000-8000-000000000003"><title>Rain</title><length>1</length><artist-credit><name-credit
joinphrase=" "><artist id="00000000-0000-4000-8000-000000000001"><name>Kim</name></artist></name-credit></artist-credit>
<isrc-list><isrc id="KRA381900123"/></isrc-list><relation-list target-type="work"><relation type="performance"><work
id="00000000-0000-4000-8000-000000000002"><title>Rain</title><iswc>T0345246801</iswc></work></relation></relation-list>
</recording></recording-list></metadata>"""


def one(data: bytes) -> None:
    """Read, write down, write out."""
    try:
        entries = list(musicbrainz.read(io.BytesIO(data), file="fuzz"))
    except InputError:
        return
    use(entries)


def seeds() -> Iterator[bytes]:
    """Give a record of each kind, a document, a dump, and one in XML."""
    for value in (_ARTIST, _WORK, _RECORDING, _RELEASE, {"recordings": [_RECORDING], "count": 1}, [_WORK, _ARTIST]):
        yield json.dumps(value).encode()
    yield b"".join(json.dumps(value).encode() + b"\n" for value in (_RECORDING, _WORK, _RELEASE))
    yield json.dumps({"works": [_WORK]}, indent=1).encode()
    yield _MMD
