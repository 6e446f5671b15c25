"""Services that encrypt for the people who use them, and people who get things wrong.

Each client stands in one region: people store and read parameters, secrets, objects and tables,
whose services call KMS with those people's authority, or their own, under AWS managed keys. Now
and then somebody asks for what is not there, not theirs or switched off.
What does not belong here: applications that call KMS for themselves (envelope.py).
Source: encryption contexts: KMS Developer Guide, "How AWS services use AWS KMS"; what records of
such calls look like: real CloudTrail files of ssm and secretsmanager.
"""

from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from regions.calls import Principal
from regions.errors import ServiceError
from scenarios.witness import digest
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.rng import Stream
from sim.units import seconds

#: Things a client remembers to read again; chosen.
_REMEMBERED: Final = 64
_AWS_INTERNAL: Final = "AWS Internal"
_THINGS: Final = 200  #: how many names there are per service; chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    """How one service calls KMS."""

    invoked_by: str  #: what its records show
    data_key: bool  #: it fetches a data key; otherwise it encrypts its small secret directly
    own_authority: bool  #: it calls as itself, not with the authority of its user


SERVICES: Final[Mapping[str, _Profile]] = {
    "dynamodb": _Profile(
        invoked_by="dynamodb.amazonaws.com", data_key=True, own_authority=True
    ),
    "s3": _Profile(invoked_by=_AWS_INTERNAL, data_key=True, own_authority=False),
    "secretsmanager": _Profile(
        invoked_by="secretsmanager.amazonaws.com", data_key=True, own_authority=False
    ),
    "ssm": _Profile(invoked_by=_AWS_INTERNAL, data_key=False, own_authority=False),
}


