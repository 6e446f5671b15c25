"""Which key a record is about, however its caller named it."""

import pytest
from records import ACCOUNT, OTHER_ACCOUNT, REGION, event, key_arn

from scenarios.audit.naming import AliasBook, Named, named

KEY, SECOND = key_arn(1), key_arn(2)
KEY_ID = KEY.rpartition("/")[2]
ALIAS = (REGION, ACCOUNT, "alias/orders")
DENIED = (
    f"User: arn:aws:iam::{ACCOUNT}:user/ana is not authorized to perform: kms:Decrypt on"
    f" resource: {KEY} because no identity-based policy allows the kms:Decrypt action"
)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (event("Decrypt", key=KEY), Named((KEY,), (), ())),
        (
            event("Encrypt", key=KEY, requestParameters={"keyId": "alias/orders"}),
            Named((KEY,), (), ()),
        ),
        (event("Encrypt", requestParameters={"keyId": KEY}), Named((KEY,), (), ())),
        (event("Encrypt", requestParameters={"keyId": KEY_ID}), Named((KEY,), (), ())),
        (
            event("Encrypt", requestParameters={"keyId": KEY_ID}, awsRegion="cn-north-1"),
            Named((f"arn:aws-cn:kms:cn-north-1:{ACCOUNT}:key/{KEY_ID}",), (), ()),
        ),
        (event("Encrypt", requestParameters={"keyId": "alias/orders"}), Named((), (ALIAS,), ())),
        (
            event("Encrypt", requestParameters={
                "keyId": f"arn:aws:kms:eu-west-1:{OTHER_ACCOUNT}:alias/a"}),
            Named((), (("eu-west-1", OTHER_ACCOUNT, "alias/a"),), ()),
        ),
        (event("Encrypt", requestParameters={"keyId": "What?"}), Named((), (), ("What?",))),
        (event("CreateKey", responseElements={"keyMetadata": {"arn": KEY}}), Named((KEY,), (), ())),
        (
            event("RotateKey", serviceEventDetails={"keyId": KEY_ID}, eventType="AwsServiceEvent"),
            Named((KEY,), (), ()),
        ),
        (
            event("Decrypt", errorCode="AccessDenied", errorMessage=DENIED),
            Named((KEY,), (), ()),
        ),
        (event("GenerateRandom"), Named((), (), ())),
        (event("CreateTrail", service="cloudtrail", key=KEY), Named((), (), ())),
    ],
)  # fmt: skip
def test_the_key_of_a_record(made: object, expected: Named) -> None:
    assert named(made) == expected  # type: ignore[arg-type]


def book_of(*events: object) -> AliasBook:
    book = AliasBook()
    for one in events:
        book.learn(one)  # type: ignore[arg-type]
    return book


def put(name: str, minute: float, target: str) -> object:
    return event(name, minute, requestParameters={"aliasName": ALIAS[2], "targetKeyId": target})


def test_an_alias_means_what_it_meant_at_that_time() -> None:
    gone = event("DeleteAlias", 30, requestParameters={"aliasName": ALIAS[2]})
    book = book_of(gone, put("UpdateAlias", 20, SECOND), put("CreateAlias", 10, KEY_ID))
    times = ["2026-03-02T00:05:00Z", "2026-03-02T00:10:00Z", "2026-03-02T00:25:00Z"]
    found = [book.key_of(ALIAS, moment) for moment in (*times, "2026-03-02T00:30:00Z")]
    assert found == ["", KEY, SECOND, ""]
    assert book.keys_ever("alias/orders") == [KEY, SECOND]
    assert book.aliases_of(SECOND) == ["alias/orders"]


def test_calls_that_came_far_enough_tell_what_an_alias_means() -> None:
    book = book_of(event("Encrypt", 10, key=KEY, requestParameters={"keyId": ALIAS[2]}))
    # Nobody made it in these records, so it was there before.
    assert book.key_of(ALIAS, "2026-03-02T00:00:00Z") == KEY
    assert book.key_of(ALIAS, "2026-03-03T00:00:00Z") == KEY


def test_a_change_that_was_refused_changes_nothing() -> None:
    refused = event(
        "UpdateAlias",
        20,
        errorCode="AccessDenied",
        requestParameters={"aliasName": ALIAS[2], "targetKeyId": SECOND},
    )
    book = book_of(put("CreateAlias", 10, KEY), refused)
    assert book.key_of(ALIAS, "2026-03-02T00:30:00Z") == KEY
