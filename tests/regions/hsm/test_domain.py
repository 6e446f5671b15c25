"""Domain state and its tokens: who can make, open and take over what."""

from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.crypto import curve
from regions.crypto.drbg import CtrDrbg
from regions.hsm.commands import (
    CreateDomain,
    DomainInstalled,
    DomainTokenIssued,
    GenerateKey,
    HsmIdentity,
    InstallDomain,
    LeaveDomain,
    ModifyMembers,
    Rewrap,
    RotateDomainKey,
)
from regions.hsm.domain import RETAINED_KEYS, DomainState, Member, first_state, parse_token
from regions.hsm.errors import DomainTokenOutdated, DomainTokenRejected, HsmNotReady
from sim.rng import stream

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
New = Callable[..., Any]


def _flip(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def _issued(answer: object) -> DomainTokenIssued:
    assert isinstance(answer, DomainTokenIssued)
    return answer


def _member(serial: str) -> Member:
    return Member(serial, CtrDrbg(stream(7, serial).randbytes))


def _packed(value: object) -> bytes:
    try:
        packed: bytes = msgpack.packb((msgpack.packb(value), (), b""))
    except OverflowError:
        packed = b""
    return packed


def test_issuing_changes_nothing_until_the_token_is_installed(new_fleet: New) -> None:
    fleet = new_fleet(2)
    first, second = fleet.vaults
    issued = _issued(first.execute(RotateDomainKey(token=fleet.token)))
    assert (issued.version, issued.active_key, issued.members) == (
        2,
        2,
        ("az0/hsm-1#1", "az1/hsm-1#1"),
    )
    assert first._state.version == second._state.version == 1
    installed = DomainInstalled(version=2, active_key=2)
    assert first.execute(InstallDomain(token=issued.token)) == installed
    assert second._state.version == 1


def test_creating_a_domain_leaves_the_creator_empty_until_it_installs_its_token(
    new_fleet: New,
) -> None:
    vault = new_fleet(1, joined=False).vaults[0]
    created = _issued(vault.execute(CreateDomain(name="r", members=(vault.identity,))))
    assert (created.version, created.active_key, created.members) == (1, 1, ("az0/hsm-1#1",))
    with pytest.raises(HsmNotReady, match=r"^HSM az0/hsm-1#1 has joined no domain$"):
        vault.execute(GenerateKey(key_id=KEY))
    vault.execute(InstallDomain(token=created.token))
    with pytest.raises(DomainTokenRejected, match=r"^HSM az0/hsm-1#1 is in domain r already$"):
        vault.execute(CreateDomain(name="s", members=(vault.identity,)))


def test_two_hsms_with_one_token_version_have_identical_states(new_fleet: New) -> None:
    fleet = new_fleet(3)
    for place in (0, 1, 2, 1):
        fleet.rotate(place)
        states = [vault._state for vault in fleet.vaults]
        assert states[0] == states[1] == states[2]


def test_older_and_equal_versions_are_ignored(new_fleet: New) -> None:
    fleet = new_fleet(1)
    vault, first = fleet.vaults[0], fleet.token
    fleet.rotate()
    before = vault._state
    now = DomainInstalled(version=2, active_key=2)
    assert vault.execute(InstallDomain(token=first)) == now
    assert vault.execute(InstallDomain(token=fleet.token)) == now
    assert vault._state is before


def test_a_management_command_from_an_old_token_is_refused(new_fleet: New) -> None:
    fleet = new_fleet(1)
    first = fleet.token
    fleet.rotate()
    with pytest.raises(DomainTokenOutdated, match=r"^token version 1 is older than version 2$"):
        fleet.vaults[0].execute(RotateDomainKey(token=first))


def test_an_hsm_that_lags_behind_issues_from_the_newest_token_all_the_same(new_fleet: New) -> None:
    fleet = new_fleet(2)
    ahead, behind = fleet.vaults
    fleet.issued(ahead.execute(RotateDomainKey(token=fleet.token)), to=[ahead])
    issued = fleet.issued(behind.execute(RotateDomainKey(token=fleet.token)))
    assert (issued.version, issued.active_key) == (3, 3)
    assert ahead._state == behind._state


def test_an_hsm_that_installed_the_loser_of_a_race_takes_over_the_winners_keys(
    new_fleet: New,
) -> None:
    # Goal: two issuers may make a version 2 each; whoever holds the other's key 2 must drop it.
    fleet = new_fleet(2)
    misled, winner = fleet.vaults
    lost = _issued(misled.execute(RotateDomainKey(token=fleet.token)))
    misled.execute(InstallDomain(token=lost.token))
    fleet.issued(winner.execute(RotateDomainKey(token=fleet.token)), to=[winner])
    made = winner.execute(GenerateKey(key_id=KEY))
    fleet.issued(winner.execute(RotateDomainKey(token=fleet.token)))
    assert misled._state == winner._state
    rewrapped = misled.execute(Rewrap(tokens=(made.token,)))
    assert rewrapped.active_key == 3


def test_the_ring_keeps_the_seven_newest_keys_in_order() -> None:
    state = first_state("r", (), b"1" * 32)
    for number in range(2, 12):
        state = state.rotated(bytes([number]) * 32)
    assert [one.number for one in state.keys] == [5, 6, 7, 8, 9, 10, 11]
    assert (state.version, state.active.number, len(state.keys)) == (11, 11, RETAINED_KEYS)


def test_members_stand_in_order_of_serials_and_the_keys_stay(new_fleet: New) -> None:
    fleet = new_fleet(2)
    newcomer, vault = fleet.new_vault("az0/hsm-1#2"), fleet.vaults[1]
    answer = vault.execute(
        ModifyMembers(token=fleet.token, add=(newcomer.identity,), remove=("az0/hsm-1#1",))
    )
    before = vault._state
    issued = fleet.issued(answer, to=[newcomer, vault])
    assert issued.members == ("az0/hsm-1#2", "az1/hsm-1#1")
    assert newcomer._state == vault._state
    assert vault._state.keys == before.keys


def test_a_member_that_was_removed_cannot_open_the_next_token_and_keeps_its_old_state(
    new_fleet: New,
) -> None:
    fleet = new_fleet(2)
    gone, rest = fleet.vaults
    old = gone._state
    answer = rest.execute(ModifyMembers(token=fleet.token, remove=("az0/hsm-1#1",)))
    fleet.issued(answer, to=[rest])
    with pytest.raises(DomainTokenRejected, match=r"^token version 2 does not list az0/hsm-1#1$"):
        gone.execute(InstallDomain(token=fleet.token))
    assert gone._state is old


def test_an_issuer_cannot_remove_itself(new_fleet: New) -> None:
    fleet = new_fleet(2)
    with pytest.raises(DomainTokenRejected, match=r"^issuer az0/hsm-1#1 would not be a member$"):
        fleet.vaults[0].execute(ModifyMembers(token=fleet.token, remove=("az0/hsm-1#1",)))


def test_an_hsm_without_a_valid_agreement_key_is_not_admitted(new_fleet: New) -> None:
    fleet = new_fleet(1)
    broken = HsmIdentity(serial="x", signing_public=b"", agreement_public=b"no point")
    with pytest.raises(
        DomainTokenRejected,
        match=r"^member without a valid agreement key: point of 8 bytes, expected 97$",
    ):
        fleet.vaults[0].execute(ModifyMembers(token=fleet.token, add=(broken,)))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_flipped_bit_anywhere_in_a_domain_token_is_rejected(
    new_fleet: New, data: st.DataObject
) -> None:
    fleet = new_fleet(2)
    bit = data.draw(st.integers(0, len(fleet.token) * 8 - 1))
    empty = fleet.vaults[1]
    empty.execute(LeaveDomain())
    with pytest.raises(DomainTokenRejected):
        empty.execute(InstallDomain(token=_flip(fleet.token, bit)))


@settings(max_examples=100, deadline=None)
@given(
    token=st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.integers() | st.binary(max_size=4) | st.text(max_size=4),
            lambda inner: st.lists(inner, max_size=7),
            max_leaves=12,
        ).map(_packed),
    )
)
def test_bytes_that_are_no_domain_token_are_rejected_and_nothing_worse(token: bytes) -> None:
    with pytest.raises(
        DomainTokenRejected, match=rf"^token of {len(token)} bytes is no domain token$"
    ):
        parse_token(token)