def context_of(service: str, region: str, account: str, dice: Stream) -> dict[str, str]:
    """Return the encryption context that a service writes for one of its things."""
    thing = dice.randrange(0, _THINGS)
    match service:
        case "ssm":
            arn = f"arn:aws:ssm:{region}:{account}:parameter/app/setting-{thing}"
            return {"PARAMETER_ARN": arn}
        case "secretsmanager":
            arn = f"arn:aws:secretsmanager:{region}:{account}:secret:login-{thing}"
            return {"SecretARN": arn, "SecretVersionId": dice.uuid().upper()}
        case "s3":
            return {"aws:s3:arn": f"arn:aws:s3:::documents-{account}-{region}/{thing}"}
        case "dynamodb":
            return {"aws:dynamodb:subscriberId": account, "aws:dynamodb:tableName": f"t-{thing}"}
    raise AssertionError(f"no context for {service}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings(CallerSettings):
    """Who uses the services of one region, and how often."""

    think_ns: int = seconds(60)  #: mean time between two actions; exponential
    people: tuple[Principal, ...] = ()  #: the caller's own principal when there are none
    stranger: Principal | None = None  #: someone without permission


@dataclass(frozen=True, slots=True)
class _Stored:
    principal: Principal
    blob: bytes
    context: dict[str, str]
    plaintext_digest: bytes


class ServiceClient(SdkClient):
    """Services that encrypt for their users, and users who make mistakes."""

    Settings: ClassVar[type[Any] | None] = ServiceSettings
    label: ClassVar[str] = "services"

    @classmethod
    def equip(cls, settings: ServiceSettings, stranger: Principal) -> ServiceSettings:
        """Return settings with someone who tries without permission."""
        return replace(settings, stranger=stranger)

    def start(self) -> None:
        """Begin the day."""
        self._stored: deque[_Stored] = deque(maxlen=_REMEMBERED)
        self._retired = ""
        self.spawn(self._day)

    async def _day(self) -> None:
        settings: ServiceSettings = self.config.settings
        dice = self.rng("day")
        actions: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = (
            *[self._store] * 6,
            *[self._read] * 10,
            self._mistake,
        )
        while True:
            await self.sleep(int(dice.expovariate(1 / settings.think_ns)))
            if self.kernel.clock.now_ns >= self.config.stop_ns:
                return
            action = dice.choice(actions)
            if self.wanted():
                with suppress(Unavailable, ServiceError):
                    await action()  # The history has it; people try something else.

    async def _through(
        self, principal: Principal, action: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        """Call as a service does: its name stands for address and agent."""
        name = principal.invoked_by
        return await self.api(
            action, parameters, principal=principal, source_ip=name, user_agent=name
        )

    def _caller(self, service: str) -> Principal:
        profile = SERVICES[service]
        if profile.own_authority:
            return Principal(
                kind="AWSService",
                account=self.config.principal.account,
                arn="",
                invoked_by=profile.invoked_by,
                via_service=service,
            )
        settings: ServiceSettings = self.config.settings
        person = self.rng("people").choice(settings.people or (self.config.principal,))
        return replace(person, invoked_by=profile.invoked_by, via_service=service)

    async def _store(self) -> None:
        dice = self.rng("things")
        service = dice.choice(sorted(SERVICES))
        principal = self._caller(service)
        context = context_of(service, self.config.region, principal.account, dice)
        parameters = {"KeyId": f"alias/aws/{service}", "EncryptionContext": context}
        if SERVICES[service].data_key:
            wanted = {**parameters, "KeySpec": "AES_256"}
            answer = await self._through(principal, "GenerateDataKey", wanted)
            secret = answer["Plaintext"]
        else:
            secret = dice.randbytes(24)
            answer = await self._through(principal, "Encrypt", {**parameters, "Plaintext": secret})
        self._stored.append(_Stored(principal, answer["CiphertextBlob"], context, digest(secret)))

    async def _read(self) -> None:
        if not self._stored:
            await self._store()
            return
        found = self.rng("read").choice(self._stored)
        parameters = {"CiphertextBlob": found.blob, "EncryptionContext": found.context}
        answer = await self._through(found.principal, "Decrypt", parameters)
        now_ns, what = self.kernel.clock.now_ns, f"Decrypt for {self.name}"
        self.config.witness.compare(now_ns, what, found.plaintext_digest, answer["Plaintext"])

    async def _mistake(self) -> None:
        """Do one of the things that are refused every day."""
        mistakes = (
            self._ask_for_what_is_not_there,
            self._bring_the_wrong_context,
            self._use_a_service_key_directly,
            self._come_without_permission,
            self._use_a_retired_key,
        )
        await self.rng("mistakes").choice(mistakes)()

    async def _ask_for_what_is_not_there(self) -> None:
        await self.api("DescribeKey", {"KeyId": "alias/decommissioned"})

    async def _bring_the_wrong_context(self) -> None:
        if self._stored:
            found, dice = self._stored[-1], self.rng("things")
            caller = found.principal
            # Another thing of the same service; one time in many it is the right one.
            context = context_of(caller.via_service, self.config.region, caller.account, dice)
            parameters = {"CiphertextBlob": found.blob, "EncryptionContext": context}
            await self._through(caller, "Decrypt", parameters)

    async def _use_a_service_key_directly(self) -> None:
        await self.api("Encrypt", {"KeyId": "alias/aws/ssm", "Plaintext": b"by the back door"})

    async def _come_without_permission(self) -> None:
        stranger = self.config.settings.stranger
        if stranger is not None:
            await self.api("ListKeys", {}, principal=stranger)

    async def _use_a_retired_key(self) -> None:
        if not self._retired:
            made = await self.api("CreateKey", {"Description": "about to be retired"})
            self._retired = made["KeyMetadata"]["KeyId"]
            self.config.witness.key_acknowledged(
                self.config.region, self._retired, self.kernel.clock.now_ns
            )
            await self.sleep(seconds(30))  # The service is eventually consistent.
            await self.api("DisableKey", {"KeyId": self._retired})
            return
        await self.api("Encrypt", {"KeyId": self._retired, "Plaintext": b"too late"})
