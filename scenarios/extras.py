"""What is asked for on top of a scenario or a drawn world: promises, callers and faults by name.

What does not belong here: the tables, and drawing (drawer.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from regions.faults import FAULTS
from scenarios.files import hireable
from scenarios.judges import chosen, with_more
from scenarios.options import OptionError
from scenarios.portfolio import AZ, KINDS, PORTFOLIO, Entry
from scenarios.scenario import Scenario, Workload
from scenarios.workloads import WORKLOADS
from sim.registry import PluginError
from sim.units import minutes

#: A fault that is asked for makes about a fifth of all drawn lines; chosen.
_WEIGHT: Final = 30
#: Callers in each region of a drawn world; chosen, as drawn worlds are small.
_CLIENTS: Final = 2
#: Callers that think for seconds would make millions of calls in worlds of days.
_SHORT_NS: Final = minutes(10)


class ExtraError(ValueError):
    """A name that is in no table; one line with those that are."""


def check(promises: Iterable[str], workloads: Iterable[str], faults: Iterable[str]) -> None:
    """Make sure that everything is there and can be used.

    Raises:
      ExtraError, PromiseError: something does not exist, or cannot do without options.
      PluginError: something is another package's, and cannot be used.
    """
    chosen(promises)
    for kind in workloads:
        if kind not in hireable():
            raise ExtraError(f"no workload {kind!r}; there are: {', '.join(hireable())}")
        try:
            WORKLOADS[kind].settings({})
        except OptionError as error:
            raise ExtraError(f"workload {kind!r} needs a scenario file: {error}") from None
    for fault in faults:
        if fault not in FAULTS:
            raise ExtraError(f"no fault {fault!r}; there are: {', '.join(sorted(FAULTS))}")
    portfolio_with(faults)


def portfolio_with(faults: Iterable[str]) -> Mapping[str, Entry]:
    """Return what plans are drawn from: all of ours as ever, and some faults that come up often.

    A fault of another package says in ``strikes`` at which kinds of places it comes up; by
    default at AZs. Its options are as by default.

    Raises:
      PluginError: it cannot be used, or strikes no kind of place that there is.
    """
    found = dict(PORTFOLIO)
    for name in faults:
        found[name] = replace(found.get(name) or _entry(name), weight=_WEIGHT)
    return found


def _entry(name: str) -> Entry:
    strikes: Any = getattr(FAULTS[name], "strikes", (AZ,))
    if not isinstance(strikes, tuple) or not strikes or not set(strikes) <= set(KINDS):
        raise PluginError(
            f"fault {name!r} of {FAULTS.package(name)}: expected a tuple 'strikes' of some of"
            f" {', '.join(KINDS)}, not {strikes!r}"
        )
    return Entry(_WEIGHT, strikes)


def with_extras(scenario: Scenario, promises: Iterable[str], workloads: Iterable[str]) -> Scenario:
    """Return a scenario that is held to further promises and, if it is short, has more callers.

    Raises:
      PromiseError: a promise does not exist.
    """
    more = tuple(Workload(kind=kind, clients=_CLIENTS) for kind in workloads)
    if scenario.length_ns > _SHORT_NS:
        more = ()
    return replace(
        scenario,
        promises=with_more(scenario.promises, promises),
        workloads=(*scenario.workloads, *more),
    )
