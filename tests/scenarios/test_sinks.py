"""Where a scenario's trail delivers beside its bucket, and what people do about what they hear."""

from dataclasses import replace

from scenarios.catalogue import SCENARIOS
from scenarios.files import loads
from scenarios.result import RunResult
from scenarios.run import run
from sim.units import minutes

STOLEN = SCENARIOS["stolen-credentials"].small()


def broken(result: RunResult) -> list[str]:
    return [f"{v.name}: {v.detail}" for v in result.promises if not v.holds]


def test_misuse_is_answered_by_whom_an_event_rule_tells() -> None:
    """CT-12: respond: an event rule tells an actor, who disables the key that is misused."""
    result = run(STOLEN, seed=7)
    told = [entry.text.split(" calls ")[1].split(" ")[0] for entry in result.timeline
            if " calls " in entry.text]  # fmt: skip
    refused = [entry.text for entry in result.timeline if "the thief of" in entry.text]
    assert told == ["DisableKey", "DisableKey"]
    assert sorted(text.split(" ")[3] for text in refused) == ["leak-0", "leak-1"]
    assert result.calls["us-east-1"]["DisabledException"] >= 2
    assert broken(result) == []


def test_misuse_is_answered_by_whom_an_alarm_tells() -> None:
    """CT-12: respond: a metric filter counts, an alarm is raised, the key is disabled."""
    workloads = tuple(
        replace(w, options={"by": "alarm"}) if w.kind == "responder" else w
        for w in STOLEN.workloads
    )
    longer = replace(STOLEN, workloads=workloads, length_ns=minutes(15))
    result = run(longer, seed=7)
    refused = [entry.text for entry in result.timeline if "the thief of" in entry.text]
    assert sorted(text.split(" ")[3] for text in refused) == ["leak-0", "leak-1"]
    assert broken(result) == []


def test_without_a_responder_the_thief_goes_on() -> None:
    alone = tuple(w for w in STOLEN.workloads if w.kind == "leak")
    result = run(replace(STOLEN, workloads=alone, promises=("liveness",)), seed=7)
    assert "DisabledException" not in result.calls["us-east-1"]
    assert result.timeline == ()


def test_the_same_seed_is_the_same_run_with_services() -> None:
    assert run(STOLEN, seed=3).trace_hash == run(STOLEN, seed=3).trace_hash


def test_nothing_is_lost_to_a_sink_that_heals() -> None:
    """A key, a policy, a topic, a log group and a bus fail in turn; each sink gets everything."""
    scenario = loads(
        """
        name = "sinks"
        length = "20m"
        settle = "45m"
        promises = ["sinks-complete", "audit-complete"]
        [topology]
        services = true
        regions = ["us-east-1", "eu-west-1"]
        [[workload]]
        kind = "envelope"
        clients = 1
        think = "10s"
        [[fault]]
        plan = "at 1m trail-key-disabled us-east-1 for 12m"
        [[fault]]
        plan = "at 2m crash us-east-1/sns for 10m"
        [[fault]]
        plan = "at 2m crash us-east-1/logs for 10m"
        [[fault]]
        plan = "at 2m crash eu-west-1/events for 10m"
        [[fault]]
        plan = "at 14m bucket-policy-removed us-east-1 for 5m"
        [[fault]]
        plan = "at 14m partition us-east-1<->eu-west-1 for 5m"
        """
    )
    result = run(scenario, seed=7)
    assert broken(result) == []
    assert [verdict.word for verdict in result.promises] == ["holds", "holds"]


def test_a_region_that_is_launched_delivers_to_topic_and_log_group_as_well() -> None:
    scenario = loads(
        """
        name = "grows"
        length = "10m"
        promises = ["sinks-complete", "audit-complete"]
        [topology]
        services = true
        regions = ["us-east-1"]
        [[workload]]
        kind = "envelope"
        clients = 1
        [[fault]]
        plan = "at 1m launch-region eu-central-1"
        """
    )
    assert broken(run(scenario, seed=7)) == []


def test_digests_of_a_trail_with_a_key_are_judged_as_others_are() -> None:
    """Who judges opens them through the S3 API; no notification tells of them."""
    judged = ("digest-chain", "sinks-complete", "quiet-time")
    longer = replace(STOLEN, validation=True, length_ns=minutes(65), promises=judged)
    result = run(replace(longer, workloads=longer.workloads[:1]), seed=7)
    assert broken(result) == []
    assert {v.name: v.checked > 0 for v in result.promises} == dict.fromkeys(judged, True)
