"""Grants through the loop: names and tokens, how grants end, listings, records and copies."""

from dataclasses import replace
from typing import Any

import pytest
from kms_grants import (
    ABSENT,
    ACCOUNT,
    ARN,
    AWAY,
    CID,
    PAIR,
    ROLE,
    ben,
    code,
    document,
    give,
    retirable,
)

from regions.calls import Principal
from regions.errors import (
    DisabledException,
    DryRunOperationException,
    InvalidGrantIdException,
    InvalidGrantTokenException,
    InvalidMarkerException,
    KMSInvalidStateException,
    LimitExceededException,
    NotFoundException,
    ValidationException,
)
from regions.kms import grants as grants_module
from regions.kms.changes import Command, GrantCreated, KeyPurged
from regions.kms.keyring import Keyring
from sim.units import days

# ---- names and tokens ----


def test_a_repeated_request_of_one_name_makes_one_grant_and_another_token(
    desk: Any, kit: Any
) -> None:
    key_id, who = desk.create_key(), ben(kit)
    call = {"Name": "once", "Constraints": {"EncryptionContextSubset": PAIR}}
    first = give(desk, key_id, who.arn, "Encrypt", "Decrypt", **call)
    again = give(desk, key_id, who.arn, "Decrypt", "Encrypt", **call)
    assert again["GrantId"] == first["GrantId"]
    assert again["GrantToken"] != first["GrantToken"]
    assert desk.records[-1].response_elements["grantId"] == first["GrantId"]
    other = give(desk, key_id, who.arn, "Encrypt", **call)  # It says something else.
    assert other["GrantId"] != first["GrantId"]
    nameless = [give(desk, key_id, who.arn, "Encrypt")["GrantId"] for _ in range(2)]
    assert len({*nameless}) == 2


