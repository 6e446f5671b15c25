"""No acknowledged key is lost: every AZ still describes it and opens what it once sealed.

What does not belong here: asking (examination.py), and what must survive (budget.py): a key that
the plan's faults may cost counts as allowed, and so does one that its owner had deleted.
"""

from typing import ClassVar

from scenarios.arena import Arena
from scenarios.examination import Trouble, examine_keys
from scenarios.invariants.promise import Promise
from scenarios.key_history import lives


class KeySurvival(Promise):
    """An acknowledged key survives every fault within budget, in every AZ of its region."""

    name: ClassVar[str] = "key-survival"
    compared: ClassVar[str] = "every AZ described every key and opened its first blob"

    def examine(self, arena: Arena) -> None:
        """Ask each AZ itself for every key, and have it open the first blob of each."""
        examination = examine_keys(arena)
        self.checked += examination.asked
        if not examination.troubles:
            return
        now_ns = arena.world.now_ns
        deleted = {
            (life.region, life.key_id) for life in lives(arena) if life.may_be_deleted(now_ns)
        }
        for trouble in examination.troubles:
            if (trouble.region, trouble.key_id) not in deleted:
                self.fail(trouble.time_ns, trouble.text, excuse=_excuse(arena, trouble))


def _excuse(arena: Arena, trouble: Trouble) -> str:
    allowance, now_ns = arena.allowance, trouble.time_ns
    excuse = allowance.keys(trouble.region)
    if not excuse and trouble.refused:
        excuse = allowance.service(trouble.region, now_ns, now_ns + 1)
    return excuse
