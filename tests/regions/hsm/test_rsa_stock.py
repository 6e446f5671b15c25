"""RSA keys are found ahead: one of each size that was asked for, and nobody else waits."""

from collections.abc import Iterator
from typing import Any

import pytest
from fixture_keys import known

from regions.frames import FRAMES
from regions.hsm import hsm as hsm_module
from regions.hsm.commands import (
    CreateDomain,
    GenerateKey,
    HsmRandom,
    HsmSealFor,
    InstallDomain,
    Introduce,
    KeyToken,
)
from regions.hsm.hsm import Hsm, HsmConfig
from regions.hsm.key_commands import HsmDataKeyPair
from regions.hsm.rsa_stock import RsaStock, bits_wanted
from sim.aside import Aside
from sim.units import ms, us
from sim.wire import Codec
from sim.world import SimWorld

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
ONE = "us-east-1/use1-az1/hsm-1"
RSA = GenerateKey(key_id=KEY, spec="RSA_2048")


def test_the_next_search_begins_when_the_last_one_is_over() -> None:
    begun: list[int] = []

    def begin(bits: int) -> Aside:
        begun.append(bits)
        return Aside(int, (bits,))

    stock = RsaStock(begin, {2048: 100, 3072: 300})
    assert [stock.take(2048, now).ready_ns for now in (0, 0, 150, 1_000, 1_000)] == [
        100,  # The first of its size.
        200,  # Searched for behind it.
        300,
        400,  # Long ready: found while nobody asked.
        1_100,
    ]
    assert begun == [2048] * 6
    assert stock.take(3072, 1_000).ready_ns == 1_300
    assert begun == [2048] * 6 + [3072] * 2


def test_only_commands_that_make_an_rsa_key_need_primes() -> None:
    pair = HsmDataKeyPair(
        region="r", key_id=KEY, token=b"", spec="RSA_3072", context=b"", with_plaintext=True
    )
    sealed = HsmSealFor(command=pair, public_key=b"")
    commands = [RSA, pair, sealed, GenerateKey(key_id=KEY), HsmRandom(number_of_bytes=1)]
    assert [bits_wanted(command) for command in commands] == [2048, 3072, 3072, 0, 0]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was searched for, in order; known keys are found."""
    seen: list[int] = []

    def found(bits: int, _seed: bytes) -> Any:
        seen.append(bits)
        return known(bits)[len(seen) % 2][1]

    monkeypatch.setattr(hsm_module, "find_primes", found)
    return seen


@pytest.fixture
def world(searches: list[int]) -> Iterator[SimWorld]:
    """One HSM in a domain of its own."""
    assert searches == []
    with SimWorld(seed=7, codec=Codec(FRAMES)) as made:
        made.start(Hsm, HsmConfig(), name=ONE)
        members = (made.ask(ONE, Introduce()),)
        created = made.ask(ONE, CreateDomain(name="us-east-1", members=members))
        made.ask(ONE, InstallDomain(token=created.token))
        yield made


def _took(world: SimWorld, command: GenerateKey) -> int:
    before = world.now_ns
    assert isinstance(world.ask(ONE, command), KeyToken)
    return world.now_ns - before


def test_the_first_key_takes_its_search_and_the_next_is_ready(
    world: SimWorld, searches: list[int]
) -> None:
    config = HsmConfig()
    quick_ns = _took(world, GenerateKey(key_id=KEY))
    assert _took(world, RSA) == config.rsa_2048_ns + quick_ns
    assert searches == [2048]  # The next one is on its way, and costs nothing until it is wanted.
    world.run_for(config.rsa_2048_ns)
    assert _took(world, RSA) == quick_ns
    assert _took(world, RSA) == config.rsa_2048_ns  # It began when the last one was taken.
    assert searches == [2048] * 3


def test_others_are_served_while_primes_are_searched_for(world: SimWorld) -> None:
    done: list[str] = []
    world.call(ONE, RSA, lambda _: done.append("key"))
    for _ in range(3):
        world.call(ONE, HsmRandom(number_of_bytes=16), lambda _: done.append("random"))
    world.run_for(ms(2))
    assert done == ["random"] * 3
    world.run_for(HsmConfig().rsa_2048_ns)
    assert done == ["random"] * 3 + ["key"]


def test_a_power_cut_in_the_middle_of_a_search_leaves_nothing_behind(world: SimWorld) -> None:
    answers: list[object] = []
    world.call(ONE, RSA, answers.append)
    world.run_for(ms(10))
    world.crash(ONE)
    world.restart(ONE)
    world.run_for(HsmConfig().rsa_2048_ns + us(10))
    assert not [one for one in answers if isinstance(one, KeyToken)]
