"""One running copy of the regions on the wall clock: its folder, its world, its endpoints.

What does not belong here: HTTP (gateway.py, admin.py), and the command line.
Source: ARCHITECTURE, "Live world".
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import trio

from regions.api.protocols import GLOBAL_REGION
from regions.deployment import Deployment
from regions.faults.launch import launch_az
from regions.frames import FRAMES
from regions.iam.messages import ClearDirectory
from regions.live.batteries import battery_of
from regions.live.courier import start_couriers
from regions.live.credentials import FirstKey
from regions.live.settings import Settings, SettingsError, keep_topology, topology_of
from regions.messages import DescribeReplica
from regions.names import place_of
from regions.pace import WALL_PACE
from regions.root_key import open_root_key
from regions.topology import (
    LAUNCH_REGION,
    Topology,
    build,
    build_identity,
    build_services,
    launch_services,
)
from sim.actor import Expired
from sim.data_folder import DataFolder, write_durably
from sim.disk import Disk
from sim.file_disk import FileDisk
from sim.live import LiveWorld
from sim.sync_flusher import Drive
from sim.units import NS_PER_SECOND, seconds
from sim.wire import Codec, Refusal

_CALENDAR_FILE: Final = "calendar.json"
#: How often a fast calendar is moved; chosen.
_TICK_S: Final = 0.05
#: How often the calendar is set by the wall clock, which a time service may correct; chosen.
_FOLLOW_S: Final = 60.0
#: A fast calendar's place is written this far ahead, so that no restart takes it back.
_AHEAD_S: Final = 5.0
#: Between two looks whether all AZs serve.
_LOOK_S: Final = 0.02
#: An AZ that is asked whether it serves is given this long.
_LOOK_TIMEOUT_NS: Final = seconds(2)


class NotServing(RuntimeError):
    """Regions did not come up in time; the text names their AZs."""


class Instance:
    """Opens a data folder and builds the world in it.

    Args:
      settings: how it runs.
      on_failure: told of errors that left an actor.

    Raises:
      DataFolderError, RootKeyError, SettingsError: the folder, its key or the settings are of no
        use; nothing was started.
    """

    def __init__(self, settings: Settings, on_failure: Callable[[BaseException], None]) -> None:
        self.settings = settings
        self.folder = DataFolder.open(settings.data)
        self._disks: dict[str, FileDisk] = {}
        try:
            self.topology: Topology = topology_of(settings, self.folder.path)
            self.root = open_root_key(self.folder.path, settings.environment)
            self.world = LiveWorld(
                codec=Codec(FRAMES),
                open_disk=self._open_disk,
                battery=battery_of(self.root),
                start_number=self.folder.next_start(),
                moved_ns=self._read_calendar(),
                known=frozenset(actor for actor, _ in self.folder.disks()),
                on_failure=on_failure,
            )
        except BaseException:
            self.folder.close()
            raise
        self.deployment: Deployment | None = None
        self.endpoints: dict[tuple[str, str], str] = {}
        self.url = ""  #: of the gateway, for links in messages; set before it is built
        self.first_key: FirstKey | None = None  #: what a client is told, where keys are checked

    def close(self) -> None:
        """Close every file, after all that was written is on the drive."""
        for disk in self._disks.values():
            disk.close()
        self.folder.close()

    @property
    def data(self) -> Path:
        """Where everything is kept."""
        return self.folder.path

    @property
    def iam(self) -> str:
        """Name of the actor that knows the access keys."""
        return self.endpoints["iam", GLOBAL_REGION]

    def disk_statistics(self) -> dict[str, dict[str, int]]:
        """Return the counts of every actor's disk."""
        return {name: disk.statistics() for name, disk in self._disks.items()}

    async def reset(self) -> None:
        """Clear all state: every actor starts again, all but IAM with an empty disk.

        Calls under way fail; the root key, the calendar and the access keys of accounts' roots
        stay, so that clients go on.
        """
        world = self.world
        world.touch()
        names = world.names()
        for name in names:
            world.crash(name)
        for name in names:
            if name != self.iam:
                self._disks[name].wipe()
        for name in names:
            world.restart(name)
        await self.serving()
        await world.ask(self.iam, ClearDirectory())

    # Inside the world's run.

    def build(self) -> None:
        """Start all actors: those of the topology, and AZs that were launched later."""
        self.deployment = build(self.world, self.topology, WALL_PACE)
        for actor in sorted(self.world.known):
            region, _, rest = actor.partition("/")
            if rest.endswith("/node") and place_of(actor) not in self._places(region):
                launch_az(self.world, region, place_of(rest))
        for region in self.topology.regions:
            self.endpoints["kms", region] = self.deployment.fronts[region]
            self.endpoints["cloudtrail", region] = self.deployment.trails[region]
            self.endpoints["s3", region] = self.deployment.s3[region]
        self.endpoints |= build_identity(self.world, self.topology)
        couriers = start_couriers(self.world, self.topology.regions)
        self.endpoints |= build_services(self.world, self.topology, couriers, self.url)
        self._start_region = self.world.orders[LAUNCH_REGION]
        self.world.orders[LAUNCH_REGION] = self._launch

    def _launch(self, region: str, azs: tuple[str, ...] = ()) -> None:
        """Start one more region with all its services; a later start of this folder has it too."""
        assert self.deployment is not None, "built before it grows"
        self._start_region(region, azs)
        places = (place_of(az) for az in self.deployment.azs[region])
        self.topology.regions[region] = tuple(place.partition("/")[2] for place in places)
        keep_topology(self.folder.path, self.topology.regions)
        courier = start_couriers(self.world, (region,))[region]
        self.endpoints |= launch_services(self.world, self.topology, region, courier, self.url)

    async def launch_region(self, region: str) -> tuple[str, ...]:
        """Launch a region and wait until it serves; return its AZ ids.

        Raises:
          TopologyError: there is no such region, or it is there already.
          NotServing: one of its AZs does not serve, after a minute.
        """
        self.world.touch()
        self.world.orders[LAUNCH_REGION](region)
        await self.serving(regions=(region,))
        return self.topology.regions[region]

    def _places(self, region: str) -> set[str]:
        return {place_of(name) for name in self.world.names(region) if name.endswith("/node")}

    async def serving(self, timeout_s: float = 60.0, regions: tuple[str, ...] = ()) -> None:
        """Wait until every AZ serves and has its HSMs: of some regions, or of all.

        Raises:
          NotServing: one does not, after that long.
        """
        assert self.deployment is not None, "built before it serves"
        waiting: list[str] = []
        with trio.move_on_after(timeout_s):
            while True:
                here = regions or tuple(self.deployment.azs)
                azs = [az for region in here for az in self.deployment.azs[region]]
                waiting = [az for az in azs if not await self._serves(az)]
                if not waiting:
                    return
                await trio.sleep(_LOOK_S)
        raise NotServing(f"not serving after {timeout_s:g} s: {', '.join(waiting)}")

    async def _serves(self, az: str) -> bool:
        assert self.deployment is not None
        try:
            state = await self.world.ask(az, DescribeReplica(), timeout_ns=_LOOK_TIMEOUT_NS)
        except (Refusal, Expired):
            return False
        return bool(state.serving and state.hsms_ready == self.deployment.hsms_per_az)

    # The calendar.

    async def keep_time(self) -> None:
        """Follow the wall clock, and hurry the calendar where that is wished; never returns."""
        speed, written_s, followed_s = self.settings.speed, 0.0, trio.current_time()
        last_s = trio.current_time()
        while True:
            await trio.sleep(_TICK_S if speed > 1 else _FOLLOW_S)
            now_s = trio.current_time()
            if speed > 1:
                self.world.move(int((now_s - last_s) * (speed - 1) * NS_PER_SECOND))
                if now_s - written_s > _AHEAD_S / 2:
                    written_s = now_s
                    ahead_ns = int(_AHEAD_S * speed * NS_PER_SECOND)
                    self._write_calendar(self.world.moved_ns + ahead_ns)
            last_s = now_s
            if now_s - followed_s >= _FOLLOW_S:
                followed_s = now_s
                self.world.follow_wall()

    async def advance(self, by_ns: int) -> None:
        """Move the calendar forward, durably, and let what falls due happen in order."""
        self._write_calendar(self.world.moved_ns + by_ns)
        await self.world.advance(by_ns)

    def _read_calendar(self) -> int:
        path = self.folder.path / _CALENDAR_FILE
        if not path.exists():
            return 0
        try:
            return int(json.loads(path.read_text())["moved_ns"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"{path} cannot be read: {error}; expected how far the calendar was moved"
            ) from error

    def _write_calendar(self, moved_ns: int) -> None:
        text = json.dumps({"moved_ns": moved_ns}).encode()
        write_durably(self.folder.path / _CALENDAR_FILE, text)

    # Disks.

    def _open_disk(self, name: str, drive: Drive) -> Disk:
        disk = FileDisk(
            name,
            self.folder.disk_folder(name),
            self.settings.fsync,
            drive.finish,
            failed=lambda reason: self.world.abort(name, reason),
            space=self.folder.space,
            drive=drive,
        )
        self._disks[name] = disk
        return disk
