"""In which stretches of a run callers must not notice that something is dark."""

import pytest

from scenarios.dark import DARK_NS, Dark
from sim.trace import Event
from sim.units import seconds


def note(
    dark: Dark, second: float, kind: str, subject: str = "us-east-1/use1-az1", body: str = ""
) -> None:
    dark.disturbed(Event(seconds(second), kind, subject, body.encode()))


def strike(fault: str, target: str = "us-east-1/use1-az1") -> Dark:
    """Return what is known after a fault of 100 s from second 10 on."""
    dark = Dark()
    note(dark, 10, "fault", target, f"inject={fault}")
    note(dark, 10.5, "crash", target)
    note(dark, 110, "fault", target, f"heal={fault}")
    return dark


@pytest.mark.parametrize("fault", ["crash", "pause", "power-off", "site-loss"])
def test_a_dark_az_is_not_noticed_once_the_others_have_taken_over(fault: str) -> None:
    assert strike(fault).stretches == [(seconds(10.5) + DARK_NS, seconds(110))]


@pytest.mark.parametrize("fault", ["crash", "pause", "hsm-tamper"])
def test_a_dark_hsm_is_not_noticed_either(fault: str) -> None:
    assert strike(fault, "us-east-1/use1-az1/hsm-2").stretches != []


@pytest.mark.parametrize(
    ("fault", "target"),
    [
        ("partition", "us-east-1/use1-az1"),
        ("power-off", "us-east-1"),
        ("crash", "us-east-1/use1-az1/recorder"),
        ("crash", "us-east-1/@leader"),
        ("hsm-tamper", "us-east-1/use1-az1"),
        ("hsm-tamper", "safe/us-east-1/hsm"),
    ],
)
def test_what_is_half_alive_may_be_noticed(fault: str, target: str) -> None:
    assert strike(fault, target).stretches == []


def test_a_second_fault_ends_the_stretch_and_spoils_what_follows() -> None:
    dark = Dark()
    note(dark, 10, "fault", body="inject=power-off")
    assert not dark.lasts(seconds(20))
    assert dark.lasts(seconds(40))
    note(dark, 50, "fault", "us-east-1/use1-az2", "inject=delay")
    assert not dark.lasts(seconds(90))
    note(dark, 100, "fault", "us-east-1/use1-az2", "heal=delay")
    note(dark, 200, "fault", body="heal=power-off")
    assert not dark.lasts(seconds(300))
    assert dark.stretches == [
        (seconds(10) + DARK_NS, seconds(50)),
        (seconds(100) + DARK_NS, seconds(200)),
    ]


def test_a_call_lies_in_a_stretch_from_its_begin_to_its_end() -> None:
    dark = strike("power-off")
    assert dark.covers(seconds(30), seconds(31))
    assert not dark.covers(seconds(20), seconds(31))
    assert not dark.covers(seconds(109), seconds(110))
