"""pytest plugin ``nines``: the fixtures ``cloud`` and ``world``, and the report of what failed.

Every pytest of a user loads this file, so it imports nothing heavy until a test asks for it.
What does not belong here: clouds (cloud.py), and what a failed test says (failure.py).
Source: pytest reference, "Hooks" and "Writing plugins".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from scenarios.kit.cloud import Cloud
    from scenarios.kit.settings import Settings
    from sim.world import SimWorld

#: Fixtures for whose tests ``--nines-seeds`` counts.
_FIXTURES: Final = ("cloud", "world")
_MARK: Final = (
    "nines(seed=, plan=, regions=, topology=, home=, promises=): how the fixtures `cloud` and "
    "`world` of this test are made; promises=False judges none"
)
_SETTINGS: Final = pytest.StashKey["Settings"]()
_CLOUD: Final = pytest.StashKey["Cloud | SimWorld"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("nines", "Eleven Nines: tests inside a failing cloud")
    group.addoption(
        "--nines-seed", type=int, metavar="N", help="seed of every cloud and world; by default 1"
    )
    group.addoption(
        "--nines-seeds",
        type=int,
        default=1,
        metavar="N",
        help="run each test that uses `cloud` or `world` with so many seeds, one after the other",
    )
    group.addoption(
        "--nines-plan",
        action="append",
        metavar="FILE_OR_LINE",
        help="fault line, or file with such lines, that happens in every cloud; may be repeated",
    )
    group.addoption(
        "--nines-promises",
        metavar="NAMES",
        help="promises judged after each test: names with commas, `default`, `all` or `none`",
    )
    group.addoption(
        "--nines-report",
        metavar="DIR",
        help="folder for the HTML reports of failed tests; by default .nines/reports",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse options that cannot be."""
    config.addinivalue_line("markers", _MARK)
    if config.getoption("nines_seeds") < 1:
        count = config.getoption("nines_seeds")
        raise pytest.UsageError(f"--nines-seeds {count}: expected a number of 1 or more")
    if config.getoption("nines_plan") or config.getoption("nines_promises"):
        from scenarios.kit.settings import check_options  # noqa: PLC0415 - heavy

        check_options(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses a cloud or a world once for each seed."""
    count = metafunc.config.getoption("nines_seeds")
    if count > 1 and not set(_FIXTURES).isdisjoint(metafunc.fixturenames):
        mark = metafunc.definition.get_closest_marker("nines")
        first = metafunc.config.getoption("nines_seed")
        if first is None:
            first = mark.kwargs.get("seed", 1) if mark else 1
        seeds = range(first, first + count)
        ids = [f"seed{seed}" for seed in seeds]
        metafunc.parametrize("nines_seed", seeds, ids=ids, indirect=True)


@pytest.fixture
def nines_seed(request: pytest.FixtureRequest) -> int:
    """The seed of this test's cloud or world."""
    problem = ""
    try:
        found = _settings(request.node).seed
    except pytest.UsageError as error:  # Under pytest-xdist nobody else has looked.
        found, problem = 0, str(error)
    if problem:
        pytest.fail(problem, pytrace=False)
    seed: int = getattr(request, "param", found)
    return seed


@pytest.fixture
def cloud(request: pytest.FixtureRequest, nines_seed: int) -> Iterator[Cloud]:
    """A cloud of its own for this test; its promises are judged when the test has passed."""
    with _settings(request.node).new_cloud(nines_seed) as made:
        request.node.stash[_CLOUD] = made
        yield made


@pytest.fixture
def world(request: pytest.FixtureRequest, nines_seed: int) -> Iterator[SimWorld]:
    """An empty simulated world: actors, virtual time, chance and failure."""
    from sim.world import SimWorld  # noqa: PLC0415 - heavy

    with SimWorld(seed=nines_seed) as made:
        request.node.stash.setdefault(_CLOUD, made)
        yield made


@pytest.fixture(scope="session")
def new_cloud(pytestconfig: pytest.Config) -> Callable[..., Cloud]:
    """Open a cloud wherever a test wants one, as often as it wants: in an example of Hypothesis.

    The options of the command line go before its arguments, which are those of ``Cloud``; whoever
    opens it closes it, and calls ``check`` to have its promises judged.
    """
    from scenarios.kit.settings import opener  # noqa: PLC0415 - heavy

    return opener(pytestconfig)


def _settings(item: pytest.Item) -> Settings:
    """Return what options and marker say of a test's cloud."""
    found = item.stash.get(_SETTINGS, None)
    if found is None:
        from scenarios.kit.settings import settings_of  # noqa: PLC0415 - heavy

        found = item.stash[_SETTINGS] = settings_of(item)
    return found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse markers, and plans for tests that they cannot strike, before any test runs."""
    if hasattr(config, "workerinput"):
        return  # A process of pytest-xdist: what is raised here would look like a crash.
    planned = config.getoption("nines_plan")
    for item in items:
        clouded = planned and "cloud" in getattr(item, "fixturenames", ())
        if clouded or item.get_closest_marker("nines") is not None:
            _settings(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Judge the promises of a test's cloud once the test itself has passed."""
    result = yield
    made = item.stash.get(_CLOUD, None)
    if made is not None and hasattr(made, "check"):
        broken = [verdict for verdict in made.check() if not verdict.holds]
        if broken:
            lines = [f"promise {verdict.name} is BROKEN: {verdict.detail}" for verdict in broken]
            pytest.fail("\n".join(lines), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a failed test how it can be had again, and draw its cloud."""
    report = yield
    made = item.stash.get(_CLOUD, None)
    if report.failed and call.when == "call" and made is not None:
        from scenarios.kit.failure import describe  # noqa: PLC0415 - heavy

        report.sections.append(("nines", describe(item, made, _settings(item))))
    return report