def test_a_token_signed_by_no_member_is_rejected(new_fleet: New) -> None:
    # Method: a stranger knows all public keys and forges a state for them, without itself.
    fleet = new_fleet(1)
    stranger, member = _member("stranger"), fleet.vaults[0].identity
    state = first_state("us-east-1", (member,), b"?" * 32)
    forged = stranger.export(state)
    with pytest.raises(DomainTokenRejected, match=r"^token of issuer stranger, who is no member$"):
        fleet.new_vault("az0/hsm-1#1").execute(InstallDomain(token=forged))


def test_a_token_in_the_name_of_a_member_needs_that_members_signature(new_fleet: New) -> None:
    fleet = new_fleet(1)
    header, envelopes, _ = msgpack.unpackb(fleet.token, use_list=False)
    pair = curve.KeyPair.from_seed(b"s" * curve.SCALAR_SEED_BYTES)
    forged = msgpack.packb((header, envelopes, pair.sign(parse_token(fleet.token).digest)))
    with pytest.raises(
        DomainTokenRejected, match=r"^token whose signature is not that of az0/hsm-1#1$"
    ):
        fleet.new_vault("az0/hsm-1#1").execute(InstallDomain(token=forged))


def test_an_hsm_in_a_domain_does_not_follow_a_stranger_who_knows_none_of_its_keys(
    new_fleet: New,
) -> None:
    # Method: the stranger lists itself and signs rightly, which an empty HSM would believe.
    fleet = new_fleet(1)
    vault, stranger = fleet.vaults[0], _member("stranger")
    state = DomainState(
        name="us-east-1", version=1, members=(), keys=first_state("r", (), b"?" * 32).keys
    ).with_members((vault.identity, stranger.identity), ())
    with pytest.raises(
        DomainTokenRejected, match=r"^token of issuer stranger, a stranger to the domain$"
    ):
        vault.execute(InstallDomain(token=stranger.export(state)))


