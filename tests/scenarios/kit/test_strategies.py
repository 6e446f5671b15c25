"""What the strategies of the kit draw is what they say, for every service and every flaw.

Goal: a user who draws something valid never trips over it, and what is flawed is refused. Method:
the service's own validators judge requests, botocore's too; the world judges policies and plans.
"""

import json
import re
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from regions.api.models import model_of
from regions.api.shapes import check_request
from regions.errors import MalformedPolicyDocumentException, ServiceError
from regions.faults import FAULTS
from regions.kms.key_policy import compile_key_policy
from regions.topology import Topology, build, default_azs
from regions.trail.trails import check_name
from scenarios.arena import Arena
from scenarios.budget import judge
from scenarios.kit.fault_table import every_line, likely, shown
from scenarios.kit.model_values import flaws
from scenarios.kit.request import ApiRequest
from scenarios.kit.strategies import (
    STRATEGIES,
    api_calls,
    encryption_contexts,
    fault_lines,
    fault_plans,
    grants,
    key_policies,
    principals,
    topologies,
    trails,
)
from scenarios.kit.strategies.api_calls import SERVICES, actions_of
from scenarios.kit.strategies.principals import principal
from scenarios.places import check_plan
from scenarios.run import CODEC
from sim.plan import FaultLine, Plan, When
from sim.units import minutes
from sim.world import SimWorld

FEW = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
ONE_REGION = Topology(regions={"us-east-1": default_azs("us-east-1")})


def simplest(strategy: st.SearchStrategy[Any]) -> Any:
    """Return what everything shrinks to that no test cares about."""
    return find(strategy, lambda _: True, settings=FEW)


def input_shape(service: str, action: str) -> Any:
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    return model.operation_model(action).input_shape


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_is_taken_by_the_service_and_by_botocore(service: str) -> None:
    validator = ParamValidator()

    @FEW
    @given(api_calls(service))
    def check(request: ApiRequest) -> None:
        check_request(service, request.action, request.parameters)
        shape = input_shape(service, request.action)
        if shape is not None:
            assert validator.validate(request.parameters, shape).generate_report() == ""

    check()


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "s3"])
def test_a_flawed_request_is_refused_for_one_member_alone(service: str) -> None:
    @FEW
    @given(api_calls(service, flawed=True))
    def check(request: ApiRequest) -> None:
        path = request.flaw.partition(" ")[0]
        wanted = ".".join(name[0].lower() + name[1:] for name in path.split("."))
        with pytest.raises(ServiceError) as caught:
            check_request(service, request.action, request.parameters)
        assert set(re.findall(r" at '([^']*)' failed", str(caught.value))) == {wanted}

    check()


@FEW
@given(api_calls("s3", flawed=True))
def test_a_flawed_request_to_s3_breaks_its_model(request: ApiRequest) -> None:
    assert request.flaw
    required = model_of("s3")["shapes"][f"{request.action}Request"].get("required", [])
    name = request.flaw.partition(" ")[0]
    assert name not in required or name not in request.parameters or request.parameters[name] == ""


@pytest.mark.parametrize("service", SERVICES)
def test_every_action_that_a_service_has_can_be_drawn_alone(service: str) -> None:
    for action in actions_of(service):
        request = simplest(api_calls(service, actions=[action]))
        assert (request.service, request.action, request.flaw) == (service, action, "")


def test_the_simplest_request_has_what_is_required_and_no_more() -> None:
    assert repr(simplest(api_calls(actions=["Encrypt"]))) == (
        "kms.encrypt(KeyId='1234abcd-12ab-34cd-56ef-1234567890ab', Plaintext=b'\\x00')"
    )


def test_the_repr_of_a_flawed_request_says_what_is_wrong_in_few_words() -> None:
    long = find(
        api_calls(actions=["Encrypt"], flawed=True),
        lambda request: "more than 4096 bytes" in request.flaw,
        settings=settings(FEW, max_examples=500),
    )
    assert repr(long) == (
        "kms.encrypt(KeyId='1234abcd-12ab-34cd-56ef-1234567890ab', Plaintext=b'\\x00' * 4097)"
        "  # Plaintext has more than 4096 bytes"
    )


def test_a_flaw_breaks_each_kind_of_constraint() -> None:
    found = {flaw.text for flaw in flaws("kms", "ListAliases")}
    assert found == {
        *("has less than 1 characters", "has more than 2048 characters", "is less than 1"),
        *("is more than 1000", "has more than 1024 characters", "has '\\x00' in it"),
    }


def test_known_values_stand_wherever_their_member_does() -> None:
    @FEW
    @given(api_calls(actions=["Encrypt", "Decrypt"], known={"KeyId": ["alias/mine"]}))
    def check(request: ApiRequest) -> None:
        assert request.parameters.get("KeyId", "alias/mine") == "alias/mine"

    check()


