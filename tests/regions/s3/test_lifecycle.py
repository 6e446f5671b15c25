"""Lifecycle rules: which are acceptable, and what each of them ends, and when."""

import json
from typing import Any

import pytest
from shop import NOON_NS, Shop

from regions.errors import ServiceError
from regions.s3.changes import CODEC
from regions.s3.errors import InvalidObjectState
from regions.s3.expiry import expire, next_due_ns, soonest_ns
from regions.s3.state import StoreState
from sim.units import days, hours

MIDNIGHT_NS = NOON_NS + hours(12)  # 2026-01-02T00:00:00Z


def rule(**fields: Any) -> dict[str, Any]:
    return {"ID": "one", "Status": "Enabled", "Filter": {"Prefix": ""}, **fields}


def ruled(shop: Shop, *rules: dict[str, Any]) -> None:
    shop.call(
        "PutBucketLifecycleConfiguration", Bucket="logs",
        LifecycleConfiguration={"Rules": list(rules)},
    )  # fmt: skip


def sweep(shop: Shop, now_ns: int) -> None:
    names = iter(f"swept-{number}" for number in range(100))
    shop.changes += expire(shop.state, now_ns, lambda: next(names))


def versions(shop: Shop) -> list[tuple[str, str, bool]]:
    return [
        (key, version.version_id, version.marker)
        for key, each in shop.state.buckets["logs"].versions.items()
        for version in each
    ]


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.bucket()
    return made


def test_an_object_expires_at_the_midnight_after_its_days(shop: Shop) -> None:
    ruled(shop, rule(Expiration={"Days": 2}, Filter={"Prefix": "tmp/"}))
    shop.put("tmp/a")
    shop.put("kept")
    due_ns = MIDNIGHT_NS + days(2)
    assert next_due_ns(shop.state) == due_ns
    found = shop.call("HeadObject", Bucket="logs", Key="tmp/a")
    assert found["Expiration"] == 'expiry-date="Sun, 04 Jan 2026 00:00:00 GMT", rule-id="one"'
    sweep(shop, due_ns - 1)
    assert len(versions(shop)) == 2
    sweep(shop, due_ns)
    assert versions(shop) == [("kept", "null", False)]
    assert next_due_ns(shop.state) is None


def test_an_object_expires_on_a_date_and_only_of_the_size_that_the_rule_says(shop: Shop) -> None:
    chosen = {"And": {"Prefix": "a", "ObjectSizeGreaterThan": 2, "ObjectSizeLessThan": 5}}
    ruled(shop, rule(Expiration={"Date": MIDNIGHT_NS / 10**9}, Filter=chosen))
    for key, size in (("a2", 2), ("a3", 3), ("a4", 4), ("a5", 5), ("b3", 3)):
        shop.put(key, b"x" * size)
    sweep(shop, MIDNIGHT_NS)
    assert [key for key, _, _ in versions(shop)] == ["a2", "a5", "b3"]


def test_where_versions_are_kept_a_marker_hides_what_expires(shop: Shop) -> None:
    shop.version("logs", "Enabled")
    first = shop.put("a")["VersionId"]
    ruled(shop, rule(Expiration={"Days": 1}))
    sweep(shop, MIDNIGHT_NS + days(1))
    assert versions(shop) == [("a", "swept-0", True), ("a", first, False)]


def test_noncurrent_versions_go_after_their_days_but_for_the_newest_ones(shop: Shop) -> None:
    shop.version("logs", "Enabled")
    ids = []
    for _ in range(4):
        ids.append(shop.put("a")["VersionId"])
        shop.now_ns += hours(1)
    noncurrent = {"NoncurrentDays": 3, "NewerNoncurrentVersions": 1}
    ruled(shop, rule(NoncurrentVersionExpiration=noncurrent))
    due_ns = MIDNIGHT_NS + days(3)
    assert next_due_ns(shop.state) == due_ns
    sweep(shop, due_ns - 1)
    assert len(versions(shop)) == 4
    sweep(shop, due_ns)
    assert versions(shop) == [("a", ids[3], False), ("a", ids[2], False)]


