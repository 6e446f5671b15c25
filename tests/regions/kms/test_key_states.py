"""The matrix of action by key state, printed whole and compared with its golden file.

``NINES_REWRITE=1 pytest tests/regions/kms/test_key_states.py`` writes the file again; read
the difference before committing it.
"""

import os
from pathlib import Path

from regions.kms.key import REFUSALS, Key, KeyState, refusal_in_state
from regions.kms.operations import OPERATIONS

GOLDEN = Path(__file__).parents[2] / "golden" / "kms" / "action_by_state.txt"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def printed() -> str:
    lines = []
    for action in sorted(REFUSALS):
        lines.append(action)
        for state in KeyState:
            key = Key(
                key_id=KEY_ID,
                account="111122223333",
                sequence=1,
                created_ns=0,
                state=state.value,
                tokens=(b"token",),
            )
            error = refusal_in_state(action, key, "us-east-1")
            answer = "ok" if error is None else str(error).replace(key.arn("us-east-1"), "ARN")
            lines.append(f"  {state.value:<16} {answer}")
    return "\n".join(lines) + "\n"


def test_the_matrix_of_action_by_state_is_the_golden_one() -> None:
    if os.environ.get("NINES_REWRITE"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(printed())
    assert printed() == GOLDEN.read_text()


def test_every_action_that_names_a_key_stands_in_the_matrix() -> None:
    named = {name for name, operation in OPERATIONS.items() if operation.key_member}
    # ListAliases may name a key, Decrypt names it by its blob, and DeleteAlias by its alias.
    assert sorted(named | {"Decrypt", "ListAliases", "DeleteAlias"}) == sorted(REFUSALS)
