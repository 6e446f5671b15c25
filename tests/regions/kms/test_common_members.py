"""Members that many actions have behave alike in all: DryRun, Marker, Limit, the lock-out check.

Method: which actions have them is read from the service's model, so none can be forgotten.
"""

from typing import Any

import pytest
from key_calls import ANA, KINDS, call_of

from regions.api.models import model_of
from regions.errors import DryRunOperationException, MalformedPolicyDocumentException
from regions.kms.operations import OPERATIONS

MODEL = model_of("kms")


def members(action: str, side: str = "input") -> dict[str, Any]:
    shape: dict[str, Any] = MODEL["shapes"][MODEL["operations"][action][side]["shape"]]
    return shape["members"] if shape else {}


def taking(member: str) -> list[str]:
    return sorted(
        action
        for action, operation in MODEL["operations"].items()
        if "input" in operation and member in members(action) and action in OPERATIONS
    )


@pytest.mark.parametrize("action", taking("DryRun"))
def test_a_dry_run_ends_before_anything_is_done(desk: Any, action: str) -> None:
    key_id = desk.create_key(**KINDS.get(action, {}))
    parameters = call_of(desk, action, key_id)
    before = (len(desk.frames), len(desk.hsm_commands), desk.keyring.digest())
    with pytest.raises(DryRunOperationException) as caught:
        desk.call(action, **parameters, DryRun=True)
    assert caught.value.message == "The request would have succeeded, but the DryRun option is set."
    assert (len(desk.frames), len(desk.hsm_commands), desk.keyring.digest()) == before
    assert desk.records[-1].error_code == "DryRunOperationException"


@pytest.mark.parametrize("action", taking("DryRun"))
def test_a_dry_run_that_would_fail_tells_why(desk: Any, kit: Any, action: str) -> None:
    key_id = desk.create_key(**KINDS.get(action, {}))
    parameters = call_of(desk, action, key_id)
    if action == "RetireGrant":  # The grant itself says who may; there must be one.
        caller, why = kit.user(), "NotFoundException"
        parameters["GrantId"] = "ab" * 32
    else:
        caller, why = kit.user("nobody", policy=""), "AccessDeniedException"
    assert desk.outcome(action, caller, **parameters, DryRun=True).answer.code == why


@pytest.mark.parametrize("action", sorted({*taking("Marker")} & {*taking("Limit")}))
def test_pages_of_one_show_what_one_page_shows(desk: Any, action: str) -> None:
    given = filled(desk, action)
    whole = desk.call(action, **given)
    [listing] = [
        name for name in members(action, "output") if name not in {"NextMarker", "Truncated"}
    ]
    assert len(whole[listing]) >= (1 if action == "ListKeyPolicies" else 2)
    assert whole["Truncated"] is False
    found, marker = [], {}
    while True:
        page = desk.call(action, **given, Limit=1, **marker)
        assert len(page[listing]) == 1
        found += page[listing]
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert found == list(whole[listing])
    assert "NextMarker" not in page


@pytest.mark.parametrize("action", sorted({*taking("Marker")} & {*taking("Limit")}))
def test_a_marker_that_nobody_gave_and_a_limit_out_of_range_are_refused(
    desk: Any, action: str
) -> None:
    given = filled(desk, action)
    assert desk.answer_code(action, **given, Marker="nobody-gave-this") == "InvalidMarkerException"
    for limit, bound in ((0, "greater than or equal to 1"), (1001, "less than or equal to 1000")):
        answer = desk.outcome(action, **given, Limit=limit).answer
        assert answer.code == "ValidationException"
        assert answer.message == (
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint:"
            f" Member must have value {bound}"
        )


def filled(desk: Any, action: str) -> dict[str, Any]:
    """Bring at least two entries of a listing about, and return what it is called with."""
    key_id = desk.create_key()
    desk.create_key()
    if action == "ListAliases":
        for name in ("a", "b", "c"):
            desk.call("CreateAlias", AliasName=f"alias/{name}", TargetKeyId=key_id)
    if action in {"ListGrants", "ListRetirableGrants"}:
        for operation in ("Encrypt", "Decrypt", "DescribeKey"):
            more = {"GranteePrincipal": ANA, "RetiringPrincipal": ANA}
            desk.call("CreateGrant", KeyId=key_id, Operations=[operation], **more)
    if action == "ListResourceTags":
        tags = [{"TagKey": name, "TagValue": ""} for name in "abc"]
        desk.call("TagResource", KeyId=key_id, Tags=tags)
    if action == "ListKeyRotations":
        for _ in range(2):
            desk.call("RotateKeyOnDemand", KeyId=key_id)
            desk.run_due()
    if action == "DescribeCustomKeyStores":
        for letter in "abc":
            desk.call(
                "CreateCustomKeyStore",
                CustomKeyStoreName=letter,
                CloudHsmClusterId=f"cluster-{letter * 11}",
                KeyStorePassword="correct-horse",
                TrustAnchorCertificate="-----BEGIN CERTIFICATE-----\nMAA=\n"
                "-----END CERTIFICATE-----",
            )
    if action == "ListRetirableGrants":
        return {"RetiringPrincipal": ANA}
    named = {"ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListResourceTags"}
    return {"KeyId": key_id} if action in named else {}


LOCKED = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:DescribeKey",'
    '"Principal":{"AWS":"*"},"Resource":"*"}]}'
)


@pytest.mark.parametrize("action", taking("BypassPolicyLockoutSafetyCheck"))
def test_a_policy_that_locks_its_author_out_needs_the_author_s_word_for_it(
    desk: Any, action: str
) -> None:
    desk.keyring.sites = ("us-east-1", "eu-west-1")
    given = (
        {} if action == "CreateKey" else call_of(desk, action, desk.create_key(MultiRegion=True))
    )
    given = {**given, "Policy": LOCKED}
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        desk.call(action, **given)
    assert caught.value.message == (
        "The new key policy will not allow you to update the key policy in the future."
    )
    desk.call(action, **given, BypassPolicyLockoutSafetyCheck=True)
