"""What a refusal says, and with which error a service says it."""

from dataclasses import replace

import pytest
from examples import (
    ANA,
    ANY,
    BOB,
    BUCKET,
    COOK,
    HOME,
    KEY,
    NOBODY,
    ROLE,
    ROOT,
    SESSION,
    TRAIL,
    Case,
    allow,
    aws,
    deny,
    document,
    holding,
)

from regions.ailments import UNAVAILABLE
from regions.errors import AccessDeniedException, DependencyTimeoutException
from regions.policy.evaluate import KEY_POLICY, TRUST_POLICY, authorize, decide, refusal


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            Case(who=ANA, on=BUCKET, action="s3:ListBucket"),
            (
                f"User: {ANA.arn} is not authorized to perform: s3:ListBucket on resource: "
                f'"{BUCKET}" because no identity-based policy allows the s3:ListBucket action'
            ),
        ),
        (
            Case(who=COOK, action="iam:GetRole", on=f"arn:aws:iam::{HOME}:role/kitchen/cook"),
            (
                f"User: {SESSION} is not authorized to perform: iam:GetRole on resource: role cook "
                "because no identity-based policy allows the iam:GetRole action"
            ),
        ),
        (
            Case(who=ANA, action="iam:PassRole", on=ROLE),
            (
                f"User: {ANA.arn} is not authorized to perform: iam:PassRole on resource: {ROLE} "
                "because no identity-based policy allows the iam:PassRole action"
            ),
        ),
        (
            Case(who=ANA, action="iam:CreatePolicy", on=f"arn:aws:iam::{HOME}:policy/p"),
            (
                f"User: {ANA.arn} is not authorized to perform: iam:CreatePolicy on resource: "
                f"arn:aws:iam::{HOME}:policy/p because no identity-based policy allows the "
                "iam:CreatePolicy action"
            ),
        ),
        (
            Case(who=BOB, action="SNS:Publish", on=f"arn:aws:sns:us-east-1:{HOME}:bell"),
            (
                f"User: {BOB.arn} is not authorized to perform: SNS:Publish on resource: "
                f"arn:aws:sns:us-east-1:{HOME}:bell because no resource-based policy allows the "
                "SNS:Publish action"
            ),
        ),
        (
            Case(who=TRAIL, action="s3:PutObject", on=f"{BUCKET}/x"),
            (
                "User: cloudtrail.amazonaws.com is not authorized to perform: s3:PutObject on "
                f'resource: "{BUCKET}/x" because no resource-based policy allows the s3:PutObject '
                "action"
            ),
        ),
        (
            Case(
                who=NOBODY,
                policy=document(deny("s3:GetObject", **aws("*"))),
            ),
            (
                "User: anonymous is not authorized to perform: s3:GetObject on resource: "
                f'"{BUCKET}/jam" with an explicit deny in a resource-based policy'
            ),
        ),
        (
            Case(
                who=ANA,
                action="sts:AssumeRole",
                on=ROLE,
                policy=document({"Effect": "Deny", "Action": "sts:AssumeRole", **aws("*")}),
                rule=TRUST_POLICY,
            ),
            (
                f"User: {ANA.arn} is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
                "with an explicit deny in the role trust policy"
            ),
        ),
        (
            Case(
                who=holding(BOB, ANY),
                action="kms:Encrypt",
                on=KEY,
                policy=document(deny("kms:*", **aws("*"))),
                rule=KEY_POLICY,
            ),
            (
                f"User: {BOB.arn} is not authorized to perform: kms:Encrypt on this resource because "
                "the resource does not exist in this Region, no resource-based policies allow "
                "access, or a resource-based policy explicitly denies access"
            ),
        ),
    ],
)
def test_a_refusal_reads_as_the_service_writes_it(case: Case, message: str) -> None:
    assert refusal(case.access()) == message


class Forbidden(AccessDeniedException):
    """Another service's refusal."""


def test_a_service_refuses_with_an_error_of_its_own() -> None:
    access = Case(who=ANA).access()
    with pytest.raises(Forbidden) as refused:
        authorize(access, error=Forbidden)
    assert refused.value.message == refusal(access)
    authorize(Case(who=ROOT).access(), error=Forbidden)


def test_where_nobody_can_say_nobody_is_let_in() -> None:
    with pytest.raises(DependencyTimeoutException):
        refusal(Case(who=ROOT).access(), UNAVAILABLE)


def test_the_context_is_asked_for_once_a_document() -> None:
    asked = []
    condition = {"StringEquals": {"k": "v"}}
    policy = document(*[allow("s3:GetObject", Condition=condition)] * 3)
    case = Case(who=holding(ANA, policy))

    def context() -> dict[str, str]:
        asked.append(1)
        return {"k": "w"}

    decide(replace(case.access(), context=context))
    assert len(asked) == 1