def test_an_hsm_follows_an_unknown_issuer_who_holds_a_key_of_its_own(new_fleet: New) -> None:
    # Goal: a rolling replacement of all other members does not strand an HSM that missed it.
    fleet = new_fleet(2)
    lagging, old = fleet.vaults
    new = fleet.new_vault("az1/hsm-1#2")
    admitted = old.execute(ModifyMembers(token=fleet.token, add=(new.identity,)))
    fleet.issued(admitted, to=[old, new])
    answer = new.execute(ModifyMembers(token=fleet.token, remove=("az1/hsm-1#1",)))
    fleet.issued(answer, to=[new, lagging])
    assert lagging._state == new._state


def test_an_hsm_cut_off_for_longer_than_the_ring_joins_again_after_it_has_left(
    new_fleet: New,
) -> None:
    fleet = new_fleet(2)
    lagging, old = fleet.vaults
    new = fleet.new_vault("az1/hsm-1#2")
    admitted = old.execute(ModifyMembers(token=fleet.token, add=(new.identity,)))
    fleet.issued(admitted, to=[old, new])
    for _ in range(RETAINED_KEYS):
        fleet.issued(new.execute(RotateDomainKey(token=fleet.token)), to=[new])
    with pytest.raises(
        DomainTokenRejected, match=r"^token of issuer az1/hsm-1#2, a stranger to the domain$"
    ):
        lagging.execute(InstallDomain(token=fleet.token))
    lagging.execute(LeaveDomain())
    lagging.execute(InstallDomain(token=fleet.token))
    assert lagging._state == new._state


def test_a_daily_rotation_costs_one_signature_and_no_agreement(
    new_fleet: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Goal: ten years of rotations stay cheap; only another membership needs new envelope keys.
    fleet = new_fleet(3)
    fleet.rotate()
    calls: list[str] = []
    for name in ("agree", "sign"):
        real = getattr(curve.KeyPair, name)

        def counted(self: object, data: bytes, real: Any = real, name: str = name) -> bytes:
            calls.append(name)
            result: bytes = real(self, data)
            return result

        monkeypatch.setattr(curve.KeyPair, name, counted)
    for _ in range(3):
        fleet.rotate()
    assert calls == ["sign"] * 3
    newcomer = fleet.new_vault("az3/hsm-1#1")
    fleet.issued(
        fleet.vaults[0].execute(ModifyMembers(token=fleet.token, add=(newcomer.identity,))),
        to=[*fleet.vaults, newcomer],
    )
    assert calls == ["sign"] * 3 + ["agree"] * 4 + ["sign"] + ["agree"] * 4
