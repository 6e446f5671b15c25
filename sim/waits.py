"""Says in words who waits for whom, for the error that ends an ask without answer.

What does not belong here: deciding that an ask has expired (kernel.py).
"""

from collections.abc import Iterable

from sim.cell import Cell, Waiting
from sim.network import Rule


def expiry_text(asker: str, waiting: Waiting) -> str:
    """Say which ask got no answer."""
    return (
        f"{asker} asked {waiting.to} ({waiting.what}) at {waiting.since_ns} ns "
        f"and had no answer by {waiting.deadline_ns} ns"
    )


def wait_graph(now_ns: int, cells: Iterable[Cell], rules: Iterable[Rule]) -> str:
    """Say who waits for whom since when, what queues, what is down, paused or cut off."""
    lines = [f"wait graph at {now_ns} ns:"]
    for cell in cells:
        state = "paused" if cell.paused else "up" if cell.up or cell.cls is None else "down"
        if state != "up" or cell.inbox or cell.pending:
            lines.append(f"  {cell.name}: {state}, {len(cell.inbox)} waiting in its inbox")
        lines.extend(
            f"    asks {waiting.to} ({waiting.what}) since {waiting.since_ns} ns"
            for waiting in cell.pending.values()
        )
    lines.extend(f"  network rule: {rule}" for rule in rules)
    return "\n".join(lines)
