"""Power and pauses have owners: what two faults took comes back when both have let go."""

from dataclasses import dataclass
from typing import Any

import pytest

from sim.actor import Actor, Request
from sim.power import SUPERVISOR_MAX_NS, SUPERVISOR_NS
from sim.units import days, ms, seconds
from sim.wire import Codec, Message
from sim.world import SimWorld

A, B = object(), object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Message):
    """Say something."""


CODEC = Codec({1: Ask})


class Patient(Actor):
    """Counts its lives and remembers what it was told about its health."""

    inline = frozenset({Ask})

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.told: list[tuple[str, Any]] = []

    def receive(self, request: Request) -> None:
        request.reply(Ask())

    def on_ail(self, ailment: str, value: Any) -> None:
        self.told.append((ailment, value))


def patient(world: SimWorld) -> Patient:
    actor = world.kernel.cells["z/p"].actor
    assert isinstance(actor, Patient)
    return actor


@pytest.fixture
def world() -> Any:
    with SimWorld(codec=CODEC) as found:
        found.start(Patient, None, name="z/p")
        yield found


def test_an_actor_boots_when_the_last_of_its_holders_lets_go(world: SimWorld) -> None:
    world.hold_down("z/p", A)
    world.hold_down("z/p", B)
    world.let_up("z/p", A)
    world.run_for(seconds(1))
    assert not world.is_up("z/p")
    world.let_up("z/p", B)
    world.run_for(seconds(1))
    assert world.is_up("z/p")
    assert patient(world).incarnation == 2


def test_what_was_dark_before_the_first_holder_stays_dark(world: SimWorld) -> None:
    world.crash("z/p")
    world.hold_down("z/p", A)
    world.let_up("z/p", A)
    world.run_for(seconds(1))
    assert not world.is_up("z/p")


def test_who_never_held_an_actor_cannot_light_it(world: SimWorld) -> None:
    world.hold_down("z/p", A)
    world.let_up("z/p", B)
    assert not world.is_up("z/p")
    with pytest.raises(ValueError, match=r"^z/p is held without power by 1 faults$"):
        world.restart("z/p")


def test_two_who_stopped_an_actor_must_both_let_it_go_on(world: SimWorld) -> None:
    world.stop("z/p", A)
    world.stop("z/p", B)
    world.go_on("z/p", A)
    world.run_for(ms(1))
    assert world.kernel.cells["z/p"].paused
    world.go_on("z/p", B)
    world.run_for(ms(1))
    assert not world.kernel.cells["z/p"].paused


def test_a_crash_forgets_who_stopped_the_process(world: SimWorld) -> None:
    world.stop("z/p", A)
    world.crash("z/p")
    world.restart("z/p")
    world.run_for(ms(1))
    assert not world.kernel.cells["z/p"].paused
    world.go_on("z/p", A)  # Harmless: there is nobody to go on.


def test_a_process_that_dies_by_its_own_hand_is_restarted_later_each_time(world: SimWorld) -> None:
    waits = []
    for _ in range(7):
        world.abort("z/p", "a flush failed")
        since = world.now_ns
        while not world.is_up("z/p"):
            world.run_for(ms(500))
        waits.append(world.now_ns - since)
    expected = [min(SUPERVISOR_NS << n, SUPERVISOR_MAX_NS) for n in range(7)]
    assert waits == expected


def test_a_long_good_life_makes_the_supervisor_patient_again(world: SimWorld) -> None:
    for _ in range(3):
        world.abort("z/p", "a flush failed")
        world.run_for(SUPERVISOR_MAX_NS)
    world.run_for(days(1))
    world.abort("z/p", "a flush failed")
    world.run_for(SUPERVISOR_NS)
    assert world.is_up("z/p")


def test_no_supervisor_restarts_what_has_no_power(world: SimWorld) -> None:
    world.abort("z/p", "a flush failed")
    world.hold_down("z/p", A)
    world.run_for(seconds(30))
    assert not world.is_up("z/p")
    world.let_up("z/p", A)
    world.run_for(ms(1))
    assert world.is_up("z/p")


def test_an_ailment_outlives_its_actor_and_is_told_when_it_comes_and_goes(world: SimWorld) -> None:
    world.ail("z/p", "slow", 3)
    assert patient(world).told == [("slow", 3)]
    world.crash("z/p")
    world.restart("z/p")
    world.run_for(ms(1))
    assert world.kernel.cells["z/p"].ails == {"slow": 3}
    world.cure("z/p", "slow")
    world.cure("z/p", "slow")
    assert patient(world).told == [("slow", None)]
    assert world.kernel.cells["z/p"].ails == {}


def test_shifts_and_drifts_of_a_clock_add_up_and_a_sync_takes_them_from_the_calendar(
    world: SimWorld,
) -> None:
    actor, start = patient(world), world.kernel.epoch_ns
    world.shift_clock("z/p", seconds(5))
    world.shift_clock("z/p", -seconds(2))
    world.drift_clock("z/p", 100)
    world.drift_clock("z/p", -50)
    world.run_for(seconds(1_000))
    assert actor.now_ns == seconds(1_000) + ms(50)
    assert actor.calendar_ns == start + seconds(1_003) + ms(50)
    world.sync_clock("z/p")
    assert actor.calendar_ns == world.calendar_ns
    assert actor.now_ns == seconds(1_000) + ms(50)  # Monotonic clocks are never stepped.
