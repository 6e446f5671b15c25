"""The contract of one API action, and what every action needs to look at a call.

An action answers in steps that the loop drives: check, resolve, authorize, allowed in this key
state, plan (at most one HSM command), change (at most one replicated change), finish. What does
not belong here: the order of the steps and their effects (loop.py), and any one action
(operations/).
Source: AWS KMS Developer Guide, "AWS KMS permissions", "Policy conditions"; the shapes of KMS
records as facts of the CloudTrail log entries.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, ClassVar, Final

from regions.calls import ApiCall, Principal
from regions.errors import (
    AccessDeniedException,
    InvalidArnException,
    NotFoundException,
    ServiceError,
    UnsupportedOperationException,
)
from regions.kms.attestation import Attestation
from regions.kms.condition_keys import condition_context
from regions.kms.context import canonical
from regions.kms.grant import GRANT_OPERATIONS, Grant, Wanted, named_as_grantee, objection
from regions.kms.key import Key, refusal_in_state
from regions.kms.key_fit import check_algorithm, check_usage
from regions.kms.key_policy import compile_key_policy
from regions.kms.key_specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from regions.kms.keyring import Keyring
from regions.kms.material import Material
from regions.kms.visibility import lag_ns
from regions.names import (
    alias_arn,
    foreign_arn,
    missing_alias,
    missing_key,
    parse_key_name,
)
from regions.policy.evaluate import KEY_POLICY, NOT_ACROSS, SOUND, Access, authorize
from regions.policy.principals import NOT_NAMED
from regions.trail.record import Resource
from sim.units import seconds
from sim.wire import Message

#: Of an alias as a resource; as in the published log entry of UpdateAlias.
ALIAS_RESOURCE: Final = "AWS::KMS::Key"
_NS_PER_SECOND: Final = seconds(1)


class Turn:
    """One call on its way through the steps; what a step finds, the later ones use."""

    __slots__ = (
        "alias",
        "authority",
        "call",
        "child",
        "envelope",
        "grant_ids",
        "key",
        "keyring",
        "limited",
        "material",
        "now_ns",
        "parameters",
        "place",
        "principal",
        "recipient",
        "region",
        "reply",
        "resources",
        "rode",
        "seed",
        "source",
        "standing",
    )

    def __init__(
        self,
        call: ApiCall,
        keyring: Keyring,
        *,
        now_ns: int,
        seed: str,
        authority: str = SOUND,
        place: str = "",
        limited: bool = True,
    ) -> None:
        self.call: Final = call
        self.parameters: Final[dict[str, Any]] = call.parameters
        self.principal: Final[Principal] = call.principal
        self.keyring: Final = keyring
        self.region: Final[str] = keyring.region
        self.now_ns: Final = now_ns  #: calendar
        self.authority: Final = authority  #: how policy evaluation works on this host
        self.place: Final = place  #: an AZ that hears of grants late; "" of them at once
        self.limited: Final = limited  #: the adjustable resource quotas apply
        self.grant_ids: frozenset[str] = frozenset()  #: of the grants that the call's tokens name
        self.seed: Final = seed  #: unique per call; ids that the call needs derive from it
        self.key: Key | None = None  #: the key that the call names
        self.source: Key | None = None  #: of ReEncrypt, the key that made the blob
        self.material: Material | None = None  #: the material that opens the call's blob
        self.alias = ""  #: the alias by which the call names its key
        self.resources: tuple[Resource, ...] = ()  #: what the record says was acted upon
        self.reply: Any = None  #: the HSM's answer to plan()
        self.child: Grant | None = None  #: of CreateGrant, what is to be made
        self.recipient: Attestation | None = None  #: the enclave that alone may read the answer
        self.envelope = b""  #: the answer's plaintext, sealed for the recipient
        self.standing: Any = None  #: what stands after change() was agreed on
        self.rode = False  #: the record rides in a log entry

    @property
    def found(self) -> Key:
        """The key that the call names, once resolved."""
        assert self.key is not None, f"{self.call.action} has resolved no key"
        return self.key

    def sees(self, grant: Grant) -> bool:
        """Tell whether a grant counts here and now: some time after it was made or ended."""
        grant_id, now_ns = grant.grant_id, self.now_ns
        if grant.ended_ns:
            return now_ns < grant.ended_ns + lag_ns(self.place, f"end of {grant_id}")
        if grant_id in self.grant_ids or not self.place:
            return True
        return now_ns >= grant.created_ns + lag_ns(self.place, grant_id)

    def context_bytes(self, member: str = "EncryptionContext") -> bytes:
        """Return the canonical encryption context of one parameter."""
        context = self.parameters.get(member)
        return canonical(context) if context else b""


class Operation:
    """One API action. All state of a call is in its turn, so one object serves every call."""

    action: ClassVar[str]
    permission: ClassVar[str] = ""  #: on the named key; ``kms:`` and the action by default
    read_only: ClassVar[bool] = True  #: as its record says; also true of cryptographic actions
    key_member: ClassVar[str] = ""  #: the parameter that names the key; "" when there is none
    takes_alias: ClassVar[bool] = False  #: the key may be named by alias
    crosses_accounts: ClassVar[bool] = False  #: the key may be another account's
    identity_only: ClassVar[bool] = False  #: key policies have no say
    irreversible: ClassVar[bool] = False  #: sets a date of loss: it counts from the agreed time
    #: Members that requestParameters shows when present, as the model names them, in one text.
    recorded: ClassVar[str] = ""
    #: Each of them with the name that it has in the record.
    shown: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init_subclass__(cls) -> None:
        own = cls.__dict__
        if "action" in own and "permission" not in own:
            cls.permission = f"kms:{cls.action}"
        cls.shown = tuple((name, name[0].lower() + name[1:]) for name in cls.recorded.split())

    def check(self, turn: Turn) -> None:
        """Refuse what the request's shape allows and the action does not."""
        refuse_unmodelled(turn.parameters)

    def resolve(self, turn: Turn) -> None:
        """Find the key that the call names."""
        if self.key_member:
            turn.key = self.resolve_key(turn, turn.parameters[self.key_member])
            turn.resources = (resource(turn.key, turn.region),)

    def resolve_key(self, turn: Turn, text: str) -> Key:
        """Return the key of an id, ARN or alias.

        Raises:
          NotFoundException: it names nothing here; residency shows as "Invalid arn REGION".
          InvalidArnException: an alias where the action wants a key.
          AccessDeniedException: it may be another account's, which is not told.
        """
        name = parse_key_name(text)
        if name.region and name.region != turn.region:
            raise foreign_arn(name.region)
        account = name.account or turn.principal.account
        key_id = name.name
        if name.is_alias:
            if not self.takes_alias:
                raise _no_alias(text)
            alias = turn.keyring.alias(account, name.name)
            turn.alias = name.name
            key_id = "" if alias is None else alias.key_id
        key = turn.keyring.key(key_id)
        at_home = account == turn.principal.account
        if key is not None and key.account == account and (at_home or self.crosses_accounts):
            return key
        if not at_home:
            raise AccessDeniedException(
                f"User: {turn.principal.arn} is not authorized to perform:"
                f" {self.permission} on this resource{NOT_ACROSS}"
            )
        if name.is_alias:
            raise missing_alias(turn.region, account, name.name)
        raise missing_key(turn.region, account, key_id)

    def authorize(self, turn: Turn) -> None:
        """Return if the caller may do this.

        Raises:
          AccessDeniedException: it may not.
        """
        if self.identity_only:
            authorize_identity(turn, self.permission, "*")
        elif turn.key is not None:
            authorize_on_key(turn, self.permission, turn.key)

    def allow_in_state(self, turn: Turn) -> None:
        """Return if the key's state allows the action.

        Raises:
          DisabledException, KMSInvalidStateException: it does not.
        """
        if turn.key is not None:
            error = refusal_in_state(self.action, turn.key, turn.region)
            if error is not None:
                raise error

    def plan(self, turn: Turn) -> Message | None:  # noqa: ARG002 - most actions need no HSM
        """Return the one HSM command that the call needs, or None."""
        return None

    def change(self, turn: Turn) -> Message | None:  # noqa: ARG002 - most actions change nothing
        """Return the one replicated change that the call asks for, or None."""
        return None

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the answer's body, as the service model names it."""
        raise NotImplementedError(self.action, turn)

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Return what the record shows of the request; never plaintext or blobs."""
        given = turn.parameters
        seen = {name: given[member] for member, name in self.shown if given.get(member) is not None}
        return seen or None

    def response_elements(self, turn: Turn) -> dict[str, Any] | None:  # noqa: ARG002 - reads
        """Return what the record shows of the answer; nothing of a read."""
        return None

    def additional(self, turn: Turn) -> dict[str, Any] | None:  # noqa: ARG002 - most have none
        """Return the additionalEventData of the record, or None."""
        return None


class CryptoOperation(Operation):
    """An action that uses a key's material."""

    key_member = "KeyId"
    takes_alias = True
    crosses_accounts = True
    usage: ClassVar[str] = ENCRYPT_DECRYPT  #: KeyUsage of the keys that it takes
    algorithm_member: ClassVar[str] = ""  #: the parameter that names the algorithm, if any

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also keys that are not made for this, and algorithms that the key does not have.

        Raises:
          DisabledException, KMSInvalidStateException: the key's state forbids it.
          InvalidKeyUsageException: the key's usage or its spec does.
        """
        super().allow_in_state(turn)
        check_usage(turn.found, turn.region, self.action, self.usage)
        if self.algorithm_member:
            check_algorithm(turn.found, self.algorithm(turn))

    def algorithm(self, turn: Turn) -> str:
        """Return the algorithm that the call asks for."""
        asked: str = turn.parameters.get(self.algorithm_member, SYMMETRIC_DEFAULT)
        return asked


#: Parameters of features that are not modelled, refused rather than ignored.
NOT_MODELLED: Final = ("ResourceOwners",)


def refuse_unmodelled(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that would change the outcome if they were modelled."""
    for member in NOT_MODELLED:
        if parameters.get(member):
            raise UnsupportedOperationException(f"{member} is not modelled.")


