"""Every action on a key in every state answers what the matrix of action by state says.

Goal: the matrix is what callers meet, and not only a table. Method: a key of the kind that an
action needs is put into each state, whatever leads there, and the action is called. Where the
matrix allows it, the answer may be another refusal, but none that blames the state.
"""

from typing import Any

import pytest
from key_calls import KINDS, call_of

from regions.errors import DisabledException, KMSInvalidStateException, ServiceError
from regions.kms.key import REFUSALS, KeyState, refusal_in_state
from regions.kms.operations import OPERATIONS


def put(desk: Any, key_id: str, state: KeyState) -> Any:
    """Bring a key into a state by hand, in both replicas, and return it."""
    for ring in (desk.keyring, desk.twin):
        ring._set(ring.key(key_id), state=state.value)
    return desk.keyring.key(key_id)


@pytest.mark.parametrize("action", sorted(REFUSALS))
def test_an_action_answers_in_each_state_as_the_matrix_says(kit: Any, action: str) -> None:
    for state in KeyState:
        desk = kit.Desk()
        desk.keyring.sites = ("us-east-1", "eu-west-1")
        key_id = desk.create_key(**KINDS.get(action, {}))
        parameters = call_of(desk, action, key_id)
        key = put(desk, key_id, state)
        answer = desk.outcome(action, **parameters).answer
        refusal = refusal_in_state(action, key, desk.region)
        if refusal is not None:
            assert (type(answer), str(answer)) == (type(refusal), str(refusal)), state
        elif isinstance(answer, ServiceError):
            blames = isinstance(answer, DisabledException | KMSInvalidStateException)
            assert not blames, (state, str(answer))


def test_the_matrix_speaks_of_every_action_that_names_a_key() -> None:
    # These name no key, or one that is not there yet.
    keyless = {
        *("ConnectCustomKeyStore", "CreateCustomKeyStore", "DeleteCustomKeyStore"),
        *("DescribeCustomKeyStores", "DisconnectCustomKeyStore", "UpdateCustomKeyStore"),
        *("CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"),
    }
    assert {*OPERATIONS} - keyless == {*REFUSALS}
