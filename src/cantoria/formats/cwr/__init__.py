"""CWR, the Common Works Registration of CISAC: 2.1, 2.2, 3.0 and 3.1, in and out.

What a file is made of (docs/reference/cwr.md): `layout`, `records`, `reader`, `writer`, `validation`. What it means
(docs/reference/cwr-meaning.md): `meaning`.
"""

from cantoria.formats.cwr.meaning.acknowledging import Judgement, acknowledge, answer_name
from cantoria.formats.cwr.meaning.reading import read
from cantoria.formats.cwr.meaning.sender import Sender, file_name
from cantoria.formats.cwr.meaning.writing import write

FORMAT = "cwr"

__all__ = ["FORMAT", "Judgement", "Sender", "acknowledge", "answer_name", "file_name", "read", "write"]
