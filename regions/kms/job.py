"""The contract of long work: idempotent steps over the keyring, run by the leading AZ.

What is due is a pure function of the replicated state, so that the next leader goes on where
the last one stopped, and a step that two leaders take changes nothing twice. What does not
belong here: timers, and who leads.
"""

from typing import Any, ClassVar, Final

from regions.calls import Principal
from regions.kms.changes import Command
from regions.kms.key import Key, tagged
from regions.kms.keyring import Keyring
from regions.kms.material import AUTOMATIC, ON_DEMAND
from regions.trail.record import AWS_INTERNAL, SERVICE_EVENT, AuditRecord, Resource
from sim.wire import Message

EVENT_SOURCE: Final = "kms.amazonaws.com"


class Job:
    """One kind of long work. It has no state of its own, so one object serves every AZ."""

    name: ClassVar[str]
    #: Nothing brings back what a step has done: the time is agreed on afresh before each.
    irreversible: ClassVar[bool] = False

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the calendar time of the next step, also when it has passed; None: never."""
        raise NotImplementedError(self.name, keyring)

    def step(self, keyring: Keyring, now_ns: int) -> Message | None:
        """Return the HSM command of the step that is due at ``now_ns``; None if it needs none."""
        raise NotImplementedError(self.name, keyring, now_ns)

    def change(self, keyring: Keyring, now_ns: int, reply: Any, event_id: str) -> Command:
        """Return what to commit.

        Args:
          keyring: may have changed since step().
          now_ns: as it was given to step().
          reply: the HSM's answer; None without a command.
          event_id: UUID of the record, if the step leaves one.
        """
        raise NotImplementedError(self.name, keyring, now_ns, reply, event_id)

    def tried(self, keyring: Keyring, command: Any) -> int:  # noqa: ARG002 - most succeed or raise
        """Set aside what a step that was committed could not do; return how many that are."""
        return 0


class DatedJob(Job):
    """What becomes of a key on its day: no HSM is asked, and the provider's event tells of it."""

    irreversible = True
    event: ClassVar[str]  #: name of the event, such as ``DeleteKey``

    def next(self, keyring: Keyring) -> tuple[int, str] | None:
        """Return the calendar time of the earliest day, and the id of its key."""
        raise NotImplementedError(self.name, keyring)

    def ending(self, key_id: str, now_ns: int) -> Message:
        """Return the change that the day brings."""
        raise NotImplementedError(self.name, key_id, now_ns)

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the earliest day."""
        found = self.next(keyring)
        return None if found is None else found[0]

    def step(self, keyring: Keyring, now_ns: int) -> None:  # noqa: ARG002 - contract of jobs
        """Ask nothing: tokens are forgotten, not opened."""
        return

    def change(
        self,
        keyring: Keyring,
        now_ns: int,
        reply: Any,  # noqa: ARG002 - no HSM was asked
        event_id: str,
    ) -> Command:
        """Bring what the day brings, with its event."""
        found = self.next(keyring)
        key = None if found is None else keyring.key(found[1])
        assert key is not None, "a step without an HSM follows due_ns() at once"
        record = service_event(self.event, key, keyring.region, time_ns=now_ns, event_id=event_id)
        return Command(change=self.ending(key.key_id, now_ns), record=record)


def service_event(
    name: str,
    key: Key,
    region: str,
    *,
    time_ns: int,
    event_id: str,
    details: dict[str, Any] | None = None,
) -> AuditRecord:
    """Return the record of what the provider did to a key by itself.

    Args:
      details: members of serviceEventDetails beside the key's id.
    """
    return AuditRecord(
        event_id=event_id,
        request_id="",
        time_ns=time_ns,
        source=EVENT_SOURCE,
        name=name,
        region=region,
        principal=provider(key.account),
        source_ip=AWS_INTERNAL,
        user_agent=AWS_INTERNAL,
        resources=(Resource(arn=key.arn(region), account=key.account),),
        read_only=False,
        event_type=SERVICE_EVENT,
        service_event={"keyId": key.key_id, **(details or {})},
        recipient_account=key.account,
        tagged=tagged(region, key),
    )


def provider(account: str) -> Principal:
    """Return the provider as it acts within itself, for an account."""
    return Principal(kind="AWSService", account=account, arn="", invoked_by=AWS_INTERNAL)


def rotation_event(
    key: Key, region: str, material_id: str, *, time_ns: int, event_id: str
) -> AuditRecord:
    """Return the RotateKey event of a key that was not rotated yet."""
    asked = key.rotation is not None and key.rotation.asked_ns
    details = {
        "rotationType": ON_DEMAND if asked else AUTOMATIC,
        "keyOrigin": key.origin,
        "previousKeyMaterialId": key.current.material_id,
        "currentKeyMaterialId": material_id,
    }
    return service_event(
        "RotateKey", key, region, time_ns=time_ns, event_id=event_id, details=details
    )
