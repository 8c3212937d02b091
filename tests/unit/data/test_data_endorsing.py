"""Endorsement: a person decides unless the settings say otherwise, and what is decided is answered again."""

from __future__ import annotations

from typing import Any

import pytest

from cantoria import ledger
from cantoria.adapters.parcel import pack_parcel
from cantoria.adapters.sqlite.holdings import Stage
from cantoria.bootstrap.data import open_data
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.attestation import Purpose, unpack_attestation
from cantoria.registry.facts import PartyNamed, WorkRegistered
from cantoria.testing.consortium import signer_of

WORK = WorkRegistered.TYPE.tag
SONG = WorkRegistered(work="work_1", title="song 1")


def requests(site: Any) -> list[Any]:
    found: list[Any] = site.data.parts.holder.holdings.endorsements()
    return found


def test_a_request_waits_for_a_person_and_goes_on_once_it_is_approved(make_network: Any) -> None:
    network = make_network(endorsers={WORK: 2})
    with pytest.raises(UnavailableError, match="endorsement is not complete") as failed:
        network[0].record(SONG)
    assert "a person there decides" in str(failed.value)
    assert "do not record it again" in failed.value.remedy
    [request] = requests(network[1])
    assert (request.stage, request.asker) == (Stage.PENDING, network[0].id)
    network[1].data.parts.holder.approve(request.key)
    [batch] = network[0].data.parts.pending.batches().values()
    attested = network[0].data.attester(batch, network[0].replica.state)
    [one] = [unpack_attestation(data) for data in attested.attestations]
    assert (one.purpose, one.organisation) == (Purpose.ENDORSEMENT, network[1].id)
    [key] = network[0].data.parts.intake.put([attested])
    network.block()
    assert network[0].data.parts.intake.outcome(key).place is not None
    network.rounds()
    assert network[0].data.parts.pending.keys() == []
    assert all(found.parcel is None for site in network.sites for found in requests(site)), "bodies lie in the ledger"


def test_more_endorsements_than_are_needed_are_left_out(make_network: Any) -> None:
    network = make_network(4, endorsers={WORK: 2})
    batch = network[0].seal(SONG)
    for site in network.sites[1:]:
        asked = site.data.parts.holder.endorse(pack_parcel(batch), asker=network[0].id)
        site.data.parts.holder.approve(asked.key)
    found = network[0].data.attester.gather(batch, network[0].replica.state)
    assert len(found) == 1
    network[0].data.parts.intake.put([network[0].data.attester(batch, network[0].replica.state)])
    network.block()
    assert network[0].replica.size == network[0].store.head().size
    assert len(network[0].bodies()) == 1


def test_one_refusal_leaves_others_to_ask_and_all_refusals_end_it(make_network: Any) -> None:
    network = make_network(endorsers={WORK: 2})
    with pytest.raises(UnavailableError):
        network[0].record(SONG)
    for site in network.sites[1:]:
        [request] = requests(site)
        site.data.parts.holder.refuse(request.key, reason="not a song")
    [batch] = network[0].data.parts.pending.batches().values()
    with pytest.raises(InputError, match="nobody is left to ask") as failed:
        network[0].data.attester(batch, network[0].replica.state)
    assert "not a song" in str(failed.value)
    assert network[0].data.parts.pending.keys() == []
    with pytest.raises(InputError, match="waits"):
        network[1].data.parts.holder.approve(request.key)


@pytest.mark.parametrize("contradicted", [False, True])
def test_a_type_left_to_the_machine_is_endorsed_unless_own_words_speak_of_the_same(
    make_network: Any, contradicted: bool
) -> None:
    network = make_network(endorsers={WORK: 2})
    network[1].close()
    with (network[1].home / "cantoria.toml").open("a") as file:
        file.write('\n[data]\nendorse = ["work-registered"]\n')
    network[1].open()
    network[1].serve()
    if contradicted:
        network[1].data.parts.intake.put([_backed(network, 1)])
        network.block()
    network[2].stop()
    batch = network[0].seal(SONG)
    if contradicted:
        with pytest.raises(UnavailableError, match="endorsement is not complete"):
            network[0].data.attester(batch, network[0].replica.state)
        assert [one.stage for one in requests(network[1])][:1] == [Stage.PENDING]
    else:
        assert len(network[0].data.attester(batch, network[0].replica.state).attestations) == 1


def _backed(network: Any, number: int) -> Any:
    """A batch of this member about the same song, endorsed by member one."""
    site = network[number]
    batch = site.seal(WorkRegistered(work="work_1", title="my song 1"))
    holder = network[0].data.parts.holder
    holder.approve(holder.endorse(pack_parcel(batch), asker=site.id).key)
    return site.data.attester(batch, site.replica.state)


def test_who_cannot_endorse_says_so_and_unknown_types_in_the_settings_are_refused(make_network: Any) -> None:
    network = make_network(endorsers={WORK: 2})
    batch = network[0].seal(PartyNamed(party="party_1", name="x"))
    with pytest.raises(InputError, match="counts for nothing"):
        network[1].data.parts.holder.endorse(pack_parcel(batch), asker=network[0].id)
    with (network[1].home / "cantoria.toml").open("a") as file:
        file.write('\n[data]\nendorse = ["song-sung"]\n')
    with pytest.raises(InputError, match="song-sung"):
        open_data(network[1].home)


def test_an_approval_given_before_a_key_changed_is_given_again_under_the_new_one(make_network: Any) -> None:
    network = make_network(endorsers={WORK: 2})
    batch = network[0].seal(SONG)
    holder = network[1].data.parts.holder
    first = holder.approve(holder.endorse(pack_parcel(batch), asker=network[0].id).key)
    organisation = network[1].organisation
    fresh = signer_of("org2/second")
    old = ledger.key_id(organisation.signer.public_key)
    add = organisation.adds(fresh)
    network[1].data.parts.intake.put([add, organisation.says(ledger.RevokeKey(old))])
    network.block()
    object.__setattr__(holder, "author", ledger.Author(organisation.identifier, fresh, organisation.origin))
    again = holder.endorse(pack_parcel(batch), asker=network[0].id)
    assert again.attestation != first.attestation
    assert unpack_attestation(again.attestation).key_id == ledger.key_id(fresh.public_key)
