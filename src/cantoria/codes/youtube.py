"""YouTube Content ID: asset id, `A` and fifteen digits. Beside it the ids of videos and channels.

YouTube publishes no check and calls the ids opaque; the forms are those of its public samples.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import compacted, passes
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.YOUTUBE_ASSET

_FORM: Final = re.compile(r"A[0-9]{15}")
_VIDEO: Final = re.compile(r"[A-Za-z0-9_-]{11}")
_CHANNEL: Final = re.compile(r"UC[A-Za-z0-9_-]{22}")


def compact(text: str) -> str:
    """Return the sixteen characters of an asset id; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "A935917475088049", separators="")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape."""
    return Checked(compact(text))


def is_valid(text: str) -> bool:
    """Tell whether the shape is right; there is nothing else to check."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, which is the stored one."""
    return compact(text)


def is_video_id(text: str) -> bool:
    """Tell whether `text` has the form of a video id: eleven characters, capitals matter."""
    return _VIDEO.fullmatch(text) is not None


def is_channel_id(text: str) -> bool:
    """Tell whether `text` has the form of a channel id: `UC` and 22 characters, capitals matter."""
    return _CHANNEL.fullmatch(text) is not None