def test_the_days_of_a_version_count_from_when_it_was_replaced(shop: Shop) -> None:
    shop.version("logs", "Enabled")
    shop.put("a")
    ruled(shop, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    shop.now_ns += days(30)
    shop.put("a")
    assert next_due_ns(shop.state) == MIDNIGHT_NS + days(31)


def test_a_marker_that_hides_nothing_goes(shop: Shop) -> None:
    shop.version("logs", "Enabled")
    shop.put("a")
    shop.call("DeleteObject", Bucket="logs", Key="a")
    ruled(
        shop,
        rule(
            Expiration={"ExpiredObjectDeleteMarker": True},
            NoncurrentVersionExpiration={"NoncurrentDays": 1},
        ),
    )
    sweep(shop, MIDNIGHT_NS)
    assert len(versions(shop)) == 2
    sweep(shop, MIDNIGHT_NS + days(1))
    assert versions(shop) == []
    assert shop.state.freed == [1]


def test_an_upload_that_nobody_completes_is_aborted(shop: Shop) -> None:
    ruled(shop, rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}))
    upload = shop.call("CreateMultipartUpload", Bucket="logs", Key="a")["UploadId"]
    shop.part(upload, "a", 1, b"part")
    sweep(shop, MIDNIGHT_NS + days(1))
    assert shop.refusal("ListParts", Bucket="logs", Key="a", UploadId=upload).code == "NoSuchUpload"
    assert shop.state.freed == [1]


def test_what_changes_tells_when_the_first_of_it_ends(shop: Shop) -> None:
    shop.put("a")
    ruled(shop, rule(Expiration={"Days": 1}))
    assert soonest_ns(shop.state, shop.changes[-1:]) == MIDNIGHT_NS + days(1)
    shop.now_ns += days(5)
    shop.put("b")
    assert soonest_ns(shop.state, shop.changes[-1:]) == MIDNIGHT_NS + days(6)
    shop.call("DeleteBucketLifecycle", Bucket="logs")
    shop.put("c")
    assert soonest_ns(shop.state, shop.changes[-1:]) is None


def test_a_rule_that_is_off_does_nothing(shop: Shop) -> None:
    shop.put("a")
    ruled(shop, rule(Status="Disabled", Expiration={"Days": 1}))
    assert next_due_ns(shop.state) is None


