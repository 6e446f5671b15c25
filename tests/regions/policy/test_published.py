"""What the IAM User Guide and its sisters say of policies, example by example.

Each case is retold with names and values of our own; the section that it follows stands beside it.
"""

from dataclasses import replace

import pytest
from examples import (
    ANA,
    ANY,
    AWAY,
    BOB,
    BUCKET,
    COOK,
    HOME,
    KEY,
    NOBODY,
    NOON_NS,
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

from regions.policy.evaluate import (
    ALLOWED,
    DENIED_BY_RESOURCE,
    KEY_POLICY,
    NOT_BY_IDENTITY,
    NOT_BY_RESOURCE,
    TRUST_POLICY,
    UNREADABLE,
)

GET = allow("s3:GetObject", f"{BUCKET}/*")
HOMES = document(
    allow(
        "s3:ListBucket",
        BUCKET,
        Condition={"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}},
    ),
    allow("s3:*", [f"{BUCKET}/home/${{aws:username}}", f"{BUCKET}/home/${{aws:username}}/*"]),
)
OFFICE = document(
    deny(
        Condition={
            "NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
            "Bool": {"aws:ViaAWSService": "false"},
        },
    ),
    allow(),
)
BY_TRAIL = document(
    {
        **allow("s3:PutObject", f"{BUCKET}/AWSLogs/{HOME}/*"),
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": HOME,
                "s3:x-amz-acl": "bucket-owner-full-control",
            },
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{HOME}:trail/*"},
        },
    }
)
LOGS = f"{BUCKET}/AWSLogs/{HOME}/CloudTrail/us-east-1/x.json.gz"
ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}
MFA = document(allow(), deny(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}))
STALE = document(
    allow(Condition={"DateGreaterThan": {"aws:TokenIssueTime": "2026-01-01T11:00:00Z"}})
)
TEAMS = document(
    allow("s3:GetObject", f"{BUCKET}/${{aws:PrincipalTag/team, 'everybody'}}/*"),
)
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}
EXCEPT = document(
    {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [BOB.arn, f"arn:aws:iam::{AWAY}:root"]},
        "Action": "s3:*",
        "Resource": f"{BUCKET}/*",
    },
    allow("s3:*", f"{BUCKET}/*", **aws(BOB.arn, ANA.arn)),
)

CASES: dict[str, tuple[Case, str]] = {
    # "Policy evaluation logic": by default a request is denied, but for the account's root.
    "nobody says anything": (Case(who=ANA), NOT_BY_IDENTITY),
    "root has full access": (Case(who=ROOT), ALLOWED),
    "root is denied by the resource": (
        *(Case(who=ROOT, policy=document(deny("s3:*", **aws("*")))), DENIED_BY_RESOURCE),
    ),
    # ... for most resources an allow in either policy is enough; keys and roles are exceptions.
    "identity allows": (Case(who=holding(ANA, document(GET))), ALLOWED),
    "resource allows": (Case(who=ANA, policy=document({**GET, **aws(ANA.arn)})), ALLOWED),
    "resource speaks of another": (
        *(Case(who=holding(ANA, ANY), policy=document({**GET, **aws(AWAY)})), ALLOWED),
    ),
    "a key speaks of another": (
        Case(
            who=holding(ANA, ANY),
            action="kms:Encrypt",
            on=KEY,
            policy=document(allow("kms:*", **aws(AWAY))),
            rule=KEY_POLICY,
        ),
        NOT_BY_RESOURCE,
    ),
    "a key lets the account in": (
        Case(
            who=holding(ANA, ANY),
            action="kms:Encrypt",
            on=KEY,
            policy=document(allow("kms:*", **aws(HOME))),
            rule=KEY_POLICY,
        ),
        ALLOWED,
    ),
    # "AWS JSON policy elements: Principal", AWS account principals: the account is delegated to.
    "the account is named, identity silent": (
        *(Case(who=ANA, policy=document({**GET, **aws(HOME)})), NOT_BY_IDENTITY),
    ),
    # ... IAM role principals: limited by boundary and session policy.
    "a role is named, no session policy": (
        *(Case(who=COOK, policy=document({**GET, **aws(ROLE)})), ALLOWED),
    ),
    "a role is named, the session policy is silent": (
        Case(
            who=replace(COOK, session_policies=(document(allow("s3:ListBucket")),)),
            policy=document({**GET, **aws(ROLE)}),
        ),
        " because no session policy allows the {action} action",
    ),
    "a role is named, the boundary is silent": (
        Case(
            who=replace(COOK, boundary=document(allow("s3:ListBucket"))),
            policy=document({**GET, **aws(ROLE)}),
        ),
        " because no permissions boundary allows the {action} action",
    ),
    # ... role session principals: not limited by implicit denials.
    "a session is named, the session policy is silent": (
        Case(
            who=replace(COOK, session_policies=(document(allow("s3:ListBucket")),)),
            policy=document({**GET, **aws(SESSION)}),
        ),
        ALLOWED,
    ),
    "a session is named, the session policy denies": (
        Case(
            who=replace(COOK, session_policies=(document(deny("s3:Get*")),)),
            policy=document({**GET, **aws(SESSION)}),
        ),
        " with an explicit deny in a session policy",
    ),
    "everybody with aws:PrincipalArn is as the session": (
        Case(
            who=replace(COOK, session_policies=(document(allow("s3:ListBucket")),)),
            policy=document(
                {**GET, **aws("*"), "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}}
            ),
        ),
        ALLOWED,
    ),
    # ... IAM users: not limited by an implicit denial of the boundary.
    "a user is named, the boundary is silent": (
        Case(
            who=replace(ANA, boundary=document(allow("s3:ListBucket"))),
            policy=document({**GET, **aws(ANA.arn)}),
        ),
        ALLOWED,
    ),
    "a user's boundary limits its identity policies": (
        *(Case(who=holding(ANA, ANY, boundary=document(allow("s3:ListBucket")))),),
        " because no permissions boundary allows the {action} action",
    ),
    "a boundary grants nothing": (Case(who=replace(ANA, boundary=ANY)), NOT_BY_IDENTITY),
    "a boundary denies": (
        *(Case(who=holding(ANA, ANY, boundary=document(allow(), deny("s3:*")))),),
        " with an explicit deny in a permissions boundary",
    ),
    # "Session policies": the intersection with the role's own.
    "session and role allow": (Case(who=holding(COOK, ANY, session_policies=(ANY,))), ALLOWED),
    "the session allows more than the role": (
        *(Case(who=replace(COOK, session_policies=(ANY,))), NOT_BY_IDENTITY),
    ),
    "one of several session policies is enough": (
        Case(who=holding(COOK, ANY, session_policies=(document(allow("sns:*")), ANY))),
        ALLOWED,
    ),
    # ... GetFederationToken without session policies grants nothing.
    "a federated user without session policies": (
        Case(
            who=holding(
                ANA, ANY, kind="FederatedUser", arn=f"arn:aws:sts::{HOME}:federated-user/sam"
            )
        ),
        " because no session policy allows the {action} action",
    ),
    # "Cross-account policy evaluation logic": both accounts must allow.
    "across, both allow": (
        *(Case(who=holding(BOB, ANY), policy=document({**GET, **aws(AWAY)})), ALLOWED),
    ),
    "across, only the resource": (
        *(Case(who=BOB, policy=document({**GET, **aws(BOB.arn)})), NOT_BY_IDENTITY),
    ),
    "across, only the caller's own": (Case(who=holding(BOB, ANY)), NOT_BY_RESOURCE),
    "across, a session is named and its policy is silent": (
        Case(
            who=holding(COOK, ANY, session_policies=(document(allow("sns:*")),)),
            owner=AWAY,
            policy=document({**GET, **aws(SESSION)}),
        ),
        " because no session policy allows the {action} action",
    ),
    # "NotPrincipal", with Deny: who is listed with the account is spared.
    "the one who is excepted": (Case(who=holding(BOB, ANY), policy=EXCEPT), ALLOWED),
    "another one": (Case(who=holding(ANA, ANY), policy=EXCEPT), DENIED_BY_RESOURCE),
    # "Variables and tags", introduction and Resource element.
    "one's own home": (Case(who=holding(ANA, HOMES), on=f"{BUCKET}/home/ana/x"), ALLOWED),
    "another's home": (Case(who=holding(ANA, HOMES), on=f"{BUCKET}/home/bob/x"), NOT_BY_IDENTITY),
    "a role has no user name": (
        *(Case(who=holding(COOK, HOMES), on=f"{BUCKET}/home//x"), NOT_BY_IDENTITY),
    ),
    "listing one's own home": (
        Case(
            who=holding(ANA, HOMES),
            action="s3:ListBucket",
            on=BUCKET,
            more={"s3:prefix": "home/ana/x"},
        ),
        ALLOWED,
    ),
    "listing the top": (
        Case(who=holding(ANA, HOMES), action="s3:ListBucket", on=BUCKET, more={"s3:prefix": ""}),
        ALLOWED,
    ),
    # "Specifying default values".
    "a team's folder": (
        Case(who=holding(ANA, TEAMS, tags=(("team", "hr"),)), on=f"{BUCKET}/hr/x"),
        ALLOWED,
    ),
    "the default folder": (Case(who=holding(ANA, TEAMS), on=f"{BUCKET}/everybody/x"), ALLOWED),
    # "AWS: Denies access to AWS based on the source IP".
    "from the office": (Case(who=holding(ANA, OFFICE)), ALLOWED),
    "from the office by IPv6": (Case(who=holding(ANA, OFFICE), source_ip="2001:db8::7"), ALLOWED),
    "from elsewhere": (
        *(Case(who=holding(ANA, OFFICE), source_ip="198.51.100.1"),),
        " with an explicit deny in an identity-based policy",
    ),
    "through a service": (
        Case(
            who=holding(ANA, OFFICE, via_service="athena", invoked_by="athena.amazonaws.com"),
            source_ip="athena.amazonaws.com",
        ),
        ALLOWED,
    ),
    # "Boolean condition operators": no access without TLS.
    "without TLS": (
        Case(
            who=holding(ANA, ANY),
            secure=False,
            policy=document(
                deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}, **aws("*"))
            ),
        ),
        DENIED_BY_RESOURCE,
    ),
    # aws:MultiFactorAuthPresent: absent of long-term credentials, so IfExists catches them, too.
    "long-term credentials": (
        *(Case(who=holding(ANA, MFA)), " with an explicit deny in an identity-based policy"),
    ),
    "a session with a second factor": (
        *(Case(who=holding(ANA, MFA, session_ns=NOON_NS, mfa_ns=NOON_NS)), ALLOWED),
    ),
    # "Date condition operators", aws:TokenIssueTime.
    "a fresh session": (Case(who=holding(ANA, STALE, session_ns=NOON_NS)), ALLOWED),
    "no session at all": (Case(who=holding(ANA, STALE)), NOT_BY_IDENTITY),
    # CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
    "a trail delivers": (
        Case(who=TRAIL, action="s3:PutObject", on=LOGS, policy=BY_TRAIL, more=ACL),
        ALLOWED,
    ),
    "a trail of another account": (
        Case(
            who=replace(TRAIL, account=AWAY),
            action="s3:PutObject",
            on=LOGS,
            policy=BY_TRAIL,
            more=ACL,
        ),
        NOT_BY_RESOURCE,
    ),
    "a trail and no policy": (
        *(Case(who=TRAIL, action="s3:PutObject", on=LOGS, more=ACL), NOT_BY_RESOURCE),
    ),
    # S3 User Guide, "Granting read-only permission to an anonymous user".
    "nobody reads what all may read": (
        *(Case(who=NOBODY, policy=document({**GET, "Principal": "*"})), ALLOWED),
    ),
    "nobody reads what an account may read": (
        *(Case(who=NOBODY, policy=document({**GET, **aws(HOME)})), NOT_BY_RESOURCE),
    ),
    # "How to use trust policies": the role's policy must let in; an account decides for itself.
    "a trusted user": (
        Case(
            who=ANA,
            action="sts:AssumeRole",
            on=ROLE,
            policy=document({**TRUST, **aws(ANA.arn)}),
            rule=TRUST_POLICY,
        ),
        ALLOWED,
    ),
    "a trusted account whose user may not": (
        Case(
            who=ANA,
            action="sts:AssumeRole",
            on=ROLE,
            policy=document({**TRUST, **aws(HOME)}),
            rule=TRUST_POLICY,
        ),
        NOT_BY_IDENTITY,
    ),
    "a user who is not trusted": (
        Case(
            who=holding(ANA, ANY),
            action="sts:AssumeRole",
            on=ROLE,
            policy=document({**TRUST, **aws(BOB.arn)}),
            rule=TRUST_POLICY,
        ),
        " because no role trust policy allows the {action} action",
    ),
    # Of our own: nobody's policy is taken for what it does not say.
    "an unreadable policy": (Case(who=holding(ANA, ANY, "{")), UNREADABLE),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_published_example_comes_out_as_it_says(name: str) -> None:
    case, clause = CASES[name]
    assert case.clause() == clause
