"""What is planned, delivered and still to be delivered."""

from types import ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st

from regions.trail.deliveries import Delivered, Deliveries, DeliveryPlan, from_runs, to_runs
from regions.trail.history import History
from regions.trail.kept import kept
from regions.trail.messages import RECORD_CODEC
from regions.trail.trails import TrailSettings, started


def plan(key: str, *sequences: int, due_ns: int = 0) -> DeliveryPlan:
    return DeliveryPlan(
        arn="arn",
        bucket="logs",
        bucket_site="us-east-1/bucket",
        key=key,
        slot_ns=0,
        due_ns=due_ns,
        runs=to_runs(sequences),
    )


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 60)))
def test_runs_are_numbers_and_numbers_are_runs(numbers: set[int]) -> None:
    runs = to_runs(sorted(numbers))
    assert list(from_runs(runs)) == sorted(numbers)
    deliveries = Deliveries()
    deliveries.mark(runs)
    assert deliveries.planned("arn").runs == runs


def test_a_record_is_planned_once_however_often_it_is_judged(made: ModuleType) -> None:
    history = History()
    for number in range(6):
        record = made.record(
            number, source="kms.amazonaws.com" if number % 2 else "iam.amazonaws.com"
        )
        history.add(kept(number, record, RECORD_CODEC.encode(record)), made.EPOCH_NS)
    trail = started(
        TrailSettings(
            arn="arn",
            name="audit",
            account=made.ACCOUNT,
            home_region="us-east-1",
            bucket="logs",
            bucket_site="us-east-1/bucket",
            global_events=False,
        ),
        made.EPOCH_NS,
    )
    deliveries = Deliveries()
    assert deliveries.wanted(trail, history, 4) == [1, 3]
    deliveries.plan(plan("a", 1, 3))
    deliveries.judged(4)
    assert deliveries.wanted(trail, history, 6) == [5]
    deliveries.judge_again()
    assert deliveries.wanted(trail, history, 6) == [5]


def test_the_plan_that_is_due_first_goes_first_and_leaves_when_done() -> None:
    deliveries = Deliveries()
    deliveries.plan(plan("a", 0, due_ns=9))
    deliveries.plan(plan("b", 1, due_ns=5))
    assert deliveries.failed("NoSuchBucket") == 5 * 10**9
    assert deliveries.failed("NoSuchBucket") == 10 * 10**9
    first = deliveries.next_plan()
    assert first is not None
    assert first.key == "b"
    deliveries.done(Delivered(arn="arn", key="b", time_ns=7))
    assert (deliveries.latest_ns, deliveries.error, list(deliveries.pending)) == (7, "", ["a"])


def test_what_a_power_cut_took_back_is_unplanned() -> None:
    # A plan can survive the cut while the records it names do not; their numbers come again.
    deliveries = Deliveries()
    deliveries.plan(plan("a", 0, 1))
    deliveries.plan(plan("b", 2, 3, 4))
    deliveries.plan(plan("c", 5))
    deliveries.forget_from(3)
    assert {key: p.runs for key, p in deliveries.pending.items()} == {"a": (0, 2), "b": (2, 1)}
    assert deliveries.planned("arn").runs == (0, 3)
