"""Write `verifier/index.html`: the page that verifies proofs, one whole file, from the parts in `verifier/page`; and
the verifier alone for the portal's pages.

Run `python -m tools.make_verifier_page` after a change of a part. The page's Content-Security-Policy names the hashes
of its one script and one style, so that a browser runs these and nothing else.
"""

from __future__ import annotations

import base64
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / "verifier"
SCRIPTS: Final = ("verify.js", "words.js", "page.js")
PORTAL: Final = FOLDER.parent / "src" / "cantoria" / "web" / "portal" / "static" / "js" / "verify.js"


def page() -> str:
    """Return the text of the page."""
    parts = FOLDER / "page"
    script = "\n" + "\n".join((parts / name).read_text("utf-8") for name in SCRIPTS)
    style = "\n" + (parts / "style.css").read_text("utf-8")
    text = (parts / "page.html").read_text("utf-8")
    text = text.replace("{script-hash}", _hash(script)).replace("{style-hash}", _hash(style))
    return text.replace("{style}", style).replace("{script}", script)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def main() -> int:
    """Write the files."""
    (FOLDER / "index.html").write_text(page(), encoding="utf-8")
    PORTAL.write_bytes((FOLDER / "page" / "verify.js").read_bytes())
    print("wrote index.html and the portal's verify.js")
    return 0


if __name__ == "__main__":
    sys.exit(main())
