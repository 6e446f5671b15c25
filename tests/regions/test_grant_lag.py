"""Grants in a whole region: each AZ hears of them with a lag of its own, and a token beats it."""

from collections.abc import Iterator
from typing import Any

import pytest
from regional import AZS, REGION, booted, create_key

from regions.calls import Principal
from regions.errors import AccessDeniedException, ServiceError
from regions.kms.visibility import LAG_MAX_NS
from scenarios.arena import Arena
from sim.units import seconds

BEN = Principal(kind="IAMUser", account="111122223333", arn="arn:aws:iam::111122223333:user/ben")
#: After so long, every message of an ordinary change has arrived.
HEARD_NS = seconds(1)


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with booted() as arena:
        yield arena


def give(arena: Arena) -> tuple[str, dict[str, Any]]:
    key_id = create_key(arena)
    call = {"KeyId": key_id, "GranteePrincipal": BEN.arn, "Operations": ["Encrypt"]}
    return key_id, arena.api(REGION, "CreateGrant", call)


def may(arena: Arena, key_id: str, az: str, **more: Any) -> bool:
    """Whether an AZ lets Ben encrypt."""
    call = {"KeyId": key_id, "Plaintext": b"x", **more}
    try:
        arena.api(REGION, "Encrypt", call, BEN, to=f"{az}/az")
    except AccessDeniedException:
        return False
    return True


def test_an_az_hears_of_a_grant_late_and_a_token_makes_it_count_at_once(arena: Arena) -> None:
    key_id, given = give(arena)
    # At once: most AZs have not even applied the entry that a majority has agreed on.
    token = {"GrantTokens": [given["GrantToken"]]}
    assert [may(arena, key_id, az, **token) for az in AZS] == [True] * len(AZS)
    assert not any(may(arena, key_id, az) for az in AZS)
    arena.world.run_for(LAG_MAX_NS)
    assert all(may(arena, key_id, az) for az in AZS)


def test_azs_hear_of_a_grant_one_after_the_other(arena: Arena) -> None:
    key_id, _ = give(arena)
    seen = {sum(may(arena, key_id, az) for az in AZS)}
    for _ in range(60):
        arena.world.run_for(HEARD_NS // 10)
        seen.add(sum(may(arena, key_id, az) for az in AZS))
    assert {0, len(AZS)} < seen


def test_a_revoked_grant_lingers_and_no_token_prolongs_it(arena: Arena) -> None:
    key_id, given = give(arena)
    token = {"GrantTokens": [given["GrantToken"]]}
    arena.world.run_for(LAG_MAX_NS)
    arena.api(REGION, "RevokeGrant", {"KeyId": key_id, "GrantId": given["GrantId"]})
    assert any(may(arena, key_id, az) for az in AZS)
    arena.world.run_for(LAG_MAX_NS)
    assert not any(may(arena, key_id, az, **token) for az in AZS)


def test_a_grant_can_be_retired_by_its_token_before_anybody_has_heard_of_it(arena: Arena) -> None:
    for az in AZS:
        key_id, given = give(arena)
        arena.api(REGION, "RetireGrant", {"GrantToken": given["GrantToken"]}, to=f"{az}/az")
        arena.world.run_for(LAG_MAX_NS)
        assert not may(arena, key_id, az)


def test_a_token_of_no_grant_is_no_reason_to_fail(arena: Arena) -> None:
    key_id, _ = give(arena)
    with pytest.raises(ServiceError, match=r"^InvalidGrantTokenException: $"):
        arena.api(REGION, "Encrypt", {"KeyId": key_id, "Plaintext": b"x", "GrantTokens": ["x"]})


def test_a_linearizable_region_knows_of_a_grant_at_once() -> None:
    with booted(consistency="linearizable") as arena:
        key_id, given = give(arena)
        assert all(may(arena, key_id, az) for az in AZS)
        arena.api(REGION, "RevokeGrant", {"KeyId": key_id, "GrantId": given["GrantId"]})
        assert not any(may(arena, key_id, az) for az in AZS)