def test_of_two_requests_of_one_name_at_once_both_get_the_first_grant(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    first: list[Any] = []
    desk.before_commit = lambda: first.append(give(desk, key_id, who.arn, "Encrypt", Name="n"))
    second = give(desk, key_id, who.arn, "Encrypt", Name="n")
    assert second["GrantId"] == first[0]["GrantId"]
    named = [record.response_elements["grantId"] for record in desk.records[1:]]
    assert named == [first[0]["GrantId"]] * 2


def test_a_name_is_free_again_when_its_grant_has_ended(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    first = give(desk, key_id, who.arn, "Encrypt", Name="n")["GrantId"]
    desk.call("RevokeGrant", KeyId=key_id, GrantId=first)
    assert give(desk, key_id, who.arn, "Encrypt", Name="n")["GrantId"] != first


@pytest.mark.parametrize("text", ["x", "AAAA", "ab" * 40])
def test_a_text_that_is_no_token_is_refused(desk: Any, text: str) -> None:
    key_id = desk.create_key()
    with pytest.raises(InvalidGrantTokenException, match=r"^InvalidGrantTokenException: $"):
        desk.call("Encrypt", KeyId=key_id, Plaintext=b"x", GrantTokens=[text])
    with pytest.raises(InvalidGrantTokenException, match=r"^InvalidGrantTokenException: $"):
        desk.call("RetireGrant", GrantToken=text)


def test_a_token_is_of_no_use_in_another_region(desk: Any, kit: Any) -> None:
    key_id = desk.create_key()
    token = give(desk, key_id, ben(kit).arn, "Encrypt")["GrantToken"]
    other = kit.Desk(region="eu-west-1")
    with pytest.raises(InvalidGrantTokenException):
        other.call("Encrypt", KeyId=other.create_key(), Plaintext=b"x", GrantTokens=[token])


def test_a_token_gives_nobody_but_the_grantee_anything(desk: Any, kit: Any) -> None:
    key_id, eve = desk.create_key(), kit.user("eve", policy="")
    token = give(desk, key_id, ben(kit).arn, "Encrypt")["GrantToken"]
    call = {"KeyId": key_id, "Plaintext": b"x", "GrantTokens": [token]}
    assert code(desk, eve, "Encrypt", **call) == "AccessDeniedException"
    assert code(desk, eve, "RetireGrant", GrantToken=token) == "AccessDeniedException"


# ---- how grants end ----


def test_the_retiring_principal_retires_without_any_policy(desk: Any, kit: Any) -> None:
    key_id, given = retirable(desk, kit)
    cid = kit.user("cid", account=AWAY, policy="")
    assert desk.call("RetireGrant", cid, GrantToken=given["GrantToken"]) == {}
    encrypt = {"KeyId": key_id, "Plaintext": b"x"}
    assert code(desk, ben(kit), "Encrypt", **encrypt) == "AccessDeniedException"
    with pytest.raises(NotFoundException) as gone:
        desk.call("RetireGrant", cid, GrantToken=given["GrantToken"])
    assert gone.value.message == f"Grant '{given['GrantId']}' does not exist"


def test_the_grantee_retires_only_what_says_so(desk: Any, kit: Any) -> None:
    _, given = retirable(desk, kit)
    token = {"GrantToken": given["GrantToken"]}
    assert code(desk, ben(kit), "RetireGrant", **token) == "AccessDeniedException"
    _, given = retirable(desk, kit, "RetireGrant")
    desk.call("RetireGrant", ben(kit), GrantToken=given["GrantToken"])


def test_the_account_that_made_a_grant_retires_it(desk: Any, kit: Any) -> None:
    key_id, given = retirable(desk, kit)
    by_id = {"KeyId": f"{ARN}key/{key_id}", "GrantId": given["GrantId"]}
    eve = kit.user("eve", policy="")
    assert code(desk, eve, "RetireGrant", **by_id) == "AccessDeniedException"
    root = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
    desk.call("RetireGrant", root, **by_id)


def test_leave_to_retire_is_no_use_to_whom_the_grant_does_not_name(desk: Any, kit: Any) -> None:
    _, given = retirable(desk, kit)
    dan = kit.user("dan", account=AWAY)  # may do everything, in another account
    token = {"GrantToken": given["GrantToken"]}
    assert code(desk, dan, "RetireGrant", **token) == "AccessDeniedException"


def test_an_identity_policy_may_deny_retiring(desk: Any, kit: Any) -> None:
    _, given = retirable(desk, kit)
    deny = document({"Effect": "Deny", "Action": "kms:RetireGrant", "Resource": "*"})
    cid = kit.user("cid", account=AWAY, policy=deny)
    token = {"GrantToken": given["GrantToken"]}
    assert code(desk, cid, "RetireGrant", **token) == "AccessDeniedException"


@pytest.mark.parametrize(
    "given",
    [{}, {"GrantId": ABSENT}, {"KeyId": "k"}, {"GrantToken": "t", "GrantId": ABSENT, "KeyId": "k"}],
)
def test_a_grant_to_retire_is_named_in_one_of_two_ways(desk: Any, given: dict[str, str]) -> None:
    text = "You must specify either a GrantToken, or a KeyId and a GrantId."
    with pytest.raises(ValidationException) as refused:
        desk.call("RetireGrant", **given)
    assert refused.value.message == text


def test_revoking_is_for_whom_the_policies_let(desk: Any, kit: Any) -> None:
    key_id, given = retirable(desk, kit, "RetireGrant")
    grant_id = {"KeyId": key_id, "GrantId": given["GrantId"]}
    assert code(desk, ben(kit), "RevokeGrant", **grant_id) == "AccessDeniedException"
    assert desk.call("RevokeGrant", **grant_id) == {}
    assert code(desk, None, "RevokeGrant", **grant_id) == "NotFoundException"


def test_kms_05_disabling_a_key_or_revoking_a_grant_makes_data_unreadable(
    desk: Any, kit: Any
) -> None:
    """KMS-05: whoever read sealed data by a grant reads none when it is revoked, or the key off."""
    key_id, who = desk.create_key(), ben(kit)
    sealed = desk.call("GenerateDataKey", KeyId=key_id, KeySpec="AES_256")
    read = {"CiphertextBlob": sealed["CiphertextBlob"]}
    grant_id = give(desk, key_id, who.arn, "Decrypt")["GrantId"]
    assert desk.call("Decrypt", who, **read)["Plaintext"] == sealed["Plaintext"]
    desk.call("DisableKey", KeyId=key_id)
    assert code(desk, who, "Decrypt", **read) == "DisabledException"
    desk.call("EnableKey", KeyId=key_id)
    desk.call("Decrypt", who, **read)
    desk.call("RevokeGrant", KeyId=key_id, GrantId=grant_id)
    assert code(desk, who, "Decrypt", **read) == "AccessDeniedException"


def test_another_account_makes_lists_and_revokes_grants_where_both_accounts_let_it(
    desk: Any, kit: Any
) -> None:
    key_id, bob = desk.create_key(), kit.user("bob", account=AWAY)
    key = {"KeyId": f"{ARN}key/{key_id}"}
    make = {**key, "GranteePrincipal": bob.arn, "Operations": ["Encrypt"]}
    assert code(desk, bob, "CreateGrant", **make) == "AccessDeniedException"
    root, away = ({"AWS": f"arn:aws:iam::{account}:root"} for account in (ACCOUNT, AWAY))
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    manage = {**allow, "Action": ["kms:*Grant", "kms:ListGrants"], "Principal": away}
    policy = document({**allow, "Principal": root}, manage)
    desk.call("PutKeyPolicy", KeyId=key_id, Policy=policy)
    made = desk.call("CreateGrant", bob, **make)
    (listed,) = desk.call("ListGrants", bob, **key)["Grants"]
    assert listed["IssuingAccount"] == f"arn:aws:iam::{AWAY}:root"
    own_root = Principal(kind="Root", account=AWAY, arn=f"arn:aws:iam::{AWAY}:root")
    with pytest.raises(DryRunOperationException):  # The account that made it may retire it.
        desk.call("RetireGrant", own_root, GrantToken=made["GrantToken"], DryRun=True)
    owner = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
    by_owner = {"GrantToken": made["GrantToken"]}
    assert code(desk, owner, "RetireGrant", **by_owner) == "AccessDeniedException"
    for policies in ((), bob.policies):
        refused = code(
            desk, replace(bob, policies=policies), "RevokeGrant", **key, GrantId=made["GrantId"]
        )
        assert refused == ("" if policies else "AccessDeniedException")


def test_ids_of_grants_are_checked(desk: Any) -> None:
    key_id, other = desk.create_key(), desk.create_key()
    with pytest.raises(InvalidGrantIdException) as refused:
        desk.call("RevokeGrant", KeyId=key_id, GrantId="nonsense")
    assert refused.value.message == "Invalid grant id 'nonsense'"
    with pytest.raises(NotFoundException):
        desk.call("RevokeGrant", KeyId=key_id, GrantId=ABSENT)
    given = give(desk, key_id, ROLE, "Encrypt")
    with pytest.raises(NotFoundException):  # It is on another key.
        desk.call("RevokeGrant", KeyId=other, GrantId=given["GrantId"])


def test_grants_die_with_their_key(desk: Any, kit: Any) -> None:
    key_id, given = retirable(desk, kit)
    desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    purge = KeyPurged(key_id=key_id, time_ns=desk.now_ns + days(8))
    desk.commit(Command(change=purge, record=None))
    assert list(desk.keyring.grants) == []
    cid = kit.user("cid", account=AWAY, policy="")
    assert code(desk, cid, "RetireGrant", GrantToken=given["GrantToken"]) == "NotFoundException"


def test_dry_runs_change_nothing(desk: Any, kit: Any) -> None:
    key_id, given = retirable(desk, kit)
    state = desk.keyring.digest()
    grant_id = {"KeyId": key_id, "GrantId": given["GrantId"]}
    for action, call in (
        ("CreateGrant", {"KeyId": key_id, "GranteePrincipal": ROLE, "Operations": ["Encrypt"]}),
        ("RevokeGrant", grant_id),
    ):
        with pytest.raises(DryRunOperationException):
            desk.call(action, **call, DryRun=True)
        assert code(desk, ben(kit), action, **call, DryRun=True) == "AccessDeniedException"
    cid = kit.user("cid", account=AWAY, policy="")
    with pytest.raises(DryRunOperationException):
        desk.call("RetireGrant", cid, GrantToken=given["GrantToken"], DryRun=True)
    assert desk.keyring.digest() == state


def test_a_key_that_cannot_be_used_takes_no_grants_but_loses_them(desk: Any, kit: Any) -> None:
    key_id, given = retirable(desk, kit)
    desk.call("DisableKey", KeyId=key_id)
    with pytest.raises(DisabledException):
        give(desk, key_id, ROLE, "Encrypt")
    desk.call("ScheduleKeyDeletion", KeyId=key_id)
    with pytest.raises(KMSInvalidStateException):
        give(desk, key_id, ROLE, "Encrypt")
    desk.call("RevokeGrant", KeyId=key_id, GrantId=given["GrantId"])


# ---- listings ----


def test_a_listing_shows_everything_of_a_grant_but_its_tokens(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    given = give(
        desk,
        key_id,
        who.arn,
        "Encrypt",
        "Decrypt",
        RetiringPrincipal=CID,
        Name="n",
        Constraints={"EncryptionContextSubset": PAIR},
    )
    shown = {
        "KeyId": f"{ARN}key/{key_id}",
        "GrantId": given["GrantId"],
        "Name": "n",
        "CreationDate": 1767268800.0,
        "GranteePrincipal": who.arn,
        "RetiringPrincipal": CID,
        "IssuingAccount": f"arn:aws:iam::{ACCOUNT}:root",
        "Operations": ("Encrypt", "Decrypt"),
        "Constraints": {"EncryptionContextSubset": PAIR},
    }
    listed = {"Grants": (shown,), "Truncated": False}
    assert desk.call("ListGrants", KeyId=key_id) == listed
    cid = kit.user("cid", account=AWAY)  # grants on keys of any account
    assert desk.call("ListRetirableGrants", cid, RetiringPrincipal=CID) == listed
    assert desk.call("ListRetirableGrants", RetiringPrincipal=ROLE)["Grants"] == ()


def test_listings_come_in_pages_that_neither_repeat_nor_skip(desk: Any) -> None:
    key_id = desk.create_key()
    made = [give(desk, key_id, ROLE, "Encrypt", RetiringPrincipal=CID)["GrantId"] for _ in range(7)]
    for action, call in (
        ("ListGrants", {"KeyId": key_id}),
        ("ListRetirableGrants", {"RetiringPrincipal": CID}),
    ):
        seen: list[str] = []
        page = desk.call(action, **call, Limit=3)
        seen += [grant["GrantId"] for grant in page["Grants"]]
        desk.call("RevokeGrant", KeyId=key_id, GrantId=made.pop(1))  # already seen
        while page["Truncated"]:
            page = desk.call(action, **call, Limit=3, Marker=page["NextMarker"])
            seen += [grant["GrantId"] for grant in page["Grants"]]
        assert [grant_id for grant_id in seen if grant_id in made] == made
        assert len(seen) == len(made) + 1
    assert len(desk.call("ListGrants", KeyId=key_id)["Grants"]) == 5
    with pytest.raises(InvalidMarkerException):
        desk.call("ListGrants", KeyId=key_id, Marker="x")


def test_a_listing_is_filtered_by_id_and_grantee(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    first = give(desk, key_id, who.arn, "Encrypt")["GrantId"]
    second = give(desk, key_id, ROLE, "Encrypt")["GrantId"]

    def listed(**filters: str) -> list[str]:
        page = desk.call("ListGrants", KeyId=key_id, **filters)
        return [grant["GrantId"] for grant in page["Grants"]]

    assert listed() == [first, second]
    assert listed(GrantId=second) == [second]
    assert listed(GranteePrincipal=who.arn) == [first]
    assert listed(GranteePrincipal=who.arn, GrantId=second) == []


def test_filters_by_service_are_for_services(desk: Any) -> None:
    key_id = desk.create_key()
    with pytest.raises(ValidationException):
        desk.call("ListGrants", KeyId=key_id, GranteeServicePrincipal="sqs.amazonaws.com")
    with pytest.raises(ValidationException):
        desk.call("ListRetirableGrants", RetiringServicePrincipal="sqs.amazonaws.com")
    with pytest.raises(ValidationException):
        desk.call("ListRetirableGrants")


def test_listing_retirable_grants_needs_leave_on_the_principal(desk: Any, kit: Any) -> None:
    may = {"Effect": "Allow", "Action": "kms:ListRetirableGrants", "Resource": ROLE}
    who = ben(kit, document(may))
    desk.call("ListRetirableGrants", who, RetiringPrincipal=ROLE)
    call = {"RetiringPrincipal": CID}
    assert code(desk, who, "ListRetirableGrants", **call) == "AccessDeniedException"


def test_a_key_takes_so_many_grants_and_no_more(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert grants_module.GRANTS_PER_KEY_MAX == 50_000
    monkeypatch.setattr(grants_module, "GRANTS_PER_KEY_MAX", 3)
    key_id = desk.create_key()
    made = [give(desk, key_id, ROLE, "Encrypt")["GrantId"] for _ in range(3)]
    with pytest.raises(LimitExceededException) as refused:
        give(desk, key_id, ROLE, "Encrypt")
    assert refused.value.message == f"The key {ARN}key/{key_id} has 3 grants already"
    desk.call("RevokeGrant", KeyId=key_id, GrantId=made[0])
    give(desk, key_id, ROLE, "Encrypt")


# ---- records and copies ----


def test_records_of_grants_are_as_cloudtrail_shows_them(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    constraints = {"EncryptionContextSubset": PAIR}
    given = give(desk, key_id, who.arn, "Encrypt", "RetireGrant", Constraints=constraints)
    arn = f"{ARN}key/{key_id}"
    made = desk.records[-1]
    assert made.request_parameters == {
        "keyId": key_id,
        "operations": ("Encrypt", "RetireGrant"),
        "granteePrincipal": who.arn,
        "constraints": {"encryptionContextSubset": PAIR},
    }
    assert made.response_elements == {"grantId": given["GrantId"], "keyId": arn}
    desk.call("ListGrants", KeyId=key_id)
    listed = desk.records[-1]
    assert (listed.read_only, listed.response_elements) == (True, None)
    desk.call("RetireGrant", who, GrantToken=given["GrantToken"])
    retired = desk.records[-1]
    assert (retired.request_parameters, retired.response_elements) == (None, {"keyId": arn})
    assert retired.additional == {"grantId": given["GrantId"]}
    given = give(desk, key_id, who.arn, "Encrypt")
    desk.call("RevokeGrant", KeyId=key_id, GrantId=given["GrantId"])
    revoked = desk.records[-1]
    assert revoked.request_parameters == {"keyId": key_id, "grantId": given["GrantId"]}
    for record in (made, retired, revoked):
        assert [one.arn for one in record.resources] == [arn]
        assert not record.read_only
        assert given["GrantToken"] not in repr(record)


def test_a_replica_restored_from_a_snapshot_has_the_same_grants(desk: Any, kit: Any) -> None:
    key_id, given = retirable(desk, kit)
    ended = give(desk, key_id, ROLE, "Encrypt")["GrantId"]
    desk.call("RevokeGrant", KeyId=key_id, GrantId=ended)
    copy = Keyring("us-east-1")
    copy.restore(desk.keyring.snapshot())
    assert copy.digest() == desk.keyring.digest()
    assert [grant.grant_id for grant in copy.grants] == [given["GrantId"], ended]
    late = Command(
        change=GrantCreated(
            grant=replace(
                copy.grants.find(given["GrantId"]),
                grant_id=ABSENT,
                created_ns=desk.now_ns + days(1),
            )
        ),
        record=None,
    )
    for keyring in (copy, desk.keyring):  # Either forgets what nobody honours any more.
        keyring.apply(late)
        assert [grant.grant_id for grant in keyring.grants] == [given["GrantId"], ABSENT]
    assert copy.digest() == desk.keyring.digest()
