"""Progress bars: one that moves in virtual time, one that counts things.

What does not belong here: the run. The wall clock serves to redraw at most ten times a second;
nothing of it reaches a simulated world.
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

    def spell(now_ns: int, end_ns: int) -> str:
        return f"{figures.span(now_ns)} of {figures.span(end_ns)}, virtual"

    with _bar(name, spell, shown=shown) as advance:
        yield advance


@contextmanager
def counter(
    name: str, things: str, *, shown: bool
) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on stderr while the block runs.

    Yields a function of (how many are done, how many there are); None when nothing is to be shown.
    """

    def spell(done: int, total: int) -> str:
        return f"{figures.count(done)} of {figures.count(total)} {things}"

    with _bar(name, spell, shown=shown) as advance:
        yield advance


@contextmanager
def _bar(
    name: str, spell: Callable[[int, int], str], *, shown: bool
) -> Iterator[Callable[[int, int], None] | None]:
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

        def advance(done: int, total: int) -> None:
            nonlocal next_redraw
            if time.monotonic() < next_redraw and done < total:
                return
            progress.update(task, completed=done, total=max(total, 1), clock=spell(done, total))
            progress.refresh()
            next_redraw = time.monotonic() + _REDRAW_SECONDS

        yield advance
