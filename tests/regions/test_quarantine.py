"""A call that killed a host is known again, whoever asks it, until its quarantine ends."""

from typing import Any

from regions.calls import ApiCall, Principal
from regions.quarantine import QUARANTINE_NS, REMEMBERED, Quarantine, fingerprint


def call(**parameters: Any) -> ApiCall:
    return ApiCall(
        service="kms",
        region="us-east-1",
        action="Encrypt",
        parameters=parameters,
        principal=Principal(kind="IAMUser", account="111122223333", arn="a"),
        source_ip="",
        user_agent="",
        request_id=str(len(parameters)),
    )


def test_a_fingerprint_names_what_is_asked_in_any_order_of_members() -> None:
    one = call(KeyId="k", EncryptionContext={"a": "1", "b": "2"}, Plaintext=b"x")
    same = call(Plaintext=b"x", EncryptionContext={"b": "2", "a": "1"}, KeyId="k")
    other = call(KeyId="k", EncryptionContext={"a": "2", "b": "1"}, Plaintext=b"x")
    assert fingerprint(one) == fingerprint(same)
    assert fingerprint(one) != fingerprint(other)
    assert len(fingerprint(one)) == 16


def test_a_quarantine_ends_by_itself_and_begins_anew_with_each_death() -> None:
    quarantine, killer = Quarantine(), call(KeyId="k")
    assert not quarantine
    quarantine.add(fingerprint(killer), 0)
    assert quarantine.holds(killer, QUARANTINE_NS - 1)
    assert not quarantine.holds(call(KeyId="other"), 0)
    quarantine.add(fingerprint(killer), 1)
    assert quarantine.holds(killer, QUARANTINE_NS)
    assert not quarantine.holds(killer, QUARANTINE_NS + 1)
    assert not quarantine


def test_the_oldest_of_too_many_is_let_go() -> None:
    quarantine = Quarantine()
    killers = [call(KeyId=str(number)) for number in range(REMEMBERED + 1)]
    for killer in killers:
        quarantine.add(fingerprint(killer), 0)
    assert [quarantine.holds(killer, 0) for killer in killers[:2]] == [False, True]
