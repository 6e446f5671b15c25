"""A progress bar that moves in virtual time.

What does not belong here: the run. This is the only file that looks at the wall clock, to redraw
at most ten times a second; nothing of it reaches a simulated world.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from scenarios import figures

_REDRAW_SECONDS: Final = 0.1  # chosen: smooth to the eye, free for the run


@contextmanager
def bar(name: str, *, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on stderr while the block runs.

    Yields a function of (virtual now, virtual end), both in ns; None when nothing is to be shown.
    """
    if not shown:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[clock]}"))
    # transient: what stays on the screen is the report. No refresh thread: the run drives it.
    with Progress(
        *columns, console=Console(stderr=True), transient=True, auto_refresh=False
    ) as progress:
        task = progress.add_task(name, total=1, clock="")
        next_redraw = 0.0

        def advance(now_ns: int, end_ns: int) -> None:
            nonlocal next_redraw
            if time.monotonic() < next_redraw and now_ns < end_ns:
                return
            clock = f"{figures.span(now_ns)} of {figures.span(end_ns)}, virtual"
            progress.update(task, completed=now_ns, total=max(end_ns, 1), clock=clock)
            progress.refresh()
            next_redraw = time.monotonic() + _REDRAW_SECONDS

        yield advance
