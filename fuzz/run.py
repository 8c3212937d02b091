"""Fuzz one reader: `python -m fuzz.run NAME [--seconds 60] [--replay FILE]`.

`fuzz/NAME.py` gives `one(data)`, which runs the reader over the bytes and lets only `InputError` pass, and may give
`seeds()`, valid inputs to begin with. Whatever else comes out of `one`, a run of more than 20 seconds, or more than
1 GiB of memory ends the fuzzing with a status that is not zero; the input is kept in `build/fuzz/NAME/crashes`, and
what was learned in `build/fuzz/NAME/corpus`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import sys
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
TIMEOUT_SECONDS: Final = 20
MEMORY_MIB_MAX: Final = 1024
INPUT_BYTES_MAX: Final = 65_536


def main() -> int:
    """Fuzz until the time is over or something breaks."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.run", description=__doc__)
    parser.add_argument("name", help=f"one of {', '.join(names())}")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--replay", type=Path, help="run the reader over this one file")
    options = parser.parse_args()
    if options.name not in names():
        parser.error(f"no fuzz/{options.name}.py")
    if options.replay is not None:
        began = time.perf_counter()
        importlib.import_module(f"fuzz.{options.name}").one(options.replay.read_bytes())
        print(f"passed in {time.perf_counter() - began:.2f} s")
        return 0
    return _fuzz(options.name, options.seconds)


def names() -> list[str]:
    """Return the names of what can be fuzzed."""
    stems = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return sorted(stem for stem in stems if stem != "run" and not stem.startswith("_"))


def _fuzz(name: str, seconds: int) -> int:
    try:
        import atheris
    except ImportError:
        print("atheris is not on this machine: it is among the development dependencies on Linux", file=sys.stderr)
        return 4
    with atheris.instrument_imports(include=["cantoria"]):
        module = importlib.import_module(f"fuzz.{name}")
    folder = ROOT / "build" / "fuzz" / name
    corpus, crashes = folder / "corpus", folder / "crashes"
    for one in (corpus, crashes):
        one.mkdir(parents=True, exist_ok=True)
    plant(module, corpus)
    limits = [f"-max_total_time={seconds}", f"-timeout={TIMEOUT_SECONDS}", f"-rss_limit_mb={MEMORY_MIB_MAX}"]
    places = [f"-artifact_prefix={crashes}/", f"-max_len={INPUT_BYTES_MAX}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, *places, str(corpus)], module.one, enable_python_coverage=True)
    atheris.Fuzz()  # ends the process itself
    return 0


def plant(module: Any, corpus: Path) -> None:
    """Write the seeds of a module into the corpus, each named by its content."""
    for seed in getattr(module, "seeds", tuple)():
        (corpus / hashlib.sha256(seed).hexdigest()[:40]).write_bytes(seed)


if __name__ == "__main__":
    sys.exit(main())
