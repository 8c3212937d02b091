"""The council on the command line: an operator hands over, members propose, vote, withdraw and turn their keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.shell import Done, good, run_here

from cantoria.adapters.keys import KeyRing
from cantoria.consent.facts import StatementMade
from cantoria.kernel.ids import uuid_of
from cantoria.ledger import Author, Ed25519Signer, NoteKey, key_id, own_key, prove_possession
from cantoria.ledger.cosignatures import cosigner_key
from cantoria.node.card import Card

NAMES = ("komca", "sacem", "sgae", "gema")
PARTIES = "party,kind,name\nADA,person,Ada Molina\n"
Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A house with four organisations whose keys are all here, and their cards."""

    def run(*args: object) -> Done:
        return run_here(*args, cwd=tmp_path)

    good(run("ledger", "init", "--origin", "rights.example.org/log"))
    for name in (*NAMES, "prs"):
        good(run("organisation", "admit", name, "--in", "cmo"))
        (tmp_path / f"{name}.card.json").write_text(card_of(tmp_path, name).text())
    (tmp_path / "parties.csv").write_text(PARTIES)
    return run


@pytest.fixture
def council(run: Run) -> Run:
    good(run("council", "convene", *(f"{name}.card.json" for name in NAMES)))
    return run


def keys_at(folder: Path) -> KeyRing:
    return KeyRing(folder / "world" / "keys")


def card_of(folder: Path, name: str) -> Card:
    author = keys_at(folder).author(name)
    node = Ed25519Signer(hashlib.sha256(name.encode()).digest())
    organisation, origin = uuid_of(author.party, prefix="party"), "rights.example.org/log"
    proofs = [prove_possession(one, organisation, origin=origin).hex() for one in (author.signer, node)]
    return Card(
        organisation=organisation.hex(),
        name=name,
        capacities=("cmo",),
        key=author.signer.public_key.hex(),
        consensus_key=node.public_key.hex(),
        cosigner=cosigner_key(f"{name}.example.org", public_key=node.public_key).vkey(),
        log=NoteKey(origin, node.public_key).vkey(),
        p2p=f"{'0' * 40}@{name}.example.org:26656",
        key_possession=proofs[0],
        consensus_possession=proofs[1],
        cosigner_possession=proofs[1],
    )


def proven(keys: KeyRing, name: str, signer: Any) -> tuple[str, ...]:
    organisation = uuid_of(keys.author(name).party, prefix="party")
    key = own_key(Author(organisation, signer, "rights.example.org/log"), signer)
    return "--key", key.public_key.hex(), "--proof", key.possession.hex()


def value(done: Done) -> Any:
    return good(done).value


def propose(run: Run, *args: object, name: str = "komca") -> str:
    found: str = value(run("--json", "--as", name, "council", "propose", *args))["ballot"]
    return found


def vote(run: Run, ballot: str, *names: str, say: str = "--yes") -> list[str]:
    return [value(run("--json", "--as", name, "council", "vote", ballot, say))["outcome"] for name in names]


def test_an_operator_hands_over_once(run: Run) -> None:
    cards = [f"{name}.card.json" for name in NAMES]
    assert "no council is convened" in good(run("council", "seats")).out
    size = value(run("--json", "ledger", "status"))["size"]
    dry = value(run("--json", "council", "convene", *cards, "--dry-run"))
    assert (dry["recorded"], value(run("--json", "ledger", "status"))["size"]) == (False, size)
    done = value(
        run(
            "--json",
            "council",
            "convene",
            *cards,
            "--endorsers",
            "share-claimed=2",
            "--holders",
            f"{StatementMade.TYPE.tag}=3",
        )
    )
    assert done == {"index": size, "quorum": 3, "seats": 4}
    seats = value(run("--json", "council", "seats"))
    assert [one["organisation"] for one in seats["seats"]] == sorted(NAMES, key=lambda name: seat_order(seats, name))
    assert all(one["can_sign"] for one in seats["seats"])
    assert (seats["quorum"], seats["endorsers"], seats["holders"]) == (3, {"share-claimed": 2}, {"statement-made": 3})
    again = run("council", "convene", *cards)
    assert (again.code, "council_governs" in again.err) == (2, True)
    refused = run("organisation", "admit", "stim", "--in", "cmo")
    assert (refused.code, "put the change to a ballot" in refused.err) == (2, True)


def seat_order(seats: Any, name: str) -> bytes:
    party = next(one["party"] for one in seats["seats"] if one["organisation"] == name)
    return uuid_of(party, prefix="party")


