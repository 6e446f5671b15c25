"""A folder of CloudTrail files from a simulated day, for anyone who has none at hand.

Three regions, people and roles, services and applications, and calls that are refused; one trail
over all regions writes the files, under the key layout of the real service. The same seed gives
the same bytes.
What does not belong here: replaying such a folder (workloads/replay.py).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from regions.bucket import CreateBucket, GetObject, ListObjects, to_gzip
from regions.calls import Principal
from regions.clients import Kind
from regions.frames import FRAMES
from regions.latency import latency
from regions.topology import Topology, build
from scenarios.accounts import ACCOUNT, ALLOW_ALL
from scenarios.arena import Arena
from scenarios.workloads.envelope import EnvelopeClient, EnvelopeSettings
from scenarios.workloads.sdk import ClientConfig
from scenarios.workloads.services import ServiceClient, ServiceSettings
from sim.units import hours, minutes
from sim.wire import Codec
from sim.world import SimWorld

#: Boot and the making of the trail are over by then; chosen.
_START_NS: Final = minutes(5)
#: After the day's end, until the last file is in the bucket: 99 % arrive within 15 minutes.
_SETTLE_NS: Final = minutes(30)
_TRAIL: Final = "management-events"
_BUCKET: Final = f"aws-cloudtrail-logs-{ACCOUNT}"
_SLICES: Final = 200

#: Mean time between two actions of one client: some thousand calls a day and region; chosen.
_APPLICATION_NS: Final = minutes(3)
_SERVICE_NS: Final = minutes(1)
_PERSON_NS: Final = minutes(10)

Progress = Callable[[int, int], None]


class FolderError(ValueError):
    """The folder cannot take the files; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLogs:
    """What was simulated: object key -> gzip file."""

    files: dict[str, bytes]
    records: int


def user(name: str, *, allowed: bool = True) -> Principal:
    """Return an IAM user of the sample account, with all permissions or none."""
    return Principal(
        kind="IAMUser",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/{name}",
        principal_id=f"AIDA{_padded(name, 17)}",
        user_name=name,
        access_key_id=f"AKIA{_padded(name, 16)}",
        policies=(ALLOW_ALL,) if allowed else (),
    )


def role(name: str, session: str) -> Principal:
    """Return a session of a role of the sample account, with all permissions."""
    return Principal(
        kind="AssumedRole",
        account=ACCOUNT,
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        principal_id=f"AROA{_padded(name, 17)}:{session}",
        user_name=name,
        access_key_id=f"ASIA{_padded(session, 16)}",
        issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        policies=(ALLOW_ALL,),
    )


def _padded(name: str, length: int) -> str:
    letters = "".join(letter for letter in name.upper() if letter.isalnum())
    return (letters + "EXAMPLE" * 3)[:length]


def simulate(*, seed: int, length_hours: int, progress: Progress | None = None) -> SampleLogs:
    """Run the day and return the files that its trail delivered."""
    with SimWorld(seed=seed, codec=Codec(FRAMES), latency=latency, keep="none") as world:
        arena = Arena(world, build(world, Topology()))
        arena.boot()
        home = arena.regions[0]
        store = arena.deployment.buckets[home]
        world.ask(store, CreateBucket(bucket=_BUCKET, owner=ACCOUNT))
        arena.api(
            home,
            "CreateTrail",
            {"Name": _TRAIL, "S3BucketName": _BUCKET, "IsMultiRegionTrail": True},
            service="cloudtrail",
        )
        arena.api(home, "StartLogging", {"Name": _TRAIL}, service="cloudtrail")
        world.run_for(_START_NS - world.now_ns)
        stop_ns = _START_NS + hours(length_hours)
        _start_clients(arena, stop_ns)
        _run_to(world, stop_ns + _SETTLE_NS, progress)
        bodies = _fetch(world, store)
    return SampleLogs(
        files={key: to_gzip(body) for key, body in bodies.items()},
        records=sum(len(json.loads(body)["Records"]) for body in bodies.values()),
    )


def _run_to(world: SimWorld, end_ns: int, progress: Progress | None) -> None:
    step = (end_ns - world.now_ns) // _SLICES + 1
    while world.now_ns < end_ns:
        world.run_for(min(step, end_ns - world.now_ns))
        if progress is not None:
            progress(world.now_ns, end_ns)


def _start_clients(arena: Arena, stop_ns: int) -> None:
    stranger = user("mallory", allowed=False)
    people = (user("alice"), user("bob"), role("developer", "carol"))
    for region in arena.regions:
        callers: dict[str, tuple[Principal, Kind, int]] = {
            "billing": (role("billing-app", f"i-{region}"), "sdk", _APPLICATION_NS),
            "reports": (role("reports-app", f"i-{region}"), "sdk", _APPLICATION_NS),
            "console": (people[0], "console", _PERSON_NS),
            "shell": (people[1], "cli", _PERSON_NS),
        }
        for name, (principal, client, think_ns) in callers.items():
            arena.world.start(
                EnvelopeClient,
                _client(
                    arena,
                    region,
                    principal,
                    stop_ns,
                    EnvelopeSettings(think_ns=think_ns, client=client, intruder=stranger),
                ),
                name=f"{region}/clients/{name}",
            )
        arena.world.start(
            ServiceClient,
            _client(
                arena,
                region,
                people[0],
                stop_ns,
                ServiceSettings(think_ns=_SERVICE_NS, people=people, stranger=stranger),
            ),
            name=f"{region}/clients/services",
        )


def _client(
    arena: Arena, region: str, principal: Principal, stop_ns: int, settings: Any
) -> ClientConfig:
    return ClientConfig(
        region=region,
        router=arena.deployment.routers[region],
        principal=principal,
        history=arena.history,
        witness=arena.witness,
        stop_ns=stop_ns,
        settings=settings,
    )


def _fetch(world: SimWorld, store: str) -> dict[str, bytes]:
    bodies: dict[str, bytes] = {}
    after = ""
    while True:
        page = world.ask(store, ListObjects(bucket=_BUCKET, after=after))
        for entry in page.objects:
            body = world.ask(store, GetObject(bucket=_BUCKET, key=entry.key)).body
            bodies[entry.key] = body
        if not page.truncated:
            return bodies
        after = page.objects[-1].key


def check_folder(folder: Path, *, force: bool) -> None:
    """Make sure that a folder can take the files, before a day is simulated for it.

    Raises:
      FolderError: it is no folder, cannot be made or read, or holds something and not ``force``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except FileExistsError:
        raise FolderError(f"{str(folder)!r} is not a folder; expected one to write to") from None
    except OSError as error:
        raise FolderError(
            f"folder {str(folder)!r} cannot be used ({error.strerror}); expected one to write to"
        ) from error
    if occupied and not force:
        raise FolderError(
            f"folder {str(folder)!r} is not empty; expected an empty one, or --force to add to it"
        )


def write(logs: SampleLogs, folder: Path) -> None:
    """Write every file below the folder, under its object key.

    Raises:
      FolderError: a file cannot be written.
    """
    for key, data in logs.files.items():
        path = folder / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise FolderError(
                f"file {str(path)!r} cannot be written ({error.strerror});"
                " expected a folder to write to"
            ) from error
