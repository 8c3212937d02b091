"""MusicBrainz in: documents of its web service (JSON, XML) and JSON-lines dumps (docs/reference/musicbrainz.md).

MusicBrainz is edited by a community: what it says of who wrote or performed is a credit, never a share.
"""

from cantoria.formats.musicbrainz.reading import read

FORMAT = "musicbrainz"

__all__ = ["FORMAT", "read"]