def test_three_of_four_decide_and_everyone_sees_how(council: Run) -> None:
    ballot = propose(council, "holders", "share-claimed", 2)
    opened = value(council("--json", "council", "ballots"))["open"][0]
    assert (opened["ballot"], opened["yes"], opened["no"], opened["needed"]) == (ballot, ["komca"], [], 3)
    assert set(opened["silent"]) == {"sacem", "sgae", "gema"}
    assert vote(council, ballot, "gema", say="--no") == ["open"]
    assert vote(council, ballot[:23], "sacem") == ["open"]
    page = good(council("council", "ballots")).out
    for part in (ballot, "komca, sacem", "gema", "2 of 3", "share-claimed needs 2 members who hold it"):
        assert part in page
    assert vote(council, ballot, "sgae") == ["passed"]
    assert value(council("--json", "council", "seats"))["holders"] == {"share-claimed": 2}
    decided = value(council("--json", "council", "ballots", "--decided"))
    assert decided["open"] == []
    assert (decided["decided"][0]["outcome"], decided["decided"][0]["proposed_by"]) == ("passed", "komca")
    assert "passed" in good(council("council", "ballots", "--decided")).out
    assert "What facts need" in good(council("council", "seats")).out
    late = council("--as", "gema", "council", "vote", ballot, "--yes")
    assert (late.code, "no open ballot" in late.err) == (2, True)
    assert value(council("--json", "ledger", "verify"))["facts"] > 0


def test_each_kind_of_change_can_be_proposed(council: Run, tmp_path: Path) -> None:
    (tmp_path / "tariff.txt").write_text("ten per cent")
    for change in (
        ("seat", "prs.card.json"),
        ("endorsers", "share-claimed", 2),
        ("holders", "share-claimed", 0),
        ("resolve", "tariff-2027", "tariff.txt"),
        ("type", 799, "tariff-ended", "--in", "cmo", "--in", "publisher"),
        ("endorsers", "tariff-ended", 2),
        ("type", 799, "tariff-ended", "--off"),
        ("admit-member", "prs", "--in", "cmo", "--in", "publisher"),
        ("add-key", "prs", *proven(keys_at(tmp_path), "prs", Ed25519Signer(b"\x11" * 32))),
        ("unseat", "prs.card.json"),
        ("expel-member", "prs"),
    ):
        dry = value(council("--json", "--as", "komca", "council", "propose", *change, "--dry-run"))
        assert dry["recorded"] is False
        seats = len(value(council("--json", "council", "seats"))["seats"])
        said = vote(council, propose(council, *change), *("sacem", "sgae", "gema")[: 2 * seats // 3])
        assert said == ["open"] * (len(said) - 1) + ["passed"], change
    prs = keys_at(tmp_path).author("prs")
    ballot = propose(council, "revoke-key", key_id(prs.signer.public_key).hex(), "--days", 3)
    assert vote(council, ballot, "sacem", "sgae", say="--no") == ["open", "rejected"]
    seats = value(council("--json", "council", "seats"))
    assert seats["resolutions"] == {"tariff-2027": hashlib.sha256(b"ten per cent").hexdigest()}
    assert len(seats["seats"]) == 4
    assert "tariff-2027" in good(council("council", "seats")).out
    words = [one["change"] for one in value(council("--json", "council", "ballots", "--decided"))["decided"]]
    assert words[0] == "seat prs"
    assert "admit prs as cmo, publisher" in words
    assert "expel prs" in words
    assert "admit facts of type 799, tariff-ended, as cmo, publisher" in words
    assert "admit no more facts of type 799, tariff-ended" in words


def test_the_types_that_the_council_admits_are_shown_beside_those_known_here(run: Run) -> None:
    before = {one["name"]: one for one in value(run("--json", "council", "types"))["types"]}
    assert before["body-erased"]["admitted"]
    good(run("council", "convene", *(f"{name}.card.json" for name in NAMES)))
    assert {one["name"]: one for one in value(run("--json", "council", "types"))["types"]} == before
    vote(run, propose(run, "type", 799, "tariff-ended", "--in", "publisher"), "sacem", "sgae")
    shown = {one["name"]: one for one in value(run("--json", "council", "types"))["types"]}
    assert shown.pop("tariff-ended") == {
        "tag": 799,
        "name": "tariff-ended",
        "admitted": ["publisher"],
        "here": "unknown",
    }
    assert shown == before
    assert "tariff-ended" in good(run("council", "types")).out


def test_a_ballot_is_withdrawn_by_its_proposer(council: Run) -> None:
    ballot = propose(council, "holders", "share-claimed", 2)
    other = council("--as", "sacem", "council", "withdraw", ballot)
    assert (other.code, "not_proposer" in other.err) == (2, True)
    assert value(council("--json", "--as", "komca", "council", "withdraw", ballot, "--dry-run"))["recorded"] is False
    assert value(council("--json", "--as", "komca", "council", "withdraw", ballot))["outcome"] == "withdrawn"
    assert value(council("--json", "council", "ballots"))["open"] == []


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("vote", "0"), "yes or no"),
        (("vote", "ffff", "--yes"), "no open ballot"),
        (("propose", "seat", "nothing.json"), "no file"),
        (("propose", "seat", "parties.csv"), "no member's card"),
        (("propose", "endorsers", "share-claimed", "5"), "threshold_out_of_range"),
        (("propose", "endorsers", "no-such-type", "2"), "not a fact type"),
        (("propose", "holders", "share-claimed", "1", "--days", "91"), "91 days"),
        (("propose", "type", "799", "tariff-ended"), "in which capacities"),
        (("propose", "type", "799", "tariff-ended", "--in", "cmo", "--off"), "in which capacities"),
        (("propose", "type", "301", "tariff-ended", "--in", "cmo"), "301 as statement-made"),
        (("propose", "type", "799", "statement-made", "--in", "cmo"), "301 as statement-made"),
        (("propose", "type", "1", "body-erased", "--in", "cmo"), "type_needed"),
        (("propose", "unseat", "prs"), "not_seated"),
        (("propose", "unseat", "nobody"), "no organisation"),
        (("propose", "expel-member", "sacem"), "still_seated"),
        (("propose", "add-key", "prs"), "64 hex digits"),
        (("propose", "add-key", "prs", "--key", "11" * 32), "128 hex digits"),
        (("propose", "add-key", "prs", "--key", "11" * 32, "--proof", "22" * 64), "not_possessed"),
        (("propose", "revoke-key", "xyz"), "16 hex digits"),
        (("propose", "admit-member", "prs"), "needs a capacity"),
    ],
)
def test_what_cannot_be_is_said_clearly(council: Run, args: tuple[str, ...], why: str) -> None:
    for extra in ((), ("--dry-run",)):
        done = council("--as", "komca", "council", *args, *extra)
        assert done.code == 2
        assert why in done.err
        assert "Traceback" not in done.err


