"""How a benchmark ends: one JSON line with its figures, its targets, and whether they are met."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def emit(
    name: str,
    params: Mapping[str, Any],
    metrics: Mapping[str, Any],
    peers: Mapping[str, Any],
    targets: Mapping[str, tuple[str, float]],
) -> bool:
    """Print the JSON line and return whether all targets are met.

    `targets` maps a metric's name to (">=" or "<=", bound); a metric that is missing misses its target.
    """
    met = {metric: _holds(metrics.get(metric), target) for metric, target in targets.items()}
    line = {
        "name": name,
        "params": {**params, "machine": machine()},
        "metrics": {**metrics},
        "peers": {**peers},
        "targets": {metric: f"{sign} {bound:g}" for metric, (sign, bound) in targets.items()},
        "met": met,
    }
    print(json.dumps(line), flush=True)
    return all(met.values())


def peak_rss_mib() -> float:
    """Return the process's peak resident memory in MiB.

    Linux hands `ru_maxrss` on to children: a process started by a large one would begin with that one's peak.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return round(int(line.split()[1]) / (1 << 10), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], *, share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """Return the machine in words: cores, architecture, Python."""
    return f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}"


def _holds(value: Any, target: tuple[str, float]) -> bool:
    if value is None:
        return False
    sign, bound = target
    return bool(value >= bound if sign == ">=" else value <= bound)
