"""Compiles kernels to machine code at first use, and keeps the code for the next process.

What does not belong here: the kernels. numba keeps compiled code beside the source, in
``__pycache__``, or where that cannot be written in the user's cache folder. It compares the time of
a kernel's own file only, so whoever edits a helper in another file deletes the ``*.nbi`` files; an
upgrade by pip renews the times of all files.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from numba import njit
from numba.core.cpu import CPUTargetOptions

#: numba's own kernels use it, and its reference does not name it: without it, references to arrays
#: are counted, and paths are walked as surely and a quarter as fast.
UNCOUNTED: Final = "_nrt"
_OPTIONS: Final[dict[str, Any]] = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    **({UNCOUNTED: False} if hasattr(CPUTargetOptions, UNCOUNTED) else {}),
}

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Return the function as machine code that runs without the interpreter's lock.

    No fast-math: results are the same bits on every worker, whatever the order of chunks.
    References to arrays are not counted, so a kernel cannot make any: whoever calls the outermost
    one holds them all. Counting them took three quarters of the time.
    """
    return cast(Function, njit(**_OPTIONS)(function))
