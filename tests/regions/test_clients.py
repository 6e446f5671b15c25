"""Kinds of clients, and what the records of their calls show."""

from regions.calls import ApiCall, Connection, Principal
from regions.clients import CLIENTS, from_console
from regions.trail.json_shape import SDK_CIPHER_SUITE, SDK_TLS_VERSION

ANA = Principal(
    kind="IAMUser",
    account="111122223333",
    arn="arn:aws:iam::111122223333:user/ana",
    user_name="ana",
    access_key_id="AKIAEXAMPLE",
)


def call(principal: Principal = ANA) -> ApiCall:
    return ApiCall(
        service="kms",
        region="eu-west-1",
        action="ListKeys",
        parameters={},
        principal=principal,
        source_ip="192.0.2.7",
        user_agent=CLIENTS["console"].user_agent,
    )


def test_the_console_calls_in_a_session_and_says_so() -> None:
    """CT-03."""
    made = from_console(call(), begun_ns=7)
    assert (made.principal.access_key_id, made.principal.session_ns) == ("ASIAEXAMPLE", 7)
    assert made.connection == Connection(
        host="kms.eu-west-1.amazonaws.com",
        tls_version=SDK_TLS_VERSION,
        cipher_suite=SDK_CIPHER_SUITE,
        console=True,
    )


def test_a_session_that_there_is_goes_on() -> None:
    session = from_console(call(), begun_ns=7).principal
    assert from_console(call(session), begun_ns=9).principal == session


def test_no_two_kinds_have_one_user_agent() -> None:
    assert len({client.user_agent for client in CLIENTS.values()}) == len(CLIENTS)
