"""Who may name what: a stranger who records a sender's key first gains nothing by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cantoria.adapters.system import SteppingClock
from cantoria.app.code_book import CodeBook
from cantoria.app.intake import Intake, take_in
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse, create
from cantoria.formats import csvfamily
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import LinkId, PartyId
from cantoria.registry.facts import LinkAsserted, PartyNamed, PartyRegistered
from cantoria.registry.types import PartyKind, Relation

IPI = "ipi_name:00014107338"


class Stage:
    """A society, a stranger who came first, and a register, in one house."""

    def __init__(self, folder: Path) -> None:
        self.house: WiredHouse = create(folder, origin="rights.example/log", clock=SteppingClock(1_790_000_000_000_000))
        self.society = self.house.admit("soc", capacities=[Capacity.CMO])
        self.other = self.house.admit("other", capacities=[Capacity.CMO])
        self.stranger = self.house.admit("stranger", capacities=[Capacity.DISTRIBUTOR])
        self.register = self.house.admit("register", capacities=[Capacity.REGISTRAR])

    def squat(self, author: Author, *, code: str = "own:SOC:P0009") -> PartyId:
        """Have somebody record a party of theirs under this code before the society does."""
        party = PartyId(self.house.ids.new("party"))
        link = LinkAsserted(
            link=LinkId(self.house.ids.new("link")),
            left=code,
            relation=Relation.IDENTIFIES,
            right=party,
            asserted_by=author.party,
        )
        named = PartyNamed(party=party, name="Somebody", codes=(IPI,) if code == IPI else ())
        facts = [PartyRegistered(party=party, kind=PartyKind.PERSON), named] + ([] if code == IPI else [link])
        self.house.journal.record(facts, author=author)
        self.house.index.catch_up()
        return party

    def import_ada(self, *, preload: bool, columns: str = "party,name", row: str = "P0009,Ada") -> tuple[str, Intake]:
        """Have the society import Ada under its own key; return her party and the import."""
        files = {"parties.csv": f"{columns}\r\n{row}\r\n".encode()}
        book = CodeBook(self.house, preload=preload)
        done = take_in(
            self.house, files, read=csvfamily.read_family, namespace="SOC", author=self.society, follower=book
        )
        named = [fact for fact in done.imported.facts if isinstance(fact, PartyNamed)]
        return named[0].party, done


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "house")


@pytest.mark.parametrize("preload", [True, False])
def test_a_stranger_does_not_take_an_own_key(stage: Stage, preload: bool) -> None:
    theirs = stage.squat(stage.stranger)
    ada, _ = stage.import_ada(preload=preload)
    assert ada != theirs
    again, _ = stage.import_ada(preload=preload)
    assert again == ada, "her second import speaks of her first"


@pytest.mark.parametrize("preload", [True, False])
def test_a_register_may_name_for_everybody(stage: Stage, preload: bool) -> None:
    registered = stage.squat(stage.register)
    assert stage.import_ada(preload=preload)[0] == registered


@pytest.mark.parametrize(("who", "taken"), [("stranger", False), ("other", True), ("register", True)])
def test_a_code_of_a_person_counts_as_societies_and_registers_record_it(stage: Stage, who: str, taken: bool) -> None:
    known = stage.squat(getattr(stage, who), code=IPI)
    ada, _ = stage.import_ada(preload=True, columns="party,name,ipi_name", row="P0009,Ada,00014107338")
    assert (ada == known) is taken


def test_a_reference_prefers_what_the_sender_said_itself(stage: Stage) -> None:
    theirs = stage.squat(stage.stranger)
    ada, _ = stage.import_ada(preload=False)
    book = CodeBook(stage.house)
    assert book.lookup("own:SOC:P0009", sender=stage.society.party) == ada
    assert book.lookup("own:SOC:P0009") is None, "for anybody else it is two things"
    assert book.names("own:SOC:P0009") == sorted([ada, theirs])
