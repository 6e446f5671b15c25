"""What a live world is told when it starts, and what its data folder remembers of that.

What does not belong here: the command line (scenarios/commands/serve.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from regions.api.protocols import PROTOCOLS
from regions.names import REGIONS
from regions.operator import CEREMONY_NS
from regions.topology import Topology, default_azs, default_regions
from sim.data_folder import write_durably
from sim.file_disk import Mode

Auth = Literal["sigv4", "off"]

#: Name in the data folder of what stays as it was when the folder was made.
TOPOLOGY_FILE: Final = "topology.json"


class SettingsError(ValueError):
    """Settings that cannot be; the text names them and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a live world runs."""

    data: Path
    regions: tuple[str, ...] = ()  #: () as before, or the default three
    fsync: Mode = "always"
    auth: Auth = "sigv4"
    realistic: bool = False  #: late eventual reads, quotas, a safe that takes hours to open
    speed: float = 1.0  #: how many times faster than the wall clock the calendar goes
    host: str = "127.0.0.1"
    port: int = 4599
    admin_port: int = 0  #: 0: any that is free
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    allow_reset: bool = False
    unsupported: tuple[str, ...] = ()  #: services whose calls leave no events
    environment: dict[str, str] = field(default_factory=dict, repr=False)


def topology_of(settings: Settings, folder: Path) -> Topology:
    """Return what is to be built: what the folder has, and regions that are new to it.

    Raises:
      SettingsError: there is no such region or service, or the folder has more regions than were
        asked for.
    """
    known = _read(folder / TOPOLOGY_FILE)
    for name in settings.regions:
        if name not in REGIONS:
            raise SettingsError(f"region {name!r}: expected one of {', '.join(REGIONS)}")
    for service in settings.unsupported:
        if service not in PROTOCOLS:
            there = ", ".join(PROTOCOLS)
            raise SettingsError(f"unsupported service {service!r}: expected one of {there}")
    wanted = settings.regions or tuple(known) or tuple(default_regions())
    missing = [name for name in known if name not in wanted]
    if missing:
        raise SettingsError(
            f"data folder {str(folder)!r} also holds {', '.join(missing)}; expected --regions to "
            f"name at least {','.join(known)}"
        )
    regions = {name: known.get(name) or default_azs(name) for name in (*known, *wanted)}
    keep_topology(folder, regions)
    return Topology(
        regions=regions,
        consistency="eventual" if settings.realistic else "linearizable",
        quotas=settings.realistic,
        visibility_lag=settings.realistic,
        ceremony_ns=CEREMONY_NS if settings.realistic else 0,
        unsupported=settings.unsupported,
        services=True,
    )


def keep_topology(folder: Path, regions: Mapping[str, tuple[str, ...]]) -> None:
    """Write down which regions a data folder has, for its next start."""
    text = json.dumps({name: list(azs) for name, azs in regions.items()}, indent=1)
    write_durably(folder / TOPOLOGY_FILE, text.encode())


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text())
        return {str(name): tuple(str(az) for az in azs) for name, azs in found.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}; expected regions and AZs") from error