def test_rules_come_back_as_they_were_put_each_with_an_id(shop: Shop) -> None:
    wanted = {"Status": "Enabled", "Filter": {"Prefix": "a"}, "Expiration": {"Days": 1}}
    ruled(shop, wanted)
    (found,) = shop.call("GetBucketLifecycleConfiguration", Bucket="logs")["Rules"]
    assert len(found.pop("ID")) == 48
    assert found == wanted
    shop.call("DeleteBucketLifecycle", Bucket="logs")
    assert shop.said("GetBucketLifecycleConfiguration", Bucket="logs") == (
        "NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([], "MalformedXML"),
        ([rule()], "InvalidRequest"),
        ([rule(Expiration={"Days": 0})], "InvalidArgument"),
        ([rule(Expiration={"Days": 1, "Date": 0.0})], "MalformedXML"),
        ([rule(Expiration={"Date": 1.0})], "InvalidArgument"),
        ([rule(Expiration={"Days": 1}, Prefix="a")], "MalformedXML"),
        ([rule(Expiration={"Days": 1}, ID="x" * 256)], "InvalidArgument"),
        ([rule(Expiration={"Days": 1}), rule(Expiration={"Days": 2})], "InvalidArgument"),
        ([rule(Transitions=[{"Days": 1, "StorageClass": "STANDARD"}])], "MalformedXML"),
        (
            [rule(NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "GLACIER"}])],
            "NotImplemented",
        ),
        (
            [rule(Expiration={"Days": 1}, Filter={"Tag": {"Key": "a", "Value": "b"}})],
            "NotImplemented",
        ),
        ([rule(NoncurrentVersionExpiration={"NoncurrentDays": 0})], "InvalidArgument"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rules_that_are_none_are_refused(shop: Shop, rules: list[Any], code: str) -> None:
    configuration = {"Rules": rules}
    error = shop.refusal(
        "PutBucketLifecycleConfiguration", Bucket="logs", LifecycleConfiguration=configuration
    )
    assert error.code == code, json.dumps(rules)


# Transitions.


def stored_class(shop: Shop, key: str) -> str:
    found: str = shop.call("HeadObject", Bucket="logs", Key=key).get("StorageClass", "STANDARD")
    return found


def moving(*steps: tuple[int, str], **more: Any) -> dict[str, Any]:
    """Return a rule that moves objects of any size."""
    chosen = {"And": {"Prefix": "AWSLogs/", "ObjectSizeGreaterThan": 0}}
    moves = [{"Days": after, "StorageClass": storage} for after, storage in steps]
    return rule(Transitions=moves, Filter=chosen, **more)


def test_objects_go_down_through_the_storage_classes_and_then_expire(shop: Shop) -> None:
    """LIM-05: lifecycle rules move files to archives and delete them, by age and prefix."""
    steps = ((30, "STANDARD_IA"), (90, "GLACIER"))
    ruled(shop, moving(*steps, Expiration={"Days": 365}))
    shop.put("AWSLogs/a")
    shop.put("elsewhere")
    seen = []
    for after in (29, 30, 90, 364):
        sweep(shop, MIDNIGHT_NS + days(after))
        seen.append(stored_class(shop, "AWSLogs/a"))
    assert seen == ["STANDARD", "STANDARD_IA", "GLACIER", "GLACIER"]
    sweep(shop, MIDNIGHT_NS + days(365))
    assert [key for key, _, _ in versions(shop)] == ["elsewhere"]
    assert stored_class(shop, "elsewhere") == "STANDARD"


def test_what_is_due_next_is_the_next_transition(shop: Shop) -> None:
    ruled(shop, moving((30, "STANDARD_IA"), (90, "DEEP_ARCHIVE")))
    shop.put("AWSLogs/a")
    assert next_due_ns(shop.state) == MIDNIGHT_NS + days(30)
    sweep(shop, MIDNIGHT_NS + days(30))
    assert next_due_ns(shop.state) == MIDNIGHT_NS + days(90)
    sweep(shop, MIDNIGHT_NS + days(90))
    assert next_due_ns(shop.state) is None


def test_an_archived_object_is_known_but_not_read(shop: Shop) -> None:
    ruled(shop, moving((0, "GLACIER")))
    shop.put("AWSLogs/a")
    sweep(shop, MIDNIGHT_NS)
    text = "^InvalidObjectState: The operation is not valid for the object's storage class$"
    with pytest.raises(InvalidObjectState, match=text):
        shop.call("GetObject", Bucket="logs", Key="AWSLogs/a")


def test_small_objects_stay_unless_the_rule_speaks_of_sizes(shop: Shop) -> None:
    ruled(shop, rule(Transitions=[{"Days": 0, "StorageClass": "GLACIER_IR"}]))
    shop.put("small", b"x" * 131_071)
    shop.put("large", b"x" * 131_072)
    sweep(shop, MIDNIGHT_NS)
    assert (stored_class(shop, "small"), stored_class(shop, "large")) == ("STANDARD", "GLACIER_IR")


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (
            moving((29, "STANDARD_IA")),
            ("InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for"
            " storageClass 'STANDARD_IA'"),
        ),
        (
            moving((90, "GLACIER"), Expiration={"Days": 90}),
            ("InvalidArgument: 'Days' in the Expiration action for filter '(prefix=AWSLogs/)' must "
            "be greater than 'Days' in the Transition action"),
        ),
    ],
)
def test_transitions_that_contradict_are_refused(shop: Shop, wrong: Any, text: str) -> None:
    with pytest.raises(ServiceError) as refused:
        ruled(shop, wrong)
    assert str(refused.value) == text


def test_a_transition_survives_a_restart_of_the_state(shop: Shop) -> None:
    ruled(shop, moving((0, "GLACIER")))
    shop.put("AWSLogs/a")
    sweep(shop, MIDNIGHT_NS)
    copy = StoreState()
    for change in shop.state.changes():
        copy.apply(CODEC.decode(CODEC.encode(change)))
    (version,) = copy.buckets["logs"].versions["AWSLogs/a"]
    assert version.headers["StorageClass"] == "GLACIER"
