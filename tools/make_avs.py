"""Make the table of DDEX's allowed values: `python -m tools.make_avs allowed-value-sets.xsd SCHEMA.xsd ...`.

Writes `src/cantoria/formats/ern/avs/vN.json`: names of sets and their values, of those sets that the schemas given
refer to, in order. Facts only: no definitions are taken over.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from cantoria.formats.ern import avs

FOLDER = Path(__file__).parents[1] / "src" / "cantoria" / "formats" / "ern" / "avs"


def table(allowed: avs.AllowedValues, schemas: list[bytes]) -> bytes:
    """Return the JSON table of the sets that the schemas refer to."""
    used = {name.decode() for schema in schemas for name in re.findall(rb'"avs:(\w+)"', schema)}
    lines = [
        f"  {json.dumps(name)}: {json.dumps(sorted(allowed.sets[name]))}" for name in sorted(used & allowed.sets.keys())
    ]
    return (f'{{"version": {json.dumps(allowed.version)}, "sets": {{\n' + ",\n".join(lines) + "\n}}\n").encode()


def main() -> int:
    """Write the table of the version that the first file holds."""
    first, *others = [Path(name) for name in sys.argv[1:]]
    allowed = avs.load(first.read_bytes())
    (FOLDER / f"v{allowed.version}.json").write_bytes(table(allowed, [path.read_bytes() for path in others]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
