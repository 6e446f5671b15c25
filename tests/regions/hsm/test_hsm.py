"""The HSM as an actor: time, queue, power, and what its frames show."""

from collections.abc import Iterator
from typing import Any

import pytest

from regions.hsm.commands import (
    HSM_FRAMES,
    CreateDomain,
    DomainTokenIssued,
    GenerateKey,
    HsmBlob,
    HsmDataKey,
    HsmDecrypt,
    HsmEncrypt,
    HsmIdentity,
    HsmPlaintext,
    InstallDomain,
    Introduce,
    KeyToken,
    LeaveDomain,
    ModifyMembers,
    Rewrap,
    RotateDomainKey,
)
from regions.hsm.errors import HSM_REFUSALS, DomainTokenRejected, HsmCiphertextInvalid, HsmNotReady
from regions.hsm.hsm import Hsm, HsmConfig
from regions.messages import HsmUp
from sim.actor import Actor, Request
from sim.units import us
from sim.wire import Codec
from sim.world import SimWorld

CODEC = Codec({9: HsmUp, **HSM_FRAMES, **HSM_REFUSALS})
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
HOST = "us-east-1/use1-az1/az"
ONE, TWO = "us-east-1/use1-az1/hsm-1", "us-east-1/use1-az2/hsm-1"
SAFE = "safe/us-east-1/hsm"


class Host(Actor):
    """Hears which HSMs came up."""

    inline = frozenset({HsmUp})

    def receive(self, request: Request) -> None:
        self.config.append((request.sender, request.body.serial))


def _encrypt(token: bytes, context: bytes = b"tenant=1") -> HsmEncrypt:
    return HsmEncrypt(
        region="us-east-1", key_id=KEY, token=token, plaintext=b"pin", context=context
    )


@pytest.fixture
def world() -> Iterator[SimWorld]:
    """Two online HSMs and an offline one that form a domain; its token has version 1."""
    with SimWorld(seed=7, codec=CODEC) as made:
        made.start(Hsm, HsmConfig(), name=ONE)
        made.start(Hsm, HsmConfig(), name=TWO)
        made.start(Hsm, HsmConfig(offline=True), name=SAFE)
        yield made


def _found(world: SimWorld) -> bytes:
    """Create the domain, install its first token online, and return it."""
    members = tuple(world.ask(hsm, Introduce()) for hsm in (ONE, TWO, SAFE))
    created = world.ask(ONE, CreateDomain(name="us-east-1", members=members))
    assert isinstance(created, DomainTokenIssued)
    for hsm in (ONE, TWO):
        world.ask(hsm, InstallDomain(token=created.token))
    return created.token


def _power_cycle(world: SimWorld, *names: str) -> None:
    for name in names:
        world.crash(name)
    for name in names:
        world.restart(name)
    world.run_for(us(1))


def test_encrypting_costs_its_time_and_binds_the_context(world: SimWorld) -> None:
    _found(world)
    made = world.ask(ONE, GenerateKey(key_id=KEY))
    assert isinstance(made, KeyToken)
    before = world.now_ns
    sealed = world.ask(ONE, _encrypt(made.token))
    link_ns = world.now_ns - before - HsmConfig().data_ns
    assert isinstance(sealed, HsmBlob)
    before = world.now_ns
    opened = world.ask(TWO, HsmDecrypt(token=made.token, blob=sealed.blob, context=b"tenant=1"))
    assert opened == HsmPlaintext(plaintext=b"pin")
    assert world.now_ns - before == HsmConfig().data_ns + link_ns
    with pytest.raises(HsmCiphertextInvalid, match=r"^$"):
        world.ask(TWO, HsmDecrypt(token=made.token, blob=sealed.blob, context=b"tenant=2"))


def test_four_commands_run_at_once_and_a_fifth_waits_for_a_worker(world: SimWorld) -> None:
    _found(world)
    made = world.ask(ONE, GenerateKey(key_id=KEY))
    done: list[int] = []
    for _ in range(5):
        world.call(ONE, _encrypt(made.token), lambda _: done.append(world.now_ns))
    world.run_for(us(10_000))
    data_ns = HsmConfig().data_ns
    assert [time_ns - done[0] for time_ns in done] == [0, 0, 0, 0, data_ns]


def test_a_power_cut_leaves_an_empty_hsm_with_a_new_identity_that_must_join_again(
    world: SimWorld,
) -> None:
    token = _found(world)
    made = world.ask(ONE, GenerateKey(key_id=KEY))
    old = world.ask(ONE, Introduce())
    _power_cycle(world, ONE)
    with pytest.raises(HsmNotReady, match=rf"^HSM {ONE}#2 has joined no domain$"):
        world.ask(ONE, _encrypt(made.token))
    new = world.ask(ONE, Introduce())
    assert (old.serial, new.serial) == (f"{ONE}#1", f"{ONE}#2")
    assert old.signing_public != new.signing_public
    with pytest.raises(DomainTokenRejected, match=rf"^token version 1 does not list {ONE}#2$"):
        world.ask(ONE, InstallDomain(token=token))
    issued = world.ask(TWO, ModifyMembers(token=token, add=(new,), remove=(old.serial,)))
    assert (issued.version, issued.members) == (2, (SAFE, f"{ONE}#2", f"{TWO}#1"))
    world.ask(ONE, InstallDomain(token=issued.token))
    assert isinstance(world.ask(ONE, _encrypt(made.token)), HsmBlob)


