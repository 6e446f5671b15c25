"""Who may ask whom: the table of all actor kinds, checked for waits that could go in a circle.

If handlers of A wait for B while handlers of B wait for A, every worker of both can be taken by
requests that wait for each other until they expire. So the ``asks`` tables of all kinds must form
no cycle, and a kind that asks its own peers must not wait in a handler at all. An ask that is
handled inline takes no worker: those stand in ``asks_inline`` and are no part of any circle.
What does not belong here: forwarding, which waits for nobody, and one-way messages.
"""

from collections.abc import Collection

from sim.actor import Actor
from sim.world import SimWorld


def ask_cycles(classes: Collection[type[Actor]]) -> list[str]:
    """Return every breach of the ask rule among these kinds, as sentences; none is well.

    Args:
      classes: all actor classes of a system; two of one kind count as one.
    """
    asks: dict[str, set[str]] = {}
    breaches = []
    for cls in classes:
        asks.setdefault(cls.kind, set()).update(kind for kind in cls.asks if kind != cls.kind)
        if cls.kind in cls.asks and cls.workers:
            breaches.append(
                f"{cls.kind} asks its own kind, so its handlers must all be inline: "
                f"a handler that serves a peer of its own kind never waits for one"
            )
    breaches += [
        f"{kind} asks {other}, a kind that no class has"
        for kind in sorted(asks)
        for other in sorted(asks[kind] - asks.keys())
    ]
    breaches += _not_inline(classes)
    return breaches + [f"{' -> '.join(path)} is a circle" for path in _circles(asks)]


def _not_inline(classes: Collection[type[Actor]]) -> list[str]:
    """Return which asks are said to take no worker and would take one."""
    inline: dict[str, frozenset[type]] = {}
    for cls in classes:
        # Of two classes of one kind either may be asked.
        inline[cls.kind] = inline.get(cls.kind, cls.inline) & cls.inline
    return [
        f"{cls.kind} asks {kind} inline for {body.__name__}, which {kind} does not handle inline"
        for cls in classes
        for kind in sorted(cls.asks_inline)
        for body in sorted(cls.asks_inline[kind], key=lambda body: body.__name__)
        if body not in inline.get(kind, frozenset())
    ]


def _circles(asks: dict[str, set[str]]) -> list[list[str]]:
    """Return one path around each circle that a walk in order of names runs into."""
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(kind: str, path: list[str]) -> None:
        if kind in path:
            found.append([*path[path.index(kind) :], kind])
            return
        if kind not in done:
            for other in sorted(asks.get(kind, ())):
                walk(other, [*path, kind])
            done.add(kind)

    for kind in sorted(asks):
        walk(kind, [])
    return found


def undeclared_asks(world: SimWorld) -> list[str]:
    """Return which asks of a world so far stand in no table: ``kind asks kind``, sorted."""
    cells = world.kernel.cells
    pairs = {
        (cell.cls.kind, target.cls.kind)
        for cell in cells.values()
        if cell.cls is not None
        for name in cell.asked
        if (target := cells.get(name)) is not None
        and target.cls is not None
        and target.cls.kind not in cell.cls.asks
        and target.cls.kind not in cell.cls.asks_inline
    }
    return [f"{kind} asks {other}" for kind, other in sorted(pairs)]