def test_a_member_shows_its_key_and_the_proof_that_it_has_it(council: Run, tmp_path: Path) -> None:
    shown = value(council("--json", "--as", "prs", "council", "key"))
    assert ("--key", shown["key"], "--proof", shown["proof"]) == proven(
        keys_at(tmp_path), "prs", keys_at(tmp_path).author("prs").signer
    )
    assert shown["proof"] in good(council("--as", "prs", "council", "key")).out
    known = council("--as", "komca", "council", "propose", "add-key", "prs.card.json")
    assert (known.code, "key_known" in known.err) == (2, True)


def test_a_member_without_seat_cannot_propose(council: Run) -> None:
    done = council("--as", "prs", "council", "propose", "holders", "share-claimed", "1")
    assert (done.code, "not_seated" in done.err) == (2, True)


def test_a_key_is_rotated_and_facts_go_on(council: Run, tmp_path: Path) -> None:
    before = keys_at(tmp_path).author("prs").signer.public_key
    assert value(council("--json", "--as", "prs", "council", "rotate-key", "--dry-run"))["recorded"] is False
    assert keys_at(tmp_path).author("prs").signer.public_key == before
    done = value(council("--json", "--as", "prs", "council", "rotate-key"))
    after = keys_at(tmp_path).author("prs").signer.public_key
    assert (done["revoked"], done["added"]) == (key_id(before).hex(), key_id(after).hex())
    assert not keys_at(tmp_path).rotates("prs")
    assert ((tmp_path / "world" / "keys" / "organisation-prs.json").stat().st_mode & 0o777) == 0o600
    good(council("--as", "prs", "import", "csv", "parties.csv"))
    good(council("ledger", "verify"))


@pytest.mark.parametrize("stop", ["before the record", "after the record", "after the turn"])
def test_an_interrupted_rotation_is_completed(council: Run, tmp_path: Path, stop: str) -> None:
    keys = keys_at(tmp_path)
    before = keys.author("prs").signer.public_key
    new, replaced = keys.begin_rotation("prs", seed=bytes(range(32)))
    assert replaced == key_id(before)
    if stop != "before the record":
        ballot = propose(council, "add-key", "prs", *proven(keys, "prs", new.signer))
        vote(council, ballot, "sacem", "sgae")
    if stop == "after the turn":
        keys.turn("prs")
    done = value(council("--json", "--as", "prs", "council", "rotate-key"))
    assert (done["revoked"], done["added"]) == (key_id(before).hex(), key_id(new.signer.public_key).hex())
    assert keys.author("prs").signer.public_key == new.signer.public_key
    assert json.loads((tmp_path / "world" / "keys" / "organisation-prs.json").read_text())["name"] == "prs"
    good(council("--as", "prs", "import", "csv", "parties.csv"))


def test_a_member_rotates_its_key_under_an_operator_too(run: Run) -> None:
    assert value(run("--json", "--as", "prs", "council", "rotate-key"))["organisation"] == "prs"
    assert good(run("organisation", "admit", "stim", "--in", "cmo")).out.startswith("stim is party_")