def test_an_offline_hsm_brings_back_a_region_that_lost_all_online_ones(world: SimWorld) -> None:
    # Method: the newest token, a key token and a blob are all that survived.
    token = _found(world)
    made = world.ask(ONE, GenerateKey(key_id=KEY))
    sealed = world.ask(ONE, _encrypt(made.token))
    before = world.ask(SAFE, Introduce())
    _power_cycle(world, ONE, TWO, SAFE)
    for hsm in (ONE, TWO):
        with pytest.raises(DomainTokenRejected, match=r"^token version 1 does not list "):
            world.ask(hsm, InstallDomain(token=token))
    assert world.ask(SAFE, Introduce()) == before
    with pytest.raises(HsmNotReady, match=rf"^HSM {SAFE} has joined no domain$"):
        world.ask(SAFE, _encrypt(made.token))
    world.ask(SAFE, InstallDomain(token=token))
    fresh = tuple(world.ask(hsm, Introduce()) for hsm in (ONE, TWO))
    issued = world.ask(SAFE, ModifyMembers(token=token, add=fresh))
    world.ask(ONE, InstallDomain(token=issued.token))
    opened = world.ask(ONE, HsmDecrypt(token=made.token, blob=sealed.blob, context=b"tenant=1"))
    assert opened == HsmPlaintext(plaintext=b"pin")


def test_no_incarnation_repeats_the_nonces_of_an_earlier_one(world: SimWorld) -> None:
    # Goal: the battery keeps an identity, not a generator: equal draws would reuse nonces.
    token = _found(world)
    made = world.ask(ONE, GenerateKey(key_id=KEY))
    blobs = []
    for _ in range(3):
        world.ask(SAFE, InstallDomain(token=token))
        blobs.append(world.ask(SAFE, _encrypt(made.token)).blob)
        _power_cycle(world, SAFE)
    assert len({blob[88:116] for blob in blobs}) == 3


def test_an_hsm_that_leaves_takes_the_newest_token_like_an_empty_one(world: SimWorld) -> None:
    token = _found(world)
    identity = world.ask(ONE, LeaveDomain())
    assert isinstance(identity, HsmIdentity)
    with pytest.raises(HsmNotReady, match=rf"^HSM {ONE}#1 has joined no domain$"):
        world.ask(ONE, RotateDomainKey(token=token))
    world.ask(ONE, InstallDomain(token=token))
    assert isinstance(world.ask(ONE, GenerateKey(key_id=KEY)), KeyToken)


def test_the_host_is_told_of_every_power_on() -> None:
    heard: list[tuple[str, str]] = []
    with SimWorld(seed=7, codec=CODEC) as world:
        world.start(Host, heard, name=HOST)
        world.start(Hsm, HsmConfig(host=HOST), name=ONE)
        world.run_for(us(10_000))
        _power_cycle(world, ONE)
        world.run_for(us(10_000))
    assert heard == [(ONE, f"{ONE}#1"), (ONE, f"{ONE}#2")]


def _busy_day(world: SimWorld) -> None:
    token = _found(world)
    tokens = tuple(world.ask(ONE, GenerateKey(key_id=KEY)).token for _ in range(3))
    for hsm in (ONE, TWO):
        sealed = world.ask(hsm, _encrypt(tokens[0]))
        world.ask(hsm, HsmDecrypt(token=tokens[0], blob=sealed.blob, context=b"tenant=1"))
        world.ask(
            hsm,
            HsmDataKey(
                region="us-east-1",
                key_id=KEY,
                token=tokens[1],
                number_of_bytes=32,
                context=b"",
                with_plaintext=False,
            ),
        )
        issued = world.ask(hsm, RotateDomainKey(token=token))
        token = issued.token
        for member in (ONE, TWO):
            world.ask(member, InstallDomain(token=token))
        tokens = world.ask(hsm, Rewrap(tokens=tokens)).tokens


def test_kmi_02_no_frame_and_no_disk_shows_a_key_in_the_clear(world: SimWorld) -> None:
    """KMI-02, CMK-07: outside HSM memory there are only wrapped tokens."""
    frames: list[bytes] = []
    blocks: list[Any] = []
    world.tap_frames(lambda _source, _target, frame: frames.append(frame))
    world.tap_blocks(lambda *block: blocks.append(block))
    _busy_day(world)
    kinds = ("backing-key", "domain-key", "data-key")
    assert len(frames) > 40
    assert [frame for frame in frames if world.kernel.secrets.find(frame, kinds)] == []
    key_tokens = 3  # Announced too: they may not leave their region.
    assert (world.statistics()["secrets"], blocks) == (3 + 3 + 2 + key_tokens, [])


def test_the_same_seed_gives_the_same_trace() -> None:
    def run(seed: int) -> object:
        with SimWorld(seed=seed, codec=CODEC) as world:
            for name in (ONE, TWO):
                world.start(Hsm, HsmConfig(), name=name)
            world.start(Hsm, HsmConfig(offline=True), name=SAFE)
            _busy_day(world)
            return world.trace.hash

    assert run(7) == run(7)
    assert run(7) != run(8)