def _no_alias(text: str) -> ServiceError:
    if text.startswith("arn:"):
        return InvalidArnException("Key Aliases are not supported for this operation.")
    return NotFoundException(f"Invalid keyId '{text}'")


def resource(key: Key, region: str) -> Resource:
    """Return the key as a record's resource."""
    return Resource(arn=key.arn(region), account=key.account)


def authorize_on_key(
    turn: Turn, permission: str, key: Key, context_member: str = "EncryptionContext"
) -> None:
    """Return if the caller may do this to a key.

    Args:
      turn: the call.
      permission: such as ``kms:Encrypt``.
      key: whose policy is asked.
      context_member: the parameter whose pairs the policy's conditions see.

    Raises:
      AccessDeniedException: it may not.
    """
    authorize(
        Access(
            turn.principal,
            permission,
            key.arn(turn.region),
            key.account,
            compile_key_policy(key.policy_text(turn.region)),
            lambda: condition_context(turn, key, context_member),
            KEY_POLICY,
            granting(turn, permission, key, context_member),
        ),
        turn.authority,
    )


def granting(
    turn: Turn, permission: str, key: Key, context_member: str
) -> Callable[[], int] | None:
    """Return what tells how the grants that allow this name the caller; None without grants."""
    operation = permission.removeprefix("kms:")
    grants = turn.keyring.grants
    if operation not in GRANT_OPERATIONS or not grants.any_on(key.key_id):
        return None

    def strongest() -> int:
        wanted = Wanted(operation, turn.parameters.get(context_member), turn.child)
        principal, named = turn.principal, NOT_NAMED
        for grant in grants.held_by(key.key_id, principal):
            if turn.sees(grant) and not objection(grant, wanted, principal):
                named = max(named, named_as_grantee(grant, principal))
        return named

    return strongest


