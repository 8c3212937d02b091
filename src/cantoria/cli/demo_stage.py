"""What the demonstration carries from step to step."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.markup import escape
from rich.rule import Rule

from cantoria.adapters.system import SteppingClock
from cantoria.app.clearing import Certified
from cantoria.app.sample import World
from cantoria.app.sample_world import Builder
from cantoria.bootstrap.house import WiredHouse
from cantoria.cli.console import page
from cantoria.kernel.errors import IntegrityError
from cantoria.kernel.periods import Period, parse_moment

BUILT, CLEARED, PAID, CORRECTED, REVOKED = "2026-07-15", "2026-08-01", "2026-10-10", "2026-10-20", "2026-11-01"
LICENSED, PUBLISHED, TAKEN_BACK = "2026-11-05", "2026-11-12", "2026-11-13"
PERIOD: Final = Period(parse_moment("2026-09-01"), parse_moment("2026-10-01"))
LABEL: Final = "2026-09"


@dataclass(slots=True, kw_only=True)
class Stage:
    """The house and world that every step works on, and what the steps before have made."""

    home: Path
    world: World
    house: WiredHouse
    builder: Builder
    clock: SteppingClock
    models: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, Certified] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    step: int = 1

    def heading(self, text: str) -> None:
        """Begin the next step."""
        self.step += 1
        heading(self.step, text)

    def tell(self, what: str, outcome: str) -> None:
        """Keep one line for the summary at the end."""
        self.told.append((what, outcome))


def heading(step: int, text: str) -> None:
    """Draw the title of a step."""
    page.print()
    page.print(Rule(f"[bold]{step}. {escape(text)}[/bold]", align="left"))


def must(holds: bool, failure: str) -> None:
    """End the demonstration when what it shows does not hold."""
    if not holds:
        raise IntegrityError(failure, "this is a defect in Cantoria: please report it")
