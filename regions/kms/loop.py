"""The one loop that runs every API action: a pure driver that yields what must happen outside.

Steps: validate, resolve (an AWS managed key comes into being at its first use), authorize, key
state, dry run, plan, ask an HSM, commit, finish, record. Every outcome, also a failure, makes
exactly one audit record: it rides in the committed entry, or the driver hands it out.
What does not belong here: what any action means (operations/), and how effects are carried out
(the AZ).
Source: AWS KMS API Reference, "Errors" (texts of the two faults); facts of the KMS records.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any, Final

from regions.api.shapes import check_answer, check_request
from regions.calls import ApiAnswer, ApiCall, as_recorded
from regions.errors import (
    DryRunOperationException,
    InvalidCiphertextException,
    InvalidImportTokenException,
    KeyUnavailableException,
    KMSInternalException,
    SerializationException,
    ServiceError,
    ThrottlingException,
    UnknownOperationException,
    UnsupportedOperationException,
    ValidationException,
)
from regions.hsm.commands import GenerateKey, HsmSealFor, KeyToken
from regions.hsm.errors import (
    HsmCiphertextInvalid,
    HsmContentTooLong,
    HsmKindUnsupported,
    HsmPeerKeyInvalid,
    ImportTokenInvalid,
)
from regions.kms.attestation import answered_for, recipient_of, recorded
from regions.kms.changes import Command, ManagedKeyCreated
from regions.kms.grant_tokens import granted_by_tokens
from regions.kms.key import AWS, Key, tagged
from regions.kms.keyring import Applied, Keyring
from regions.kms.operation import Calendar, Operation, Turn, authorize_on_key, derived_key_id
from regions.kms.operations import OPERATIONS
from regions.names import RESERVED_ALIAS_PREFIX, calls_as, parse_key_name
from regions.policy.evaluate import SOUND
from regions.trail.record import AuditRecord
from sim.quick import hastened
from sim.wire import Message, Refusal

EVENT_SOURCE: Final = "kms.amazonaws.com"
KEY_UNAVAILABLE: Final = (
    "The request was rejected because the specified KMS key was not available. "
    "You can retry the request."
)
INTERNAL: Final = (
    "The request was rejected because an internal exception occurred. The request can be retried."
)
#: Errors of calls whose parameters nobody has looked at, or that hold values of any type.
_UNREAD: Final = (SerializationException, ThrottlingException)
DRY_RUN: Final = "The request would have succeeded, but the DryRun option is set."

_SERVICE_NAMES: Final = (
    "acm backup codecommit connect dms dynamodb ebs elasticfilesystem es fsx glue kinesis "
    "kinesisvideo lambda lightsail rds redshift s3 secretsmanager sns sqs ssm workspaces xray"
)
#: Services whose key DescribeKey brings into being: those that had a predefined alias in 2021,
#: when the last AWS managed keys for new services were made (AWS KMS Developer Guide).
MANAGED_SERVICES: Final = frozenset(_SERVICE_NAMES.split())
#: As the description of a real AWS managed key reads; the service's name varies.
MANAGED_DESCRIPTION: Final = (
    "Default key that protects my {service} resources when no other key is defined"
)


@hastened
@dataclass(frozen=True, slots=True)
class AskHsm:
    """Wanted: an HSM's answer to one command; its Refusal is thrown in instead."""

    command: Message


@hastened
@dataclass(frozen=True, slots=True)
class Commit:
    """Wanted: what one command came to once agreed on; a ServiceError is thrown in instead."""

    command: Command


Effect = AskHsm | Commit