def test_what_cannot_be_drawn_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^service 'ec2': expected one of kms, cloudtrail, s3"):
        api_calls("ec2")
    with pytest.raises(ValueError, match=r"^kms action 'Encript': expected one of CancelKeyDel"):
        api_calls(actions=["Encript"])
    with pytest.raises(ValueError, match=r"^known 'KeyId': expected at least one value$"):
        api_calls(known={"KeyId": []})
    with pytest.raises(ValueError, match=r"^nothing can be wrong with sts GetCallerIdentity$"):
        api_calls("sts", actions=["GetCallerIdentity"], flawed=True)
    with pytest.raises(ValueError, match=r"^fault 'flood': expected one of add-az, alias-moved"):
        fault_lines(faults=["flood"])
    with pytest.raises(ValueError, match=r"^region 'us-north-9': expected one of af-south-1"):
        topologies(regions=["us-north-9"])
    with pytest.raises(ValueError, match=r"^max_regions 4: expected 1 to 3$"):
        topologies(max_regions=4)
    with pytest.raises(ValueError, match=r"^kind 'Alien': expected one of IAMUser, AssumedRole, Ro"):
        principals(kinds=["Alien"])
    with pytest.raises(ValueError, match=r"a root is never without permissions$"):
        principals(kinds=["Root"], allowed=False)
    with pytest.raises(ValueError, match=r"^operation 'Delete': expected one of Decrypt, Encrypt"):
        grants(operations=["Delete"])


# Policies, grants, contexts, trails.


@pytest.fixture(scope="module")
def arena() -> Any:
    with SimWorld(seed=1, codec=CODEC) as world:
        arena = Arena(world, build(world, ONE_REGION), ONE_REGION)
        arena.boot()
        yield arena


def test_a_key_can_be_made_with_every_policy(arena: Arena) -> None:
    @FEW
    @given(key_policies())
    def check(policy: str) -> None:
        made = arena.api("us-east-1", "CreateKey", {"Policy": policy})
        assert made["KeyMetadata"]["KeyState"] == "Enabled"

    check()


@settings(FEW, max_examples=60)
@given(key_policies(flawed=True))
def test_a_flawed_policy_is_refused(policy: str) -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        compile_key_policy(policy)


def test_the_simplest_policy_is_the_default_one(arena: Arena) -> None:
    key = arena.api("us-east-1", "CreateKey", {})["KeyMetadata"]["KeyId"]
    default = arena.api("us-east-1", "GetKeyPolicy", {"KeyId": key})["Policy"]
    assert json.loads(simplest(key_policies()))["Statement"] == json.loads(default)["Statement"]


@FEW
@given(grants(keys=["1234abcd-12ab-34cd-56ef-1234567890ab"]))
def test_a_grant_is_taken_by_the_model_of_create_grant(grant: dict[str, Any]) -> None:
    check_request("kms", "CreateGrant", grant)
    pairs = [p for context in grant.get("Constraints", {}).values() for p in context.items()]
    assert sum(len(text) for pair in pairs for text in pair) <= 384


def test_the_simplest_grant_lets_one_user_decrypt() -> None:
    assert simplest(grants()) == {
        "GranteePrincipal": "arn:aws:iam::111122223333:user/alice",
        "Operations": ["Decrypt"],
    }


def test_contexts_that_a_careless_form_takes_for_one_are_found() -> None:
    pairs = st.tuples(encryption_contexts(max_pairs=1), encryption_contexts(max_pairs=1))

    def alike(two: tuple[dict[str, str], dict[str, str]]) -> bool:
        joined = ["".join(text for pair in one.items() for text in pair) for one in two]
        return two[0] != two[1] and joined[0] == joined[1] and joined[0] != ""

    assert find(pairs, alike, settings=settings(FEW, max_examples=2_000)) == (
        {"a": "ab"},
        {"aa": "b"},
    )


def test_the_simplest_context_is_empty() -> None:
    assert simplest(encryption_contexts()) == {}


@FEW
@given(trails())
def test_a_trail_is_taken_by_the_models_and_by_the_rules_for_names(trail: Any) -> None:
    check_request("cloudtrail", "CreateTrail", trail.create())
    check_request("cloudtrail", "PutEventSelectors", trail.select())
    check_name(trail.name)


# Worlds, people and faults.


@settings(FEW, max_examples=3)
@given(topologies())
def test_a_topology_can_be_built(topology: Topology) -> None:
    with SimWorld(seed=1, codec=CODEC) as world:
        Arena(world, build(world, topology), topology).boot()


def test_the_simplest_topology_is_one_region() -> None:
    assert simplest(topologies()) == Topology(
        regions={"us-east-1": default_azs("us-east-1")}, ceremony_ns=minutes(1)
    )