def authorize_identity(turn: Turn, permission: str, arn: str) -> None:
    """Return if the caller's own policies allow this.

    Raises:
      AccessDeniedException: they do not.
    """
    authorize(
        Access(
            turn.principal,
            permission,
            arn,
            turn.principal.account,
            None,
            lambda: condition_context(turn, None, ""),
        ),
        turn.authority,
    )


_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"


def date_text(calendar_ns: int) -> str:
    """Return a time as KMS writes it in responseElements: ``Aug 10, 2022, 10:38:27 PM``."""
    when = datetime.fromtimestamp(calendar_ns // _NS_PER_SECOND, UTC)
    half = "AM" if when.hour < 12 else "PM"
    return (
        f"{_MONTHS[3 * when.month - 3 : 3 * when.month]} {when.day}, {when.year},"
        f" {when.hour % 12 or 12}:{when:%M:%S} {half}"
    )


def alias_resource(region: str, account: str, name: str) -> Resource:
    """Return an alias as a record's resource."""
    return Resource(arn=alias_arn(region, account, name), account=account, kind=ALIAS_RESOURCE)


def derived_key_id(seed: str) -> str:
    """Return the UUID-shaped id of the key that one call creates; as unique as the call."""
    text = blake2b(seed.encode(), digest_size=16, person=b"key id").hexdigest()
    variant = "89ab"[int(text[16], 16) % 4]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


#: The table of actions is looked up by the loop; this is the type of its values.
OperationTable = Mapping[str, Operation]
Calendar = Callable[[], int]
