"""STS of one region: it lends roles, and keeps nothing.

What does not belong here: any one action (operations/), and what tokens say (token.py).
Source: STS API Reference.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.errors import InternalFailure, ServiceError
from regions.iam.messages import FindRole, FoundRole, NoSuchRole
from regions.service.operation import Desk, Operation
from regions.service.service import Service, ServiceConfig
from regions.service.state import state_codec
from regions.sts.operation import Counter, StsOperation
from regions.sts.operations import OPERATIONS
from regions.sts.token import BATTERY, Tokens
from regions.trail.copies import DENIED
from regions.trail.record import AuditRecord, Resource
from sim.actor import Expired
from sim.quick import changed
from sim.units import seconds
from sim.wire import Message, Refusal

_KEY_BYTES: Final = 32
#: IAM is waited for so long; chosen.
_IAM_TIMEOUT_NS: Final = seconds(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class StsConfig(ServiceConfig):
    """Where an STS stands, and who knows the roles."""

    iam: str  #: the world's IAM actor


class Nothing:
    """The state of a service that keeps nothing."""

    def apply(self, change: Message) -> None:
        """Take nothing over."""
        raise AssertionError(f"{change} changes nothing here")

    def changes(self) -> Iterable[Message]:
        """Return nothing."""
        return ()


class Sts(Service):
    """The security token service of a region."""

    kind = "sts"
    asks: ClassVar[tuple[str, ...]] = ("iam",)
    service, source = "sts", "sts.amazonaws.com"
    operations = OPERATIONS
    codec = state_codec({})

    def new_state(self) -> Nothing:
        """Return nothing."""
        return Nothing()

    def start(self) -> None:
        """Get ready to make tokens that every region reads."""
        super().start()
        assert isinstance(self.config, StsConfig), f"{self.name} does not know IAM"
        self.iam = self.config.iam
        self.tokens = Tokens(self.battery(*BATTERY)(_KEY_BYTES))
        self.draw = self.entropy("sts")

    async def perform(self, desk: Desk, operation: Operation) -> dict[str, Any]:
        """Ask IAM for the role that an action names, and carry the action out."""
        assert isinstance(operation, StsOperation), f"{operation.name} is none of STS"
        arn = operation.role_arn(desk.call.parameters)
        role = await self._role(arn) if arn else None
        desk.state = Counter(self.tokens, self.draw, role)
        return operation.perform(desk, desk.call.parameters)

    async def _role(self, arn: str) -> FoundRole | None:
        try:
            found: FoundRole = await self.ask(
                self.iam, FindRole(arn=arn), timeout_ns=_IAM_TIMEOUT_NS
            )
        except NoSuchRole:
            return None
        except (Refusal, Expired) as error:
            raise InternalFailure(f"IAM does not answer: {type(error).__name__}") from error
        return found

    def record(
        self,
        desk: Desk,
        operation: Operation | None,
        request_id: str,
        answer: dict[str, Any] | ServiceError,
    ) -> AuditRecord:
        """Return the audit record of a call; it names the role that was lent."""
        record = super().record(desk, operation, request_id, answer)
        if record.error_code in DENIED:
            return changed(record, request_parameters=None)  # As the real service's are.
        counter = desk.state
        if not isinstance(counter, Counter) or counter.role is None:
            return record
        role = counter.role
        resource = Resource(arn=role.arn, account=role.account, kind="AWS::IAM::Role")
        return changed(record, resources=(resource,))
