"""A region's key service without actors: two replicas, one real HSM vault, one caller's desk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from regions.api.shapes import check_answer
from regions.calls import ApiAnswer, ApiCall, Principal
from regions.crypto.drbg import CtrDrbg
from regions.errors import ServiceError
from regions.hsm.commands import CreateDomain, InstallDomain
from regions.hsm.vault import Vault
from regions.kms.changes import LOG_CODEC, Command, DomainTokenStored
from regions.kms.job import Job
from regions.kms.jobs import JOBS
from regions.kms.keyring import Applied, Keyring
from regions.kms.loop import AskHsm, Outcome, perform
from regions.trail.record import AuditRecord
from sim.wire import Message, Refusal

ACCOUNT = "111122223333"
NOON_NS = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z
ADMIN_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
)


def user(name: str = "ana", account: str = ACCOUNT, policy: str = ADMIN_POLICY) -> Principal:
    return Principal(
        kind="IAMUser",
        account=account,
        arn=f"arn:aws:iam::{account}:user/{name}",
        user_name=name,
        policies=(policy,) if policy else (),
    )


def entropy(seed: str) -> Callable[[int], bytes]:
    draws = iter(range(1_000_000))
    return lambda size: (
        sha256(f"{seed} {next(draws)}".encode()).digest().ljust(size, b"\x5a")[:size]
    )


def make_vault(region: str, secrets: list[tuple[str, bytes]], serial: str = "hsm-1#1") -> Vault:
    return Vault(
        serial=serial,
        drbg=CtrDrbg(entropy(f"{region} {serial}")),
        announce=lambda kind, secret: secrets.append((kind, secret)),
    )


@dataclass
class Desk:
    """Carries out what perform() yields, against two replicas that must stay equal."""

    region: str = "us-east-1"
    now_ns: int = NOON_NS
    secrets: list[tuple[str, bytes]] = field(default_factory=list)
    records: list[AuditRecord] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)  # all that was replicated
    hsm_commands: list[Message] = field(default_factory=list)
    hsm_refusal: Refusal | None = None
    commit_error: ServiceError | None = None
    job_steps: int = 0
    job_records: list[AuditRecord] = field(default_factory=list)
    limited: bool = True
    place: str = ""  # an AZ that hears of grants late
    before_commit: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.keyring, self.twin = Keyring(self.region), Keyring(self.region)
        self.vault = make_vault(self.region, self.secrets)
        issued: Any = self.vault.execute(
            CreateDomain(name=self.region, members=(self.vault.identity,))
        )
        self.vault.execute(InstallDomain(token=issued.token))
        stored = DomainTokenStored(
            token=issued.token,
            version=issued.version,
            active_key=issued.active_key,
            members=issued.members,
            time_ns=self.now_ns,
        )
        self.commit(Command(change=stored, record=None))

    def commit(self, command: Command) -> Applied:
        frame = LOG_CODEC.encode(command)
        self.frames.append(frame)
        applied = self.keyring.apply(LOG_CODEC.decode(frame))
        self.twin.apply(LOG_CODEC.decode(frame))
        return applied

    def hsm(self, command: Message) -> Any:
        self.hsm_commands.append(command)
        if self.hsm_refusal is not None:
            raise self.hsm_refusal
        return self.vault.execute(command)

    def outcome(self, action: str, caller: Principal | None = None, **parameters: Any) -> Outcome:
        """Run one call; every call must leave exactly one record."""
        number = len(self.records) + 1
        call = ApiCall(
            service="kms",
            region=self.region,
            action=action,
            parameters=parameters,
            principal=caller or user(),
            source_ip="203.0.113.7",
            user_agent="aws-sdk",
            request_id=f"00000000-0000-4000-8000-{number:012}",
        )
        event_id = f"eeeeeeee-0000-4000-8000-{number:012}"
        run = perform(
            call,
            self.keyring,
            region=self.region,
            calendar_ns=self.now_ns,
            event_id=event_id,
            completed_ns=lambda: self.now_ns,
            limited=self.limited,
            place=self.place,
        )
        ridden: list[AuditRecord] = []
        value: Any = None
        try:
            effect = next(run)
            while True:
                try:
                    if isinstance(effect, AskHsm):
                        value = self.hsm(effect.command)
                    else:
                        value = self._committed(effect.command, ridden)
                except Refusal as refusal:
                    effect = run.throw(refusal)
                else:
                    effect = run.send(value)
        except StopIteration as stop:
            outcome: Outcome = stop.value
        records = ridden + ([outcome.record] if outcome.record else [])
        assert [record.event_id for record in records] == [event_id]
        self.records += records
        for record in records:
            self.keyring.uses.note(record)
        return outcome

    def _committed(self, command: Command, ridden: list[AuditRecord]) -> Applied:
        if self.commit_error is not None:
            raise self.commit_error
        if self.before_commit is not None:
            racing, self.before_commit = self.before_commit, None
            racing()
        applied = self.commit(command)
        if applied.record is not None:
            ridden.append(applied.record)
        return applied

    def call(self, action: str, caller: Principal | None = None, **parameters: Any) -> Any:
        """Run one call and return its body, or raise its error."""
        answer = self.outcome(action, caller, **parameters).answer
        if isinstance(answer, ServiceError):
            raise answer
        assert isinstance(answer, ApiAnswer)
        check_answer("kms", action, answer.body)
        return answer.body

    def create_key(self, caller: Principal | None = None, **parameters: Any) -> str:
        body = self.call("CreateKey", caller, **parameters)
        key_id: str = body["KeyMetadata"]["KeyId"]
        return key_id

    def answer_code(self, action: str, **parameters: Any) -> str:
        """Run one call and return its error's code; "" of a success."""
        answer = self.outcome(action, **parameters).answer
        return answer.code if isinstance(answer, ServiceError) else ""

    def step(self, job: Job) -> Applied:
        """Take one step of a job, as a leader would."""
        self.job_steps += 1
        command = job.step(self.keyring, self.now_ns)
        reply = None if command is None else self.hsm(command)
        event_id = f"job-{self.job_steps}"
        applied = self.commit(job.change(self.keyring, self.now_ns, reply, event_id))
        if isinstance(applied.result, DomainTokenStored):
            self.vault.execute(InstallDomain(token=applied.result.token))
        job.tried(self.keyring, command)
        if applied.record is not None:
            self.job_records.append(applied.record)
        return applied

    def next_due(self) -> tuple[int, Job] | None:
        due = [(job.due_ns(self.keyring), job) for job in JOBS.values()]
        return min(((ns, j) for ns, j in due if ns is not None), key=lambda d: d[0], default=None)

    def run_due(self) -> int:
        """Take all steps that are due now; return how many."""
        steps = 0
        while (found := self.next_due()) is not None and found[0] <= self.now_ns:
            self.step(found[1])
            steps += 1
        return steps

    def run_jobs(self, span_ns: int) -> int:
        """Let time pass, doing what becomes due when it does; return the number of steps."""
        until_ns, steps = self.now_ns + span_ns, self.run_due()
        while (found := self.next_due()) is not None and found[0] <= until_ns:
            self.now_ns = found[0]
            steps += self.run_due()
        self.now_ns = until_ns
        return steps

    def wait(self, ns: int) -> None:
        self.now_ns += ns


class Kit:
    """What tests of this folder share."""

    Desk = Desk
    account = ACCOUNT
    noon_ns = NOON_NS
    user = staticmethod(user)
    make_vault = staticmethod(make_vault)


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


@pytest.fixture
def desk() -> Desk:
    return Desk()
