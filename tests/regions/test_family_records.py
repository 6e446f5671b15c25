"""What the regions of a multi-Region key record of what their owner asked one of them for."""

from collections.abc import Iterator
from typing import Any

import pytest
from relatives_kit import A, B, arn, family, world

from regions.trail.json_shape import to_json
from regions.trail.messages import ReadHistory
from scenarios.arena import Arena
from sim.units import minutes


def history(arena: Arena, region: str) -> list[dict[str, Any]]:
    page = arena.world.ask(arena.deployment.trails[region], ReadHistory())
    return [to_json(record) for record in page.records]


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    with world(A, B) as (arena, _):
        key_id = family(arena, B, Description="orders")
        arena.api(A, "UpdatePrimaryRegion", {"KeyId": key_id, "PrimaryRegion": B})
        arena.world.run_for(minutes(2))
        yield key_id, {region: history(arena, region) for region in (A, B)}


def named(told: Any, region: str, name: str) -> dict[str, Any]:
    (found,) = [event for event in told[1][region] if event["eventName"] == name]
    return dict(found)


def test_a_replica_is_a_second_creation_on_behalf_of_whoever_asked(told: Any) -> None:
    asked, born = named(told, A, "ReplicateKey"), named(told, B, "CreateKey")
    assert born["userIdentity"]["arn"] == asked["userIdentity"]["arn"]
    assert born["userIdentity"]["invokedBy"] == "kms.amazonaws.com"
    assert (born["eventType"], born["requestID"]) == ("AwsApiCall", asked["requestID"])
    metadata = born["responseElements"]["keyMetadata"]
    assert (metadata["arn"], metadata["keyState"]) == (arn(B, told[0]), "Creating")
    assert metadata["multiRegionConfiguration"]["multiRegionKeyType"] == "REPLICA"
    assert born["requestParameters"]["multiRegion"] is True
    assert [one["ARN"] for one in born["resources"]] == [arn(B, told[0])]


def test_a_move_of_the_primary_key_is_on_record_in_both_regions(told: Any) -> None:
    """CT-09: the second record names who asked, and not the previous primary Region."""
    asked, moved = named(told, A, "UpdatePrimaryRegion"), named(told, B, "UpdatePrimaryRegion")
    assert asked["requestParameters"] == {"keyId": told[0], "primaryRegion": B}
    assert [one["ARN"] for one in asked["resources"]] == [arn(A, told[0])]
    assert "invokedBy" not in asked["userIdentity"]
    assert moved["requestParameters"] == {"keyId": arn(B, told[0]), "primaryRegion": B}
    assert moved["userIdentity"]["arn"] == asked["userIdentity"]["arn"]
    assert moved["userIdentity"]["invokedBy"] == "kms.amazonaws.com"
    assert (moved["requestID"], moved["eventID"] != asked["eventID"]) == (asked["requestID"], True)
    assert "resources" not in moved


def test_the_arrival_of_material_is_a_call_of_the_provider_that_names_the_primary_key(
    told: Any,
) -> None:
    event = named(told, B, "SynchronizeMultiRegionKey")
    account = event["recipientAccountId"]
    assert event["userIdentity"] == {"accountId": account, "invokedBy": "AWS Internal"}
    assert (event["eventType"], event["readOnly"]) == ("AwsApiCall", False)
    assert (event["sourceIPAddress"], event["userAgent"]) == ("AWS Internal", "AWS Internal")
    assert (event["requestParameters"], event["responseElements"]) == (None, None)
    assert [one["ARN"] for one in event["resources"]] == [arn(A, told[0])]
    assert event["requestID"]
    assert "serviceEventDetails" not in event
    assert "tlsDetails" not in event
