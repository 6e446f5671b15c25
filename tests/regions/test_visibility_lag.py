"""Where a topology asks for it, each AZ hears of keys and aliases with a lag of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from regional import AZS, REGION, booted

from regions.errors import DisabledException, NotFoundException, ServiceError
from regions.kms.visibility import LAG_MAX_NS
from scenarios.arena import Arena
from sim.units import ms, seconds

#: After so long every replica has applied what was agreed on.
APPLIED_NS = seconds(1) // 20


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with booted(visibility_lag=True) as arena:
        yield arena


def seen(arena: Arena, action: str, parameters: dict[str, Any]) -> list[Any]:
    """Return what each AZ answers: a body, or the type of its error."""
    answers: list[Any] = []
    for az in AZS:
        try:
            answers.append(arena.api(REGION, action, parameters, to=f"{az}/az"))
        except ServiceError as error:
            answers.append(type(error))
    return answers


def known(arena: Arena) -> str:
    """Return a key that every AZ has heard of."""
    key_id: str = arena.api(REGION, "CreateKey", {})["KeyMetadata"]["KeyId"]
    arena.world.run_for(LAG_MAX_NS)
    return key_id


def spread(arena: Arena, look: Callable[[], list[Any]], old: Any, new: Any) -> None:
    """Check that all AZs begin with the old answer and end with the new one, not all at once."""
    arena.world.run_for(APPLIED_NS)
    met = [[answer == new for answer in look()]]
    for _ in range(400):
        arena.world.run_for(ms(50))
        met.append([answer == new for answer in look()])
    arena.world.run_for(LAG_MAX_NS)
    assert look() == [new] * len(AZS)
    assert old != new
    assert not all(met[0])
    assert any(any(view) and not all(view) for view in met)
    for before, after in pairwise(met):
        assert all(now or not had for had, now in zip(before, after, strict=True)), "it went back"


def state(arena: Arena, key_id: str) -> list[Any]:
    answers = seen(arena, "DescribeKey", {"KeyId": key_id})
    return [a if isinstance(a, type) else a["KeyMetadata"]["KeyState"] for a in answers]


def test_a_new_key_is_not_found_for_a_while(arena: Arena) -> None:
    key_id = arena.api(REGION, "CreateKey", {})["KeyMetadata"]["KeyId"]
    spread(arena, lambda: state(arena, key_id), NotFoundException, "Enabled")


def test_a_disabled_key_goes_on_encrypting_for_a_while(arena: Arena) -> None:
    key_id = known(arena)
    arena.api(REGION, "DisableKey", {"KeyId": key_id})

    def look() -> list[Any]:
        answers = seen(arena, "Encrypt", {"KeyId": key_id, "Plaintext": b"x"})
        return [a if isinstance(a, type) else "sealed" for a in answers]

    spread(arena, look, "sealed", DisabledException)


def test_an_alias_stands_for_its_old_key_for_a_while(arena: Arena) -> None:
    first, second = known(arena), known(arena)
    alias = {"AliasName": "alias/a", "TargetKeyId": first}
    arena.api(REGION, "CreateAlias", alias)
    arena.world.run_for(LAG_MAX_NS)
    arena.api(REGION, "UpdateAlias", alias | {"TargetKeyId": second})

    def look() -> list[Any]:
        answers = seen(arena, "DescribeKey", {"KeyId": "alias/a"})
        return [answer["KeyMetadata"]["KeyId"] for answer in answers]

    spread(arena, look, first, second)
    arena.api(REGION, "DeleteAlias", {"AliasName": "alias/a"})
    spread(
        arena,
        lambda: [
            a if isinstance(a, type) else ""
            for a in seen(arena, "DescribeKey", {"KeyId": "alias/a"})
        ],
        "",
        NotFoundException,
    )


def test_a_change_is_agreed_on_though_the_az_shows_the_state_before(arena: Arena) -> None:
    key_id = known(arena)
    for _ in AZS:  # In turn, each on an AZ that may not have heard of the one before.
        arena.api(REGION, "DisableKey", {"KeyId": key_id})
        arena.api(REGION, "EnableKey", {"KeyId": key_id})
    arena.world.run_for(LAG_MAX_NS)
    assert state(arena, key_id) == ["Enabled"] * len(AZS)


def test_what_belongs_to_aws_is_seen_at_once(arena: Arena) -> None:
    service = replace(arena.administrator(), via_service="ssm")
    call = {"KeyId": "alias/aws/ssm", "Plaintext": b"x"}
    ids = {arena.api(REGION, "Encrypt", call, service, to=f"{az}/az")["KeyId"] for az in AZS}
    assert len(ids) == 1


@pytest.mark.parametrize("options", [{}, {"consistency": "linearizable", "visibility_lag": True}])
def test_without_it_and_with_linearizable_reads_nobody_is_late(options: dict[str, Any]) -> None:
    with booted(**options) as arena:
        for _ in range(8):
            key_id = arena.api(REGION, "CreateKey", {})["KeyMetadata"]["KeyId"]
            arena.world.run_for(APPLIED_NS)
            assert state(arena, key_id) == ["Enabled"] * len(AZS)