@hastened
@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended."""

    answer: ApiAnswer | ServiceError
    record: AuditRecord | None  #: to be appended before the answer leaves; None: it rode already


Performance = Generator[Effect, Any, Outcome]


def perform(
    call: ApiCall,
    keyring: Keyring,
    *,
    region: str,
    calendar_ns: int,
    event_id: str,
    completed_ns: Calendar | None = None,
    authority: str = SOUND,
    place: str = "",
    limited: bool = True,
) -> Performance:
    """Answer one KMS call against one replica.

    Args:
      call: any parameters, also malformed ones.
      keyring: read at every step, so it must be as fresh as the caller was promised.
      region: the keyring's.
      calendar_ns: when the call began, by this host's calendar.
      event_id: UUID of the record; ids of keys that the call creates derive from it.
      completed_ns: tells the calendar when the record is made; calendar_ns is taken otherwise.
      authority: how policy evaluation works on this host.
      place: name of an AZ that hears of grants late; "" of one that does at once.
      limited: the adjustable resource quotas apply.
    Yields:
      AskHsm or Commit; the answer is to be sent in, a Refusal or ServiceError thrown in.
    Returns:
      The outcome. Raises nothing that was not thrown in.
    """
    assert region == keyring.region, f"call in {region} on the keys of {keyring.region}"
    clock = completed_ns or (lambda: calendar_ns)
    turn = Turn(
        call,
        keyring,
        now_ns=calendar_ns,
        seed=event_id,
        authority=authority,
        place=place,
        limited=limited,
    )
    operation = OPERATIONS.get(call.action)
    try:
        if operation is None:
            raise UnknownOperationException(f"{call.action} is not modelled.")
        body = yield from _answer(turn, operation, clock)
        check_answer("kms", operation.action, body)
    except ServiceError as error:
        record = None if turn.rode else _record(turn, operation, clock(), error)
        return Outcome(error.answering(call.request_id), record)
    record = None if turn.rode else _record(turn, operation, clock(), None)
    return Outcome(ApiAnswer(request_id=call.request_id, body=body), record)


def refuse(
    call: ApiCall,
    keyring: Keyring,
    error: ServiceError,
    *,
    calendar_ns: int,
    event_id: str,
) -> Outcome:
    """Answer a call with an error that was found before anything of the call was looked at."""
    turn = Turn(call, keyring, now_ns=calendar_ns, seed=event_id)
    record = _record(turn, OPERATIONS.get(call.action), calendar_ns, error)
    return Outcome(error.answering(call.request_id), record)


def _answer(
    turn: Turn, operation: Operation, clock: Calendar
) -> Generator[Effect, Any, dict[str, Any]]:
    parameters = turn.parameters
    check_request("kms", operation.action, parameters)
    turn.grant_ids = granted_by_tokens(turn.region, operation.action, parameters)
    operation.check(turn)
    turn.recipient = recipient_of(parameters)
    service = _unborn_service(turn, operation)
    if service:
        yield from _create_managed_key(turn, operation, service)
    operation.resolve(turn)
    operation.authorize(turn)
    operation.allow_in_state(turn)
    if parameters.get("DryRun"):
        raise DryRunOperationException(DRY_RUN)
    command = operation.plan(turn)
    if command is not None:
        turn.reply = yield from _ask_for_caller(turn, command)
    change = operation.change(turn)
    if change is not None:
        record = _record(turn, operation, clock(), None)
        applied: Applied = yield Commit(Command(change=change, record=record))
        turn.rode = True
        if applied.error is not None:
            raise applied.error
        turn.standing = applied.result
    body = operation.finish(turn)
    if turn.recipient is None:
        return body
    return answered_for(operation.action, body, turn.envelope)


def _ask_for_caller(turn: Turn, command: Message) -> Generator[Effect, Any, Any]:
    """Return the HSM's answer; what is for a recipient alone stays sealed beside it."""
    if turn.recipient is None:
        return (yield from _ask_hsm(command))
    wrapped = HsmSealFor(command=command, public_key=turn.recipient.public_key)
    sealed = yield from _ask_hsm(wrapped)
    turn.envelope = sealed.envelope
    return sealed.reply


