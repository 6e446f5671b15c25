"""Who receives a record: the caller, and whoever owns what he used."""

from dataclasses import replace
from types import ModuleType

import pytest

from regions.trail.copies import copies
from regions.trail.record import AuditRecord, Resource

OWNER = "444455556666"
KEY = Resource(arn=f"arn:aws:kms:us-east-1:{OWNER}:key/1", account=OWNER)


def abroad(made: ModuleType, **fields: object) -> AuditRecord:
    record: AuditRecord = made.record(resources=(KEY,), **fields)
    return record


def test_a_call_at_home_is_one_record_without_a_shared_id(made: ModuleType) -> None:
    record = made.record()
    assert copies(record) == (record,)


def test_the_owner_of_a_key_gets_a_copy_that_names_the_callers_account_alone(
    made: ModuleType,
) -> None:
    """CT-02, CT-09: one logical event for each account, with one shared id."""
    record = abroad(made)
    mine, theirs = copies(record)
    assert mine == replace(record, shared_event_id=mine.shared_event_id)
    assert theirs.recipient_account == OWNER
    assert theirs.principal == made.Principal(
        kind="AWSAccount", account=made.ACCOUNT, arn="", principal_id="AIDAEXAMPLE"
    )
    assert theirs.shared_event_id == mine.shared_event_id
    assert len({mine.event_id, theirs.event_id, mine.shared_event_id}) == 3
    same = ("request_id", "time_ns", "name", "request_parameters", "resources", "read_only")
    assert all(getattr(theirs, field) == getattr(mine, field) for field in same)


def test_copies_are_the_same_whenever_they_are_made(made: ModuleType) -> None:
    assert copies(abroad(made)) == copies(abroad(made))
    assert copies(copies(abroad(made))[1]) == copies(abroad(made))[1:]


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_denied_call_is_told_to_the_caller_alone(made: ModuleType, code: str) -> None:
    record = abroad(made, error_code=code)
    assert copies(record) == (record,)


def test_a_call_that_failed_for_another_reason_is_told_to_both(made: ModuleType) -> None:
    """CT-14."""
    told = copies(abroad(made, error_code="InvalidCiphertextException"))
    assert [one.recipient_account or made.ACCOUNT for one in told] == [made.ACCOUNT, OWNER]
    assert {one.error_code for one in told} == {"InvalidCiphertextException"}


def test_keys_of_two_strangers_make_a_copy_for_each(made: ModuleType) -> None:
    other = Resource(arn="arn:aws:kms:us-east-1:777788889999:key/2", account="777788889999")
    record = made.record(resources=(KEY, other, KEY))
    accounts = [one.recipient_account or made.ACCOUNT for one in copies(record)]
    assert accounts == [made.ACCOUNT, OWNER, "777788889999"]


def test_a_service_of_its_own_authority_leaves_a_record_with_a_shared_id(made: ModuleType) -> None:
    (record,) = copies(made.record(principal=made.SERVICE))
    assert record.shared_event_id
    internal = made.record(principal=replace(made.SERVICE, invoked_by="AWS Internal"))
    assert copies(internal) == (internal,)
