"""What a region's Trail actor keeps of the records that it is handed."""

import json
from types import ModuleType

from regions.trail.intake import LATE_NS, Intake
from regions.trail.messages import Append, ReadHistory
from regions.trail.record import AuditRecord
from regions.trail.selectors import BasicSelector, DataResource, Selectors
from regions.trail.trails import Logging, TrailSettings
from sim.units import minutes, seconds
from sim.world import SimWorld


def taken(
    made: ModuleType,
    *records: AuditRecord,
    unsupported: tuple[str, ...] = (),
    trails: tuple[TrailSettings, ...] = (),
    after_ns: int = 0,
) -> list[AuditRecord]:
    return list(Intake(unsupported).taken(records, trails, made.EPOCH_NS + after_ns))


def trail(made: ModuleType, selectors: Selectors) -> TrailSettings:
    return TrailSettings(
        arn="arn:aws:cloudtrail:us-east-1:111122223333:trail/t",
        name="t",
        account=made.ACCOUNT,
        home_region="us-east-1",
        bucket="b",
        bucket_site="us-east-1/bucket",
        logging=(Logging(start_ns=0),),
        selectors=(selectors,),
    )


def test_a_service_without_support_leaves_no_event(made: ModuleType) -> None:
    """LIM-08: whatever is called there, succeeded or failed."""
    kms = made.record(1)
    sns = made.record(2, source="sns.amazonaws.com", error_code="NotFound")
    assert taken(made, kms, sns, unsupported=("sns",)) == [kms]
    assert taken(made, kms, sns, unsupported=("kms", "sns")) == []
    assert taken(made, kms, sns) == [kms, sns]


def test_a_data_event_is_kept_only_if_a_trail_wants_it(made: ModuleType) -> None:
    event = made.record(
        source="s3.amazonaws.com",
        name="GetObject",
        category="Data",
        resources=(
            made.Resource(arn="arn:aws:s3:::b/k", account="", kind="AWS::S3::Object"),
            made.Resource(arn="arn:aws:s3:::b", account=made.ACCOUNT, kind="AWS::S3::Bucket"),
        ),
    )
    asks = BasicSelector(data=(DataResource(kind="AWS::S3::Object", values=("arn:aws:s3:::b/",)),))
    assert taken(made, event) == []
    assert taken(made, event, trails=(trail(made, Selectors()),)) == []
    assert taken(made, event, trails=(trail(made, Selectors(basic=(asks,))),)) == [event]


def test_an_event_that_comes_late_says_so(made: ModuleType) -> None:
    """CT-10: after more than a quarter of an hour, in every copy."""
    record = made.record()
    assert [one.addendum for one in taken(made, record, after_ns=LATE_NS)] == [""]
    late = taken(made, record, after_ns=LATE_NS + seconds(1))
    assert [one.addendum for one in late] == ["DELIVERY_DELAY"]


def test_what_a_trail_service_missed_for_long_is_delivered_with_a_word_of_it(
    made: ModuleType,
) -> None:
    """CT-10, CT-16: in event history and in the file of the trail."""
    with SimWorld(seed=5, codec=made.CODEC) as world:
        land = made.Country(world, ["us-east-1"]).build()
        land.bucket("logs")
        land.log("late", "us-east-1", S3BucketName="logs")
        world.crash("us-east-1/trail")
        record = land.record(7, "us-east-1")
        world.ask("us-east-1/az1/recorder", Append(record=record))
        world.run_for(minutes(20))
        world.restart("us-east-1/trail")
        world.run_for(minutes(30))
        bodies = [json.loads(land.body("logs", one.key)) for one in land.objects("logs")]
        told = {
            event["eventID"]: event.get("addendum") for body in bodies for event in body["Records"]
        }
        assert told[record.event_id] == {"reason": "DELIVERY_DELAY"}
        assert [reason for reason in told.values() if reason] == [told[record.event_id]]
        page = world.ask("us-east-1/trail", ReadHistory())
        assert [one.addendum for one in page.records if one.source == "kms.amazonaws.com"] == [
            "DELIVERY_DELAY"
        ]