def _ask_hsm(command: Message) -> Generator[Effect, Any, Any]:
    try:
        return (yield AskHsm(command))
    except ServiceError:
        raise
    except HsmCiphertextInvalid:
        raise InvalidCiphertextException from None
    except ImportTokenInvalid:
        raise InvalidImportTokenException from None
    except HsmPeerKeyInvalid:
        raise ValidationException from None  # Without a text, as observed.
    except HsmContentTooLong as refusal:
        raise ValidationException(refusal.args[0]) from None
    except HsmKindUnsupported as refusal:
        raise UnsupportedOperationException(refusal.args[0]) from None
    except Refusal as refusal:
        # No HSM that was asked has the domain key, or none is there: nothing was done.
        raise KeyUnavailableException(KEY_UNAVAILABLE) from refusal


def _record(
    turn: Turn, operation: Operation | None, time_ns: int, error: ServiceError | None
) -> AuditRecord:
    call = turn.call
    parameters: dict[str, Any] | None = None
    elements: dict[str, Any] | None = None
    additional: dict[str, Any] | None = None
    code = message = ""
    read_only = call.action.startswith(("Describe", "Get", "List"))
    if operation is not None:
        read_only = operation.read_only
        # The values of the one may be of any type, those of the other were not looked at.
        if error is None or not isinstance(error, _UNREAD):
            parameters = operation.request_parameters(turn)
    if error is not None:
        code, message = error.record_code, error.message
    elif operation is not None:
        elements, additional = operation.response_elements(turn), operation.additional(turn)
    if turn.recipient is not None:
        additional = {**(additional or {}), **recorded(turn.recipient)}
    return AuditRecord(
        event_id=turn.seed,
        request_id=call.request_id,
        time_ns=time_ns,
        source=EVENT_SOURCE,
        name=call.action,
        region=turn.region,
        principal=as_recorded(call.principal),
        source_ip=call.source_ip,
        user_agent=call.user_agent,
        request_parameters=parameters,
        response_elements=elements,
        resources=turn.resources,
        error_code=code,
        error_message=message,
        read_only=read_only,
        additional=additional,
        recipient_account=call.principal.account,
        connection=call.connection,
        tagged=tagged(turn.region, turn.source, turn.key),
    )


# ---- AWS managed keys, which come into being when first needed ----


def _unborn_service(turn: Turn, operation: Operation) -> str:
    """Return the service whose AWS managed key this call is the first to need, or ""."""
    text = turn.parameters.get(operation.key_member, "") if operation.takes_alias else ""
    if RESERVED_ALIAS_PREFIX not in text:
        return ""
    name = parse_key_name(text)
    here = (name.region or turn.region, name.account or turn.principal.account)
    if not name.is_alias or here != (turn.region, turn.principal.account):
        return ""
    if turn.keyring.alias(turn.principal.account, name.name) is not None:
        return ""
    service = name.name.removeprefix(RESERVED_ALIAS_PREFIX)
    wanted = calls_as(service) == turn.principal.via_service or (
        operation.action == "DescribeKey" and service in MANAGED_SERVICES
    )
    return service if wanted else ""


def _create_managed_key(
    turn: Turn, operation: Operation, service: str
) -> Generator[Effect, Any, None]:
    drawn = Key(
        key_id=derived_key_id(turn.seed),
        account=turn.principal.account,
        sequence=0,
        created_ns=turn.now_ns,
        description=MANAGED_DESCRIPTION.format(service=service),
        manager=AWS,
        service=service,
        tokens=(),
    )
    # Whoever may not use the key does not bring it into being.
    authorize_on_key(turn, operation.permission, drawn)
    made: KeyToken = yield from _ask_hsm(GenerateKey(key_id=drawn.key_id))
    drawn = replace(drawn, tokens=(made.token,))
    applied: Applied = yield Commit(Command(change=ManagedKeyCreated(key=drawn), record=None))
    if applied.error is not None:
        raise KMSInternalException(INTERNAL) from applied.error
