"""Hypothesis strategies for what a key service is made of, a noun a file; STRATEGIES is the table.

Simplest values come first, so that what fails shrinks to something that a person understands.
"""

from collections.abc import Callable
from typing import Any, Final

try:
    from hypothesis import strategies as st
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "Hypothesis is not installed; expected the extra: pip install 'elevennines[kit]'"
    ) from None

from scenarios.kit.strategies.api_calls import api_calls
from scenarios.kit.strategies.encryption_contexts import encryption_contexts
from scenarios.kit.strategies.fault_lines import fault_lines
from scenarios.kit.strategies.fault_plans import fault_plans
from scenarios.kit.strategies.grants import grants
from scenarios.kit.strategies.key_policies import key_policies
from scenarios.kit.strategies.principals import principals
from scenarios.kit.strategies.topologies import topologies
from scenarios.kit.strategies.trails import trails

__all__ = [
    "STRATEGIES",
    "api_calls",
    "encryption_contexts",
    "fault_lines",
    "fault_plans",
    "grants",
    "key_policies",
    "principals",
    "topologies",
    "trails",
]

#: Name -> what makes the strategy; each works without arguments.
STRATEGIES: Final[dict[str, Callable[..., st.SearchStrategy[Any]]]] = {
    make.__name__: make
    for make in (
        topologies,
        principals,
        key_policies,
        grants,
        encryption_contexts,
        api_calls,
        fault_lines,
        fault_plans,
        trails,
    )
}
