"""Which rules of a state machine are open in one example: drawn once, as one number.

Hypothesis closes some rules in each example, so that the others meet more often, and draws with
every step again whether its rule is open, and again which rule it is if that is closed. Out of an
example that is made so no step can be cut without moving what is drawn behind it: of seven
hundred tries to shrink one, six hundred were lost. Here a number at the example's beginning
says which rules are open, and a step chooses among those that are open with one number more.
What does not belong here: the rules (machine.py).
Source: Groce et al., Swarm Testing, ISSTA 2012; Hypothesis, RuleStrategy in stateful.py, of which
two attributes are replaced; a release without them draws as it ever did, and shrinks worse.
"""

from hashlib import blake2b
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

#: So many sets of open rules there are; the first has all, so that examples shrink towards it.
SWARMS: Final = 256
#: Of an odd swarm half of the rules are open, of an even one a quarter; chosen.
_OPEN_OF_EIGHT: Final = (2, 4)


class Swarm:
    """A set of open rules.

    Args:
      number: 0 has all rules open.
    """

    def __init__(self, number: int) -> None:
        self._number = number

    def is_enabled(self, name: str) -> bool:
        """Say whether a rule is open; Hypothesis asks by this name."""
        if self._number == 0:
            return True
        drawn = blake2b(f"{self._number} {name}".encode(), digest_size=1).digest()[0] % 8
        return drawn < _OPEN_OF_EIGHT[self._number % 2]


def cut_steps_out_whole(machine: RuleBasedStateMachine) -> None:
    """Let a machine choose its rules in such a way that its examples shrink step by step."""
    rules: Any = machine._rules_strategy  # noqa: SLF001 - there is no other way in
    swarms = st.integers(0, SWARMS - 1).map(Swarm)
    rules.enabled_rules_strategy = st.shared(swarms, key="open rules")
    rules._enabled_rules_strategy = st.runner().flatmap(_open_rules)  # noqa: SLF001 - the same


def _open_rules(machine: Any) -> st.SearchStrategy[Any]:
    """Return the rules of which a step is one now.

    Those that need least come first, so that a rule keeps its place when something that others
    need is cut out. What needs nothing, as a fault, is always open.
    """
    rules = machine._rules_strategy  # noqa: SLF001 - the same
    swarm = rules._feature_flags  # noqa: SLF001 - the same
    ready = [each for each in rules.rules if rules.is_valid(each)]
    ready.sort(key=lambda each: (len(each.bundles), sorted(b.name for b in each.bundles)))
    chosen = [
        each for each in ready if not each.bundles or swarm.is_enabled(each.function.__name__)
    ]
    return st.sampled_from(chosen or ready)