def test_the_simplest_principal_may_do_everything() -> None:
    assert simplest(principals()) == principal("IAMUser", "111122223333", "alice", allowed=True)


@FEW
@given(principals(allowed=False))
def test_who_is_not_allowed_has_no_policy_and_is_no_root(who: Any) -> None:
    assert who.policies == ()
    assert who.kind != "Root"


@FEW
@given(principals())
def test_identifiers_are_as_long_as_the_service_makes_them(who: Any) -> None:
    if who.kind != "Root":
        assert len(who.principal_id.partition(":")[0]) == 21
    assert len(who.access_key_id) == 20


@settings(FEW, max_examples=100)
@given(fault_lines(ONE_REGION))
def test_a_fault_line_can_be_read_and_can_strike(text: str) -> None:
    line = FaultLine.parse(text, FAULTS)
    check_plan(Plan((line,)), ONE_REGION, minutes(4))


def test_the_simplest_fault_is_a_crash_of_one_actor() -> None:
    assert simplest(fault_lines()) == "crash us-east-1/use1-az1/az for 10s"


def test_all_lines_of_a_fault_are_those_that_can_happen_each_once() -> None:
    lines = every_line("audit-down", ONE_REGION, [When.parse("1s"), When.parse("1h")])
    texts = [shown(line) for line in lines]
    assert texts[0] == "audit-down us-east-1/use1-az1/recorder for 1s with share=10%"
    assert texts[-1] == "audit-down us-east-1/use1-az4 for 1h with share=100%"
    assert len(texts) == len(set(texts)) == 24
    for fault in set(likely(ONE_REGION)):
        for line in every_line(fault, ONE_REGION, [When.parse("1s")]):
            check_plan(Plan((line,)), ONE_REGION, minutes(4))


def test_only_faults_that_find_a_place_are_drawn() -> None:
    full = Topology(regions={"eu-west-1": default_azs("eu-west-1")})
    with pytest.raises(ValueError, match=r"^fault 'replace-az': expected one of alias-moved"):
        fault_lines(full, faults=["replace-az"])

    @settings(FEW, max_examples=100)
    @given(fault_lines(full))
    def check(text: str) -> None:
        assert not text.startswith(("replace-az", "add-az"))

    check()


@settings(FEW, max_examples=60)
@given(fault_plans(ONE_REGION))
def test_a_plan_within_the_budget_can_happen_and_is_within_it(lines: tuple[str, ...]) -> None:
    plan = Plan.parse(lines, FAULTS)
    check_plan(plan, ONE_REGION, minutes(4))
    assert judge(plan, ONE_REGION, minutes(4)).beyond == ()


@settings(FEW, max_examples=60)
@given(fault_plans(ONE_REGION, beyond=True))
def test_a_plan_beyond_the_budget_can_happen_and_is_beyond_it(lines: tuple[str, ...]) -> None:
    plan = Plan.parse(lines, FAULTS)
    check_plan(plan, ONE_REGION, minutes(4))
    assert judge(plan, ONE_REGION, minutes(4)).beyond


def test_the_simplest_plans_are_nothing_and_two_dark_azs() -> None:
    assert simplest(fault_plans(ONE_REGION)) == ()
    assert simplest(fault_plans(ONE_REGION, beyond=True)) == (
        "power-off us-east-1/use1-az1 for 10s",
        "power-off us-east-1/use1-az2 for 10s",
    )


def test_a_plan_shrinks_to_the_lines_that_matter() -> None:
    def matters(lines: tuple[str, ...]) -> bool:
        faults = [line.split()[0 if line.split()[0] != "at" else 2] for line in lines]
        return "power-off" in faults and "pause" in faults

    found = find(fault_plans(ONE_REGION), matters, settings=settings(FEW, max_examples=2_000))
    assert sorted(found) == [
        "pause us-east-1/use1-az1/az for 1ms",
        "power-off us-east-1/use1-az1 for 1ms",
    ]


def test_faults_follow_each_other_to_the_same_az() -> None:
    def follows(lines: tuple[str, ...]) -> bool:
        if len(lines) != 2 or not all(line.startswith("at ") for line in lines):
            return False
        first, second = (FaultLine.parse(line, FAULTS) for line in lines)
        same = first.target.split("/")[1:2] == second.target.split("/")[1:2] == ["use1-az4"]
        return same and 0 < second.at.ns - first.at.ns < 8 * 10**9

    try:
        find(fault_plans(ONE_REGION), follows, settings=settings(FEW, max_examples=2_000))
    except NoSuchExample:
        pytest.fail("no line follows another to its AZ")


def test_every_strategy_works_without_arguments_and_says_what_it_draws() -> None:
    assert len(STRATEGIES) == 9
    for name, make in STRATEGIES.items():
        assert make.__name__ == name
        assert (make.__doc__ or "").startswith("Return ")
        simplest(make())
