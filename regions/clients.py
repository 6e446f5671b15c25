"""Kinds of clients, as the records of their calls tell them apart.

A service that calls for somebody is no client of these: its name stands for agent and address, and
``invokedBy`` names it.
What does not belong here: who calls (calls.py, Principal).
Source: CloudTrail User Guide, userAgent and sessionCredentialFromConsole; AWS KMS Developer Guide,
log entries of calls from the console; versions: botocore 1.44.5 and AWS CLI 2.34.0, of today.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from regions.calls import ApiCall, Connection
from regions.trail.json_shape import SDK_CIPHER_SUITE, SDK_TLS_VERSION, endpoint_host
from sim.quick import changed

Kind = Literal["sdk", "cli", "console"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One kind of client."""

    user_agent: str
    console: bool = False  #: it calls with a session of the management console


CLIENTS: Final[Mapping[str, Client]] = {
    "sdk": Client(user_agent="Boto3/1.44.5 md/Botocore#1.44.5 lang/python#3.11"),
    "cli": Client(user_agent="aws-cli/2.34.0 md/awscrt#0.31.0 lang/python#3.13"),
    "console": Client(user_agent="AWS Internal", console=True),
}
#: First letters of the key id of temporary credentials, and of long-term ones.
_TEMPORARY: Final = "ASIA"
_LONG_TERM: Final = "AKIA"


def from_console(call: ApiCall, begun_ns: int) -> ApiCall:
    """Return a call as the management console makes it: in a session, which began then."""
    caller = call.principal
    key_id = caller.access_key_id
    if key_id.startswith(_LONG_TERM):
        key_id = _TEMPORARY + key_id.removeprefix(_LONG_TERM)
    host = endpoint_host(f"{call.service}.amazonaws.com", call.region)
    return changed(
        call,
        principal=changed(caller, access_key_id=key_id, session_ns=caller.session_ns or begun_ns),
        connection=Connection(
            host=host, tls_version=SDK_TLS_VERSION, cipher_suite=SDK_CIPHER_SUITE, console=True
        ),
    )
