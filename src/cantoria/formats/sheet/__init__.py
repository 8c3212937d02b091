"""Somebody else's tables: Excel, OpenDocument and CSV of any dialect, by a mapping that a person can keep and edit.

`suggest` proposes a mapping, `preview` shows what reading would change, `read` gives the entries.
"""

from cantoria.formats.sheet.fields import FIELDS, Field, Kind
from cantoria.formats.sheet.mapping import Mapping, from_json, headings_of, parse
from cantoria.formats.sheet.opening import open_table
from cantoria.formats.sheet.preview import Change, Difference, State, preview, told
from cantoria.formats.sheet.reading import FORMAT, read
from cantoria.formats.sheet.suggest import suggest, suggest_for

__all__ = [
    "FIELDS",
    "FORMAT",
    "Change",
    "Difference",
    "Field",
    "Kind",
    "Mapping",
    "State",
    "from_json",
    "headings_of",
    "open_table",
    "parse",
    "preview",
    "read",
    "suggest",
    "suggest_for",
    "told",
]
