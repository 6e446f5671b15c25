"""Which tags of keys the records of KMS carry for enriched events."""

from typing import Any

from regions.trail.json_shape import json_text

TAGS = ({"TagKey": "team", "TagValue": "audit"},)
KEPT = (("team", "audit"),)


def test_a_record_carries_the_tags_that_its_keys_had_when_the_call_was_made(kit: Any) -> None:
    desk = kit.Desk()
    key = desk.call("CreateKey", Tags=TAGS)["KeyMetadata"]
    assert desk.records[-1].tagged == ((key["Arn"], KEPT),)
    desk.call("Encrypt", KeyId=key["KeyId"], Plaintext=b"x")
    assert desk.records[-1].tagged == ((key["Arn"], KEPT),)
    desk.call("UntagResource", KeyId=key["KeyId"], TagKeys=("team",))
    desk.call("Encrypt", KeyId=key["KeyId"], Plaintext=b"x")
    assert [record.tagged for record in desk.records[-2:]] == [((key["Arn"], KEPT),), ()]
    assert not [record for record in desk.records if "tagged" in json_text(record)]
