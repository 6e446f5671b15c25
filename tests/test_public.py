"""What the three packages export is there, and costs nothing until it is used."""

import subprocess
import sys
from importlib import import_module

import pytest


@pytest.mark.parametrize("package", ["sim", "regions", "scenarios"])
def test_every_public_name_is_there_and_documented(package: str) -> None:
    module = import_module(package)
    for name in module.__all__:
        found = getattr(module, name)
        assert found.__doc__, f"{package}.{name} has no docstring"


@pytest.mark.parametrize("package", ["regions", "scenarios"])
def test_an_unknown_name_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match=f"^module '{package}' has no attribute 'nothing'$"):
        import_module(package).nothing  # noqa: B018 - the look-up is the test


def test_importing_a_package_does_not_load_the_whole_domain() -> None:
    script = "import regions, scenarios, sys; print('regions.topology' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
