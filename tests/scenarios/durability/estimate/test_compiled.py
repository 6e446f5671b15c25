"""What kernels may do."""

from typing import Any

import numpy as np
import pytest
from numba.core.cpu import CPUTargetOptions
from numba.core.errors import TypingError

from scenarios.durability.estimate.compiled import UNCOUNTED, kernel


@kernel
def _allocates(count: Any) -> Any:
    return np.zeros(count).sum()


@kernel
def _fills(row: Any) -> None:
    row[:] = 1.0


@pytest.mark.skipif(
    not hasattr(CPUTargetOptions, UNCOUNTED), reason="this numba always counts references"
)
def test_a_kernel_that_makes_an_array_is_refused() -> None:
    # Nobody would ever free it: references are not counted.
    with pytest.raises(TypingError, match="Only accept returning of array passed"):
        _allocates(3)


def test_a_kernel_fills_arrays_that_it_is_given() -> None:
    row = np.zeros(3)
    _fills(row)
    assert row.tolist() == [1.0, 1.0, 1.0]
