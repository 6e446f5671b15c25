"""Worlds that Hypothesis draws through the drawer, as data: they shrink to the lines that matter.

What does not belong here: the drawer itself (scenarios/drawer.py), and running worlds.
"""

from dataclasses import replace

from hypothesis import strategies as st

from scenarios.drawer import draw_scenario
from scenarios.scenario import Scenario
from sim.choices import Choices
from sim.plan import Plan

#: One line in so many is left out; chosen: often enough for the shrinker, rare in storms.
_LEFT_OUT_OF = 8


@st.composite
def worlds(draw: st.DrawFn, *, beyond: bool = False) -> Scenario:
    """Worlds whose every choice is data of Hypothesis.

    A line may follow the one before it to its AZ, so what was drawn for one line cannot simply be
    cut out; each may be left out of the finished plan instead, which is within the budget then as
    well. That a line is left out is its simplest form.
    """
    choices = Choices(lambda _, low, high: draw(st.integers(low, high)))
    scenario = draw_scenario(choices, beyond=beyond)
    kept = tuple(
        line for line in scenario.plan.lines if draw(st.integers(0, _LEFT_OUT_OF - 1))
    )
    return replace(scenario, plan=Plan(kept))
