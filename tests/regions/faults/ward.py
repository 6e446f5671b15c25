"""A booted region with keys, an alias and a trail, and one fault line played in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from regional import AZS, REGION, SECRET, booted, create_key, decrypt, encrypt

from regions.ailments import DEVICE
from regions.bucket import CreateBucket
from regions.calls import ApiCall
from regions.faults import FAULTS
from scenarios.arena import Arena
from sim.plan import Plan, Scheduled
from sim.trace import Event
from sim.units import days, seconds

BUCKET = "trail-bucket"
TRAIL = "everything"


@contextmanager
def ward(**options: Any) -> Iterator[tuple[Arena, str]]:
    """Yield an arena with two keys, an alias of the first one, and a trail; and that key's id."""
    with booted(**options) as arena:
        key_id, _ = create_key(arena), create_key(arena)
        parameters = {"AliasName": "alias/app", "TargetKeyId": key_id}
        arena.api(REGION, "CreateAlias", parameters)
        owner = arena.administrator().account
        arena.world.ask(f"{REGION}/bucket", CreateBucket(bucket=BUCKET, owner=owner))
        trail = {"Name": TRAIL, "S3BucketName": BUCKET}
        arena.api(REGION, "CreateTrail", trail, service="cloudtrail")
        arena.api(REGION, "StartLogging", {"Name": TRAIL}, service="cloudtrail")
        arena.world.run_for(seconds(2))
        yield arena, key_id


def begin(arena: Arena, line: str) -> Scheduled:
    """Let a fault begin now; it ends after a month, or with ``heal()``."""
    (scheduled,) = Plan.parse([line], FAULTS).schedule(
        arena.world, arena.world.now_ns, days(30), FAULTS
    )
    arena.world.run_for(seconds(1))
    assert scheduled.state != "planned"
    return scheduled


def notes(arena: Arena, kind: str) -> list[str]:
    """Return the list that every note of a kind will be added to, as subject and body."""
    found: list[str] = []

    def seen(event: Event) -> None:
        found.append(f"{event.subject} {event.body.decode()}")

    arena.world.trace.watch(kind, seen)
    return found


def call(action: str, parameters: dict[str, Any], arena: Arena) -> ApiCall:
    """Return one call of the administrator's."""
    return ApiCall(
        service="kms",
        region=REGION,
        action=action,
        parameters=parameters,
        principal=arena.administrator(),
        source_ip="203.0.113.5",
        user_agent="probe",
        request_id=arena.world.rng("probe").uuid(),
    )


def knock(arena: Arena, key_id: str, times: int, every_ns: int) -> list[str]:
    """Encrypt through the front door again and again without retry; return how it was answered."""
    answers: list[str] = []

    def then(answer: Any) -> None:
        error = isinstance(answer, Exception)
        answers.append(str(answer).partition(" arn:")[0] if error else "ok")

    for _ in range(times):
        probe = call("Encrypt", {"KeyId": key_id, "Plaintext": SECRET}, arena)
        arena.world.call(f"{REGION}/router", probe, then, timeout_ns=seconds(3))
        arena.world.run_for(every_ns)
    arena.world.run_for(seconds(3))
    assert len(answers) == times
    return answers


def assert_well(arena: Arena, key_id: str) -> None:
    """Every actor is up and healthy, and every AZ encrypts, decrypts and has its HSMs."""
    world = arena.world
    cells = [world.kernel.cells[name] for name in world.names()]
    assert [cell.name for cell in cells if not cell.up or cell.ails.keys() - {DEVICE}] == []
    blob = encrypt(arena, key_id)
    assert [decrypt(arena, blob, to=f"{az}/az") for az in AZS] == [SECRET] * 3
    states = [arena.replica(f"{az}/az") for az in AZS]
    assert [state.hsms_ready for state in states if state is not None] == [2, 2, 2]
