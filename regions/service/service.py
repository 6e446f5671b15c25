"""One AWS service of one region: takes API calls through one loop and keeps a journal.

A call is checked against the service's model, authorized by the one policy engine, performed on
the state, made durable, recorded, and then answered. Records go to the region's Trail actor, and
a call whose record cannot be kept is not answered with success.
What does not belong here: any one action (each service's ``operations/``), or the wire (api/).
Source: ARCHITECTURE, "Operations" and "Audit"; shapes of records: CloudTrail User Guide,
"CloudTrail record contents".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.api.shapes import check_request
from regions.calls import ApiAnswer, ApiCall, as_recorded
from regions.errors import InternalFailure, ServiceError, UnknownOperationException
from regions.policy.document import compile_resource_policy
from regions.policy.evaluate import Access, authorize
from regions.policy.request import request_context
from regions.service.operation import Desk, Operation, Values, Wanted
from regions.service.state import Journal, State
from regions.trail.messages import Publish
from regions.trail.operation import shown
from regions.trail.record import AuditRecord, Tags
from sim.actor import Actor, Expired, Request
from sim.promise import Promise
from sim.units import seconds
from sim.wire import Codec, Refusal

#: A record that the trail has not taken in this time is not kept; chosen, as KMS's own.
TRAIL_TIMEOUT_NS: Final = seconds(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """Where a service stands and whom it tells of its calls."""

    region: str
    trail: str  #: the region's Trail actor


class Service(Actor):
    """The base of a service; a subclass brings its table of operations and its state."""

    workers: ClassVar[int] = 16  # chosen
    asks_inline: ClassVar[Mapping[str, frozenset[type]]] = {"trail": frozenset({Publish})}
    #: As ApiCall names it, and as records do.
    service: ClassVar[str]
    source: ClassVar[str]
    operations: ClassVar[Mapping[str, Operation]]
    codec: ClassVar[Codec]  #: of the changes in its journal
    failure: ClassVar[type[ServiceError]] = InternalFailure
    after_year: ClassVar[str] = ","  #: what stands behind the year in dates of its records

    config: ServiceConfig

    def new_state(self) -> State:
        """Return the state of a service that nobody has ever called."""
        raise NotImplementedError

    def start(self) -> None:
        """Read the journal."""
        self.state = self.new_state()
        self.journal = Journal(self.disk, self.codec, lambda text: self.note("disk", found=text))
        self.journal.restore(self.state)

    async def serve(self, request: Request) -> None:
        """Take one call through the loop, record it, answer it."""
        call: ApiCall = request.body
        request_id = call.request_id or self.rng("request-id").uuid()
        desk = self.desk(call)
        operation = self.operations.get(call.action)
        answer: dict[str, Any] | ServiceError
        try:
            if operation is None:
                raise UnknownOperationException(f"{call.action} is not modelled")
            self.check(call)
            self.authorize(desk, operation)
            answer = await self.perform(desk, operation)
        except ServiceError as error:
            answer = error.answering(request_id)
        await self._keep(desk)
        if operation is None or operation.recorded:
            await self._record(self.record(desk, operation, request_id, answer), request_id)
        if isinstance(answer, ServiceError):
            request.refuse(answer)
        else:
            request.reply(ApiAnswer(request_id=request_id, body=answer))

    def desk(self, call: ApiCall) -> Desk:
        """Return what an action may look at and use."""
        return Desk(
            state=self.state,
            call=call,
            now_ns=self.calendar_ns,
            region=self.config.region,
            rng=self.rng,
        )

    def check(self, call: ApiCall) -> None:
        """Refuse parameters that the service's model does not allow."""
        check_request(self.service, call.action, call.parameters)

    def authorize(self, desk: Desk, operation: Operation) -> None:
        """Refuse what no policy allows, or one denies."""
        wanted = operation.wants(desk, desk.call.parameters)
        if wanted is not None:
            self.allow(desk, wanted)

    def allow(self, desk: Desk, wanted: Wanted) -> None:
        """Return if the caller may do what he wants.

        Raises:
          AccessDeniedException: no policy allows it, or one denies it.
        """
        desk.wanted.append(wanted)
        policy = compile_resource_policy(wanted.policy) if wanted.policy else None
        access = Access(
            principal=desk.call.principal,
            action=wanted.action,
            resource=wanted.resource,
            account=wanted.account,
            resource_policy=policy,
            context=lambda: condition_context(desk, wanted),
        )
        authorize(access)

    async def perform(self, desk: Desk, operation: Operation) -> dict[str, Any]:
        """Carry an action out; a service whose actions ask others overrides this."""
        return operation.perform(desk, desk.call.parameters)

    async def _keep(self, desk: Desk) -> None:
        """Wait until what the call has changed, and what it has seen, is durable."""
        durable = Promise(self)
        self.journal.keep(desk.changed, self.state, lambda: durable.set(None))
        await durable.wait()

    async def _record(self, record: AuditRecord, request_id: str) -> None:
        try:
            publish = Publish(records=(record,))
            await self.ask(self.config.trail, publish, timeout_ns=TRAIL_TIMEOUT_NS)
        except (Refusal, Expired) as error:
            text = f"the call could not be recorded: {type(error).__name__}"
            raise self.failure(text, request_id) from error

    def _shown(self, values: Values) -> dict[str, Any] | None:
        return shown(values, after_year=self.after_year) or None

    def record(
        self,
        desk: Desk,
        operation: Operation | None,
        request_id: str,
        answer: dict[str, Any] | ServiceError,
    ) -> AuditRecord:
        """Return the audit record of a call; what is secret is not in it."""
        call = desk.call
        error = answer if isinstance(answer, ServiceError) else None
        secret = frozenset[str]() if operation is None else operation.secret
        read_only = operation is not None and operation.read_only
        body = {} if error is not None or read_only else _without(answer, secret)
        return AuditRecord(
            event_id=self.rng("event-id").uuid(),
            request_id=request_id,
            time_ns=desk.now_ns,
            source=self.source,
            name=call.action,
            region=self.config.region,
            principal=as_recorded(call.principal),
            source_ip=call.source_ip,
            user_agent=call.user_agent,
            request_parameters=self._shown(_without(call.parameters, secret)),
            response_elements=self._shown(body if desk.recorded is None else desk.recorded),
            error_code="" if error is None else error.record_code,
            error_message="" if error is None else error.message,
            read_only=read_only,
            recipient_account=call.principal.account,
            connection=call.connection,
            tagged=_tagged(desk, made=error is None and call.action.startswith("Create")),
        )


def condition_context(desk: Desk, wanted: Wanted) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys of a call: those of every request, and the service's own."""
    seen = request_context(
        desk.call,
        desk.now_ns,
        resource_account=wanted.account,
        resource_tags=wanted.resource_tags,
        request_tags=wanted.request_tags,
    )
    return {**seen, **wanted.keys}


def _tagged(desk: Desk, *, made: bool) -> tuple[tuple[str, Tags], ...]:
    """Return what a call was about, with its tags; of what it has made, those that it asked for."""
    found: dict[str, Tags] = {}
    for wanted in desk.wanted:
        tags = wanted.resource_tags or (wanted.request_tags if made else None)
        if tags and wanted.resource != "*":
            found[wanted.resource] = tuple(tags.items())
    return tuple(found.items())


def _without(values: Any, secret: frozenset[str]) -> Values:
    """Return members as a record may show them: no secrets, no bytes."""
    return {
        name: value
        for name, value in values.items()
        if name not in secret and not isinstance(value, bytes)
    }
